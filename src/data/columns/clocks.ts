import { type ClockOptions, calendarCodes, midnight, timeOfDay, toUtcMs } from "../calendar.js";
import { int32At } from "./numbers.js";

/** The arrays of a clock column while it is being filled. */
export interface ClockArrays {
  epochMs: Float64Array;
  localMs: Float64Array;
  deviation: Int16Array;
  status: Uint8Array;
  raw: Uint8Array;
}

/** Arrays for `capacity` rows. */
export function clockArrays(capacity: number): ClockArrays {
  return {
    epochMs: new Float64Array(capacity),
    localMs: new Float64Array(capacity),
    deviation: new Int16Array(capacity),
    status: new Uint8Array(capacity),
    raw: new Uint8Array(12 * capacity),
  };
}

/** True when twelve octets could be a date-time, as other octet strings of that length rarely could. */
export function looksLikeDateTime(bytes: Uint8Array, at: number): boolean {
  const byte = (i: number) => bytes[at + i] as number;
  const year = (byte(0) << 8) | byte(1);
  const within = (value: number, min: number, max: number) => (value >= min && value <= max) || value === 0xff;
  const deviation = ((byte(9) << 24) | (byte(10) << 16)) >> 16;
  return (
    ((year >= 1900 && year < 2200) || year === calendarCodes.yearNotSpecified) &&
    (within(byte(2), 1, 12) || byte(2) >= calendarCodes.daylightSavingEnds) &&
    (within(byte(3), 1, 31) || byte(3) >= calendarCodes.secondLastDayOfMonth) &&
    within(byte(4), 0, 7) &&
    within(byte(5), 0, 23) &&
    within(byte(6), 0, 59) &&
    within(byte(7), 0, 59) &&
    within(byte(8), 0, 99) &&
    (deviation === calendarCodes.deviationNotSpecified || Math.abs(deviation) <= 1440)
  );
}

/** Copies columns of date-times. Rows mostly share the day and the deviation, so both are worked out once. */
export class ClockReader {
  readonly #options: ClockOptions;
  #day = -1;
  #midnight = Number.NaN;
  #deviation = calendarCodes.deviationNotSpecified as number;
  #toUtc: number;

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#toUtc = toUtcMs(this.#deviation, options);
  }

  read(bytes: Uint8Array, from: number, stride: number, rows: number, out: ClockArrays, row: number): void {
    const { epochMs, localMs, deviation, status, raw } = out;
    let at = from;
    let to = row * 12;
    for (let i = row; i < row + rows; i++, at += stride, to += 12) {
      for (let k = 0; k < 12; k++) raw[to + k] = bytes[at + k] as number;
      const date = int32At(bytes, at);
      if (date !== this.#day) this.#newDay(date);
      const shift = (((bytes[at + 9] as number) << 24) | ((bytes[at + 10] as number) << 16)) >> 16;
      if (shift !== this.#deviation) this.#newDeviation(shift);
      const h = bytes[at + 5] as number;
      const m = bytes[at + 6] as number;
      const s = bytes[at + 7] as number;
      const hundredths = bytes[at + 8] as number;
      const time =
        h < 24 && m < 60 && s < 60 && hundredths < 100
          ? ((h * 60 + m) * 60 + s) * 1000 + hundredths * 10
          : timeOfDay(h, m, s, hundredths);
      const local = this.#midnight + time;
      localMs[i] = local;
      epochMs[i] = local + this.#toUtc;
      deviation[i] = shift;
      status[i] = bytes[at + 11] as number;
    }
  }

  #newDay(date: number): void {
    this.#day = date;
    this.#midnight = midnight(date >>> 16, (date >>> 8) & 0xff, date & 0xff);
  }

  #newDeviation(deviation: number): void {
    this.#deviation = deviation;
    this.#toUtc = toUtcMs(deviation, this.#options);
  }
}

/** The same rows in arrays for `length` rows. */
export function grownClock(from: ClockArrays, length: number): ClockArrays {
  const to = clockArrays(length);
  to.epochMs.set(from.epochMs);
  to.localMs.set(from.localMs);
  to.deviation.set(from.deviation);
  to.status.set(from.status);
  to.raw.set(from.raw);
  return to;
}

/** Copies a row but for its octets, moved on by `addMs`. */
export function copyClock(from: ClockArrays, row: number, to: ClockArrays, toRow: number, addMs: number): void {
  to.epochMs[toRow] = (from.epochMs[row] as number) + addMs;
  to.localMs[toRow] = (from.localMs[row] as number) + addMs;
  to.deviation[toRow] = from.deviation[row] as number;
  to.status[toRow] = from.status[row] as number;
}

/** Fills rows with the clock above, moved on by `step` a row. */
export function advanceClock(clock: ClockArrays, row: number, end: number, step: number): void {
  const { epochMs, localMs, deviation, status } = clock;
  if (row >= end) return;
  let epoch = epochMs[row - 1] as number;
  let local = localMs[row - 1] as number;
  for (let i = row; i < end; i++) {
    epoch += step;
    local += step;
    epochMs[i] = epoch;
    localMs[i] = local;
  }
  deviation.fill(deviation[row - 1] as number, row, end);
  status.fill(status[row - 1] as number, row, end);
}
