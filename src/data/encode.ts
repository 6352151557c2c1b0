import { ByteWriter, dlmsError } from "../base/index.js";
import { writeLength } from "../codec/index.js";
import { encodeUtf8 } from "./text.js";
import { writeTypeDescription } from "./type-description.js";
import { maximumDepth } from "./type-table.js";
import { type BitString, type Data, dataTags, type SmallIntegerType } from "./types.js";

/**
 * Encodes one value of COSEM Data (A-XDR, IEC 62056-6-2), lengths in the shortest form.
 * @throws UsageError `value-does-not-fit` when a value is out of the range of its type.
 */
export function encodeData(data: Data): Uint8Array {
  const writer = new ByteWriter(32);
  writeData(writer, data);
  return writer.finish();
}

/** Appends one value, with its tag. */
export function writeData(writer: ByteWriter, data: Data): void {
  writeValue(writer, data, 0);
}

function writeValue(writer: ByteWriter, data: Data, depth: number): void {
  writer.u8(dataTags[data.type]);
  if (isCollection(data)) {
    if (depth >= maximumDepth) throw doesNotFit(`data nested deeper than ${maximumDepth} levels`);
    writeLength(writer, data.value.length);
    for (const element of data.value) writeValue(writer, element, depth + 1);
  } else writeContents(writer, data);
}

type Collection = Extract<Data, { type: "array" | "structure" }>;

function isCollection(data: Data): data is Collection {
  return data.type === "array" || data.type === "structure";
}

/** Appends the contents of a value that is neither array nor structure, without its tag. */
export function writeContents(writer: ByteWriter, data: Exclude<Data, Collection>): ByteWriter {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return writer;
    case "boolean":
      return writer.u8(data.octet ?? (data.value ? 1 : 0));
    case "bit-string":
      return writeBits(writer, data.value);
    case "long64":
    case "long64-unsigned":
      return writeInteger64(writer, data.type, data.value);
    case "float32":
    case "float64":
      if (data.bytes) return writer.bytes(fixed(data.bytes, data.type === "float32" ? 4 : 8, data.type));
      return data.type === "float32" ? writer.f32(data.value) : writer.f64(data.value);
    case "octet-string":
      return writeOctets(writer, data.value);
    case "visible-string":
    case "utf8-string":
      return writeOctets(writer, data.bytes ?? textOctets(data.type, data.value));
    case "date-time":
      return writer.bytes(fixed(data.value, 12, data.type));
    case "date":
      return writer.bytes(fixed(data.value, 5, data.type));
    case "time":
      return writer.bytes(fixed(data.value, 4, data.type));
    case "compact-array":
      writeTypeDescription(writer, data.description);
      return writeOctets(writer, data.contents);
    default:
      return writeInteger(writer, data.type, data.value);
  }
}

/** Octets, least and greatest value of the whole-number types. */
export const integerRanges: {
  readonly [type in SmallIntegerType]: readonly [size: 1 | 2 | 4, min: number, max: number];
} = {
  integer: [1, -0x80, 0x7f],
  bcd: [1, -0x80, 0x7f],
  "delta-integer": [1, -0x80, 0x7f],
  unsigned: [1, 0, 0xff],
  enum: [1, 0, 0xff],
  "delta-unsigned": [1, 0, 0xff],
  long: [2, -0x8000, 0x7fff],
  "delta-long": [2, -0x8000, 0x7fff],
  "long-unsigned": [2, 0, 0xffff],
  "delta-long-unsigned": [2, 0, 0xffff],
  "double-long": [4, -0x80000000, 0x7fffffff],
  "delta-double-long": [4, -0x80000000, 0x7fffffff],
  "double-long-unsigned": [4, 0, 0xffffffff],
  "delta-double-long-unsigned": [4, 0, 0xffffffff],
};

function writeInteger(writer: ByteWriter, type: SmallIntegerType, value: number): ByteWriter {
  const [size, min, max] = integerRanges[type];
  if (!Number.isInteger(value) || value < min || value > max)
    throw doesNotFit(`${value} is not a whole number of ${min} to ${max} (${type})`);
  if (size === 1) return writer.u8(value & 0xff);
  return size === 2 ? writer.u16(value & 0xffff) : writer.u32(value >>> 0);
}

function writeInteger64(writer: ByteWriter, type: "long64" | "long64-unsigned", value: bigint): ByteWriter {
  const wrapped = type === "long64" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  if (wrapped !== value) throw doesNotFit(`${value} does not fit ${type}`);
  return writer.u64(value);
}

function writeBits(writer: ByteWriter, bits: BitString): ByteWriter {
  if (bits.bytes.length !== Math.ceil(bits.length / 8))
    throw doesNotFit(`${bits.length} bits do not take ${bits.bytes.length} octets`);
  writeLength(writer, bits.length);
  return writer.bytes(bits.bytes);
}

function writeOctets(writer: ByteWriter, octets: Uint8Array): ByteWriter {
  writeLength(writer, octets.length);
  return writer.bytes(octets);
}

function fixed(octets: Uint8Array, size: number, type: string): Uint8Array {
  if (octets.length !== size) throw doesNotFit(`${type} takes ${size} octets, not ${octets.length}`);
  return octets;
}

function textOctets(type: "visible-string" | "utf8-string", text: string): Uint8Array {
  const octets = encodeUtf8(text);
  if (octets === undefined) throw doesNotFit("the text has lone surrogates");
  if (type === "visible-string" && octets.length !== text.length)
    throw doesNotFit("a visible-string holds ASCII alone; use utf8-string, or give its octets");
  return octets;
}

function doesNotFit(message: string) {
  return dlmsError("value-does-not-fit", message, { layer: "data" });
}
