const hour = 3_600_000;

/** A time zone with daylight saving, as a meter's clock is set up. */
export interface MeterTimeZone {
  /** Minutes from local time to UTC in winter; -60 for Central Europe (sign as in the standard). */
  readonly timeZone: number;
  /** Minutes added in summer. */
  readonly daylightSaving: number;
}

export const centralEurope: MeterTimeZone = { timeZone: -60, daylightSaving: 60 };

/** True between the last Sundays of March and October, 01:00 UTC: the rule of the European Union. */
export function isDaylightSaving(utc: number): boolean {
  const year = new Date(utc).getUTCFullYear();
  return utc >= lastSunday(year, 2) && utc < lastSunday(year, 9);
}

/** Minutes from local time to UTC at that moment, as it stands in a date-time. */
export function deviationAt(utc: number, zone: MeterTimeZone): number {
  return zone.timeZone - (isDaylightSaving(utc) ? zone.daylightSaving : 0);
}

function lastSunday(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month + 1, 0));
  return lastDay.getTime() - lastDay.getUTCDay() * 24 * hour + hour;
}
