import type { Notice } from "../base/index.js";
import type { Clock } from "../transport/index.js";
import type { SessionState, TraceDetail, TraceLayer, TraceSink } from "./trace.js";

let sessions = 0;

/** Hands the events of one session to whoever listens. Callers ask `active` first, so that silence costs nothing. */
export class Tracer {
  readonly #clock: Clock;
  readonly #sink: TraceSink | undefined;
  #session = 0;

  constructor(clock: Clock, sink: TraceSink | undefined) {
    this.#clock = clock;
    this.#sink = sink;
    if (sink !== undefined) this.#session = ++sessions;
  }

  get active(): boolean {
    return this.#sink !== undefined;
  }

  emit(detail: TraceDetail): void {
    if (this.#sink === undefined) return;
    try {
      this.#sink({ ...detail, session: this.#session, at: this.#clock.now(), wallTime: this.#clock.wallTime() });
    } catch {
      // a subscriber's fault must not end the session it watches
    }
  }

  state(state: SessionState, message?: string): void {
    if (this.active) this.emit({ type: "state", state, ...(message !== undefined && { message }) });
  }

  notice(layer: TraceLayer, { name, message, bytes }: Notice): void {
    if (this.active) this.emit({ type: "notice", layer, name, message, ...(bytes && { bytes: bytes.slice() }) });
  }
}
