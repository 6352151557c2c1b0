import { dlmsError } from "../base/index.js";
import { entrySelection, type Selection } from "../cosem/index.js";
import { type Bound, compareTimes, type Span } from "./profile-bounds.js";
import { rowTime } from "./profile-row.js";
import { type Arrival, entriesInUse, type KeptRows, type ReadContext, transfer } from "./profile-transfer.js";

/** Tries to find the entries of a span before giving up: each time the buffer had moved on. */
const mostTries = 4;

/** Rows of a span by their entries, which are found by halving. Rows captured meanwhile move the entries: noticed. */
export async function* readEntriesOfSpan(
  context: ReadContext,
  span: Span,
  keep: (arrival: Arrival) => number[],
): AsyncGenerator<KeptRows, void, undefined> {
  const descending = context.info.sortMethod === "lifo";
  const [leading, trailing] = descending ? [span.to, span.from] : [span.from, span.to];
  const most = trailing && leading ? rowsBetween(context, leading, trailing) : 0;
  for (let tries = 1; tries <= mostTries; tries++) {
    const entries = await countEntries(context);
    // One entry more at either end proves that nothing of the span was left out.
    let first = Math.max(1, (await firstNotBefore(context, leading, entries, descending)) - 1);
    let shifted = false;
    for (let started = false; first <= entries && !shifted; started = true) {
      const to = most === 0 ? 0 : Math.min(entries, first + most);
      let rows = 0;
      for await (const arrival of transfer(context, "entry", selection(context, first, to))) {
        const begins = compareTimes(rowTime(arrival.batch, 0), leading ?? noTime);
        shifted = !started && rows === 0 && first > 1 && leading !== undefined && reached(begins, descending);
        if (shifted) break;
        rows += arrival.rows;
        yield { ...arrival, kept: keep(arrival) };
        const ends = compareTimes(rowTime(arrival.batch, arrival.rows - 1), trailing ?? noTime);
        if (trailing && passed(ends, descending)) return;
      }
      if (to === 0 || rows === 0) break;
      first = to + 1;
    }
    if (!shifted) return;
    context.source.notice("profile-rows-captured", "rows were captured while the profile was read; entries have moved");
  }
  throw dlmsError("profile-moved", "the buffer changes faster than its entries can be found", { layer: "client" });
}

const noTime = { localMs: undefined, epochMs: undefined };

/** Rows that a span holds when nothing is missing, and two more; 0 when that is not known. */
function rowsBetween({ info }: ReadContext, leading: Bound, trailing: Bound): number {
  const distance = compareTimes(leading, trailing);
  if (distance === undefined || info.capturePeriodSeconds === 0) return 0;
  return Math.ceil(Math.abs(distance) / (1000 * info.capturePeriodSeconds)) + 2;
}

/** The newest rows, this many. */
export async function* readLast(context: ReadContext, last: number): AsyncGenerator<KeptRows, void, undefined> {
  const entries = await countEntries(context);
  const wanted = Math.min(last, entries);
  if (wanted === 0) return;
  const newestFirst = context.info.sortMethod === "lifo";
  const range: readonly [number, number] = newestFirst ? [1, wanted] : [entries - wanted + 1, 0];
  let skip: number | undefined;
  let taken = 0;
  for await (const arrival of transfer(context, "entry", selection(context, ...range))) {
    if (skip === undefined) {
      skip = newestFirst ? 0 : Math.max(0, (arrival.expectedRows ?? wanted) - wanted);
      if (skip > 0 || (arrival.expectedRows ?? wanted) > wanted)
        context.source.notice("profile-rows-captured", "rows were captured while the profile was read");
    }
    const from = Math.min(skip, arrival.rows);
    skip -= from;
    const count = Math.min(arrival.rows - from, wanted - taken);
    taken += count;
    yield { ...arrival, kept: Array.from({ length: count }, (_, i) => from + i) };
    if (taken === wanted) return;
  }
}

/** The newest rows out of the whole buffer, for meters without access by entry. */
export async function* readLastOfWhole(context: ReadContext, last: number): AsyncGenerator<KeptRows, void, undefined> {
  const newestFirst = context.info.sortMethod === "lifo";
  const entries = newestFirst ? 0 : await countEntries(context);
  let at = 0;
  let skip = newestFirst ? 0 : undefined;
  for await (const arrival of transfer(context, "whole-buffer", undefined)) {
    skip ??= Math.max(0, (arrival.expectedRows ?? entries) - last);
    const kept: number[] = [];
    for (let i = 0; i < arrival.rows; i++, at++) if (at >= skip && at < skip + last) kept.push(i);
    yield { ...arrival, kept };
    if (at >= skip + last) return;
  }
}

/** Rows by their number. */
export async function* readEntries(
  context: ReadContext,
  from: number,
  to: number,
): AsyncGenerator<KeptRows, void, undefined> {
  for await (const arrival of transfer(context, "entry", selection(context, from, to)))
    yield { ...arrival, kept: Array.from({ length: arrival.rows }, (_, i) => i) };
}

async function countEntries(context: ReadContext): Promise<number> {
  const entries = await entriesInUse(context);
  if (entries === undefined)
    throw dlmsError("access-refused", "the meter does not tell how many entries its profile has", {
      layer: "client",
      reason: "entries_in_use",
    });
  return entries;
}

/** Number of the first entry at the bound or past it in the order of the buffer; one past the last when none is. */
async function firstNotBefore(
  context: ReadContext,
  bound: Bound | undefined,
  entries: number,
  descending: boolean,
): Promise<number> {
  if (!bound) return 1;
  let low = 1;
  let high = entries + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (reached(await distanceOf(context, middle, bound), descending)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function distanceOf(context: ReadContext, entry: number, bound: Bound): Promise<number> {
  for await (const { batch } of transfer(context, "entry", selection(context, entry, entry))) {
    const distance = compareTimes(rowTime(batch, 0), bound);
    if (distance !== undefined) return distance;
  }
  throw dlmsError("access-refused", `entry ${entry} of the profile has no time to be found by`, {
    layer: "client",
    reason: "entry without time",
  });
}

function reached(distance: number | undefined, descending: boolean): boolean {
  return distance !== undefined && (descending ? distance <= 0 : distance >= 0);
}

function passed(distance: number | undefined, descending: boolean): boolean {
  return distance !== undefined && (descending ? distance < 0 : distance > 0);
}

/** Access by entry takes columns from one to another: used where the wanted ones lie together. */
function selection({ info, wanted }: ReadContext, fromEntry: number, toEntry: number): Selection {
  const [first = 0] = wanted;
  const last = wanted.at(-1) ?? info.columns.length - 1;
  const together = last - first + 1 === wanted.length && wanted.length < info.columns.length;
  return entrySelection({
    fromEntry,
    toEntry,
    ...(together && { fromColumn: first + 1, toColumn: last + 1 }),
  });
}
