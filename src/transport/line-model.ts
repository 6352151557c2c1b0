import { type DlmsError, dlmsError } from "../base/index.js";
import { type ParityErrorPolicy, receiveCharacters } from "./character.js";
import { systemClock } from "./clock.js";
import { FaultInjector, type FaultOptions, type LineDirection } from "./faults.js";
import { JoinedEnd, type JoinedEndOptions } from "./joined-end.js";
import { type Clock, characterTimeMs, type LineSettings, type Transport } from "./transport.js";

/** What a line does to the octets that cross it. Everything left out is ideal. */
export interface LineModelOptions extends FaultOptions {
  /** A virtual clock in tests; the system's own when left out. */
  readonly clock?: Clock;
  /** Settings of both ends at the beginning; without them the line has no speed and no characters, as a network. */
  readonly line?: LineSettings;
  /** Time from the end of a character to its arrival, in milliseconds. */
  readonly latencyMs?: number;
  /** Half duplex: silence between the end of one direction and the beginning of the other, in milliseconds. */
  readonly turnaroundMs?: number;
  /** Who hears its own octets, as with some optical probes and two-wire lines. */
  readonly echo?: "near" | "far" | "both";
  readonly parityErrors?: ParityErrorPolicy;
  /** Characters are handed over together that arrive within this time, as a driver does; 20 ms when left out. */
  readonly granularityMs?: number;
  /** Each write is one datagram. */
  readonly datagrams?: boolean;
  readonly names?: readonly [string, string];
  /** False: an end does not hear that the other closed, as on a real serial line. */
  readonly hangUp?: boolean;
}

/** One direction's account. */
export interface DirectionStatistics {
  /** Octets sent. */
  bytes: number;
  writes: number;
  /** Time during which the direction carried characters, in milliseconds. */
  busyMs: number;
  /** Octets that were spoilt. */
  faults: number;
}

/** What crossed a line, for measuring how well it was used. */
export interface LineStatistics {
  readonly toFar: DirectionStatistics;
  readonly toNear: DirectionStatistics;
  /** How often the direction changed. */
  turnarounds: number;
  /** When the first character began and the last one ended, in the clock's milliseconds. */
  firstAt: number | undefined;
  lastAt: number | undefined;
}

/** A modelled line: give `near` to the client and `far` to the meter. */
export interface LineModel {
  readonly near: Transport;
  readonly far: Transport;
  readonly statistics: LineStatistics;
  /** Cuts the line now: both ends hear `connection-lost`. */
  cut(): void;
}

/** Two transports joined by a line that has a speed, delays and faults. */
export function lineModel(options: LineModelOptions = {}): LineModel {
  return new ModelledLine(options);
}

/** The line itself; its ends are of a class of their own, so that what opens them can be watched. */
export class ModelledLine implements LineModel {
  readonly near: JoinedEnd;
  readonly far: JoinedEnd;
  readonly statistics: LineStatistics;
  readonly #medium: Medium;

  constructor(options: LineModelOptions) {
    const clock = options.clock ?? systemClock;
    const [nearName, farName] = options.names ?? ["line near", "line far"];
    const common = { clock, datagrams: options.datagrams ?? false, line: options.line };
    const medium = new Medium(clock, options);
    const near = new LineEnd({ ...common, name: nearName }, medium, "to-far");
    const far = new LineEnd({ ...common, name: farName }, medium, "to-near");
    medium.join(near, far);
    this.near = near;
    this.far = far;
    this.statistics = medium.statistics;
    this.#medium = medium;
  }

  cut(): void {
    this.#medium.cut();
  }
}

class LineEnd extends JoinedEnd {
  readonly #medium: Medium;
  readonly #direction: LineDirection;

  constructor(options: JoinedEndOptions, medium: Medium, direction: LineDirection) {
    super(options);
    this.#medium = medium;
    this.#direction = direction;
  }

