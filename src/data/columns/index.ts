export { ColumnDecoder, type ColumnsOptions, decodeColumns } from "./decoder.js";
export { type Cell, cellAt, toRows } from "./rows.js";
export { type ClockColumn, type Column, type ColumnBatch, cellState } from "./types.js";
