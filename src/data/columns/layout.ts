import { dlmsError } from "../../base/index.js";
import { type CompactShape, contentSize } from "../compact-array.js";
import { badTag, bitLength, byteLength, compactArray, elementCount, sizeOfTag } from "../type-table.js";
import { dataTags } from "../types.js";

/** How a cell is read, where its tag alone does not tell: date-time in twelve octets, or anything else as Data. */
export const clockCell = 0x100;
export const dataCell = 0x101;

/** More columns than any capture list; keeps a hostile count from making a million empty columns. */
export const maximumColumns = 4096;

const { structure } = dataTags;
const octetString = dataTags["octet-string"];
const dateTime = dataTags["date-time"];

/**
 * Where the cells of a row lie, taken from one row: its size, the cells, and the octets (tags and lengths) that
 * another row must share to be read the same way. It is filled again and again, so that changing shapes cost no memory.
 */
export class RowLayout {
  /** Octets of the row; 0 when nothing is compiled. */
  size = 0;
  columns = 0;
  /** Tag, `clockCell` or `dataCell` of each cell. */
  cellKind = new Uint16Array(16);
  /** Offset of the contents of each cell in the row; for `dataCell` that of its tag. */
  cellAt = new Int32Array(16);
  /** Octets that the row was found to need at least, when it was not whole. */
  needed = 0;
  #checks = 0;
  #checkAt = new Int32Array(32);
  #checkValue = new Uint8Array(32);
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #length = 0;

  /** @param limit octets of the largest row accepted */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes the layout of the tagged row at `start`. False when the row is not whole; `needed` tells how much it takes. */
  compile(bytes: Uint8Array, start: number, end: number): boolean {
    this.#begin(bytes, start, end);
    const first = bytes[start];
    if (first !== structure)
      throw dlmsError("malformed", `tag ${first} where a row, a structure, begins`, { layer: "data", offset: start });
    this.#check(start);
    let at = this.#readLength(start + 1);
    if (at < 0) return false;
    const columns = this.#length;
    this.#reserve(columns);
    for (let column = 0; column < columns; column++) {
      const tag = at < end ? (bytes[at] as number) : -1;
      const next = this.#walk(at, columns - column - 1);
      if (next < 0) return false;
      this.#place(column, tag, at + 1, next, at);
      at = next;
    }
    this.size = at - start;
    return true;
  }

  /** The same for a row of a compact array, whose tags are in its description. */
  compileCompact(shapes: readonly CompactShape[], bytes: Uint8Array, start: number, end: number): boolean {
    this.#begin(bytes, start, end);
    this.#reserve(shapes.length);
    let at = start;
    let column = 0;
    for (const shape of shapes) {
      const next = this.#walkCompact(shape, at);
      if (next < 0) return false;
      // An empty structure says as little as null-data, and must not cost more.
      this.#place(column++, next === at ? dataTags["null-data"] : shape.tag, at, next, at);
      at = next;
    }
    this.size = at - start;
    return true;
  }

  /** How many rows from `at` on share this layout, at most `most`. */
  run(bytes: Uint8Array, at: number, end: number, most: number): number {
    const { size } = this;
    if (size === 0) return 0;
    const checks = this.#checks;
    const offsets = this.#checkAt;
    const values = this.#checkValue;
    const rows = Math.min(most, Math.floor((end - at) / size));
    for (let row = 0; row < rows; row++, at += size)
      for (let i = 0; i < checks; i++) if (bytes[at + (offsets[i] as number)] !== values[i]) return row;
    return rows;
  }

