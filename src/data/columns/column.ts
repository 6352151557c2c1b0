import { ByteReader } from "../../base/index.js";
import type { ClockOptions } from "../calendar.js";
import { compactBudget, readCompactElement } from "../compact-array.js";
import { decodeData, readSimpleData, type SimpleType } from "../decode.js";
import { integerRanges } from "../encode.js";
import { addWide, outOfRange, resolveCell } from "../resolve.js";
import { typeOfTag } from "../type-table.js";
import { type Data, type DataType, dataTags, type SmallIntegerType, type TypeDescription } from "../types.js";
import type { RowBlock } from "./block.js";
import {
  advanceClock,
  type ClockArrays,
  ClockReader,
  clockArrays,
  copyClock,
  grownClock,
  looksLikeDateTime,
} from "./clocks.js";
import { clockCell, dataCell } from "./layout.js";
import { copyMixedNumbers, isDelta, numberLoops, readInteger64 } from "./numbers.js";
import { type Column, cellState } from "./types.js";

/** How the cells of a clock column are read. */
export interface ColumnSettings extends ClockOptions {
  /** What null-data in a clock column adds to the cell above, in milliseconds; without it such a cell is missing. */
  readonly clockStepMs?: number;
  /** Whether octet strings of twelve are date-times here; undefined: when the first one looks like it. */
  readonly clock?: boolean;
  /** Type of the cells, in a compact array. */
  readonly description?: TypeDescription;
}

type Wide = BigInt64Array | BigUint64Array;
const noNumbers = new Float64Array(0);
const noState = new Uint8Array(0);
/** From so many elements on, the call of `fill` costs less than a loop. */
const worthFilling = 16;
/** No cell of a block is longer. */
const cellOctets = 12;
const nullTag = dataTags["null-data"];

/** One column while it is being filled. What it is shows with the first value; until then null-data costs nothing. */
export class ColumnBuffer {
  readonly #settings: ColumnSettings;
  #kind: Column["kind"] = "missing";
  #type: DataType = "null-data";
  #state = noState;
  #numbers = noNumbers;
  #tag = nullTag as number;
  #range: Range = rangeOf("float64");
  #wide: Wide = new BigInt64Array(0);
  #clock: ClockArrays = clockArrays(0);
  #reader: ClockReader | undefined;
  #data: (Data | undefined)[] = [];
  /** Value of the last row of the batch before, for what repeats it or adds to it. */
  #last: number | bigint | Data | undefined;
  #lastClock: ClockArrays | undefined;

  constructor(settings: ColumnSettings) {
    this.#settings = settings;
  }

