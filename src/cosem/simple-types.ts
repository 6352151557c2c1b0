/** Types of the class tables that hold no others. */
import {
  type BitString,
  bitString,
  type CosemDate,
  CosemDateTime,
  type CosemTime,
  type Data,
  type DataType,
  decodeDate,
  decodeTime,
  encodeDate,
  encodeTime,
} from "../data/index.js";
import { Obis, type ObisLike } from "./obis.js";
import { numberOf } from "./quantity.js";
import { doesNotFit, unexpectedType, type ValueType } from "./value-type.js";

type WholeType =
  | "integer"
  | "unsigned"
  | "long"
  | "long-unsigned"
  | "double-long"
  | "double-long-unsigned"
  | "enum"
  | "bcd";

function whole(kind: WholeType, min: number, max: number): ValueType<number> {
  return {
    kind,
    decode: (data) => wholeNumber(data, kind),
    encode: (value) => {
      if (!Number.isInteger(value) || value < min || value > max) throw doesNotFit(value, kind);
      return { type: kind, value };
    },
  };
}

function wholeNumber(data: Data, expected: string): number {
  const value = data.type === "float32" || data.type === "float64" ? undefined : numberOf(data);
  if (typeof value === "number") return value;
  if (value !== undefined && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
  throw unexpectedType(data, expected);
}

export const int8 = /* @__PURE__ */ whole("integer", -0x80, 0x7f);
export const uint8 = /* @__PURE__ */ whole("unsigned", 0, 0xff);
export const int16 = /* @__PURE__ */ whole("long", -0x8000, 0x7fff);
export const uint16 = /* @__PURE__ */ whole("long-unsigned", 0, 0xffff);
export const int32 = /* @__PURE__ */ whole("double-long", -0x80000000, 0x7fffffff);
export const uint32 = /* @__PURE__ */ whole("double-long-unsigned", 0, 0xffffffff);
/** An enumeration whose values this library does not name. */
export const enumeration = /* @__PURE__ */ whole("enum", 0, 0xff);

function wide(kind: "long64" | "long64-unsigned"): ValueType<bigint> {
  const fits = (value: bigint) => (kind === "long64" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
  return {
    kind,
    decode: (data) => {
      if (data.type === "long64" || data.type === "long64-unsigned") return data.value;
      return BigInt(wholeNumber(data, kind));
    },
    encode: (value) => {
      if (typeof value !== "bigint" || !fits(value)) throw doesNotFit(value, kind);
      return { type: kind, value };
    },
  };
}

export const int64 = /* @__PURE__ */ wide("long64");
export const uint64 = /* @__PURE__ */ wide("long64-unsigned");

function float(kind: "float32" | "float64"): ValueType<number> {
  return {
    kind,
    decode: (data) => {
      const value = numberOf(data);
      if (value === undefined) throw unexpectedType(data, kind);
      return Number(value);
    },
    encode: (value) => {
      if (typeof value !== "number") throw doesNotFit(value, kind);
      return { type: kind, value };
    },
  };
}

export const float32 = /* @__PURE__ */ float("float32");
export const float64 = /* @__PURE__ */ float("float64");

/** 0 and 1 of an integer type are taken too. */
export const bool: ValueType<boolean> = {
  kind: "boolean",
  decode: (data) => {
    if (data.type === "boolean") return data.value;
    const value = numberOf(data);
    if (value === 0 || value === 1) return value === 1;
    throw unexpectedType(data, "boolean");
  },
  encode: (value) => {
    if (typeof value !== "boolean") throw doesNotFit(value, "boolean");
    return { type: "boolean", value };
  },
};

/** An enumeration with the standard's names; a value without a name stays a number. */
export function enumOf<const Names extends Readonly<Record<string, number>>>(
  names: Names,
  kind: WholeType = "enum",
): ValueType<(keyof Names & string) | number> {
  let byCode: Map<number, keyof Names & string> | undefined;
  const code = whole(kind, 0, kind === "enum" || kind === "unsigned" ? 0xff : 0xffff);
  return {
    kind,
    names,
    decode: (data) => {
      byCode ??= new Map(Object.entries(names).map(([name, value]) => [value, name]));
      const value = code.decode(data);
      return byCode.get(value) ?? value;
    },
    encode: (value) => {
      const number = typeof value === "number" ? value : Object.hasOwn(names, value) ? names[value] : undefined;
      if (number === undefined) throw doesNotFit(value, `one of ${Object.keys(names).join(", ")}`);
      return code.encode(number);
    },
  };
}

/** Octets. Meters that send text as visible-string or utf8-string instead are understood. */
export function octetString(size?: number, meaning?: string): ValueType<Uint8Array> {
  return {
    kind: "octet-string",
    ...(size !== undefined && { size }),
    ...(meaning !== undefined && { meaning }),
    decode: (data) => {
      const octets = octetsOf(data);
      if (octets === undefined) throw unexpectedType(data, "octet-string");
      return octets;
    },
    encode: (value) => {
      if (!(value instanceof Uint8Array) || (size !== undefined && value.length !== size))
        throw doesNotFit(value, size === undefined ? "octet-string" : `octet-string of ${size}`);
      return { type: "octet-string", value };
    },
  };
}

/** Octets of an octet string, a string of ASCII, or a date or time; undefined for other types. */
function octetsOf(data: Data): Uint8Array | undefined {
  switch (data.type) {
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return data.value;
    case "visible-string":
    case "utf8-string":
      return data.bytes ?? asciiOctets(data.value);
    default:
      return undefined;
  }
}

function asciiOctets(text: string): Uint8Array | undefined {
  const octets = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return octets.some((octet) => octet > 0x7f) || octets.length !== text.length || /[^\0-\x7f]/.test(text)
    ? undefined
    : octets;
}

function printable(octets: Uint8Array): string | undefined {
  let text = "";
  for (const octet of octets) {
    if (octet < 0x20 || octet > 0x7e) return undefined;
    text += String.fromCharCode(octet);
  }
  return text;
}

function string(kind: "visible-string" | "utf8-string"): ValueType<string> {
  return {
    kind,
    decode: (data) => {
      if (data.type === "visible-string" || data.type === "utf8-string") return data.value;
      const text = data.type === "octet-string" ? printable(data.value) : undefined;
      if (text === undefined) throw unexpectedType(data, kind);
      return text;
    },
    encode: (value) => {
      if (typeof value !== "string") throw doesNotFit(value, kind);
      return { type: kind, value };
    },
  };
}

/** ASCII text; octet strings that are printable are taken too. */
export const visibleString = /* @__PURE__ */ string("visible-string");
export const utf8String = /* @__PURE__ */ string("utf8-string");

/** A bit string; `bitAt` and `bitText` read it. Text of 0 and 1 may be given. */
export function bitStringOf(size?: number): ValueType<BitString> {
  return {
    kind: "bit-string",
    ...(size !== undefined && { size }),
    decode: (data) => {
      if (data.type !== "bit-string") throw unexpectedType(data, "bit-string");
      return data.value;
    },
    encode: (value) => {
      const bits = typeof value === "string" ? bitString(value) : value;
      if (size !== undefined && bits.length !== size) throw doesNotFit(bits.length, `bit-string of ${size}`);
      return { type: "bit-string", value: bits };
    },
  };
}

/** Any value, as it is. */
export const anyData: ValueType<Data> = { kind: "any", decode: (data) => data, encode: (value) => value };

/** A logical name. */
export const logicalName: ValueType<Obis> = {
  kind: "octet-string",
  size: 6,
  meaning: "logical-name",
  decode: (data) => {
    const octets = octetsOf(data);
    if (octets?.length !== 6) throw unexpectedType(data, "octet-string of 6");
    return Obis.fromOctets(octets);
  },
  encode: (value: ObisLike) => ({ type: "octet-string", value: Obis.from(value).octets }),
};

function calendar<T>(
  kind: "date-time" | "date" | "time",
  size: number,
  tagged: boolean,
  read: (octets: Uint8Array) => T,
  write: (value: T) => Uint8Array,
): ValueType<T> {
  const sent: DataType & ("octet-string" | "date-time" | "date" | "time") = tagged ? kind : "octet-string";
  return {
    kind: sent,
    ...(!tagged && { size, meaning: kind }),
    decode: (data) => {
      const octets = octetsOf(data);
      if (octets?.length !== size) throw unexpectedType(data, `${kind} of ${size} octets`);
      return read(octets);
    },
    encode: (value) => ({ type: sent, value: write(value) }),
  };
}

const readDateTime = (octets: Uint8Array) => CosemDateTime.fromOctets(octets);
const writeDateTime = (value: CosemDateTime) => value.octets;

/** date-time in an octet string of 12; one that carries its own tag is read too. */
export const dateTime = /* @__PURE__ */ calendar("date-time", 12, false, readDateTime, writeDateTime);
/** date-time under its own tag; one in an octet string is read too. */
export const taggedDateTime = /* @__PURE__ */ calendar("date-time", 12, true, readDateTime, writeDateTime);
/** date in an octet string of 5. */
export const date = /* @__PURE__ */ calendar<CosemDate>("date", 5, false, decodeDate, encodeDate);
/** time in an octet string of 4. */
export const time = /* @__PURE__ */ calendar<CosemTime>("time", 4, false, decodeTime, encodeTime);

/** The parameter of methods that need none: integer 0. */
export const noParameter: ValueType<void> = {
  kind: "integer",
  meaning: "0",
  decode: () => undefined,
  encode: () => ({ type: "integer", value: 0 }),
};
