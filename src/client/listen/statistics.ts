/** What a receiver of pushes did so far. */
export interface ListenStatistics {
  /** Lines open now. */
  readonly lines: number;
  /** Pushes delivered to the consumer's queue, repeated ones left out. */
  readonly pushes: number;
  /** Events that tell of octets which gave no push. */
  readonly rejected: number;
  /** Pushes that the consumer took. */
  readonly taken: number;
  /** Events that a handler failed on. */
  readonly failed: number;
  /** Confirmations sent. */
  readonly confirmed: number;
  /** Pushes that came again and were not delivered again. */
  readonly duplicates: number;
  /** Octets lost because the consumer was behind, of lines whose sender cannot be held up. */
  readonly lostOctets: number;
  /** Datagrams lost, for that reason or because too many peers sent at once. */
  readonly lostDatagrams: number;
  /** Times that a sender was held up until the consumer had caught up. */
  readonly pauses: number;
  /** Connections closed because nothing came for too long. */
  readonly stale: number;
}

type Counter = Exclude<keyof ListenStatistics, "lines">;

/** Counts for the statistics of one receiver. */
export class ListenCounts {
  readonly #counts: Record<Counter, number> = {
    pushes: 0,
    rejected: 0,
    taken: 0,
    failed: 0,
    confirmed: 0,
    duplicates: 0,
    lostOctets: 0,
    lostDatagrams: 0,
    pauses: 0,
    stale: 0,
  };

  count(what: Counter, by = 1): void {
    this.#counts[what] += by;
  }

  snapshot(lines: number, dropped: number): ListenStatistics {
    return { ...this.#counts, lines, lostDatagrams: this.#counts.lostDatagrams + dropped };
  }
}
