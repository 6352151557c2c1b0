import type { GetItem } from "../association/index.js";
import type { DlmsError } from "../base/index.js";
import type { AttributeHandle, ScaledHandle } from "../cosem/index.js";
import { attributeIn, outcome } from "./access.js";
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
  const unnamed = attributes.map((attribute) => firstOf(attribute.items(), (item) => source.unnamed(item.attribute)));
  const wanted = attributes.map((attribute, i) =>
    (unnamed[i] === undefined ? attribute.items() : []).map((item) => {
      const { classId, instanceId, attributeId } = item.attribute;
      const key = `${classId}/${instanceId.join(".")}/${attributeId}`;
      const position = positions.get(key) ?? items.push(item) - 1;
      positions.set(key, position);
      return position;
    }),
  );
  const results = await source.getList(items, options);
  return attributes.map((attribute, i) => {
    const error = unnamed[i];
    if (error !== undefined) return { ok: false, error };
    const own = (wanted[i] ?? []).map((position) => results[position] ?? { ok: false as const, result: 250 });
    return outcome(() => attribute.fromResults(own));
  });
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
