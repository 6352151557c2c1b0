import type { Clock } from "./transport.js";

/** What every host offers, be it Node, a browser or a worker; declared here so that no host's types are needed. */
interface Host {
  readonly performance: { now(): number };
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const host = globalThis as unknown as Host;

/** Longest delay that a host's timer takes; a longer one would fire at once. */
const longestDelayMs = 0x7fff_ffff;

/** The host's own clock. A delay above 24 days fires after 24 days: whoever arms a timer looks at the time again. */
export const systemClock: Clock = {
  now: () => host.performance.now(),
  wallTime: () => Date.now(),
  setTimer: (callback, delayMs) => host.setTimeout(callback, Math.min(Math.max(0, delayMs), longestDelayMs)),
  clearTimer: (timer) => host.clearTimeout(timer),
};