  #begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#checks = 0;
    this.size = 0;
    this.needed = 1;
  }

  #place(column: number, tag: number, contents: number, next: number, cell: number): void {
    const size = sizeOfTag[tag] as number;
    let kind = tag;
    let at = contents;
    if (tag === octetString && this.#bytes[contents] === 12 && next === contents + 13) {
      kind = clockCell;
      at = contents + 1;
    } else if (size < 0 || tag === dataTags.boolean || tag === dataTags["dont-care"] || tag > dateTime) {
      const delta = tag >= dataTags["delta-integer"] && tag <= dataTags["delta-double-long-unsigned"];
      if (!delta) {
        kind = dataCell;
        at = cell;
      }
    }
    this.cellKind[column] = kind;
    this.cellAt[column] = at - this.#start;
  }

  /** Passes over a tagged value; -1 when it is not whole. `after` values at least follow it. */
  #walk(at: number, after: number): number {
    const bytes = this.#bytes;
    for (let pending = 1; pending > 0; pending--) {
      if (at >= this.#end) return this.#need(at + pending + after);
      const tag = bytes[at] as number;
      this.#check(at++);
      const size = sizeOfTag[tag] as number;
      if (size >= 0) at += size;
      else if (size === elementCount || size === byteLength || size === bitLength) {
        at = this.#readLength(at);
        if (at < 0) return -1;
        if (size === elementCount) pending += this.#length;
        else at += size === byteLength ? this.#length : Math.ceil(this.#length / 8);
      } else if (size === compactArray)
        throw dlmsError("malformed", "a compact array inside a row is not read", { layer: "data", offset: at - 1 });
      else throw badTag(tag, at - 1);
      if (at + pending - 1 > this.#end) return this.#need(at + pending - 1 + after);
    }
    return at;
  }

  #walkCompact(shape: CompactShape, start: number): number {
    let at = start;
    if (shape.fixed >= 0) at += shape.fixed;
    else if (shape.count > 0 || shape.elements.length > 0) {
      const [first] = shape.elements;
      if (shape.count > 0 && first)
        for (let left = shape.count; left > 0 && at >= 0; left--) at = this.#walkCompact(first, at);
      else for (const element of shape.elements) if (at >= 0) at = this.#walkCompact(element, at);
      return at;
    } else {
      at = this.#readLength(at);
      if (at < 0) return -1;
      at += contentSize(shape.tag, this.#length);
    }
    return at > this.#end ? this.#need(at) : at;
  }

  /** Reads a length into `#length`; returns the offset after it, -1 when it is not whole. */
  #readLength(at: number): number {
    if (at >= this.#end) return this.#need(at + 1);
    const first = this.#bytes[at] as number;
    this.#check(at++);
    this.#length = first;
    if (first < 0x80) return at;
    const count = first & 0x7f;
    if (count === 0 || count > 4)
      throw dlmsError("malformed", "not a definite length of 1 to 4 octets", { layer: "data", offset: at - 1 });
    if (at + count > this.#end) return this.#need(at + count);
    let length = 0;
    for (let i = 0; i < count; i++) {
      length = length * 256 + (this.#bytes[at] as number);
      this.#check(at++);
    }
    this.#length = length;
    return at;
  }

  #need(upTo: number): -1 {
    this.needed = upTo - this.#start;
    if (this.needed > this.#limit)
      throw dlmsError("limit-exceeded", `a row of at least ${this.needed} octets, the limit is ${this.#limit}`, {
        layer: "data",
        offset: this.#start,
      });
    return -1;
  }

  #check(at: number): void {
    if (this.#checks === this.#checkAt.length) {
      const grownAt = new Int32Array(2 * this.#checks);
      grownAt.set(this.#checkAt);
      this.#checkAt = grownAt;
      const grownValue = new Uint8Array(2 * this.#checks);
      grownValue.set(this.#checkValue);
      this.#checkValue = grownValue;
    }
    this.#checkAt[this.#checks] = at - this.#start;
    this.#checkValue[this.#checks++] = this.#bytes[at] as number;
  }

  #reserve(columns: number): void {
    if (columns > maximumColumns)
      throw dlmsError("limit-exceeded", `${columns} columns, the limit is ${maximumColumns}`, {
        layer: "data",
        offset: this.#start,
      });
    this.columns = columns;
    if (columns > this.cellAt.length) {
      this.cellAt = new Int32Array(columns);
      this.cellKind = new Uint16Array(columns);
    }
  }
}
