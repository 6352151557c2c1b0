import { ByteReader, DlmsError, dlmsError } from "../../base/index.js";
import { readLength } from "../../codec/index.js";
import type { ClockOptions } from "../calendar.js";
import { type CompactShape, compactShape } from "../compact-array.js";
import { readTypeDescription } from "../type-description.js";
import { dataTags, type TypeDescription } from "../types.js";
import { RowBlock } from "./block.js";
import { ColumnBuffer } from "./column.js";
import { RowLayout } from "./layout.js";
import type { ColumnBatch } from "./types.js";

/** How a buffer is decoded. */
export interface ColumnsOptions extends ClockOptions {
  /**
   * What null-data in a clock column adds to the clock above, in milliseconds: the capture period. 0 repeats the
   * clock above. Left out, such a clock is marked missing.
   */
  readonly clockStepMs?: number;
  /** Columns that are clocks, from 0; left out, octet strings of twelve that look like a date-time are. */
  readonly clocks?: readonly number[];
  /** Octets of the largest row accepted (65,536). */
  readonly maximumRowBytes?: number;
}

/** Rows copied at once, so that what is copied column by column stays in the cache. */
const rowsAtOnce = 512;
/** Row shapes remembered: profiles with null-data mostly alternate between few. */
const shapesKept = 4;
/** Fewer rows of one shape than this are better copied cell by cell. */
const shortRun = 12;
const noBytes = new Uint8Array(0);

/**
 * Decodes the buffer of a profile (array of structures, or compact-array) into columns as its octets arrive. Memory
 * is what the rows take that were not yet taken, and the octets of one unfinished row.
 */
export class ColumnDecoder {
  readonly #options: ColumnsOptions;
  readonly #limit: number;
  readonly #layouts: RowLayout[] = [];
  readonly #block = new RowBlock();
  #layout: RowLayout;
  #newest = 0;
  #columns: ColumnBuffer[] | undefined;
  #phase: "header" | "rows" | "done" = "header";
  #failure: unknown;
  #shapes: readonly CompactShape[] | undefined;
  #descriptions: readonly TypeDescription[] = [];
  /** Rows still to come in an array, octets still to come in a compact array. */
  #left = 0;
  #expectedRows: number | undefined;
  #rows = 0;
  #pending = noBytes;
  #pendingLength = 0;
  /** Octets of the unfinished part that there must be before another try makes sense. */
  #needed = 1;

  constructor(options: ColumnsOptions = {}) {
    this.#options = options;
    this.#limit = options.maximumRowBytes ?? 65_536;
    this.#layout = new RowLayout(this.#limit);
    this.#layouts.push(this.#layout);
  }

  /** Rows that the buffer announces; undefined before that is known, and for a compact array. */
  get expectedRows(): number | undefined {
    return this.#expectedRows;
  }

  /** Rows decoded and not yet taken. */
  get rows(): number {
    return this.#rows;
  }

  /** True when the whole buffer was decoded. */
  get done(): boolean {
    return this.#phase === "done";
  }

