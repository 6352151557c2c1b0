/** Types of the class tables that are made of others. */
import { type Data, expandCompactArray } from "../data/index.js";
import { atPath, doesNotFit, unexpectedType, type ValueType } from "./value-type.js";

/** A structure with named fields, in the order of the standard. */
export function structure<T extends object>(fields: { readonly [K in keyof T]: ValueType<T[K]> }): ValueType<T> {
  const entries = Object.entries(fields) as [string, ValueType<unknown>][];
  return {
    kind: "structure",
    fields: fields as Readonly<Record<string, ValueType<unknown>>>,
    decode: (data) => {
      if (data.type !== "structure" || data.value.length !== entries.length)
        throw unexpectedType(data, `structure of ${entries.length}`);
      const result: Record<string, unknown> = {};
      for (const [i, [name, type]] of entries.entries())
        result[name] = atPath(name, () => type.decode(data.value[i] as Data));
      return result as T;
    },
    encode: (value) => {
      if (typeof value !== "object" || value === null) throw doesNotFit(value, `structure of ${entries.length}`);
      const given = value as Readonly<Record<string, unknown>>;
      return {
        type: "structure",
        value: entries.map(([name, type]) => atPath(name, () => type.encode(given[name]))),
      };
    },
  };
}

/** An array of equal elements; a compact array is understood too. */
export function array<T>(element: ValueType<T>): ValueType<readonly T[]> {
  return {
    kind: "array",
    element,
    decode: (data) => {
      if (data.type !== "array" && data.type !== "compact-array") throw unexpectedType(data, "array");
      const items = data.type === "compact-array" ? expandCompactArray(data) : data.value;
      return items.map((item, i) => atPath(`[${i}]`, () => element.decode(item)));
    },
    encode: (value) => {
      if (!Array.isArray(value)) throw doesNotFit(value, "array");
      return { type: "array", value: value.map((item, i) => atPath(`[${i}]`, () => element.encode(item as T))) };
    },
  };
}

/** A value, or undefined where the meter sends null-data. */
export function optional<T>(type: ValueType<T>): ValueType<T | undefined> {
  return {
    kind: "choice",
    options: [nothing, type],
    decode: (data) => (data.type === "null-data" ? undefined : type.decode(data)),
    encode: (value) => (value === undefined ? { type: "null-data" } : type.encode(value)),
  };
}

/** null-data. */
export const nothing: ValueType<undefined> = {
  kind: "null-data",
  decode: (data) => {
    if (data.type !== "null-data") throw unexpectedType(data, "null-data");
    return undefined;
  },
  encode: () => ({ type: "null-data" }),
};

/** The first type that takes the value, both ways: put the stricter before the looser. */
export function choice<T extends readonly unknown[]>(
  ...options: { readonly [K in keyof T]: ValueType<T[K]> }
): ValueType<T[number]> {
  const types = options as unknown as readonly ValueType<T[number]>[];
  const first = <R>(attempt: (type: ValueType<T[number]>) => R, otherwise: () => Error): R => {
    for (const type of types) {
      try {
        return attempt(type);
      } catch {
        // The next one may take it.
      }
    }
    throw otherwise();
  };
  const names = types.map((type) => type.kind).join(" or ");
  return {
    kind: "choice",
    options: types,
    decode: (data) =>
      first(
        (type) => type.decode(data),
        () => unexpectedType(data, names),
      ),
    encode: (value) =>
      first(
        (type) => type.encode(value),
        () => doesNotFit(value, names),
      ),
  };
}

/** A type whose values are shown in another form. */
export function mapped<Wire, T>(
  type: ValueType<Wire>,
  meaning: string,
  read: (value: Wire) => T,
  write: (value: T) => Wire,
): ValueType<T> {
  return { ...type, meaning, decode: (data) => read(type.decode(data)), encode: (value) => type.encode(write(value)) };
}

/** A type that is made of many calls, in one that a bundler can leave out whole. */
export function sharedType<T>(make: () => ValueType<T>): ValueType<T> {
  return make();
}
