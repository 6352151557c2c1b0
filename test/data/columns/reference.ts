import {
  type Column,
  CosemDateTime,
  cellState,
  type Data,
  expandCompactArray,
  resolveCell,
} from "../../../src/data/index.js";

/** What a cell is, however it was decoded: a clock as its octets (or, where stepped, its time), else the Data. */
export type Known = { readonly state: number; readonly value: unknown };

/** The cells that a buffer stands for, worked out one by one from its Data. */
export function referenceCells(buffer: Data, clockStepMs: number | undefined): Known[][] {
  const rows =
    buffer.type === "compact-array" ? expandCompactArray(buffer) : buffer.type === "array" ? buffer.value : [];
  const above: (Data | undefined)[] = [];
  const clock: (number | undefined)[] = [];
  return rows.map((row) => {
    if (row.type !== "structure") throw new Error("rows are structures here");
    return row.value.map((cell, i): Known => {
      const isTime = cell.type === "octet-string" && cell.value.length === 12;
      if (isTime) clock[i] = CosemDateTime.fromOctets(cell.value).epochMs() ?? Number.NaN;
      if (cell.type === "null-data" && clock[i] !== undefined) {
        if (clockStepMs === undefined) return { state: cellState.missing, value: undefined };
        clock[i] = (clock[i] as number) + clockStepMs;
        return { state: cellState.repeated, value: clock[i] };
      }
      if (isTime) return { state: cellState.given, value: clock[i] };
      const value = resolveCell(cell, above[i]);
      above[i] = value;
      if (value === undefined) return { state: cellState.missing, value: undefined };
      const state =
        cell.type === "null-data"
          ? cellState.repeated
          : cell.type.startsWith("delta")
            ? cellState.summed
            : cellState.given;
      return { state, value: plain(value) };
    });
  });
}

/** The same cells as a decoded column gives them. */
export function columnCells(column: Column, rows: number): Known[] {
  return Array.from({ length: rows }, (_, i) => {
    if (column.kind === "missing") return { state: cellState.missing, value: undefined };
    const state = column.state[i] as number;
    if (state === cellState.missing) return { state, value: undefined };
    if (column.kind === "clock") return { state, value: column.epochMs[i] };
    const value = column.values[i];
    return { state, value: typeof value === "object" ? plain(value) : value };
  });
}

function plain(data: Data): unknown {
  const simple = "value" in data && (typeof data.value === "number" || typeof data.value === "bigint");
  return simple ? data.value : data;
}
