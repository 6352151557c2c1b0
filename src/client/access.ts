import {
  type AccessItem,
  type AccessItemResult,
  accessRefusal,
  type ServiceRequest,
  type ServiceResponse,
} from "../association/index.js";
import { DlmsError, dlmsError } from "../base/index.js";
import { type AttributeHandle, Obis, type ObisLike, type Selection } from "../cosem/index.js";
import { type Data, decodeData, encodeData } from "../data/index.js";
import { Attribute } from "./attribute.js";
import { howToRead, methodText, type ObjectSource } from "./object-source.js";
import type { ReadOptions } from "./profile-source.js";
import type { ReadResult } from "./read-all.js";

/** A handle that is read. */
export interface AccessRead<T = unknown> {
  readonly get: { get(options?: never): Promise<T> };
  /** Only a part, where the attribute allows that. */
  readonly selection?: Selection;
}

/** A handle that is written: with a value of its type, or with any Data. */
export type AccessWrite = {
  readonly set: { setData(value: Data, options?: never): Promise<void> };
} & ({ readonly value: unknown } | { readonly data: Data });

/** Holds values that are written against the types of their handles. */
export type TypedOperations<O extends readonly AccessOperation[]> = {
  readonly [K in keyof O]: O[K] extends { readonly set: AttributeHandle<infer T>; readonly value: unknown }
    ? O[K] & { readonly value: T }
    : O[K];
};

/** A method by its numbers, with its parameter. */
export interface AccessInvoke {
  readonly invoke: { readonly classId: number; readonly obis: ObisLike; readonly methodId: number };
  readonly parameter?: Data;
}

/** One of several things asked of a meter in order. */
export type AccessOperation = AccessRead | AccessWrite | AccessInvoke;

/** Results in the order of the operations: what was read, nothing for a write, what a method returned. */
export type AccessResults<O extends readonly AccessOperation[]> = {
  readonly [K in keyof O]: O[K] extends AccessRead<infer T>
    ? ReadResult<T>
    : O[K] extends AccessInvoke
      ? ReadResult<Data | undefined>
      : ReadResult<undefined>;
};

/** One operation: what it sends, and what its results mean. */
interface Step {
  readonly items: readonly AccessItem[];
  value(results: readonly AccessItemResult[]): unknown;
}

/** Carries operations out in order: in one ACCESS where the meter grants it, one after the other elsewhere. */
export async function access(
  source: ObjectSource,
  operations: readonly AccessOperation[],
  options: ReadOptions,
): Promise<ReadResult<unknown>[]> {
  const steps = operations.map((operation) => stepOf(operation, source));
  const items = steps.flatMap((step) => step.items);
  if (items.length === 0) return [];
  const granted = source.negotiated.conformance.has("access");
  const results = granted ? await atOnce(source, items, options) : await oneByOne(source, items, options);
  let from = 0;
  return steps.map((step) => {
    const own = results.slice(from, from + step.items.length);
    from += step.items.length;
    return outcome(() => step.value(own));
  });
}

/** Several attributes by ACCESS. */
async function atOnce(
  source: ObjectSource,
  items: readonly AccessItem[],
  options: ReadOptions,
): Promise<readonly AccessItemResult[]> {
  const response = await source.session.request({ service: "access", items }, howToRead(options));
  return response.service === "access" ? response.results : [];
}

/** By GET, SET and ACTION: neighbours of one kind go together, as a list where the meter grants lists. */
async function oneByOne(
  source: ObjectSource,
  items: readonly AccessItem[],
  options: ReadOptions,
): Promise<readonly AccessItemResult[]> {
  const results: AccessItemResult[] = [];
  let changed = false;
  for (const request of requestsFor(items)) {
    try {
      results.push(...resultsOf(await source.session.request(request, howToRead(options))));
    } catch (error) {
      throw changed && DlmsError.is(error) ? partlyDone(error) : error;
    }
    changed ||= request.service !== "get";
  }
  return results;
}

function requestsFor(items: readonly AccessItem[]): ServiceRequest[] {
  const requests: ServiceRequest[] = [];
  for (const item of items) {
    const last = requests.at(-1);
    const items = last?.service === item.kind ? [...last.items, item] : [item];
    if (items.length > 1) requests.pop();
    requests.push({ service: item.kind, items } as ServiceRequest);
  }
  return requests;
}

function resultsOf(response: ServiceResponse): readonly AccessItemResult[] {
  switch (response.service) {
    case "get":
      return response.results.map((read) =>
        read.ok ? { kind: "get", result: 0, data: read.data } : { kind: "get", result: read.result },
      );
    case "set":
      return response.results.map((result) => ({ kind: "set", result }));
    case "action":
      return response.results.map(({ result, returned }) => ({
        kind: "action",
        result,
        ...(returned?.ok === true && { data: returned.data }),
      }));
    case "access":
      return response.results;
  }
}

/** The failure of a later item: what came before is done and stays so. */
function partlyDone(error: DlmsError): DlmsError {
  return dlmsError(error.code, `${error.message}; earlier items were carried out`, {
    ...error.details,
    cause: error,
    outcomeUnknown: true,
  });
}

function stepOf(operation: AccessOperation, source: ObjectSource): Step {
  if ("get" in operation) return readStep(attributeIn(operation.get, source), operation.selection);
  if ("set" in operation) {
    const attribute = attributeIn(operation.set, source);
    return writeStep(attribute, "data" in operation ? operation.data : attribute.encode(operation.value));
  }
  const { classId, obis, methodId } = operation.invoke;
  const method = { classId, instanceId: Obis.from(obis).octets, methodId };
  const { parameter } = operation;
  return {
    items: [{ kind: "action", method, ...(parameter && { parameter: encodeData(parameter) }) }],
    value([result]) {
      const data = succeeded(result, methodText(method)).data;
      return data && decodeData(data);
    },
  };
}

function readStep(attribute: Attribute<unknown>, selection: Selection | undefined): Step {
  const [own, ...others] = attribute.items();
  const items =
    selection !== undefined && own !== undefined ? [{ ...own, access: selection }, ...others] : attribute.items();
  return {
    items: items.map((item) => ({ kind: "get", ...item })),
    value: (results) =>
      attribute.fromResults(
        results.map(({ result, data }) => (data === undefined ? { ok: false, result } : { ok: true, data })),
      ),
  };
}

function writeStep(attribute: Attribute<unknown>, value: Data): Step {
  return {
    items: [{ kind: "set", attribute: attribute.reference, value: encodeData(value) }],
    value: ([result]) => void succeeded(result, `${attribute.interfaceClass.name}.${attribute.name}`),
  };
}

function succeeded(result: AccessItemResult | undefined, what: string): AccessItemResult {
  if (result === undefined) throw dlmsError("unexpected-message", `${what}: no result came`, { layer: "client" });
  if (result.result !== 0) throw accessRefusal(result.result, what);
  return result;
}

/** The attribute behind a handle of this meter. @throws UsageError `invalid-argument`. */
export function attributeIn(handle: unknown, source: ObjectSource): Attribute<unknown> {
  if (!(handle instanceof Attribute))
    throw dlmsError("invalid-argument", "attributes are wanted, as meter.clock(...).time", { layer: "client" });
  if (handle.source !== source)
    throw dlmsError("invalid-argument", "an attribute of another meter cannot be asked for here", { layer: "client" });
  return handle;
}

/** What `read` gives, or the error of ours that it throws. */
export function outcome<T>(read: () => T): ReadResult<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return { ok: false, error };
  }
}
