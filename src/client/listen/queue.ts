/** A queue of limited length between producers that wait for room and one consumer that waits for items. */
export class BoundedQueue<T> {
  readonly #limit: number;
  readonly #items: T[] = [];
  #takers: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #waiting: (() => void)[] = [];
  #ended = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when the item is in the queue; at once as long as there is room. False when the queue has ended. */
  async put(item: T): Promise<boolean> {
    while (!this.#ended && this.#takers.length === 0 && this.#items.length >= this.#limit)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#ended) return false;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker({ done: false, value: item });
    return true;
  }

  take(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    this.#waiting.shift()?.();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Nothing more comes; what is in the queue is still delivered. */
  end(): void {
    this.#ended = true;
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
    for (const taker of this.#takers) taker({ done: true, value: undefined });
    this.#takers = [];
  }
}
