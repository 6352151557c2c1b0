/** Gives the invocation counter of the next APDU protected with a key. Synchronous: what it gives is already reserved. */
export interface CounterSource {
  /**
   * @throws SecurityError `counter-reserve-empty` when nothing reserved is left, `counter-exhausted` at the end of
   * the counter's range.
   */
  next(): number;
}

/**
 * Where invocation counters live. One record for each key and own system title, shared by all who send with it.
 * A record moves before the counters it gives out are used, so that none is used twice whatever crashes.
 */
export interface InvocationCounterStore {
  /**
   * Reserves `count` consecutive counters and returns the first of them: the record's next one, or `atLeast` when
   * that is higher. Resolves only after the reservation is lasting.
   * @throws SecurityError `counter-exhausted`, `counter-store-failed`.
   */
  reserve(keyFingerprint: string, ownSystemTitle: Uint8Array, count: number, atLeast?: number): Promise<number>;
  /** The record's next counter, undefined when there is no record. */
  next(keyFingerprint: string, ownSystemTitle: Uint8Array): Promise<number | undefined>;
}
