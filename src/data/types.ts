/** Tags of the COSEM Data CHOICE (IEC 62056-6-2, common data types). */
export const dataTags = {
  "null-data": 0,
  array: 1,
  structure: 2,
  boolean: 3,
  "bit-string": 4,
  "double-long": 5,
  "double-long-unsigned": 6,
  "octet-string": 9,
  "visible-string": 10,
  "utf8-string": 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  "long-unsigned": 18,
  "compact-array": 19,
  long64: 20,
  "long64-unsigned": 21,
  enum: 22,
  float32: 23,
  float64: 24,
  "date-time": 25,
  date: 26,
  time: 27,
  "delta-integer": 28,
  "delta-long": 29,
  "delta-double-long": 30,
  "delta-unsigned": 31,
  "delta-long-unsigned": 32,
  "delta-double-long-unsigned": 33,
  "dont-care": 255,
} as const;

/** Name of a COSEM Data type, as the standard writes it. */
export type DataType = keyof typeof dataTags;

/** Types whose value is a whole number of at most 32 bits. */
export type SmallIntegerType =
  | "double-long"
  | "double-long-unsigned"
  | "bcd"
  | "integer"
  | "long"
  | "unsigned"
  | "long-unsigned"
  | "enum"
  | "delta-integer"
  | "delta-long"
  | "delta-double-long"
  | "delta-unsigned"
  | "delta-long-unsigned"
  | "delta-double-long-unsigned";

/** A string of bits; bit 0 is the first, in the highest position of the first octet. */
export interface BitString {
  /** Number of bits. */
  readonly length: number;
  /** The octets that hold them; unused bits at the end are kept as received. */
  readonly bytes: Uint8Array;
}

/**
 * A COSEM value with its type, lossless both ways: what is decoded encodes to the same octets.
 * Octet strings are views on the input.
 */
export type Data =
  | { readonly type: "null-data" | "dont-care" }
  | { readonly type: "array" | "structure"; readonly value: readonly Data[] }
  /** `octet` is the octet received, where it is neither 0 nor 1; anything but 0 is true. */
  | { readonly type: "boolean"; readonly value: boolean; readonly octet?: number }
  | { readonly type: "bit-string"; readonly value: BitString }
  | { readonly type: SmallIntegerType; readonly value: number }
  | { readonly type: "long64" | "long64-unsigned"; readonly value: bigint }
  /** `bytes` keeps the octets of a not-a-number, whose payload the value alone would lose. */
  | { readonly type: "float32" | "float64"; readonly value: number; readonly bytes?: Uint8Array }
  | { readonly type: "octet-string"; readonly value: Uint8Array }
  /** `date-time` 12 octets, `date` 5, `time` 4: see `decodeDateTime` and its like. */
  | { readonly type: "date-time" | "date" | "time"; readonly value: Uint8Array }
  /** Octets that are not ASCII or UTF-8 survive: `bytes` holds them when the text alone would not. */
  | { readonly type: "visible-string" | "utf8-string"; readonly value: string; readonly bytes?: Uint8Array }
  | { readonly type: "compact-array"; readonly description: TypeDescription; readonly contents: Uint8Array };

/** Shape of the elements of a compact array. */
export type TypeDescription =
  | { readonly type: Exclude<DataType, "array" | "structure" | "compact-array"> }
  | { readonly type: "array"; readonly count: number; readonly element: TypeDescription }
  | { readonly type: "structure"; readonly elements: readonly TypeDescription[] };
