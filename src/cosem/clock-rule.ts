/** The difference to UTC that a meter's clock has at any time, from the attributes of its Clock object. */
import { type CosemDate, CosemDateTime, type CosemTime } from "../data/index.js";

/** What the attributes of a Clock object tell. */
export interface ClockFacts {
  /** The present time. */
  readonly time?: CosemDateTime;
  /** Minutes from local standard time to UTC. */
  readonly timeZone?: number;
  readonly daylightSavingsBegin?: CosemDateTime;
  readonly daylightSavingsEnd?: CosemDateTime;
  /** Minutes that daylight saving adds. */
  readonly daylightSavingsDeviation?: number;
  readonly daylightSavingsEnabled?: boolean;
}

/** Minutes east of UTC at a point in time. */
export interface ClockRule {
  /** Minutes east of UTC in standard time. */
  readonly standardOffset: number;
  /** Minutes that daylight saving adds; 0 where there is none. */
  readonly savedMinutes: number;
  /** The difference at `epochMs`. */
  offsetAt(epochMs: number): number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const usualSaving = 60;
const lastDay = 0xfe;

/**
 * The rule of a clock; undefined when neither its time nor its zone tell the difference to UTC.
 * @param invertDeviation for meters that send UTC -> local as deviation
 */
export function clockRule(facts: ClockFacts, invertDeviation = false): ClockRule | undefined {
  const { time, timeZone, daylightSavingsEnabled = false } = facts;
  const savedMinutes = daylightSavingsEnabled ? (facts.daylightSavingsDeviation ?? usualSaving) : 0;
  const sign = invertDeviation ? 1 : -1;
  let standardOffset: number;
  if (time?.deviation !== undefined)
    standardOffset =
      sign * time.deviation - (time.daylightSaving === true ? (facts.daylightSavingsDeviation ?? usualSaving) : 0);
  else if (timeZone !== undefined) standardOffset = sign * timeZone;
  else return undefined;
  standardOffset += 0;
  const { daylightSavingsBegin: begin, daylightSavingsEnd: end } = facts;
  const offsetAt = (epochMs: number) => {
    if (savedMinutes === 0 || !begin || !end) return standardOffset;
    const year = new Date(epochMs + standardOffset * minuteMs).getUTCFullYear();
    const from = switchTime(begin, year);
    const to = switchTime(end, year);
    if (from === undefined || to === undefined) return standardOffset;
    const start = from - standardOffset * minuteMs;
    const stop = to - (standardOffset + savedMinutes) * minuteMs;
    const saving = start < stop ? epochMs >= start && epochMs < stop : epochMs >= start || epochMs < stop;
    return standardOffset + (saving ? savedMinutes : 0);
  };
  return { standardOffset, savedMinutes, offsetAt };
}

/** When a rule such as "last Sunday of March, 2 h" strikes in a year, in local milliseconds. */
function switchTime(rule: CosemDateTime, year: number): number | undefined {
  const { month, dayOfMonth, dayOfWeek }: CosemDate = rule.date;
  const { hour, minute = 0, second = 0 }: CosemTime = rule.time;
  if (month === undefined || month > 12 || hour === undefined || hour > 23) return undefined;
  if (rule.date.year !== undefined && rule.date.year !== year && dayOfWeek === undefined) return undefined;
  const timeOfDay = ((hour * 60 + minute) * 60 + second) * 1000;
  const day = ruleDay(year, month, dayOfMonth, dayOfWeek);
  return day === undefined ? undefined : day + timeOfDay;
}

/** A weekday means the first one from the day on; with "last day" the last one of the month. */
function ruleDay(year: number, month: number, day: number | undefined, weekday: number | undefined) {
  const last = Date.UTC(year, month, 0);
  const weekdayOf = (ms: number) => new Date(ms).getUTCDay() || 7;
  if (day === undefined && weekday === undefined) return undefined;
  if (day !== undefined && day > 31) {
    const from = day === lastDay ? last : last - dayMs;
    return weekday === undefined ? from : from - ((weekdayOf(from) - weekday + 7) % 7) * dayMs;
  }
  const from = Date.UTC(year, month - 1, day ?? 1);
  return weekday === undefined ? from : from + ((weekday - weekdayOf(from) + 7) % 7) * dayMs;
}

/** A point in time as a clock of this rule shows it. */
export function localDateTime(epochMs: number, rule: ClockRule, invertDeviation = false): CosemDateTime {
  const utcOffsetMinutes = rule.offsetAt(epochMs);
  return CosemDateTime.fromDate(epochMs, {
    utcOffsetMinutes,
    invertDeviation,
    status: utcOffsetMinutes === rule.standardOffset ? 0 : 0x80,
  });
}
