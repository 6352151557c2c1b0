import { dataTags } from "../types.js";
import type { RowBlock } from "./block.js";
import { cellState } from "./types.js";

/** Loops that copy one column of equally shaped rows; each sees the same types of arrays always, so that it stays fast. */

type Loop = (bytes: Uint8Array, at: number, stride: number, rows: number, out: Float64Array, row: number) => void;

const readI8: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) out[row + i] = ((bytes[at] as number) << 24) >> 24;
};
const readU8: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) out[row + i] = bytes[at] as number;
};
const readI16: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride)
    out[row + i] = (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >> 16;
};
const readU16: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) out[row + i] = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
};

/** Four octets as a signed number. */
export function int32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

const readI32: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) out[row + i] = int32At(bytes, at);
};
const readU32: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) out[row + i] = int32At(bytes, at) >>> 0;
};

const scratch = new DataView(new ArrayBuffer(8));

const readF32: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) {
    scratch.setInt32(0, int32At(bytes, at));
    out[row + i] = scratch.getFloat32(0);
  }
};
const readF64: Loop = (bytes, at, stride, rows, out, row) => {
  for (let i = 0; i < rows; i++, at += stride) {
    scratch.setInt32(0, int32At(bytes, at));
    scratch.setInt32(4, int32At(bytes, at + 4));
    out[row + i] = scratch.getFloat64(0);
  }
};

/** The loop of each tag whose values a double holds exactly; undefined for the others. */
export const numberLoops: readonly (Loop | undefined)[] = (() => {
  const loops: (Loop | undefined)[] = new Array(258).fill(undefined);
  const rows: readonly (readonly [Loop, readonly (keyof typeof dataTags)[]])[] = [
    [readI8, ["integer", "bcd", "delta-integer"]],
    [readU8, ["unsigned", "enum", "delta-unsigned"]],
    [readI16, ["long", "delta-long"]],
    [readU16, ["long-unsigned", "delta-long-unsigned"]],
    [readI32, ["double-long", "delta-double-long"]],
    [readU32, ["double-long-unsigned", "delta-double-long-unsigned"]],
    [readF32, ["float32"]],
    [readF64, ["float64"]],
  ];
  for (const [loop, types] of rows) for (const type of types) loops[dataTags[type]] = loop;
  return loops;
})();

/** Copies a column of 64-bit integers. */
export function readInteger64(
  bytes: Uint8Array,
  at: number,
  stride: number,
  rows: number,
  out: BigInt64Array | BigUint64Array,
  row: number,
): void {
  for (let i = 0; i < rows; i++, at += stride) {
    scratch.setInt32(0, int32At(bytes, at));
    scratch.setInt32(4, int32At(bytes, at + 4));
    out[row + i] = scratch.getBigInt64(0);
  }
}

/** True for the tags whose value is added to the cell above (IEC 62056-6-2, delta types). */
export function isDelta(tag: number): boolean {
  return tag >= dataTags["delta-integer"] && tag <= dataTags["delta-double-long-unsigned"];
}

/** Where mixed cells go: rows `row` up to `last` of a column. */
interface NumberTarget {
  readonly values: Float64Array;
  readonly state: Uint8Array;
  readonly row: number;
  readonly last: number;
}

/**
 * Copies cells of a number column that change between values, null-data and deltas. Stops at a cell that it leaves to
 * others (a float, a sum out of range, another kind of value) and returns its row.
 */
export function copyMixedNumbers(
  block: RowBlock,
  bytes: Uint8Array,
  first: number,
  columns: number,
  start: number,
  min: number,
  max: number,
  { values, state, row, last }: NumberTarget,
): number {
  const { kinds, offsets } = block;
  let above = start;
  let cell = first;
  for (let i = row; i < last; i++, cell += columns) {
    const at = offsets[cell] as number;
    const kind = kinds[cell] as number;
    if (kind === 0) state[i] = cellState.repeated;
    else {
      const value = smallInteger(kind, bytes, at);
      if (kind < 28) {
        above = value;
        if (!(value >= min && value <= max)) return i;
      } else {
        const sum = above + value;
        if (!(sum >= min && sum <= max)) return i;
        above = sum;
        state[i] = cellState.summed;
      }
    }
    values[i] = above;
  }
  return last;
}

/** Value of a whole number by its tag; NaN for anything else. */
function smallInteger(tag: number, bytes: Uint8Array, at: number): number {
  switch (tag) {
    case 6:
    case 33:
      return int32At(bytes, at) >>> 0;
    case 5:
    case 30:
      return int32At(bytes, at);
    case 18:
    case 32:
      return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    case 16:
    case 29:
      return (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >> 16;
    case 17:
    case 22:
    case 31:
      return bytes[at] as number;
    case 13:
    case 15:
    case 28:
      return ((bytes[at] as number) << 24) >> 24;
    default:
      return Number.NaN;
  }
}