  /** Appends `rows` cells of the same kind after `row` cells, from octets that lie `stride` apart. */
  append(kind: number, bytes: Uint8Array, at: number, stride: number, rows: number, row: number, capacity: number) {
    if (kind === nullTag) return this.#repeat(row, rows, capacity);
    if (this.#kind === "number") {
      const loop = numberLoops[kind];
      if (loop) {
        this.#reserve(row + rows, capacity);
        loop(bytes, at, stride, rows, this.#numbers, row);
        if (isDelta(kind)) this.#sum(row, rows);
        else if (kind !== this.#tag) this.#widen(kind);
        return;
      }
    }
    this.#appendOther(kind, bytes, at, stride, rows, row, capacity);
  }

  /** Appends the cells of column `index` of a block of `rows` rows of `columns` cells. */
  appendBlock(
    block: RowBlock,
    bytes: Uint8Array,
    index: number,
    columns: number,
    rows: number,
    row: number,
    capacity: number,
  ) {
    let done = 0;
    while (done < rows) {
      if (this.#kind === "number") {
        this.#reserve(row + rows, capacity);
        const [, min, max] = this.#range;
        const above = row + done > 0 ? this.#numberAbove(row + done) : this.#last;
        const last = row + rows;
        done =
          copyMixedNumbers(block, bytes, index + done * columns, columns, above as number, min, max, {
            values: this.#numbers,
            state: this.#state,
            row: row + done,
            last,
          }) - row;
        if (done === rows) return;
      }
      const cell = index + done * columns;
      const kind = block.kinds[cell] as number;
      let run = 1;
      if (kind === nullTag) while (done + run < rows && block.kinds[cell + run * columns] === nullTag) run++;
      this.append(kind, bytes, block.offsets[cell] as number, cellOctets, run, row + done, capacity);
      done += run;
    }
  }

  #appendOther(
    kind: number,
    bytes: Uint8Array,
    at: number,
    stride: number,
    rows: number,
    row: number,
    capacity: number,
  ) {
    // A delta in a column without a value finds nothing to add to, and stays missing.
    const needs = this.#kindFor(kind, bytes, at);
    if (this.#kind === "missing") this.#become(needs, kind, row, capacity);
    else if (this.#kind !== needs) this.#toData(row);
    if (this.#kind === "missing") return;
    this.#reserve(row + rows, capacity);
    switch (this.#kind) {
      case "number":
        return this.append(kind, bytes, at, stride, rows, row, capacity);
      case "bigint":
        return isDelta(kind)
          ? this.#sumWide(kind, bytes, at, stride, rows, row)
          : readInteger64(bytes, at, stride, rows, this.#wide, row);
      case "clock":
        this.#reader ??= new ClockReader(this.#settings);
        return this.#reader.read(bytes, at, stride, rows, this.#clock, row);
      case "data":
        for (let i = 0; i < rows; i++) this.#appendData(kind, bytes, at + i * stride, stride, row + i);
    }
  }

  /** The batch of the first `rows` cells; the column starts anew and remembers the last value. */
  take(rows: number): Column {
    if (rows > 0) this.#remember(rows - 1);
    const kind = this.#kind;
    const state = this.#state.subarray(0, rows);
    this.#state = noState;
    if (kind === "missing") return { kind, rows };
    if (kind === "number") {
      const values = this.#numbers.subarray(0, rows);
      this.#numbers = noNumbers;
      return { kind, type: this.#type, values, state };
    }
    if (kind === "bigint") {
      const values = this.#wide.subarray(0, rows);
      this.#wide = this.#newWide(0);
      return { kind, type: this.#type === "long64" ? "long64" : "long64-unsigned", values, state };
    }
    if (kind === "clock") {
      const { epochMs, localMs, deviation, status, raw } = this.#clock;
      this.#clock = clockArrays(0);
      return {
        kind,
        epochMs: epochMs.subarray(0, rows),
        localMs: localMs.subarray(0, rows),
        deviation: deviation.subarray(0, rows),
        status: status.subarray(0, rows),
        raw: raw.subarray(0, 12 * rows),
        state,
      };
    }
    const values = this.#data;
    values.length = rows;
    this.#data = [];
    return { kind: "data", values, state };
  }

  #kindFor(kind: number, bytes: Uint8Array, at: number): Column["kind"] {
    const current = this.#kind;
    if (current === "data") return current;
    if (isDelta(kind)) return current === "clock" ? "data" : current;
    if (numberLoops[kind]) return "number";
    const type = typeOfTag[kind];
    if (type === "long64" || type === "long64-unsigned")
      return current === "bigint" && this.#type !== type ? "data" : "bigint";
    if (kind !== clockCell && type !== "date-time") return "data";
    if (current === "clock") return current;
    return (this.#settings.clock ?? looksLikeDateTime(bytes, at)) ? "clock" : "data";
  }

  /** Turns a column without a value into one of `kind`; the rows above stay missing. */
  #become(kind: Column["kind"], tag: number, row: number, capacity: number): void {
    if (kind === "missing") return;
    this.#kind = kind;
    this.#type = typeOfTag[tag] ?? "octet-string";
    if (kind === "number") this.#range = rangeOf(this.#type);
    if (kind === "bigint") this.#wide = this.#newWide(0);
    this.#reserve(row, capacity);
    this.#state.fill(cellState.missing, 0, row);
    if (kind === "number") this.#numbers.fill(Number.NaN, 0, row);
    if (kind === "clock") this.#missingClocks(0, row);
    if (kind === "data") this.#data = new Array<undefined>(row).fill(undefined);
  }

  #toData(rows: number): void {
    const values: (Data | undefined)[] = [];
    for (let i = 0; i < rows; i++) {
      const state = this.#state[i];
      const isFilledClock = this.#kind === "clock" && state === cellState.repeated;
      if (state === cellState.missing) values.push(undefined);
      else values.push(isFilledClock ? (values[i - 1] ?? this.#lastAsData()) : this.#dataAt(i));
    }
    if (rows === 0 && this.#last !== undefined) this.#last = this.#lastAsData();
    this.#kind = "data";
    this.#data = values;
  }

  #dataAt(row: number): Data {
    if (this.#kind === "clock") return { type: "octet-string", value: this.#clock.raw.slice(12 * row, 12 * row + 12) };
    return this.#typed(this.#kind === "bigint" ? (this.#wide[row] as bigint) : (this.#numbers[row] as number));
  }

  #typed(value: number | bigint): Data {
    if (typeof value === "bigint") return { type: this.#type === "long64" ? "long64" : "long64-unsigned", value };
    const type = this.#type as SmallIntegerType | "float32" | "float64";
    if (!(type in integerRanges) || inRange(value, rangeOf(type))) return { type, value };
    if (inRange(value, rangeOf("double-long"))) return { type: "double-long", value };
    return { type: inRange(value, rangeOf("double-long-unsigned")) ? "double-long-unsigned" : "float64", value };
  }

  #lastAsData(): Data {
    const last = this.#last;
    if (typeof last === "number" || typeof last === "bigint") return this.#typed(last);
    return last ?? { type: "octet-string", value: (this.#lastClock ?? clockArrays(1)).raw.slice() };
  }

  #remember(row: number): void {
    if (this.#kind === "number") this.#last = this.#numbers[row];
    else if (this.#kind === "bigint") this.#last = this.#wide[row];
    else if (this.#kind === "data") this.#last = this.#data[row];
    else if (this.#kind === "clock") {
      const above = this.#lastClock;
      this.#lastClock = clockArrays(1);
      copyClock(this.#clock, row, this.#lastClock, 0, 0);
      let given = row;
      while (given >= 0 && this.#state[given] !== cellState.given) given--;
      const raw = given < 0 ? above?.raw : this.#clock.raw.subarray(12 * given, 12 * given + 12);
      if (raw) this.#lastClock.raw.set(raw);
      this.#last = { type: "octet-string", value: this.#lastClock.raw };
    }
  }

  #repeat(row: number, rows: number, capacity: number): void {
    if (this.#kind === "missing") return;
    this.#reserve(row + rows, capacity);
    const end = row + rows;
    const state = this.#state;
    if (rows > worthFilling) state.fill(cellState.repeated, row, end);
    else for (let i = row; i < end; i++) state[i] = cellState.repeated;
    if (this.#kind === "number") {
      const numbers = this.#numbers;
      const above = this.#numberAbove(row);
      if (rows > worthFilling) numbers.fill(above, row, end);
      else for (let i = row; i < end; i++) numbers[i] = above;
    } else if (this.#kind === "bigint")
      this.#wide.fill((row > 0 ? this.#wide[row - 1] : this.#last) as never, row, end);
    else if (this.#kind === "clock") this.#repeatClock(row, end);
    else {
      const above = row > 0 ? this.#data[row - 1] : (this.#last as Data | undefined);
      if (above === undefined) this.#state.fill(cellState.missing, row, end);
      for (let i = row; i < end; i++) this.#data[i] = above;
    }
  }

  #repeatClock(row: number, end: number): void {
    const step = this.#settings.clockStepMs;
    if (step === undefined) {
      this.#missingClocks(row, end);
      this.#state.fill(cellState.missing, row, end);
      return;
    }
    let from = row;
    if (row === 0 && this.#lastClock) copyClock(this.#lastClock, 0, this.#clock, from++, step);
    advanceClock(this.#clock, from, end, step);
  }

  #missingClocks(row: number, end: number): void {
    this.#clock.epochMs.fill(Number.NaN, row, end);
    this.#clock.localMs.fill(Number.NaN, row, end);
    this.#clock.deviation.fill(-0x8000, row, end);
    this.#clock.status.fill(0xff, row, end);
  }

  #numberAbove(row: number): number {
    return (row > 0 ? this.#numbers[row - 1] : this.#last) as number;
  }

  /** Turns the deltas just read into sums. */
  #sum(row: number, rows: number): void {
    const numbers = this.#numbers;
    const [, min, max] = this.#range;
    const state = this.#state;
    let sum = this.#numberAbove(row);
    for (let i = row; i < row + rows; i++) {
      sum += numbers[i] as number;
      if (sum < min || sum > max) throw outOfRange(this.#type);
      numbers[i] = sum;
    }
    state.fill(cellState.summed, row, row + rows);
  }

  /** Another type of number in the column: what deltas may sum up to is then what either type holds. */
  #widen(tag: number): void {
    this.#tag = tag;
    const [size, min, max] = rangeOf(typeOfTag[tag] ?? "float64");
    this.#range = [size, Math.min(min, this.#range[1]), Math.max(max, this.#range[2])];
  }

  #sumWide(kind: number, bytes: Uint8Array, at: number, stride: number, rows: number, row: number): void {
    const deltas = new Float64Array(rows);
    numberLoops[kind]?.(bytes, at, stride, rows, deltas, 0);
    const type = this.#type === "long64" ? "long64" : "long64-unsigned";
    let sum = (row > 0 ? this.#wide[row - 1] : this.#last) as bigint;
    for (let i = 0; i < rows; i++) {
      sum = addWide(type, sum, deltas[i] as number);
      this.#wide[row + i] = sum;
    }
    this.#state.fill(cellState.summed, row, row + rows);
  }

  #appendData(kind: number, bytes: Uint8Array, at: number, stride: number, row: number): void {
    const above = row > 0 ? this.#data[row - 1] : (this.#last as Data | undefined);
    const cell = this.#readData(kind, bytes, at, stride);
    const value = resolveCell(cell, above);
    this.#data[row] = value;
    if (value === undefined) this.#state[row] = cellState.missing;
    else if (isDelta(kind)) this.#state[row] = cellState.summed;
  }

  #readData(kind: number, bytes: Uint8Array, at: number, stride: number): Data {
    if (kind === clockCell) return { type: "octet-string", value: bytes.slice(at, at + 12) };
    // A copy, because the octets may be those of a buffer that is used again.
    const reader = new ByteReader(bytes.slice(at, at + stride));
    const { description } = this.#settings;
    if (kind !== dataCell) return readSimpleData(reader, typeOfTag[kind] as SimpleType);
    return description ? readCompactElement(reader, description, compactBudget(32, stride)) : decodeData(reader);
  }

  #newWide(length: number): Wide {
    return this.#type === "long64" ? new BigInt64Array(length) : new BigUint64Array(length);
  }

  #reserve(rows: number, capacity: number): void {
    if (rows <= this.#state.length) return;
    const length = Math.max(rows, capacity, 2 * this.#state.length);
    this.#state = grown(this.#state, new Uint8Array(length));
    if (this.#kind === "number") this.#numbers = grown(this.#numbers, new Float64Array(length));
    else if (this.#kind === "clock") this.#clock = grownClock(this.#clock, length);
    else if (this.#kind === "bigint") {
      const wide = this.#newWide(length);
      wide.set(this.#wide as never);
      this.#wide = wide;
    }
  }
}

type Range = readonly [size: number, min: number, max: number];

function rangeOf(type: DataType): Range {
  return integerRanges[type as SmallIntegerType] ?? [0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

function inRange(value: number, [, min, max]: Range): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function grown<T extends Uint8Array | Float64Array | Int16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
