import { type Deferred, deferred } from "./deferred.js";

/** Lets any number in at once, or one alone: who wants to be alone waits for the others to leave, and they for it. */
export class Gate {
  #inside = 0;
  #alone: Promise<void> | undefined;
  #left: Deferred<void> | undefined;

  async shared<T>(task: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    this.#inside++;
    try {
      return await task();
    } finally {
      if (--this.#inside === 0) this.#left?.resolve();
    }
  }

  async alone<T>(task: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    const over = deferred<void>();
    this.#alone = over.promise;
    try {
      if (this.#inside > 0) {
        this.#left = deferred();
        await this.#left.promise;
        this.#left = undefined;
      }
      return await task();
    } finally {
      this.#alone = undefined;
      over.resolve();
    }
  }
}