  /**
   * Takes the next octets; they are not kept.
   * @throws DecodeError at octets that are no buffer. The rows before them can still be taken (up to a few hundred
   *   fewer where a delta has no sense); every later call throws the same.
   */
  push(chunk: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#push(chunk.constructor === Uint8Array ? chunk : plainView(chunk));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** The rows decoded since the last call, possibly none. */
  take(): ColumnBatch {
    const rows = this.#rows;
    this.#rows = 0;
    return { rows, columns: (this.#columns ?? []).map((column) => column.take(rows)) };
  }

  /** @throws DecodeError `truncated` unless the whole buffer has arrived. */
  finish(): void {
    if (this.#failure) throw this.#failure;
    if (this.#phase === "header" && this.#pendingLength > 0) this.#header(this.#pending, 0, this.#pendingLength, true);
    if (this.#phase !== "done")
      throw dlmsError("truncated", "the profile buffer ends before its last row", {
        layer: "data",
        ...(this.#expectedRows !== undefined && { expected: `${this.#expectedRows} rows, ${this.#left} more` }),
      });
  }

  #push(chunk: Uint8Array): void {
    if (this.#pendingLength === 0) {
      const used = this.#decode(chunk, 0, chunk.length);
      if (used < chunk.length) this.#keep(chunk.subarray(used));
      return;
    }
    this.#keep(chunk);
    if (this.#pendingLength < this.#needed) return;
    const used = this.#decode(this.#pending, 0, this.#pendingLength);
    this.#pending.copyWithin(0, used, this.#pendingLength);
    this.#pendingLength -= used;
  }

  #keep(chunk: Uint8Array): void {
    const length = this.#pendingLength + chunk.length;
    if (length > this.#pending.length) {
      const grown = new Uint8Array(Math.max(length, Math.min(2 * this.#pending.length, length + this.#limit)));
      grown.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = grown;
    }
    this.#pending.set(chunk, this.#pendingLength);
    this.#pendingLength = length;
  }

  /** Decodes what is whole; returns how far it came. */
  #decode(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#phase === "header") at = this.#header(bytes, start, end, false);
    if (this.#phase === "rows") at = this.#decodeRows(bytes, at, end);
    if (this.#phase === "done" && at < end)
      throw dlmsError("trailing-bytes", "octets after the last row of the profile buffer", { layer: "data" });
    return at;
  }

  #header(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    const reader = new ByteReader(bytes, start, end);
    try {
      const tag = reader.u8();
      if (tag === dataTags["compact-array"]) this.#compactHeader(reader);
      else if (tag === dataTags.array) this.#expectedRows = this.#left = readLength(reader);
      else throw dlmsError("malformed", `tag ${tag} is no array of rows`, { layer: "data", offset: start });
    } catch (error) {
      const length = end - start;
      if (last || !DlmsError.is(error) || error.code !== "truncated" || length > this.#limit) throw error;
      this.#needed = length < 64 ? length + 1 : Math.ceil(length * 1.25);
      return start;
    }
    this.#phase = this.#left === 0 ? "done" : "rows";
    this.#needed = 1;
    return reader.offset;
  }

  #compactHeader(reader: ByteReader): void {
    const description = readTypeDescription(reader);
    this.#left = readLength(reader);
    this.#descriptions = description.type === "structure" ? description.elements : [description];
    this.#shapes = this.#descriptions.map(compactShape);
    if (this.#left > 0 && this.#shapes.every((shape) => shape.fixed === 0))
      throw dlmsError("malformed", "a compact array of nothing has contents", { layer: "data" });
  }

  #decodeRows(bytes: Uint8Array, start: number, end: number): number {
    const compact = this.#shapes !== undefined;
    const stop = compact ? Math.min(end, start + this.#left) : end;
    let at = start;
    while (this.#left > 0 && at < stop) {
      const most = Math.min(rowsAtOnce, compact ? rowsAtOnce : this.#left);
      const rows = this.#layout.run(bytes, at, stop, most) || this.#findLayout(bytes, at, stop, most);
      if (rows === 0) {
        this.#needed = this.#layout.needed;
        this.#layout.size = 0;
        if (compact && this.#left - (at - start) < this.#needed)
          throw dlmsError("truncated", "the compact array ends inside a row", { layer: "data", offset: at });
        break;
      }
      if (rows < shortRun && !compact && this.#columns) {
        const block = this.#appendBlock(this.#columns, bytes, at, stop);
        if (block > 0) {
          at = this.#block.end;
          this.#rows += block;
          this.#left -= block;
          continue;
        }
      }
      const { size } = this.#layout;
      this.#append(bytes, at, rows, this.#rows + Math.ceil((stop - at) / size));
      this.#rows += rows;
      at += rows * size;
      if (!compact) this.#left -= rows;
    }
    if (compact) this.#left -= at - start;
    if (this.#left === 0) this.#phase = "done";
    return at;
  }

  /** Appends rows whose shape changes all the time; returns how many. */
  #appendBlock(columns: readonly ColumnBuffer[], bytes: Uint8Array, at: number, end: number): number {
    const block = this.#block;
    const rows = block.scan(bytes, at, end, columns.length, this.#left);
    const expected = Math.min(this.#left, Math.ceil(((end - at) * rows) / Math.max(1, block.end - at)));
    let index = 0;
    if (rows > 0)
      for (const column of columns)
        column.appendBlock(block, bytes, index++, columns.length, rows, this.#rows, this.#rows + expected);
    return rows;
  }

  #append(bytes: Uint8Array, at: number, rows: number, expected: number): void {
    const { columns, size, cellAt, cellKind } = this.#layout;
    this.#columns ??= this.#newColumns(columns);
    if (columns !== this.#columns.length)
      throw dlmsError("malformed", `a row of ${columns} columns after rows of ${this.#columns.length}`, {
        layer: "data",
        offset: at,
      });
    const capacity = this.#shapes ? expected : Math.min(expected, this.#rows + this.#left);
    for (let i = 0; i < columns; i++)
      this.#columns[i]?.append(
        cellKind[i] as number,
        bytes,
        at + (cellAt[i] as number),
        size,
        rows,
        this.#rows,
        capacity,
      );
  }

  /** Picks or makes the layout of the row at `at`; returns how many rows have it, 0 when the row is not whole. */
  #findLayout(bytes: Uint8Array, at: number, end: number, most: number): number {
    for (const layout of this.#layouts) {
      const rows = layout === this.#layout ? 0 : layout.run(bytes, at, end, most);
      if (rows > 0) {
        this.#layout = layout;
        return rows;
      }
    }
    this.#newest = (this.#newest + 1) % shapesKept;
    this.#layout = this.#layouts[this.#newest] ??= new RowLayout(this.#limit);
    const whole = this.#shapes
      ? this.#layout.compileCompact(this.#shapes, bytes, at, end)
      : this.#layout.compile(bytes, at, end);
    return whole ? Math.max(1, this.#layout.run(bytes, at, end, most)) : 0;
  }

  #newColumns(count: number): ColumnBuffer[] {
    const { clocks, ...shared } = this.#options;
    return Array.from({ length: count }, (_, i) => {
      const description = this.#descriptions[i];
      return new ColumnBuffer({
        ...shared,
        ...(clocks && { clock: clocks.includes(i) }),
        ...(description && { description }),
      });
    });
  }
}

/**
 * Decodes a whole buffer of a profile.
 * @throws DecodeError when it is not one array of structures of equal width, or one compact array.
 */
export function decodeColumns(buffer: Uint8Array, options: ColumnsOptions = {}): ColumnBatch {
  const decoder = new ColumnDecoder(options);
  decoder.push(buffer);
  decoder.finish();
  return decoder.take();
}

function plainView(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? noBytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
