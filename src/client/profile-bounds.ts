import { dlmsError } from "../base/index.js";
import { type ClockRule, localDateTime, type RangeBounds } from "../cosem/index.js";
import { CosemDateTime, octets } from "../data/index.js";
import type { ProfileForm, ProfileTime } from "./profile-options.js";
import { type RowTime, timeOf } from "./profile-row.js";

/** An end of the span asked for. */
export interface Bound extends RowTime {
  /** The date-time as the caller gave it. */
  readonly given?: CosemDateTime;
}

/** From and to; either may be open. */
export interface Span {
  readonly from: Bound | undefined;
  readonly to: Bound | undefined;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** What stands for "from the beginning" and "to the end": before any meter, and within what meters can count. */
const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2099, 11, 31, 23, 0);

/** @throws UsageError `invalid-argument` for an invalid date, or a span that ends before it begins. */
export function spanOf(
  from: ProfileTime | undefined,
  to: ProfileTime | undefined,
  rule: ClockRule | undefined,
  invertDeviation: boolean,
): Span {
  const span = { from: from && boundOf(from, rule, invertDeviation), to: to && boundOf(to, rule, invertDeviation) };
  if (span.from && span.to && (compareTimes(span.from, span.to) ?? 0) > 0)
    throw dlmsError("invalid-argument", "the span to read ends before it begins", { layer: "client" });
  return span;
}

function boundOf(time: ProfileTime, rule: ClockRule | undefined, invertDeviation: boolean): Bound {
  if (!(time instanceof Date)) {
    const bound = timeOf(time, rule, invertDeviation);
    if (bound.localMs === undefined) throw invalid("a bound of the span needs date, hour and minute");
    return { ...bound, given: time };
  }
  const epochMs = time.getTime();
  if (Number.isNaN(epochMs)) throw invalid("a bound of the span is not a valid date");
  return boundAt(epochMs, rule);
}

/** The bound at an instant. */
export function boundAt(epochMs: number, rule: ClockRule | undefined): Bound {
  return { epochMs, localMs: rule && epochMs + rule.offsetAt(epochMs) * minuteMs };
}

/** Moves a bound; what the caller gave no longer stands as it was. */
export function moved(bound: Bound | undefined, byMs: number): Bound | undefined {
  if (!bound || byMs === 0) return bound;
  return {
    localMs: bound.localMs === undefined ? undefined : bound.localMs + byMs,
    epochMs: bound.epochMs === undefined ? undefined : bound.epochMs + byMs,
  };
}

/** Below 0 when `a` is before `b`; undefined when they cannot be compared. */
export function compareTimes(a: RowTime, b: RowTime): number | undefined {
  if (a.epochMs !== undefined && b.epochMs !== undefined) return a.epochMs - b.epochMs;
  return a.localMs !== undefined && b.localMs !== undefined ? a.localMs - b.localMs : undefined;
}

/** The bounds of a range in one of the forms that meters take; undefined when that needs a clock that is not known. */
export function rangeBounds(
  form: ProfileForm,
  span: Span,
  rule: ClockRule | undefined,
  invertDeviation: boolean,
): RangeBounds | undefined {
  const write = (bound: Bound | undefined, open: number, roundUp: boolean) =>
    boundOctets(form, bound ?? boundAt(open, rule ?? utc), rule, invertDeviation, roundUp);
  const from = write(span.from, earliest, false);
  const to = write(span.to, latest, true);
  return from && to && { from: octets(from), to: octets(to) };
}

const utc: ClockRule = { standardOffset: 0, savedMinutes: 0, offsetAt: () => 0 };

function boundOctets(
  form: ProfileForm,
  bound: Bound,
  rule: ClockRule | undefined,
  invertDeviation: boolean,
  roundUp: boolean,
): Uint8Array | undefined {
  if (form === "range") {
    if (bound.given?.deviation !== undefined) return bound.given.octets;
    if (bound.epochMs !== undefined) return localDateTime(bound.epochMs, rule ?? utc, invertDeviation).octets;
    return undefined;
  }
  if (bound.localMs === undefined) return undefined;
  if (form === "range-whole-hours") {
    const hours = bound.localMs / hourMs;
    return localOctets((roundUp ? Math.ceil(hours) : Math.floor(hours)) * hourMs);
  }
  if (form === "range-unspecified") return bareOctets(bound.localMs, roundUp);
  return bound.given?.deviation === undefined && bound.given ? bound.given.octets : localOctets(bound.localMs);
}

/** Local time whose deviation is not specified. */
function localOctets(localMs: number): Uint8Array {
  return CosemDateTime.fromDate(localMs, { withoutDeviation: true, status: 0 }).octets;
}

/** Date, hour and minute; weekday, seconds, hundredths, deviation and status not specified. */
function bareOctets(localMs: number, roundUp: boolean): Uint8Array {
  const minutes = localMs / minuteMs;
  const bare = localOctets((roundUp ? Math.ceil(minutes) : Math.floor(minutes)) * minuteMs);
  for (const at of [4, 7, 8, 11]) bare[at] = 0xff;
  return bare;
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "client" });
}
