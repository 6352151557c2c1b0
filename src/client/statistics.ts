/** What a session has cost so far. Plain counters: reading them costs nothing. */
export interface SessionStatistics {
  /** Octets on the line, framing included. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Whole APDUs handed to and by the link. */
  readonly apdusSent: number;
  readonly apdusReceived: number;
  /** GET, SET and ACTION asked for, each list as one. */
  readonly requests: number;
  /** Changes from sending to receiving: what latency is paid for. */
  readonly roundTrips: number;
  /** Frames or requests that were sent again. */
  readonly retries: number;
  /** Tolerances that fired, noise that was discarded. */
  readonly notices: number;
  /** From the first octet until the meter was associated; undefined before. */
  readonly connectMs: number | undefined;
  /** Since the session began, until it was closed. */
  readonly durationMs: number;
}

/** The counters while they move. */
export class StatisticsCounter {
  bytesSent = 0;
  bytesReceived = 0;
  apdusSent = 0;
  apdusReceived = 0;
  requests = 0;
  roundTrips = 0;
  retries = 0;
  notices = 0;
  connectMs: number | undefined;
  readonly #began: number;
  #ended: number | undefined;
  #sending = false;

  constructor(now: number) {
    this.#began = now;
  }

  sent(bytes: number): void {
    this.bytesSent += bytes;
    this.#sending = true;
  }

  received(bytes: number): void {
    this.bytesReceived += bytes;
    if (this.#sending) this.roundTrips++;
    this.#sending = false;
  }

  connected(now: number): void {
    this.connectMs = now - this.#began;
  }

  ended(now: number): void {
    this.#ended ??= now;
  }

  snapshot(now: number): SessionStatistics {
    const { bytesSent, bytesReceived, apdusSent, apdusReceived, requests, roundTrips, retries, notices, connectMs } =
      this;
    return {
      bytesSent,
      bytesReceived,
      apdusSent,
      apdusReceived,
      requests,
      roundTrips,
      retries,
      notices,
      connectMs,
      durationMs: (this.#ended ?? now) - this.#began,
    };
  }
}