  /** Characters sent with the settings `tx` reach this end. */
  hear(bytes: Uint8Array, tx: LineSettings | undefined): void {
    const rx = this.line;
    const heard =
      tx === undefined || rx === undefined
        ? bytes.slice()
        : receiveCharacters(bytes, tx, rx, this.#medium.options.parityErrors).slice();
    if (heard.length > 0 || this.datagrams) this.arrive(heard);
  }

  protected carry(bytes: Uint8Array): Promise<void> {
    return this.#medium.transmit(this.#direction, bytes, this.line);
  }

  protected async hangUp(): Promise<void> {
    this.#medium.hangUp(this.#direction);
  }
}

/** The wire: knows who speaks, how long it takes, and what is spoilt. */
class Medium {
  readonly clock: Clock;
  readonly options: LineModelOptions;
  readonly statistics: LineStatistics = {
    toFar: { bytes: 0, writes: 0, busyMs: 0, faults: 0 },
    toNear: { bytes: 0, writes: 0, busyMs: 0, faults: 0 },
    turnarounds: 0,
    firstAt: undefined,
    lastAt: undefined,
  };
  readonly #injectors: Record<LineDirection, FaultInjector>;
  readonly #freeAt: Record<LineDirection, number> = { "to-far": 0, "to-near": 0 };
  #last: LineDirection | undefined;
  #near: LineEnd | undefined;
  #far: LineEnd | undefined;
  #isCut = false;

  constructor(clock: Clock, options: LineModelOptions) {
    this.clock = clock;
    this.options = options;
    this.#injectors = {
      "to-far": new FaultInjector("to-far", options),
      "to-near": new FaultInjector("to-near", options),
    };
  }

  join(near: LineEnd, far: LineEnd): void {
    this.#near = near;
    this.#far = far;
  }

  /** Carries one write; resolves when its last character has left the sender. */
  async transmit(direction: LineDirection, bytes: Uint8Array, tx: LineSettings | undefined): Promise<void> {
    const statistics = direction === "to-far" ? this.statistics.toFar : this.statistics.toNear;
    const characterMs = tx === undefined ? 0 : characterTimeMs(tx);
    const duration = characterMs * bytes.length;
    const start = this.#begin(direction);
    const end = start + duration;
    this.#freeAt[direction] = end;
    statistics.bytes += bytes.length;
    statistics.writes++;
    statistics.busyMs += duration;
    this.statistics.firstAt ??= start;
    this.statistics.lastAt = end;
    const outcome = this.#injectors[direction].apply(bytes.slice());
    statistics.faults += outcome.faults;
    this.#schedule(direction, outcome.bytes, tx, start, characterMs);
    await this.#until(end);
    if (outcome.cut) this.cut();
    if (this.#isCut) throw this.#lost();
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#near?.finish(this.#lost());
    this.#far?.finish(this.#lost());
  }

  /** The sender of `direction` closed; the other end hears of it after what is still under way. */
  hangUp(direction: LineDirection): void {
    if (this.options.hangUp === false) return;
    const receiver = direction === "to-far" ? this.#far : this.#near;
    this.#at(this.#freeAt[direction] + (this.options.latencyMs ?? 0), () => receiver?.finish());
  }

  /** When the next character of `direction` can begin. */
  #begin(direction: LineDirection): number {
    const other: LineDirection = direction === "to-far" ? "to-near" : "to-far";
    const { turnaroundMs = 0, latencyMs = 0 } = this.options;
    let start = Math.max(this.clock.now(), this.#freeAt[direction]);
    if (this.#last === other) {
      this.statistics.turnarounds++;
      if (turnaroundMs > 0) start = Math.max(start, this.#freeAt[other] + latencyMs + turnaroundMs);
    }
    this.#last = direction;
    return start;
  }

  #schedule(
    direction: LineDirection,
    bytes: Uint8Array,
    tx: LineSettings | undefined,
    start: number,
    characterMs: number,
  ): void {
    const { granularityMs = 20, latencyMs = 0, echo } = this.options;
    const [sender, receiver] = direction === "to-far" ? [this.#near, this.#far] : [this.#far, this.#near];
    const echoes = echo === "both" || (echo !== undefined && (echo === "near") === (direction === "to-far"));
    const size =
      this.options.datagrams === true || characterMs === 0
        ? bytes.length
        : Math.max(1, Math.floor(granularityMs / characterMs));
    for (let from = 0; from < bytes.length; from += size) {
      const chunk = bytes.subarray(from, from + size);
      const at = start + (from + chunk.length) * characterMs;
      this.#at(at + latencyMs, () => receiver?.hear(chunk, tx));
      if (echoes) this.#at(at, () => sender?.hear(chunk, tx));
    }
  }

  #at(time: number, act: () => void): void {
    this.clock.setTimer(() => {
      if (!this.#isCut) act();
    }, time - this.clock.now());
  }

  #until(time: number): Promise<void> {
    const delay = time - this.clock.now();
    if (delay <= 0) return Promise.resolve();
    return new Promise((resolve) => this.clock.setTimer(resolve, delay));
  }

  #lost(): DlmsError {
    return dlmsError("connection-lost", "the line was cut", { layer: "transport" });
  }
}
