/** A segment on its way: one information field. */
export interface Segment {
  readonly information: Uint8Array;
  /** More segments of the same APDU follow. */
  readonly segmented: boolean;
  /** Last segment of what was given to `send`. */
  readonly ends: boolean;
}

/**
 * The numbers of one end of a link: V(S), V(R), what was sent and not yet acknowledged, what waits. Sequence numbers
 * are modulo 8; nothing moves before a frame check has held.
 */
export class Window {
  readonly #size: number;
  /** Not yet acknowledged, oldest first; the first has the number `#acknowledged`. */
  #unacknowledged: Segment[] = [];
  #waiting: Segment[] = [];
  #acknowledged = 0;
  /** How many of the unacknowledged are sent since the last rewind. */
  #sent = 0;
  #receive = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** V(R): the number expected next. */
  get receiveSequence(): number {
    return this.#receive;
  }

  /** V(S): the number of the next frame. */
  get sendSequence(): number {
    return (this.#acknowledged + this.#sent) & 7;
  }

  /** The number up to which the peer has taken everything. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** True when something is to be sent, for the first time or again. */
  get hasMore(): boolean {
    return this.#sent < this.#unacknowledged.length || this.#waiting.length > 0;
  }

  /** True when everything given to `queue` is acknowledged. */
  get isClear(): boolean {
    return this.#unacknowledged.length === 0 && this.#waiting.length === 0;
  }

  queue(segments: readonly Segment[]): void {
    this.#waiting.push(...segments);
  }

  /** The frames of this turn, at most a window of them, with their N(S). */
  takeTurn(): { readonly segment: Segment; readonly sendSequence: number }[] {
    while (this.#unacknowledged.length < this.#size && this.#waiting.length > 0)
      this.#unacknowledged.push(this.#waiting.shift() as Segment);
    const turn = this.#unacknowledged.slice(this.#sent).map((segment, index) => ({
      segment,
      sendSequence: (this.#acknowledged + this.#sent + index) & 7,
    }));
    this.#sent = this.#unacknowledged.length;
    return turn;
  }

  /**
   * Takes an N(R): what lies before it has arrived. Undefined when it is none of the numbers it may be; otherwise
   * whether an APDU is now taken in full.
   */
  acknowledge(receiveSequence: number): { readonly ended: boolean } | undefined {
    const count = (receiveSequence - this.#acknowledged) & 7;
    if (count > this.#sent) return undefined;
    const done = this.#unacknowledged.splice(0, count);
    this.#acknowledged = receiveSequence;
    this.#sent -= count;
    return { ended: done.some(({ ends }) => ends) };
  }

  /** Takes everything sent as arrived. False when nothing was outstanding. */
  acknowledgeAll(): boolean {
    if (this.#sent === 0) return false;
    this.acknowledge((this.#acknowledged + this.#sent) & 7);
    return true;
  }

  /** At a checkpoint: what was sent and is not acknowledged goes again. */
  rewind(): boolean {
    const lost = this.#sent > 0;
    this.#sent = 0;
    return lost;
  }

  /** True when the frame with this N(S) is the one expected; then it counts as received. */
  accept(sendSequence: number): boolean {
    if (sendSequence !== this.#receive) return false;
    this.#receive = (this.#receive + 1) & 7;
    return true;
  }

  /** Forgets what waits to be sent. */
  clear(): void {
    this.#unacknowledged = [];
    this.#waiting = [];
    this.#sent = 0;
  }
}
