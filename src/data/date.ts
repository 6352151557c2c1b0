import { dlmsError } from "../base/index.js";
import { calendarCodes } from "./calendar.js";

/**
 * A date of five octets (IEC 62056-6-2, date and time formats). What is left out is "not specified", which in
 * a schedule means every one.
 */
export interface CosemDate {
  /** 0 to 65534. */
  readonly year?: number;
  /** 1 to 12, or 0xFE daylight saving begins, 0xFD it ends. */
  readonly month?: number;
  /** 1 to 31, or 0xFE the last day of the month, 0xFD the one before. */
  readonly dayOfMonth?: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly dayOfWeek?: number;
}

/** A time of four octets (IEC 62056-6-2, date and time formats). What is left out is "not specified". */
export interface CosemTime {
  /** 0 to 23. */
  readonly hour?: number;
  /** 0 to 59. */
  readonly minute?: number;
  /** 0 to 59. */
  readonly second?: number;
  /** Hundredths of a second, 0 to 99. */
  readonly hundredths?: number;
}

/** @throws DecodeError `malformed` when there are not five octets; values out of range are given as they are. */
export function decodeDate(octets: Uint8Array): CosemDate {
  const [high, low, month, dayOfMonth, dayOfWeek] = exactly(octets, 5, "date");
  const year = (high as number) * 256 + (low as number);
  return {
    ...(year !== calendarCodes.yearNotSpecified && { year }),
    ...given("month", month),
    ...given("dayOfMonth", dayOfMonth),
    ...given("dayOfWeek", dayOfWeek),
  };
}

/** @throws DecodeError `malformed` when there are not four octets; values out of range are given as they are. */
export function decodeTime(octets: Uint8Array): CosemTime {
  const [hour, minute, second, hundredths] = exactly(octets, 4, "time");
  return {
    ...given("hour", hour),
    ...given("minute", minute),
    ...given("second", second),
    ...given("hundredths", hundredths),
  };
}

/** @throws UsageError `value-does-not-fit` for a field that an octet (the year: two) does not hold. */
export function encodeDate(date: CosemDate): Uint8Array {
  const year = checked(date.year ?? calendarCodes.yearNotSpecified, 0xffff, "year");
  return Uint8Array.of(
    year >> 8,
    year & 0xff,
    octet(date.month, "month"),
    octet(date.dayOfMonth, "day"),
    octet(date.dayOfWeek, "weekday"),
  );
}

/** @throws UsageError `value-does-not-fit` for a field that an octet does not hold. */
export function encodeTime(time: CosemTime): Uint8Array {
  return Uint8Array.of(
    octet(time.hour, "hour"),
    octet(time.minute, "minute"),
    octet(time.second, "second"),
    octet(time.hundredths, "hundredths"),
  );
}

function exactly(octets: Uint8Array, size: number, what: string): Uint8Array {
  if (octets.length !== size)
    throw dlmsError("malformed", `a ${what} takes ${size} octets, not ${octets.length}`, { layer: "data" });
  return octets;
}

function given<Name extends string>(name: Name, value: number | undefined): { readonly [name in Name]?: number } {
  return (value === undefined || value === calendarCodes.notSpecified ? {} : { [name]: value }) as {
    [name in Name]?: number;
  };
}

function octet(value: number | undefined, name: string): number {
  return checked(value ?? calendarCodes.notSpecified, 0xff, name);
}

function checked(value: number, max: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw dlmsError("value-does-not-fit", `${name} ${value} is not 0 to ${max}`, { layer: "data" });
  return value;
}
