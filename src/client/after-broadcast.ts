import { type AbortSignalLike, DlmsError } from "../base/index.js";
import { abortedError } from "./cancellation.js";
import type { Meter } from "./meter.js";

/** One meter that a broadcast was for. */
export interface BroadcastTarget {
  /** For people: tells the results apart. */
  readonly name: string;
  /** Connects to that meter alone. It is closed here when it was asked. */
  connect(): Promise<Meter>;
}

/** What is asked of each meter after a broadcast. */
export interface Completion<Missing> {
  /** What the meter has missed; undefined when it has all. */
  missing(meter: Meter): Promise<Missing | undefined>;
  /** Gives it what it has missed. */
  complete(meter: Meter, missing: Missing): Promise<unknown>;
}

/** How it went with one meter. */
export type CompletionResult<Missing> =
  /** It had taken the broadcast. */
  | { readonly name: string; readonly state: "complete" }
  /** It had not, and was given what it missed. */
  | { readonly name: string; readonly state: "completed"; readonly missing: Missing }
  | { readonly name: string; readonly state: "failed"; readonly error: DlmsError };

/**
 * Goes from meter to meter after a broadcast and gives each what it has missed. A meter that fails does not keep the
 * next from being asked. One at a time: on a shared line no two can speak.
 * @throws whatever is not an error of this library; `aborted` when the signal fires between two meters.
 */
export async function afterBroadcast<Missing>(
  targets: Iterable<BroadcastTarget>,
  { missing, complete }: Completion<Missing>,
  { signal }: { readonly signal?: AbortSignalLike } = {},
): Promise<CompletionResult<Missing>[]> {
  const results: CompletionResult<Missing>[] = [];
  for (const { name, connect } of targets) {
    if (signal?.aborted === true) throw abortedError("what follows a broadcast", signal);
    let meter: Meter | undefined;
    try {
      meter = await connect();
      const missed = await missing(meter);
      if (missed === undefined) results.push({ name, state: "complete" });
      else {
        await complete(meter, missed);
        results.push({ name, state: "completed", missing: missed });
      }
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      results.push({ name, state: "failed", error });
    } finally {
      await meter?.close();
    }
  }
  return results;
}
