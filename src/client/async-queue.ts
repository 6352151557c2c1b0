/**
 * A queue between an event handler that never waits and one consumer that does. With a limit the oldest item goes
 * when one more comes.
 */
export class AsyncQueue<T> implements AsyncIterator<T, undefined> {
  readonly #items: T[] = [];
  readonly #limit: number;
  readonly #onReturn: () => void;
  #taker: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void } | undefined;
  #end: { readonly error?: unknown } | undefined;

  /** @param onReturn called when the consumer leaves before the end. */
  constructor(onReturn: () => void = () => {}, limit = Number.POSITIVE_INFINITY) {
    this.#onReturn = onReturn;
    this.#limit = limit;
  }

  /** False when an older item was given up for this one. */
  push(item: T): boolean {
    if (this.#end !== undefined) return true;
    const taker = this.#taker;
    if (taker !== undefined) {
      this.#taker = undefined;
      taker.resolve({ done: false, value: item });
      return true;
    }
    this.#items.push(item);
    if (this.#items.length <= this.#limit) return true;
    this.#items.shift();
    return false;
  }

  /** Nothing more comes; what waits is still delivered. */
  finish(end: { readonly error?: unknown } = {}): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker === undefined) return;
    if ("error" in end) taker.reject(end.error);
    else taker.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    const end = this.#end;
    if (end === undefined) return new Promise((resolve, reject) => (this.#taker = { resolve, reject }));
    if (!("error" in end)) return Promise.resolve({ done: true, value: undefined });
    this.#end = {};
    return Promise.reject(end.error);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    const over = this.#end !== undefined;
    this.finish();
    this.#items.length = 0;
    if (!over) this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }
}
