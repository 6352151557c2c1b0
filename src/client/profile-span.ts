import { DlmsError, dlmsError } from "../base/index.js";
import { entrySelection, rangeSelection } from "../cosem/index.js";
import { boundAt, compareTimes, moved, rangeBounds, type Span } from "./profile-bounds.js";
import { readEntriesOfSpan } from "./profile-entries.js";
import type { ProfileForm } from "./profile-options.js";
import { type RowTime, rowTime } from "./profile-row.js";
import { type Arrival, entriesInUse, type KeptRows, type ReadContext, transfer } from "./profile-transfer.js";

type End = keyof Span;

/** What earlier reads of a profile taught. */
export interface FormMemory {
  form?: ProfileForm;
  /** True for meters that leave out the row at the bound itself, false for those that give it. */
  excludesFrom?: boolean;
  excludesTo?: boolean;
}

/** In the order in which they are tried: the standard's form first, the dearest last. */
export const allForms: readonly ProfileForm[] = [
  "range",
  "range-without-deviation",
  "range-unspecified",
  "range-whole-hours",
  "entry",
  "whole-buffer",
];

/** Local times without deviation may be two hours off, and the row after that is surely beyond the span. */
const beyondMs = 3 * 3_600_000;

/**
 * Rows of a span of time. Forms of access are tried until one gives rows; every row is checked against the span.
 * @throws RefusedError of the first form when the meter takes none.
 */
export async function* readSpan(
  context: ReadContext,
  span: Span,
  memory: FormMemory,
): AsyncGenerator<KeptRows, void, undefined> {
  let refusal: unknown;
  let emptyForm: ProfileForm | undefined;
  for (const form of formsFor(context, memory)) {
    if (form === "whole-buffer" && emptyForm !== undefined) break;
    let rows = 0;
    try {
      for await (const kept of readInForm(context, form, span, memory)) {
        rows += kept.kept.length;
        yield kept;
      }
    } catch (error) {
      if (rows > 0 || !isRefusal(error)) throw error;
      if (refusal === undefined || error.code === "clock-offset-unknown") refusal = error;
      context.source.notice("profile-form-refused", `the meter refused the form ${form}: ${error.message}`);
      continue;
    }
    if (rows > 0 || memory.form === form) {
      memory.form = form;
      return;
    }
    emptyForm ??= form;
    if ((await entriesInUse(context)) === 0) return;
  }
  if (refusal === undefined) return;
  const unclear = DlmsError.is(refusal) && refusal.code === "clock-offset-unknown";
  if (emptyForm === undefined || (unclear && !(await rowsTellInstants(context)))) throw refusal;
}

function formsFor(context: ReadContext, memory: FormMemory): readonly ProfileForm[] {
  const { info, profile, source } = context;
  const { conformance, applicationContext } = source.negotiated;
  const bit = applicationContext.referencing === "short-name" ? "parameterized-access" : "selective-access";
  const forms = [...(profile.forms ?? allForms)];
  if (memory.form !== undefined) forms.sort((a, b) => Number(b === memory.form) - Number(a === memory.form));
  return forms.filter((form) => {
    if (form === "whole-buffer") return true;
    if (!conformance.has(bit)) return false;
    if (form === "entry") return info.sortMethod === "fifo" || info.sortMethod === "lifo";
    return info.columns.some(({ role }) => role === "clock");
  });
}

function readInForm(context: ReadContext, form: ProfileForm, span: Span, memory: FormMemory) {
  if (form === "entry") return readEntriesOfSpan(context, span, (arrival) => keep(context, arrival, span, form));
  if (form === "whole-buffer") return readWhole(context, span);
  return readRange(context, form, span, memory);
}

async function* readWhole(context: ReadContext, span: Span): AsyncGenerator<KeptRows, void, undefined> {
  for await (const arrival of transfer(context, "whole-buffer", undefined)) {
    const kept = keep(context, arrival, span, "whole-buffer");
    yield { ...arrival, kept };
    if (isBeyond(context, arrival, span)) return;
  }
}

