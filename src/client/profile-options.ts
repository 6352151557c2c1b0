import type { AbortSignalLike } from "../base/index.js";
import type { ClockFacts, ProfileColumn, ScalerUnit } from "../cosem/index.js";
import type { CosemDateTime } from "../data/index.js";

/** A point in time: an instant, or a date-time as the meter's clock shows it. */
export type ProfileTime = Date | CosemDateTime;

/** A profile as it describes itself, read once. */
export interface ProfileInfo {
  readonly columns: readonly ProfileColumn[];
  /** Scaler and unit of each column that has one; undefined where there is none or the meter does not give it. */
  readonly scalers: readonly (ScalerUnit | undefined)[];
  /** Seconds between rows; 0 when they are not captured by time. */
  readonly capturePeriodSeconds: number;
  /** Order of the rows: `fifo` oldest first, `lifo` newest first, others by value. */
  readonly sortMethod: string | number;
  /** Rows that the buffer holds at most; undefined where the meter does not tell. */
  readonly profileEntries: number | undefined;
  /** What the meter tells of the clock that is captured. */
  readonly clock: ClockFacts;
}

/** What to read. Bounds are included. Without `from`, `to`, `last` and `entries` everything is read. */
export interface RowsOptions {
  /** Oldest row wanted. */
  readonly from?: ProfileTime;
  /** Newest row wanted, itself included as the standard has it. */
  readonly to?: ProfileTime;
  /** The newest rows, this many. Not with `from`, `to` or `entries`. */
  readonly last?: number;
  /** Rows by number, from 1 in the order of the buffer; `to` left out is the last. */
  readonly entries?: { readonly from: number; readonly to?: number };
  /** Names of the columns wanted, as in `ProfileInfo.columns`; all when left out. Clock and status are always there. */
  readonly columns?: readonly string[];
  /** Ends the read; rows handed out before stay valid. */
  readonly signal?: AbortSignalLike;
  /** Called after each part that arrives. */
  readonly onProgress?: (progress: ProfileProgress) => void;
  /** Goes on after a read that ended early, with the same `from`, `to` and `columns`. */
  readonly resume?: ProfileCheckpoint;
}

/** How a profile is read; the same for all reads of it. */
export interface ProfileOptions {
  /** What an earlier session found out, so that it is not read again. */
  readonly info?: ProfileInfo;
  /** Minutes east of UTC, for meters whose clock does not tell. */
  readonly utcOffsetMinutes?: number;
  /** For meters that send UTC -> local as deviation. */
  readonly invertDeviation?: boolean;
  /** What null-data in a value column means: the value above, by the standard, or no value. */
  readonly nullData?: "repeated" | "missing";
  /** The forms of access to try, in order; all when left out. */
  readonly forms?: readonly ProfileForm[];
}

/** A way to ask a meter for a part of a profile. */
export type ProfileForm =
  /** By range, bounds with the difference to UTC. */
  | "range"
  /** By range, bounds in local time, their deviation not specified. */
  | "range-without-deviation"
  /** By range, bounds with nothing but date, hour and minute. */
  | "range-unspecified"
  /** By range, bounds on whole hours around what is asked for. */
  | "range-whole-hours"
  /** By entry, the entries found by their time. */
  | "entry"
  /** Everything; what was not asked for is dropped here. */
  | "whole-buffer";

/** Where a read stands. */
export interface ProfileProgress {
  /** Rows handed out or dropped so far, those of the read before a resume not counted. */
  readonly rows: number;
  /** Octets of the buffer so far. */
  readonly bytes: number;
  /** Rows that the meter announced for this request, where it did. */
  readonly expectedRows: number | undefined;
  /** Estimated octets in all. */
  readonly expectedBytes: number | undefined;
  readonly elapsedMs: number;
  /** Estimated time to go, in milliseconds. */
  readonly remainingMs: number | undefined;
  readonly form: ProfileForm;
}

/** Where to go on after an interruption; plain data that survives JSON. */
export interface ProfileCheckpoint {
  readonly version: 1;
  /** Name of the profile. */
  readonly profile: string;
  /** Rows handed out. */
  readonly rows: number;
  /** The newest rows handed out, oldest of them first: their time in local and UTC milliseconds, and what they hold. */
  readonly window: readonly {
    readonly localMs: number | null;
    readonly epochMs: number | null;
    readonly digest: number;
  }[];
}
