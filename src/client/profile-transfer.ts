import type { AttributeReference } from "../association/index.js";
import { dlmsError } from "../base/index.js";
import type { ClockRule, ProfileColumn, ScalerUnit, Selection } from "../cosem/index.js";
import { ColumnDecoder } from "../data/index.js";
import type { ProfileForm, ProfileInfo, ProfileOptions, RowsOptions } from "./profile-options.js";
import type { RowBatch } from "./profile-row.js";
import type { ProfileSource } from "./profile-source.js";

/** What all requests of a read share. */
export interface ReadContext {
  readonly source: ProfileSource;
  readonly buffer: AttributeReference;
  readonly info: ProfileInfo;
  readonly rule: ClockRule | undefined;
  readonly profile: ProfileOptions;
  readonly options: RowsOptions;
  /** Columns asked for, as indexes of those captured. */
  readonly wanted: readonly number[];
  readonly progress: ProgressMeter;
}

/** Rows that arrived together. */
export interface Arrival {
  readonly batch: RowBatch;
  readonly rows: number;
  /** Rows that the meter announced for this request. */
  readonly expectedRows: number | undefined;
}

/** Rows of an arrival that were asked for. */
export interface KeptRows extends Arrival {
  readonly kept: readonly number[];
}

/** Counts what arrives and tells whoever listens. */
export class ProgressMeter {
  readonly #options: RowsOptions;
  readonly #now: () => number;
  readonly #start: number;
  #rows = 0;
  #bytes = 0;

  constructor(options: RowsOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#start = now();
  }

  /** @param request rows, octets and announced rows of the present request */
  report(request: { rows: number; bytes: number; expectedRows: number | undefined }, part: number, form: ProfileForm) {
    this.#bytes += part;
    const { onProgress } = this.#options;
    if (!onProgress) return;
    const elapsedMs = this.#now() - this.#start;
    const { rows, bytes, expectedRows } = request;
    const known = expectedRows !== undefined && rows > 0;
    const toGo = known ? Math.max(0, expectedRows - rows) / rows : undefined;
    onProgress({
      rows: this.#rows + rows,
      bytes: this.#bytes,
      expectedRows,
      expectedBytes: toGo === undefined ? undefined : this.#bytes + Math.round(bytes * toGo),
      elapsedMs,
      remainingMs: toGo === undefined ? undefined : Math.round(elapsedMs * toGo),
      form,
    });
  }

  /** The request is over. */
  finish(rows: number): void {
    this.#rows += rows;
  }
}

/**
 * One request for the buffer, decoded as its parts arrive. Leaving the loop cancels it.
 * @throws RefusedError before the first arrival when the meter does not take the selection; DecodeError.
 */
export async function* transfer(
  context: ReadContext,
  form: ProfileForm,
  selection: Selection | undefined,
): AsyncGenerator<Arrival, void, undefined> {
  const { source, buffer, info, profile, options, progress } = context;
  const descending = info.sortMethod === "lifo";
  const decoder = new ColumnDecoder({
    ...(info.capturePeriodSeconds > 0 && { clockStepMs: (descending ? -1000 : 1000) * info.capturePeriodSeconds }),
    ...(profile.invertDeviation && { invertDeviation: true }),
  });
  let rows = 0;
  let bytes = 0;
  for await (const part of source.getParts(buffer, selection, options.signal && { signal: options.signal })) {
    decoder.push(part.data);
    bytes += part.data.length;
    const { rows: count, columns } = decoder.take();
    rows += count;
    const { expectedRows } = decoder;
    if (count > 0) yield { batch: batchOf(context, columns), rows: count, expectedRows };
    progress.report({ rows, bytes, expectedRows }, part.data.length, form);
  }
  decoder.finish();
  progress.finish(rows);
}

/** Names the columns of what came: those asked for, or all of them where the meter did not take the choice. */
function batchOf(context: ReadContext, cells: RowBatch["cells"]): RowBatch {
  const { info, wanted, rule, profile } = context;
  const all = info.columns.map((_, i) => i);
  const ignored = cells.length === all.length;
  if (!ignored && cells.length !== wanted.length)
    throw dlmsError(
      "malformed",
      `rows of ${cells.length} cells, the profile captures ${all.length} and ${wanted.length} were asked for`,
      { layer: "client", expected: `${wanted.length} cells`, advice: "The capture objects changed: read them again." },
    );
  const columns = wanted.map((i) => info.columns[i] as ProfileColumn);
  const scalers = wanted.map((i) => info.scalers[i] as ScalerUnit | undefined);
  const mine = ignored ? wanted.map((i) => cells[i] as RowBatch["cells"][number]) : cells;
  const captured = columns.findIndex(({ role }) => role === "clock");
  return {
    columns,
    scalers,
    cells: mine,
    // A profile that captures no clock may still carry date-times of another object.
    clock: captured >= 0 ? captured : mine.findIndex(({ kind }) => kind === "clock"),
    rule,
    invertDeviation: profile.invertDeviation ?? false,
    nullMissing: profile.nullData === "missing",
    descending: info.sortMethod === "lifo",
    indexes: new Map(columns.map(({ name }, i) => [name, i])),
  };
}

/** Rows in the buffer now. */
export async function entriesInUse({ source, buffer, options }: ReadContext): Promise<number | undefined> {
  const items = [{ attribute: { ...buffer, attributeId: 7 } }];
  const [result] = await source.getList(items, options.signal && { signal: options.signal });
  return result?.ok === true ? entryCount(result.data) : undefined;
}

/** A double-long-unsigned. */
function entryCount(data: Uint8Array): number | undefined {
  if (data.length !== 5) return undefined;
  return new DataView(data.buffer, data.byteOffset).getUint32(1);
}
