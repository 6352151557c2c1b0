import { dlmsError } from "../base/index.js";
import type { Obis } from "../cosem/index.js";
import type { ProfileCheckpoint } from "./profile-options.js";
import { ProfileRow, type RowBatch, type RowTime, rowDigest, rowTime } from "./profile-row.js";

/** Rows remembered to find the place again: times may repeat when daylight saving ends, this many rows hardly do. */
const windowRows = 4;
/** Rows looked at for the place before giving up. */
const mostHeld = 256;

/** A row by where it is. */
interface Place {
  readonly batch: RowBatch;
  readonly at: number;
}

/** Numbers the rows handed out and remembers the newest. */
export class RowTracker {
  readonly #profile: string;
  readonly #before: ProfileCheckpoint["window"];
  /** A ring: the newest rows without an object for each. */
  readonly #batches: RowBatch[] = [];
  readonly #ats: number[] = [];
  #fresh = 0;
  #rows: number;

  constructor(obis: Obis, resume: ProfileCheckpoint | undefined) {
    this.#profile = obis.toString();
    this.#before = resume?.window ?? [];
    this.#rows = resume?.rows ?? 0;
  }

  row(batch: RowBatch, at: number): ProfileRow {
    const place = this.#fresh++ % windowRows;
    this.#batches[place] = batch;
    this.#ats[place] = at;
    return new ProfileRow(batch, at, this.#rows++);
  }

  checkpoint(): ProfileCheckpoint {
    const count = Math.min(this.#fresh, windowRows);
    const fresh = Array.from({ length: count }, (_, i) => {
      const place = (this.#fresh - count + i) % windowRows;
      const [batch, at] = [this.#batches[place] as RowBatch, this.#ats[place] as number];
      const { localMs = null, epochMs = null } = rowTime(batch, at);
      return { localMs, epochMs, digest: rowDigest(batch, at) };
    });
    return {
      version: 1,
      profile: this.#profile,
      rows: this.#rows,
      window: [...this.#before, ...fresh].slice(-windowRows),
    };
  }
}

/** Lets rows pass from where an earlier read ended. */
export class ResumePoint {
  readonly #window: ProfileCheckpoint["window"];
  #matched = 0;
  #found = false;
  #held: Place[] = [];

  constructor(checkpoint: ProfileCheckpoint) {
    this.#window = checkpoint.window;
  }

  /**
   * Time from which on to read again; undefined when no row was handed out.
   * @throws UsageError `invalid-argument` for a checkpoint of another profile, or of one without times.
   */
  static start({ version, profile, window }: ProfileCheckpoint, obis: Obis): RowTime | undefined {
    if (version !== 1 || profile !== obis.toString())
      throw dlmsError("invalid-argument", `the checkpoint is one of profile ${profile}`, { layer: "client" });
    const [first] = window;
    if (!first) return undefined;
    if (first.localMs === null && first.epochMs === null)
      throw dlmsError("invalid-argument", "a profile without times cannot be resumed: read it again", {
        layer: "client",
      });
    return { localMs: first.localMs ?? undefined, epochMs: first.epochMs ?? undefined };
  }

  /** True once the place is found: every row from here on is new. */
  get found(): boolean {
    return this.#found;
  }

  /** The rows to hand out now that this one came: itself once the place is found. */
  pass(batch: RowBatch, at: number): readonly Place[] {
    if (this.#found) return [{ batch, at }];
    const digest = rowDigest(batch, at);
    if (digest !== this.#window[this.#matched]?.digest) this.#matched = digest === this.#window[0]?.digest ? 1 : 0;
    else this.#matched++;
    if (this.#matched === this.#window.length) {
      this.#found = true;
      this.#held = [];
      return [];
    }
    this.#held.push({ batch, at });
    return this.#held.length > mostHeld ? this.rest() : [];
  }

  /** Without the place, the rows that are newer (in the order of the buffer: later) than the last one handed out. */
  rest(): readonly Place[] {
    if (this.#found) return [];
    this.#found = true;
    const last = this.#window.at(-1);
    const held = this.#held;
    this.#held = [];
    return last
      ? held.filter(({ batch, at }) => {
          const distance = countOf(rowTime(batch, at)) - countOf(last);
          return batch.descending ? distance < 0 : distance > 0;
        })
      : held;
  }
}

/** Milliseconds of a time, in UTC where that is known. */
function countOf(time: { readonly localMs?: number | null | undefined; readonly epochMs?: number | null | undefined }) {
  return time.epochMs ?? time.localMs ?? Number.NaN;
}
