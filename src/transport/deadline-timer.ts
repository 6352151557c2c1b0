import type { Clock } from "./transport.js";

/**
 * Keeps one timer for the `deadline` of a protocol object. Deadlines move with every octet that arrives, so a timer
 * that is early is left to fire and looks again, instead of being armed anew each time.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #expired: (now: number) => void;
  #deadline: number | undefined;
  #timer: unknown;
  #armedFor = Number.POSITIVE_INFINITY;
  /** Deadline that was handed over last: the same one again must not spin. */
  #fired: number | undefined;

  /** @param expired called when the deadline set last has come. */
  constructor(clock: Clock, expired: (now: number) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** The deadline that holds from now on, in the clock's milliseconds; undefined means none. */
  set(deadline: number | undefined): void {
    this.#deadline = deadline;
    if (deadline === undefined) {
      this.#disarm();
    } else if (deadline < this.#armedFor) {
      this.#disarm();
      this.#arm(deadline);
    }
  }

  #arm(deadline: number): void {
    this.#armedFor = deadline;
    const least = deadline === this.#fired ? 1 : 0;
    this.#timer = this.#clock.setTimer(() => this.#fire(), Math.max(least, deadline - this.#clock.now()));
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const deadline = this.#deadline;
    if (deadline === undefined) return;
    const now = this.#clock.now();
    if (now < deadline) {
      this.#arm(deadline);
      return;
    }
    this.#deadline = undefined;
    this.#fired = deadline;
    this.#expired(now);
  }
}
