import { dlmsError } from "../base/index.js";

/** Gives the invocation counter of the next APDU protected with a key. Synchronous: what it gives is already reserved. */
export interface CounterSource {
  /**
   * @throws SecurityError `counter-reserve-empty` when nothing reserved is left, `counter-exhausted` at the end of
   * the counter's range.
   */
  next(): number;
}

/** The counter has 32 bits; its last value is never used (IEC 62056-5-3, invocation counter). */
export const counterLimit = 0xffff_ffff;

/**
 * A counter that lives in memory alone. Right for keys that do not outlive the process (dedicated keys), for a
 * received counter taken up again, and for tests; with a lasting key a restart uses counters twice.
 */
export class MemoryCounter implements CounterSource {
  #next: number;

  /** @throws UsageError `invalid-argument` when `first` is no 32-bit counter. */
  constructor(first = 0) {
    checkCounter(first);
    this.#next = first;
  }

  next(): number {
    if (this.#next >= counterLimit) throw exhausted();
    return this.#next++;
  }
}

/**
 * Counters reserved from a store beforehand. Whoever drives the association asks `needsRefill` between messages and
 * calls `refill`; the synchronous machines below only take what is there.
 */
export class ReservedCounter implements CounterSource {
  readonly #reserve: (count: number, atLeast: number) => Promise<number>;
  readonly #batch: number;
  #next = 0;
  #end = 0;

  /**
   * `reserve` is an `InvocationCounterStore`'s for this key and title. `batch` counters are asked for at once:
   * that many are lost when the process ends. Default 256.
   */
  constructor(reserve: (count: number, atLeast: number) => Promise<number>, batch = 256) {
    this.#reserve = reserve;
    this.#batch = batch;
  }

  get remaining(): number {
    return this.#end - this.#next;
  }

  /** True when less than half of a batch is left. */
  get needsRefill(): boolean {
    return 2 * this.remaining < this.#batch;
  }

  /** Reserves more. What was left is given up unless the new counters follow it. */
  async refill(atLeast = 0): Promise<void> {
    const first = await this.#reserve(this.#batch, atLeast);
    // An earlier reservation that resolves late would lead back below counters already used.
    if (first < this.#end) return;
    if (first !== this.#end || this.remaining === 0 || this.#next < atLeast) this.#next = first;
    this.#end = first + this.#batch;
  }

  next(): number {
    if (this.#next >= counterLimit) throw exhausted();
    if (this.#next >= this.#end)
      throw dlmsError("counter-reserve-empty", "no reserved invocation counter is left", { layer: "security" });
    return this.#next++;
  }
}

/** @throws UsageError `invalid-argument` unless it is an integer of 32 bits. */
export function checkCounter(counter: number): void {
  if (!Number.isInteger(counter) || counter < 0 || counter > counterLimit)
    throw dlmsError("invalid-argument", `${counter} is no invocation counter: 0 to ${counterLimit}`, {
      layer: "security",
    });
}

/** The error at the end of the range. */
export function exhausted() {
  return dlmsError("counter-exhausted", "the invocation counter of this key is used up", { layer: "security" });
}
