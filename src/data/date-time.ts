import { dlmsError, equalBytes, toHex } from "../base/index.js";
import { type ClockOptions, calendarCodes, midnight, timeOfDay, toUtcMs } from "./calendar.js";
import { type CosemDate, type CosemTime, decodeDate, decodeTime, encodeDate, encodeTime } from "./date.js";
import { formatDate, formatTime } from "./date-text.js";

/** Bits of the clock status (IEC 62056-6-2, clock_status). */
export const clockStatus = {
  invalidValue: 0x01,
  doubtfulValue: 0x02,
  differentClockBase: 0x04,
  invalidClockStatus: 0x08,
  daylightSavingActive: 0x80,
  /** The whole octet: nothing is said about the status. */
  notSpecified: 0xff,
} as const;

/** Fields from which a date-time is made; what is left out is "not specified". */
export interface DateTimeFields extends CosemDate, CosemTime {
  /** Minutes from local time to UTC, -720 to 840: Central European Time is -60. */
  readonly deviation?: number;
  /** Clock status; 255, which is also the default, when not specified. */
  readonly status?: number;
}

/** How a point in time is written as local time. */
export interface FromDateOptions {
  /** Minutes east of UTC (Central European Time is 60); 0 when left out. */
  readonly utcOffsetMinutes?: number;
  /** 0 when left out; "not specified" without a deviation, for 0 would say that daylight saving is not active. */
  readonly status?: number;
  /** Writes UTC -> local as deviation, for meters that expect it so. */
  readonly invertDeviation?: boolean;
  /** Leaves the deviation "not specified", for meters that refuse it. */
  readonly withoutDeviation?: boolean;
}

/**
 * A date-time of twelve octets (IEC 62056-6-2, date and time formats), kept exactly as received: wildcards, deviation
 * and status included.
 */
export class CosemDateTime {
  /** The twelve octets. */
  readonly octets: Uint8Array;

  private constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  /**
   * Takes over twelve octets, whatever their values.
   * @throws DecodeError `malformed` when there are not twelve.
   */
  static fromOctets(octets: Uint8Array): CosemDateTime {
    if (octets.length !== 12)
      throw dlmsError("malformed", `a date-time takes 12 octets, not ${octets.length}`, { layer: "data" });
    return new CosemDateTime(new Uint8Array(octets));
  }

  /** @throws UsageError `value-does-not-fit` for a field out of its range. */
  static of(fields: DateTimeFields): CosemDateTime {
    const octets = new Uint8Array(12);
    octets.set(encodeDate(fields));
    octets.set(encodeTime(fields), 5);
    const deviation = fields.deviation ?? calendarCodes.deviationNotSpecified;
    const status = fields.status ?? clockStatus.notSpecified;
    if (!Number.isInteger(deviation) || deviation < -0x8000 || deviation > 0x7fff || status < 0 || status > 0xff)
      throw dlmsError("value-does-not-fit", `deviation ${deviation} or status ${status} out of range`, {
        layer: "data",
      });
    new DataView(octets.buffer).setInt16(9, deviation);
    octets[11] = status;
    return new CosemDateTime(octets);
  }

  /** @throws UsageError `value-does-not-fit` for an invalid date or a year beyond 65534. */
  static fromDate(date: Date | number, options: FromDateOptions = {}): CosemDateTime {
    const offset = options.utcOffsetMinutes ?? 0;
    const local = new Date(Number(date) + offset * 60_000);
    if (Number.isNaN(local.getTime())) throw dlmsError("value-does-not-fit", "not a valid date", { layer: "data" });
    return CosemDateTime.of({
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      dayOfMonth: local.getUTCDate(),
      dayOfWeek: local.getUTCDay() || 7,
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      second: local.getUTCSeconds(),
      hundredths: Math.floor(local.getUTCMilliseconds() / 10),
      ...(!options.withoutDeviation && { deviation: options.invertDeviation ? offset : 0 - offset }),
      status: options.status ?? (options.withoutDeviation ? clockStatus.notSpecified : 0),
    });
  }

  get date(): CosemDate {
    return decodeDate(this.octets.subarray(0, 5));
  }
  get time(): CosemTime {
    return decodeTime(this.octets.subarray(5, 9));
  }
  /** Minutes from local time to UTC; undefined when not specified. 0 is UTC. */
  get deviation(): number | undefined {
    const minutes = this.#deviation;
    return minutes === calendarCodes.deviationNotSpecified ? undefined : minutes;
  }
  /** Clock status; undefined when not specified. */
  get status(): number | undefined {
    const status = this.octets[11];
    return status === clockStatus.notSpecified ? undefined : status;
  }
  /** Whether daylight saving is active; undefined when the status is not specified. */
  get daylightSaving(): boolean | undefined {
    const { status } = this;
    return status === undefined ? undefined : (status & clockStatus.daylightSavingActive) !== 0;
  }

  /**
   * Local time in milliseconds, counted as if the place were UTC; undefined when year, month, day, hour or minute is
   * open or not real. Seconds and hundredths that are not specified count as 0.
   */
  localMs(): number | undefined {
    const [yearHigh, yearLow, month, day, , hour, minute, second, hundredths] = this.octets as unknown as Nine;
    const local = midnight(yearHigh * 256 + yearLow, month, day) + timeOfDay(hour, minute, second, hundredths);
    return Number.isNaN(local) ? undefined : local;
  }

  /** Milliseconds since 1970 in UTC; undefined when local time or its difference to UTC is not known. */
  epochMs(options: ClockOptions = {}): number | undefined {
    const epoch = (this.localMs() ?? Number.NaN) + toUtcMs(this.#deviation, options);
    return Number.isNaN(epoch) ? undefined : epoch;
  }

  /** The instant; undefined when it is not known. */
  toDate(options: ClockOptions = {}): Date | undefined {
    const epoch = this.epochMs(options);
    return epoch === undefined ? undefined : new Date(epoch);
  }

  /**
   * Below 0 when this comes before `other`, 0 at the same time, above 0 after; undefined when the two cannot be
   * compared. Two times without deviation are compared as local times.
   */
  compare(other: CosemDateTime, options: ClockOptions = {}): number | undefined {
    const a = this.epochMs(options);
    const b = other.epochMs(options);
    if (a !== undefined && b !== undefined) return a - b;
    if (this.deviation !== undefined || other.deviation !== undefined) return undefined;
    const [here, there] = [this.localMs(), other.localMs()];
    return here === undefined || there === undefined ? undefined : here - there;
  }

  /** True for the same twelve octets. */
  equals(other: CosemDateTime): boolean {
    return equalBytes(this.octets, other.octets);
  }

  /** As `2024-06-30T23:15:00+02:00`; stars where not specified, no offset without a deviation. */
  toString(options: ClockOptions = {}): string {
    const known = this.deviation === undefined ? options.utcOffsetMinutes : toUtcMs(this.#deviation, options) / -60_000;
    const { date, time } = this;
    return `${formatDate(date)}T${formatTime(time)}${known === undefined ? "" : formatOffset(known)}`;
  }

  toJSON(): string {
    return toHex(this.octets);
  }

  get #deviation(): number {
    return new DataView(this.octets.buffer, this.octets.byteOffset).getInt16(9);
  }
}

type Nine = readonly [number, number, number, number, number, number, number, number, number];

function formatOffset(minutes: number): string {
  if (Number.isNaN(minutes)) return "";
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
