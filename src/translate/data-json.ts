import { ByteReader, DlmsError, toHex } from "../base/index.js";
import { readLength } from "../codec/index.js";
import { Obis } from "../cosem/index.js";
import {
  bitText,
  CosemDateTime,
  type Data,
  dataTags,
  decodeData,
  decodeDate,
  decodeTime,
  expandCompactArray,
  formatDate,
  formatTime,
} from "../data/index.js";
import type { Json, Problem } from "./types.js";

/** COSEM Data as JSON: `type` and `value`; a rendering for people stands beside, under `text`. */
export function dataJson(data: Data): Json {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return { type: data.type, value: null };
    case "array":
    case "structure":
      return { type: data.type, value: data.value.map(dataJson) };
    case "compact-array":
      return { type: data.type, value: expandCompactArray(data).map(dataJson) };
    case "bit-string":
      return { type: data.type, value: bitText(data.value) };
    case "octet-string":
      return { type: data.type, value: toHex(data.value), ...textOf(data.value) };
    case "date-time":
    case "date":
    case "time":
      return { type: data.type, value: toHex(data.value), text: dateText(data) };
    case "long64":
    case "long64-unsigned":
      return { type: data.type, value: data.value.toString() };
    case "float32":
      return { type: data.type, value: shortest(data.value) };
    case "float64":
      return { type: data.type, value: Number.isFinite(data.value) ? data.value : String(data.value) };
    default:
      return { type: data.type, value: data.value };
  }
}

/** Encoded Data as JSON. What cannot be decoded is given as octets and as the text of what was read before the fault. */
export function encodedDataJson(bytes: Uint8Array, fail: (problem: Problem) => void): Json {
  try {
    return dataJson(decodeData(bytes));
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    fail(problemOf(error));
    return { incomplete: true, hex: toHex(bytes), read: readable(bytes) };
  }
}

/** The problem that an error states. */
export function problemOf(error: DlmsError): Problem {
  return { code: error.code, message: error.message, offset: error.details.offset ?? null };
}

/** Text of a date-time of twelve octets, where they are one. */
export function dateTimeText(octets: Uint8Array): string | undefined {
  if (octets.length !== 12) return undefined;
  const time = CosemDateTime.fromOctets(octets);
  const { year = 2000, month = 1 } = time.date;
  const isPlausible = year >= 1990 && year < 2200 && ((month >= 1 && month <= 12) || month >= 0xfd);
  return isPlausible && (octets[5] ?? 0) % 255 < 24 && (octets[6] ?? 0) % 255 < 60 ? time.toString() : undefined;
}

function textOf(octets: Uint8Array): { text?: string } {
  const time = dateTimeText(octets);
  if (time !== undefined) return { text: time };
  const printable = octets.length > 2 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  if (printable) return { text: String.fromCharCode(...octets.subarray(0, 256)) };
  return octets.length === 6 ? { text: obisText(octets) } : {};
}

/** A logical name as people write it. */
export function obisText(octets: Uint8Array): string {
  return octets.length === 6 ? Obis.fromOctets(octets).toString() : toHex(octets);
}

function dateText(data: Extract<Data, { type: "date-time" | "date" | "time" }>): string {
  if (data.type === "date-time") return CosemDateTime.fromOctets(data.value).toString();
  return data.type === "date" ? formatDate(decodeDate(data.value)) : formatTime(decodeTime(data.value));
}

/** The shortest decimal that gives the same float32. */
function shortest(value: number): number | string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const mostLines = 1000;

/** Values of a damaged encoding up to its fault, a line each, indented by their depth. */
function readable(bytes: Uint8Array): string[] {
  const reader = new ByteReader(bytes);
  const lines: string[] = [];
  const left: number[] = [1];
  try {
    while (left.length > 0 && lines.length < mostLines) {
      const rest = left.pop() as number;
      if (rest === 0) continue;
      left.push(rest - 1);
      const indent = "  ".repeat(left.length - 1);
      const tag = reader.peek();
      if (tag === dataTags.array || tag === dataTags.structure) {
        reader.u8();
        const count = readLength(reader);
        lines.push(`${indent}${tag === dataTags.array ? "array" : "structure"} of ${count}`);
        if (left.length < 64) left.push(count);
        else return lines;
      } else lines.push(indent + scalarText(decodeData(reader)));
    }
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
  }
  return lines;
}

function scalarText(data: Data): string {
  const { type, value, text } = dataJson(data);
  return `${type} ${typeof value === "object" ? JSON.stringify(value) : value}${text === undefined ? "" : ` (${text})`}`;
}
