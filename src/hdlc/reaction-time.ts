/** Fewer answers tell nothing of the next one. */
const fewestAnswers = 3;
/** No poll is repeated sooner, however quick the meter has been. */
const leastTimeoutMs = 500;
/** How much slower than ever before an answer may come. */
const margin = 4;

/**
 * How soon a meter answers polls for data that lies ready: a poll that was lost is then repeated after a few times
 * that, instead of after the time that a meter may take to think.
 */
export class ReactionTime {
  #askedAt: number | undefined;
  #answers = 0;
  #slowest = 0;

  /** The last octet of a poll leaves then. */
  asked(at: number): void {
    this.#askedAt = at;
  }

  /** Something else is awaited, or the same poll again: what comes tells nothing of the reaction. */
  forget(): void {
    this.#askedAt = undefined;
  }

  heard(now: number): void {
    if (this.#askedAt === undefined) return;
    this.#answers++;
    this.#slowest = Math.max(this.#slowest, now - this.#askedAt);
    this.#askedAt = undefined;
  }

  /** How long to wait for the first octet of an answer; never longer than `most`. */
  timeoutMs(most: number): number {
    if (this.#answers < fewestAnswers) return most;
    return Math.min(most, Math.max(leastTimeoutMs, margin * this.#slowest));
  }
}
