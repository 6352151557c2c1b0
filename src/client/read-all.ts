import type { GetItem } from "../association/index.js";
import { DlmsError, dlmsError } from "../base/index.js";
import type { AttributeHandle, ScaledHandle } from "../cosem/index.js";
import { Attribute } from "./attribute.js";
import type { ObjectSource } from "./object-source.js";
import type { ReadOptions } from "./profile-source.js";

/** What `readAll` takes. */
export type ReadableHandle = AttributeHandle<never> | AttributeHandle<unknown> | ScaledHandle;

/** The value of one of several attributes, or why there is none. */
export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DlmsError };

/** Results in the order of the handles. */
export type ReadResults<H extends readonly unknown[]> = {
  readonly [K in keyof H]: H[K] extends { get(options?: never): Promise<infer T> } ? ReadResult<T> : never;
};

/** Reads attributes in as few requests as the meter allows. What fails as a whole throws. */
export async function readAll(
  source: ObjectSource,
  handles: readonly unknown[],
  options: ReadOptions,
): Promise<ReadResult<unknown>[]> {
  const attributes = handles.map((handle) => attributeIn(handle, source));
  const items: GetItem[] = [];
  const positions = new Map<string, number>();
  const wanted = attributes.map((attribute) =>
    attribute.items().map((item) => {
      const { classId, instanceId, attributeId } = item.attribute;
      const key = `${classId}/${instanceId.join(".")}/${attributeId}`;
      const position = positions.get(key) ?? items.push(item) - 1;
      positions.set(key, position);
      return position;
    }),
  );
  const results = await source.getList(items, options);
  return attributes.map((attribute, i) => {
    const own = (wanted[i] ?? []).map((position) => results[position] ?? { ok: false as const, result: 250 });
    return outcome(() => attribute.fromResults(own));
  });
}

function attributeIn(handle: unknown, source: ObjectSource): Attribute<unknown> {
  if (!(handle instanceof Attribute))
    throw dlmsError("invalid-argument", "readAll takes attributes, as meter.clock(...).time", { layer: "client" });
  if (handle.source !== source)
    throw dlmsError("invalid-argument", "an attribute of another meter cannot be read here", { layer: "client" });
  return handle;
}

function outcome<T>(read: () => T): ReadResult<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return { ok: false, error };
  }
}
