export { bitAt, bitString, bitText } from "./bits.js";
export {
  array,
  bcd,
  bits,
  bool,
  dontCare,
  enumeration,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  nullData,
  octets,
  structure,
  text,
  u8,
  u16,
  u32,
  u64,
  utf8,
} from "./builders.js";
export { type ClockOptions, calendarCodes } from "./calendar.js";
export {
  type Cell,
  type ClockColumn,
  type Column,
  type ColumnBatch,
  ColumnDecoder,
  type ColumnsOptions,
  cellAt,
  cellState,
  decodeColumns,
  toRows,
} from "./columns/index.js";
export { compactArray, expandCompactArray } from "./compact-array.js";
export {
  type CosemDate,
  type CosemTime,
  decodeDate,
  decodeTime,
  encodeDate,
  encodeTime,
} from "./date.js";
export { formatDate, formatTime } from "./date-text.js";
export { CosemDateTime, clockStatus, type DateTimeFields, type FromDateOptions } from "./date-time.js";
export { decodeData } from "./decode.js";
export { encodeData, writeData } from "./encode.js";
export { resolveCell, resolveRows } from "./resolve.js";
export { skipData } from "./skip.js";
export {
  type BitString,
  type Data,
  type DataType,
  dataTags,
  type SmallIntegerType,
  type TypeDescription,
} from "./types.js";
