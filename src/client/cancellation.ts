import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import type { Clock } from "../transport/index.js";

/**
 * One end for something that takes several steps: the caller's signal, a total time, or our own decision. It is a
 * signal itself, for those below who take one.
 */
export class Cancellation implements AbortSignalLike {
  readonly #clock: Clock;
  readonly #outer: AbortSignalLike | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #onOuter = () => this.cancel(abortedError("connecting", this.#outer));
  #timer: unknown;
  #error: DlmsError | undefined;

  constructor(clock: Clock, outer: AbortSignalLike | undefined) {
    this.#clock = clock;
    this.#outer = outer;
    if (outer?.aborted === true) this.#onOuter();
    else outer?.addEventListener("abort", this.#onOuter);
  }

  get aborted(): boolean {
    return this.#error !== undefined;
  }

  get reason(): unknown {
    return this.#error;
  }

  /** Why it was called off. */
  get error(): DlmsError | undefined {
    return this.#error;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Calls off after `limitMs` with the error that `explain` gives then. */
  limit(limitMs: number, explain: () => DlmsError): void {
    this.#timer = this.#clock.setTimer(() => this.cancel(explain()), limitMs);
  }

  cancel(error: DlmsError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.dispose();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  /** What `task` gives, unless it is called off before; then `task` is left to itself. */
  race<T>(task: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(this.#error);
      if (this.#error !== undefined) onAbort();
      else this.addEventListener("abort", onAbort);
      task.then(resolve, reject);
    });
  }

  /** The time and the caller's signal no longer count. */
  dispose(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#outer?.removeEventListener("abort", this.#onOuter);
  }
}

/** What a caller gets who cancelled. */
export function abortedError(what: string, signal: AbortSignalLike | undefined): DlmsError {
  return dlmsError("aborted", `${what} was cancelled`, { layer: "client", cause: signal?.reason });
}
