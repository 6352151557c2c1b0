/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (month 1 to 12). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Days of a month, 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Codes of the octets of date and time (IEC 62056-6-2, date and time formats). */
export const calendarCodes = {
  yearNotSpecified: 0xffff,
  notSpecified: 0xff,
  /** Month: when daylight saving begins. */
  daylightSavingBegins: 0xfe,
  /** Month: when daylight saving ends. */
  daylightSavingEnds: 0xfd,
  lastDayOfMonth: 0xfe,
  secondLastDayOfMonth: 0xfd,
  deviationNotSpecified: -0x8000,
} as const;

/** Largest difference to UTC that is believed, in minutes: the standard allows -720 to 840, some meters go wider. */
const largestDeviation = 1440;

/** Midnight of a day as milliseconds, counted as if the place were UTC; NaN when the day is not given or not real. */
export function midnight(year: number, month: number, day: number): number {
  if (year === calendarCodes.yearNotSpecified || month < 1 || month > 12) return Number.NaN;
  const last = daysInMonth(year, month);
  let actual = day;
  if (day === calendarCodes.lastDayOfMonth) actual = last;
  else if (day === calendarCodes.secondLastDayOfMonth) actual = last - 1;
  return actual < 1 || actual > last ? Number.NaN : daysFromCivil(year, month, actual) * 86_400_000;
}

/** Milliseconds since midnight; seconds and hundredths not specified count as 0; NaN when hour or minute is missing. */
export function timeOfDay(hour: number, minute: number, second: number, hundredths: number): number {
  if (hour > 23 || minute > 59) return Number.NaN;
  let whole = (hour * 60 + minute) * 60;
  if (second < 60) whole += second;
  else if (second !== calendarCodes.notSpecified) return Number.NaN;
  if (hundredths < 100) return whole * 1000 + hundredths * 10;
  return hundredths === calendarCodes.notSpecified ? whole * 1000 : Number.NaN;
}

/** How a clock is read where the octets alone do not settle it. */
export interface ClockOptions {
  /** True for meters that send UTC -> local instead of local -> UTC as deviation (Central European Time as +60). */
  readonly invertDeviation?: boolean;
  /** Minutes east of UTC (Central European Time is 60), used where the deviation is not specified. */
  readonly utcOffsetMinutes?: number;
}

/** Milliseconds to add to local time for UTC; NaN when that is not known. */
export function toUtcMs(deviation: number, options: ClockOptions): number {
  if (deviation === calendarCodes.deviationNotSpecified)
    return options.utcOffsetMinutes === undefined ? Number.NaN : -options.utcOffsetMinutes * 60_000;
  if (deviation > largestDeviation || deviation < -largestDeviation) return Number.NaN;
  return (options.invertDeviation ? -deviation : deviation) * 60_000;
}
