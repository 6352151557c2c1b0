import type { Data } from "../types.js";
import { type Column, type ColumnBatch, cellState } from "./types.js";

/** A cell as a value of the language: clocks in milliseconds UTC (NaN where open), undefined where missing. */
export type Cell = number | bigint | Data | undefined;

/** The cell of a column; undefined where it is missing. */
export function cellAt(column: Column, row: number): Cell {
  if (column.kind === "missing" || column.state[row] === cellState.missing) return undefined;
  return column.kind === "clock" ? column.epochMs[row] : column.values[row];
}

/**
 * The rows of a batch as objects that have a property a column.
 * @param names one for each column
 */
export function toRows<Name extends string>(batch: ColumnBatch, names: readonly Name[]): Record<Name, Cell>[] {
  const rows: Record<string, Cell>[] = new Array(batch.rows);
  const readers = batch.columns.map(cellReader);
  for (let i = 0; i < batch.rows; i++) {
    const row: Record<string, Cell> = {};
    for (let k = 0; k < readers.length; k++) row[names[k] ?? `column${k}`] = (readers[k] as CellReader)(i);
    rows[i] = row;
  }
  return rows as Record<Name, Cell>[];
}

type CellReader = (row: number) => Cell;

function cellReader(column: Column): CellReader {
  if (column.kind === "missing") return () => undefined;
  const { state } = column;
  const values: ArrayLike<Cell> = column.kind === "clock" ? column.epochMs : column.values;
  return (row) => (state[row] === cellState.missing ? undefined : values[row]);
}
