import { dlmsError } from "../base/index.js";
import { integerRanges } from "./encode.js";
import type { Data } from "./types.js";

/** Types whose value is added to the one above. */
const deltaTypes: ReadonlySet<string> = new Set([
  "delta-integer",
  "delta-long",
  "delta-double-long",
  "delta-unsigned",
  "delta-long-unsigned",
  "delta-double-long-unsigned",
] satisfies Data["type"][]);

/**
 * The value that a cell of a column stands for, given the one above: null-data repeats it, a delta is added to it
 * (IEC 62056-6-2, profile generic buffer and delta types). Undefined when that needs a value above and there is none.
 * @throws DecodeError `malformed` when a delta meets a value it cannot be added to, or leaves its range.
 */
export function resolveCell(cell: Data, above: Data | undefined): Data | undefined {
  if (cell.type === "null-data") return above;
  if (!deltaTypes.has(cell.type)) return cell;
  return above && addDelta(above, (cell as { value: number }).value);
}

/**
 * Resolves the rows of a buffer, column by column. Columns of `clocks` are left as they are: what null-data means
 * there depends on the capture period. Cells that stand for nothing known become null-data.
 */
export function resolveRows(rows: readonly (readonly Data[])[], clocks: readonly number[] = []): Data[][] {
  const above: (Data | undefined)[] = [];
  return rows.map((row) =>
    row.map((cell, column) => {
      if (clocks.includes(column)) return cell;
      const value = resolveCell(cell, above[column]);
      above[column] = value;
      return value ?? { type: "null-data" };
    }),
  );
}

/** Adds a delta to a number, keeping its type. */
export function addDelta(base: Data, delta: number): Data {
  if (base.type === "long64" || base.type === "long64-unsigned")
    return { type: base.type, value: addWide(base.type, base.value, delta) };
  if (base.type === "float32") return { type: base.type, value: Math.fround(base.value + delta) };
  if (base.type === "float64") return { type: base.type, value: base.value + delta };
  if (base.type in integerRanges) {
    const { type, value } = base as { type: keyof typeof integerRanges; value: number };
    const [, min, max] = integerRanges[type];
    const sum = value + delta;
    if (sum < min || sum > max) throw outOfRange(type);
    return { type, value: sum };
  }
  throw dlmsError("malformed", `a delta cannot be added to ${base.type}`, { layer: "data" });
}

/** Adds a delta to a 64-bit integer. */
export function addWide(type: "long64" | "long64-unsigned", base: bigint, delta: number): bigint {
  const sum = base + BigInt(delta);
  if ((type === "long64" ? BigInt.asIntN(64, sum) : BigInt.asUintN(64, sum)) !== sum) throw outOfRange(type);
  return sum;
}

/** The error for a sum that its type cannot hold. */
export function outOfRange(type: string) {
  return dlmsError("malformed", `the sum of deltas leaves the range of ${type}`, { layer: "data" });
}
