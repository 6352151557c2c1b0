import type { Clock } from "../transport/index.js";

/** What is done for a session at its times. */
export interface TimedTasks {
  /** Something small crosses the line. */
  keepAlive(): void;
  pollEvents(): void;
}

/** What a session does by itself while it is associated: keeps an idle line alive, polls for events. */
export class SessionTimers {
  /** When octets last crossed the line. */
  lastActivity: number;
  readonly #clock: Clock;
  readonly #tasks: TimedTasks;
  #keepAlive: unknown;
  #eventPoll: unknown;

  constructor(clock: Clock, tasks: TimedTasks) {
    this.#clock = clock;
    this.#tasks = tasks;
    this.lastActivity = clock.now();
  }

  /** Times in milliseconds; what is undefined is not done. */
  start(keepAliveMs: number | undefined, eventPollMs: number | undefined): void {
    this.lastActivity = this.#clock.now();
    if (keepAliveMs !== undefined) this.#armKeepAlive(keepAliveMs);
    if (eventPollMs !== undefined) this.#armEventPoll(eventPollMs);
  }

  stop(): void {
    for (const timer of [this.#keepAlive, this.#eventPoll]) if (timer !== undefined) this.#clock.clearTimer(timer);
    this.#keepAlive = undefined;
    this.#eventPoll = undefined;
  }

  #armKeepAlive(idleMs: number): void {
    const left = this.lastActivity + idleMs - this.#clock.now();
    this.#keepAlive = this.#clock.setTimer(
      () => {
        if (this.#clock.now() - this.lastActivity >= idleMs) {
          this.lastActivity = this.#clock.now();
          this.#tasks.keepAlive();
        }
        if (this.#keepAlive !== undefined) this.#armKeepAlive(idleMs);
      },
      Math.max(1, left),
    );
  }

  #armEventPoll(everyMs: number): void {
    this.#eventPoll = this.#clock.setTimer(() => {
      this.#tasks.pollEvents();
      if (this.#eventPoll !== undefined) this.#armEventPoll(everyMs);
    }, everyMs);
  }
}
