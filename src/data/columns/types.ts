import type { Data, DataType } from "../types.js";

/** Where the value of a cell comes from. */
export const cellState = {
  /** The value is on the wire. */
  given: 0,
  /** null-data stood there: the value of the cell above, or for a clock the cell above plus the step. */
  repeated: 1,
  /** A delta stood there: the value is the sum. */
  summed: 2,
  /** null-data or a delta stood there and no value above is known. */
  missing: 3,
} as const;

/** Cells of one column, one entry a row, in the order of the buffer. */
export type Column =
  /** Nothing but null-data so far: every cell is missing. */
  | { readonly kind: "missing"; readonly rows: number }
  /** Whole numbers up to 32 bits and floats, exact in a double; NaN where missing. `type` is that of the first value. */
  | { readonly kind: "number"; readonly type: DataType; readonly values: Float64Array; readonly state: Uint8Array }
  /** 64-bit integers; 0 where missing. */
  | {
      readonly kind: "bigint";
      readonly type: "long64" | "long64-unsigned";
      readonly values: BigInt64Array | BigUint64Array;
      readonly state: Uint8Array;
    }
  | ClockColumn
  /** Anything else, and columns whose cells change between the kinds above. */
  | { readonly kind: "data"; readonly values: readonly (Data | undefined)[]; readonly state: Uint8Array };

/** Date-times of twelve octets. */
export interface ClockColumn {
  readonly kind: "clock";
  /** Milliseconds since 1970 in UTC; NaN where wildcards, or an unknown deviation, leave it open. */
  readonly epochMs: Float64Array;
  /** Local time as sent, in milliseconds counted as if the place were UTC; NaN where wildcards leave it open. */
  readonly localMs: Float64Array;
  /** Minutes as on the wire (UTC minus local time by the standard), -32768 where not specified. */
  readonly deviation: Int16Array;
  /** Clock status as on the wire; 255 where not specified. Bit 7 is daylight saving. */
  readonly status: Uint8Array;
  /** The octets received, twelve a row; zeros where the state is not `given`. */
  readonly raw: Uint8Array;
  readonly state: Uint8Array;
}

/** Rows decoded together. */
export interface ColumnBatch {
  readonly rows: number;
  readonly columns: readonly Column[];
}
