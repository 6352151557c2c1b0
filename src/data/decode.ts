import { ByteReader } from "../base/index.js";
import { readLength } from "../codec/index.js";
import { decodeAscii, decodeLatin1, decodeUtf8 } from "./text.js";
import { readTypeDescription } from "./type-description.js";
import { badTag, maximumDepth, readCount, tooDeep, typeOfTag } from "./type-table.js";
import type { Data, DataType } from "./types.js";

/**
 * Decodes one value of COSEM Data (A-XDR, IEC 62056-6-2). Given octets, they must hold that value and nothing more;
 * given a reader, it is left after the value. Octet strings are views on the input.
 * @throws DecodeError `truncated`, `malformed`, `limit-exceeded` (nesting) or `trailing-bytes`.
 */
export function decodeData(input: Uint8Array | ByteReader): Data {
  if (input instanceof ByteReader) return readData(input, 0);
  const reader = new ByteReader(input);
  const data = readData(reader, 0);
  reader.expectEnd();
  return data;
}

function readData(reader: ByteReader, depth: number): Data {
  const at = reader.offset;
  const tag = reader.u8();
  const type = typeOfTag[tag];
  if (type === "array" || type === "structure") {
    if (depth >= maximumDepth) throw tooDeep(at);
    const value: Data[] = [];
    for (let left = readCount(reader); left > 0; left--) value.push(readData(reader, depth + 1));
    return { type, value };
  }
  if (type === "compact-array")
    return { type, description: readTypeDescription(reader), contents: reader.take(readLength(reader)) };
  if (type === undefined) throw badTag(tag, at);
  return readSimpleData(reader, type);
}

/** Types that hold no other values: these look the same in a value and in the contents of a compact array. */
export type SimpleType = Exclude<DataType, "array" | "structure" | "compact-array">;

const nothing: { readonly [type in "null-data" | "dont-care"]: Data } = {
  "null-data": Object.freeze({ type: "null-data" }),
  "dont-care": Object.freeze({ type: "dont-care" }),
};

/** Reads the contents of a value whose type is known. */
export function readSimpleData(reader: ByteReader, type: SimpleType): Data {
  switch (type) {
    case "null-data":
    case "dont-care":
      return nothing[type];
    case "boolean": {
      const octet = reader.u8();
      return octet > 1 ? { type, value: true, octet } : { type, value: octet === 1 };
    }
    case "bit-string": {
      const length = readLength(reader);
      return { type, value: { length, bytes: reader.take(Math.ceil(length / 8)) } };
    }
    case "double-long":
    case "delta-double-long":
      return { type, value: reader.i32() };
    case "double-long-unsigned":
    case "delta-double-long-unsigned":
      return { type, value: reader.u32() };
    case "octet-string":
      return { type, value: reader.take(readLength(reader)) };
    case "visible-string":
    case "utf8-string":
      return readText(reader, type);
    case "bcd":
    case "integer":
    case "delta-integer":
      return { type, value: reader.i8() };
    case "unsigned":
    case "enum":
    case "delta-unsigned":
      return { type, value: reader.u8() };
    case "long":
    case "delta-long":
      return { type, value: reader.i16() };
    case "long-unsigned":
    case "delta-long-unsigned":
      return { type, value: reader.u16() };
    case "long64":
      return { type, value: reader.i64() };
    case "long64-unsigned":
      return { type, value: reader.u64() };
    case "float32":
      return readFloat(reader, type, 4);
    case "float64":
      return readFloat(reader, type, 8);
    case "date-time":
      return { type, value: reader.take(12) };
    case "date":
      return { type, value: reader.take(5) };
    case "time":
      return { type, value: reader.take(4) };
  }
}

function readFloat(reader: ByteReader, type: "float32" | "float64", size: 4 | 8): Data {
  const at = reader.offset;
  const value = size === 4 ? reader.f32() : reader.f64();
  // A not-a-number may carry a payload that a number of the language does not keep.
  return Number.isNaN(value) ? { type, value, bytes: reader.bytes.slice(at, at + size) } : { type, value };
}

function readText(reader: ByteReader, type: "visible-string" | "utf8-string"): Data {
  const bytes = reader.take(readLength(reader));
  const text = type === "utf8-string" ? decodeUtf8(bytes) : decodeAscii(bytes);
  if (text !== undefined) return { type, value: text };
  return { type, value: decodeUtf8(bytes) ?? decodeLatin1(bytes), bytes };
}
