import { calendarCodes } from "./calendar.js";
import type { CosemDate, CosemTime } from "./date.js";

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** As `2024-06-30`; stars where not specified, `last`, `dst-begin` and the like where a code stands. */
export function formatDate({ year, month, dayOfMonth, dayOfWeek }: CosemDate): string {
  const months: Readonly<Record<number, string>> = {
    [calendarCodes.daylightSavingBegins]: "dst-begin",
    [calendarCodes.daylightSavingEnds]: "dst-end",
  };
  const days: Readonly<Record<number, string>> = {
    [calendarCodes.lastDayOfMonth]: "last",
    [calendarCodes.secondLastDayOfMonth]: "second-last",
  };
  const text = `${field(year, 4)}-${months[month ?? -1] ?? field(month, 2)}-${days[dayOfMonth ?? -1] ?? field(dayOfMonth, 2)}`;
  const whole = year !== undefined && month !== undefined && dayOfMonth !== undefined;
  // The weekday of a whole date says nothing new; that of a schedule does.
  return whole || dayOfWeek === undefined ? text : `${text}(${weekdays[dayOfWeek - 1] ?? dayOfWeek})`;
}

/** As `23:15:00`, with hundredths where they are not 0; stars where not specified. */
export function formatTime({ hour, minute, second, hundredths }: CosemTime): string {
  const text = `${field(hour, 2)}:${field(minute, 2)}:${field(second, 2)}`;
  return hundredths ? `${text}.${field(hundredths, 2)}` : text;
}

function field(value: number | undefined, width: number): string {
  return value === undefined ? "*".repeat(width) : String(value).padStart(width, "0");
}
