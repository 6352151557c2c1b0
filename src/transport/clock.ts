import type { Clock } from "./transport.js";

/** What every host offers, be it Node, a browser or a worker; declared here so that no host's types are needed. */
interface Host {
  readonly performance: { now(): number };
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Node alone: the next turn of the event loop, where a time-out of 0 takes a millisecond. */
  setImmediate?(callback: () => void): unknown;
  clearImmediate?(timer: unknown): void;
}

const host = globalThis as unknown as Host;

/** Longest delay that a host's timer takes; a longer one would fire at once. */
const longestDelayMs = 0x7fff_ffff;

/** A timer of the next turn. */
class Immediate {
  readonly handle: unknown;

  constructor(handle: unknown) {
    this.handle = handle;
  }
}

/** The host's own clock. A delay above 24 days fires after 24 days: whoever arms a timer looks at the time again. */
export const systemClock: Clock = {
  now: () => host.performance.now(),
  wallTime: () => Date.now(),
  setTimer(callback, delayMs) {
    if (delayMs <= 0 && host.setImmediate !== undefined) return new Immediate(host.setImmediate(callback));
    return host.setTimeout(callback, Math.min(Math.max(0, delayMs), longestDelayMs));
  },
  clearTimer(timer) {
    if (timer instanceof Immediate) host.clearImmediate?.(timer.handle);
    else host.clearTimeout(timer);
  },
};