/** By range; asks again where the row at a bound seems to be left out, since some meters exclude an end. */
async function* readRange(
  context: ReadContext,
  form: ProfileForm,
  span: Span,
  memory: FormMemory,
): AsyncGenerator<KeptRows, void, undefined> {
  const { info } = context;
  const periodMs = form === "range-whole-hours" ? 0 : 1000 * info.capturePeriodSeconds;
  const descending = info.sortMethod === "lifo";
  const leading: End = descending ? "to" : "from";
  const trailing: End = descending ? "from" : "to";
  const outwards = { from: -periodMs, to: periodMs };
  const excludes = { from: memory.excludesFrom === true, to: memory.excludesTo === true };
  let asked: Span = {
    from: moved(span.from, excludes.from ? outwards.from : 0),
    to: moved(span.to, excludes.to ? outwards.to : 0),
  };
  let last: RowTime | undefined;
  for (let widened = false; ; ) {
    let again = false;
    for await (const arrival of transfer(context, form, selectionOf(context, form, asked))) {
      const kept = keep(context, arrival, span, form);
      const first = last === undefined && kept[0] !== undefined ? rowTime(arrival.batch, kept[0]) : undefined;
      const mayExclude = periodMs > 0 && !widened && !excludes[leading];
      if (first && mayExclude && isOff(first, span[leading], -outwards[leading])) {
        again = true;
        break;
      }
      if (first && widened && isOff(first, span[leading], 0)) learn(context, memory, leading);
      const final = kept.at(-1);
      if (final !== undefined) last = rowTime(arrival.batch, final);
      yield { ...arrival, kept };
      if (isBeyond(context, arrival, span)) return;
    }
    if (!again) break;
    widened = true;
    asked = { ...asked, [leading]: moved(span[leading], outwards[leading]) };
  }
  if (!last || periodMs === 0 || excludes[trailing] || !isOff(last, span[trailing], -outwards[trailing])) return;
  const end = span[trailing];
  const rest: Span = { from: moved(end, outwards.from), to: moved(end, outwards.to) };
  const bound: Span = { from: end, to: end };
  for await (const arrival of transfer(context, form, selectionOf(context, form, rest))) {
    const kept = keep(context, arrival, bound, form);
    if (kept.length > 0) learn(context, memory, trailing);
    yield { ...arrival, kept };
  }
}

function learn({ source }: ReadContext, memory: FormMemory, end: End): void {
  memory[end === "from" ? "excludesFrom" : "excludesTo"] = true;
  source.notice("profile-bound-excluded", `the meter leaves out the row at "${end}" of a range`);
}

/** True when a row lies exactly `byMs` after the bound. */
function isOff(row: RowTime, bound: RowTime | undefined, byMs: number): boolean {
  return bound !== undefined && compareTimes(row, bound) === byMs;
}

/** @throws UsageError `invalid-argument` when the form needs a clock that is not known; taken as a refusal. */
function selectionOf({ info, wanted, rule, profile }: ReadContext, form: ProfileForm, asked: Span) {
  const bounds = rangeBounds(form, asked, rule, profile.invertDeviation ?? false);
  if (!bounds) throw clockUnknown();
  const clock = info.columns.find(({ role }) => role === "clock");
  const columns = wanted.length === info.columns.length ? [] : wanted.flatMap((i) => info.columns[i] ?? []);
  return rangeSelection(clock, bounds, columns);
}

/** Whether rows say when they were captured without help of the clock; asked of one row. */
async function rowsTellInstants(context: ReadContext): Promise<boolean> {
  try {
    for await (const { batch } of transfer(context, "entry", entrySelection({ fromEntry: 1, toEntry: 1 })))
      return rowTime(batch, 0).epochMs !== undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return false;
}

/** Rows within the span. A row without a time is taken where the meter chose it, and dropped where we choose. */
export function keep(context: ReadContext, arrival: Arrival, span: Span, form: ProfileForm): number[] {
  const kept: number[] = [];
  let outside = 0;
  for (let i = 0; i < arrival.rows; i++) {
    const time = rowTime(arrival.batch, i);
    const verdict = inSpan(time, span);
    if (verdict ?? (form !== "whole-buffer" && time.localMs === undefined)) kept.push(i);
    else if (verdict === undefined && time.localMs !== undefined) throw clockUnknown();
    else outside++;
  }
  if (outside > 0 && (form === "range" || form === "range-without-deviation"))
    context.source.notice("profile-range-not-honoured", `${outside} rows came that lie outside of the range`);
  return kept;
}

function inSpan(time: RowTime, { from, to }: Span): boolean | undefined {
  const afterFrom = from === undefined ? 0 : compareTimes(time, from);
  const beforeTo = to === undefined ? 0 : compareTimes(to, time);
  return afterFrom === undefined || beforeTo === undefined ? undefined : afterFrom >= 0 && beforeTo >= 0;
}

/** True when the rows have passed the span, so that nothing more of it can come. */
function isBeyond({ info }: ReadContext, { batch, rows }: Arrival, { from, to }: Span): boolean {
  const bound = info.sortMethod === "fifo" ? to : info.sortMethod === "lifo" ? from : undefined;
  const distance = bound && compareTimes(rowTime(batch, rows - 1), bound);
  return distance !== undefined && (info.sortMethod === "fifo" ? distance : -distance) > beyondMs;
}

/** True for errors that mean "not in this form": another one may do. */
function isRefusal(error: unknown): error is DlmsError {
  if (!DlmsError.is(error)) return false;
  if (error.code === "clock-offset-unknown") return true;
  return (error.code === "access-refused" || error.code === "request-refused") && !error.retryable;
}

function clockUnknown() {
  return dlmsError("clock-offset-unknown", "the meter does not tell how its local time differs from UTC", {
    layer: "client",
  });
}

/** The span that a resumed read still has to cover. */
export function spanFrom(context: ReadContext, span: Span, start: RowTime): Span {
  const known = start.epochMs === undefined ? start : boundAt(start.epochMs, context.rule);
  const bound = known.localMs === undefined ? { ...known, localMs: start.localMs } : known;
  return context.info.sortMethod === "lifo" ? { ...span, to: bound } : { ...span, from: bound };
}
