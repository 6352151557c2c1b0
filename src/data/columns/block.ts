import { sizeOfTag } from "../type-table.js";
import { dataTags } from "../types.js";
import { clockCell } from "./layout.js";

const rowsOfBlock = 256;
const { structure } = dataTags;
const octetString = dataTags["octet-string"];

/** For each tag the octets of its contents where a block can hold it, else -1. */
const plainSize: Int8Array = (() => {
  const sizes = sizeOfTag.map((size) => (size < 0 ? -1 : size));
  for (const type of ["boolean", "date", "time", "dont-care"] as const) sizes[dataTags[type]] = -1;
  return sizes;
})();

/** Rows that change their shape from one to the next, taken apart cell by cell so that columns can be copied at once. */
export class RowBlock {
  /** Kind and offset of the contents of each cell, row by row. */
  kinds = new Uint16Array(0);
  offsets = new Int32Array(0);
  /** Where the last row taken ends. */
  end = 0;

  /**
   * Takes apart rows of simple cells from `start` on; stops before a row that is not whole, has other columns or holds
   * anything that is not a number, null-data or a date-time.
   */
  scan(bytes: Uint8Array, start: number, end: number, columns: number, most: number): number {
    if (this.kinds.length < rowsOfBlock * columns) {
      this.kinds = new Uint16Array(rowsOfBlock * columns);
      this.offsets = new Int32Array(rowsOfBlock * columns);
    }
    const { kinds, offsets } = this;
    const rows = Math.min(most, rowsOfBlock);
    this.end = start;
    let at = start;
    let cell = 0;
    for (let row = 0; row < rows; row++) {
      if (columns > 127 || at + 2 > end || bytes[at] !== structure || bytes[at + 1] !== columns) return row;
      at += 2;
      for (const stop = cell + columns; cell < stop; cell++) {
        const tag = at < end ? (bytes[at] as number) : structure;
        const size = plainSize[tag] as number;
        if (size >= 0) {
          kinds[cell] = tag;
          offsets[cell] = at + 1;
          at += 1 + size;
        } else if (tag === octetString && bytes[at + 1] === 12) {
          kinds[cell] = clockCell;
          offsets[cell] = at + 2;
          at += 14;
        } else return row;
      }
      if (at > end) return row;
      this.end = at;
    }
    return rows;
  }
}
