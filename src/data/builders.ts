import { fromHex } from "../base/index.js";
import { bitString } from "./bits.js";
import type { Data } from "./types.js";

/** Short makers of COSEM Data. Ranges are checked when the value is encoded. */

export const nullData = Object.freeze({ type: "null-data" } as const);
export const dontCare = Object.freeze({ type: "dont-care" } as const);

const number =
  <T extends Extract<Data, { value: number }>["type"]>(type: T) =>
  (value: number) =>
    ({ type, value }) as const;

export const i8 = number("integer");
export const u8 = number("unsigned");
export const i16 = number("long");
export const u16 = number("long-unsigned");
export const i32 = number("double-long");
export const u32 = number("double-long-unsigned");
export const enumeration = number("enum");
export const bcd = number("bcd");
export const f32 = number("float32");
export const f64 = number("float64");

export function i64(value: bigint | number) {
  return { type: "long64", value: BigInt(value) } as const;
}

export function u64(value: bigint | number) {
  return { type: "long64-unsigned", value: BigInt(value) } as const;
}

export function bool(value: boolean) {
  return { type: "boolean", value } as const;
}

/** An octet-string of octets, or of their hexadecimal text. */
export function octets(value: Uint8Array | string) {
  return { type: "octet-string", value: typeof value === "string" ? fromHex(value) : value } as const;
}

/** A visible-string: ASCII alone. */
export function text(value: string) {
  return { type: "visible-string", value } as const;
}

export function utf8(value: string) {
  return { type: "utf8-string", value } as const;
}

/** A bit-string of a text of 0 and 1. */
export function bits(value: string) {
  return { type: "bit-string", value: bitString(value) } as const;
}

export function array(...value: readonly Data[]) {
  return { type: "array", value } as const;
}

export function structure(...value: readonly Data[]) {
  return { type: "structure", value } as const;
}
