import { dlmsError } from "../base/index.js";
import type { Clock } from "./transport.js";

/** One timer; a cleared one stays in the heap until its time comes up. */
interface Timer {
  readonly due: number;
  /** Order of arming, which decides between timers of the same instant. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/** What a virtual clock starts with. */
export interface VirtualClockOptions {
  /** Wall time at `now() === 0`, in milliseconds since 1970 (UTC); 2026-01-01 when left out. */
  readonly wallTime?: number;
}

/**
 * Time that passes only when there is nothing else to do: months of line time run in milliseconds, and the same
 * program gives the same run each time. Promises settle before time moves on.
 */
export class VirtualClock implements Clock {
  readonly #epoch: number;
  readonly #heap: Timer[] = [];
  #now = 0;
  #order = 0;
  #armed = 0;
  #held = 0;

  constructor(options: VirtualClockOptions = {}) {
    this.#epoch = options.wallTime ?? Date.UTC(2026, 0, 1);
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#epoch + this.#now;
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#armed;
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    const timer: Timer = { due: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#armed++;
    push(this.#heap, timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    const armed = timer as Timer | undefined;
    if (armed?.callback === undefined) return;
    armed.callback = undefined;
    this.#armed--;
  }

  /**
   * Lets time pass until `promise` settles and gives its outcome.
   * @throws UsageError `wrong-state` when no timer is left and nothing outside happens: it would never settle.
   */
  async run<T>(promise: PromiseLike<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    let idleTurns = 0;
    for (;;) {
      await turn();
      if (settled) return promise;
      if (this.#held > 0) await breath();
      else if (this.#fireNext(Number.POSITIVE_INFINITY)) idleTurns = 0;
      else if (++idleTurns > 200) throw stuck(this.#now);
      else await breath();
    }
  }

  /** Lets `durationMs` pass, firing on its way what falls due. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await turn();
    while (this.#fireNext(end)) await turn();
    this.#now = end;
    await turn();
  }

  /** Resolves after `durationMs` of this clock's time. */
  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, durationMs));
  }

  /** Stops time while something real is under way that this clock cannot see: a file, a socket, a module to load. */
  async hold<T>(promise: PromiseLike<T>): Promise<T> {
    this.#held++;
    try {
      return await promise;
    } finally {
      this.#held--;
    }
  }

  /** Fires the next timer that is due up to `end`; false when there is none. */
  #fireNext(end: number): boolean {
    for (let timer = this.#heap[0]; timer !== undefined; timer = this.#heap[0]) {
      if (timer.callback === undefined) {
        pop(this.#heap);
        continue;
      }
      if (timer.due > end) return false;
      pop(this.#heap);
      const { callback } = timer;
      timer.callback = undefined;
      this.#armed--;
      this.#now = Math.max(this.#now, timer.due);
      callback();
      return true;
    }
    return false;
  }
}

function stuck(now: number) {
  return dlmsError("wrong-state", `virtual time ${now} ms: no timer is armed, so the promise would never settle`, {
    layer: "transport",
    advice: "Something waits without a time-out; wrap real input and output in hold().",
  });
}

interface Host {
  setImmediate?(callback: () => void): unknown;
  setTimeout(callback: () => void, delayMs: number): unknown;
}

/** One turn of the host's event loop: every promise that can settle has settled after it. */
function turn(): Promise<void> {
  const host = globalThis as unknown as Host;
  return new Promise((resolve) => {
    if (host.setImmediate === undefined) host.setTimeout(resolve, 0);
    else host.setImmediate(resolve);
  });
}

/** A millisecond of real time, for what is under way outside. */
function breath(): Promise<void> {
  return new Promise((resolve) => (globalThis as unknown as Host).setTimeout(resolve, 1));
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  heap.push(timer);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Timer;
    if (!before(timer, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, heap[child] as Timer)) child++;
    if (!before(heap[child] as Timer, last)) break;
    heap[at] = heap[child] as Timer;
    at = child;
  }
  heap[at] = last;
}
