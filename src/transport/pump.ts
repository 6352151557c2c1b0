import { type AbortSignalLike, type Connection, DlmsError, dlmsError } from "../base/index.js";
import { DeadlineTimer } from "./deadline-timer.js";
import type { Clock, LineSettings, Transport } from "./transport.js";

/** Octets as they crossed the line. They belong to the pump: copy what is to be kept. */
export interface LineTrace {
  readonly direction: "sent" | "received";
  readonly bytes: Uint8Array;
  /** Monotonic milliseconds of the transport's clock: when writing began, or when they arrived. */
  readonly at: number;
  /** The same instant in milliseconds since 1970 (UTC). */
  readonly wallTime: number;
}

export interface PumpOptions {
  /**
   * The line is gone, or what drove it broke: called once, at once, and not because of the owner's own `close`.
   * Without an error when the peer closed in order.
   */
  closed(error?: Error): void;
  /** Sees every octet on its way; costs nothing when left out. */
  readonly trace?: ((entry: LineTrace) => void) | undefined;
}

/** The handle of the connection that a pump drives. */
export interface Driven<Command> {
  /** Gives a command and carries out what follows from it. @throws what the connection throws, as `wrong-state`. */
  send(command: Command): void;
  /** Feeds octets as if they had arrived, as those left over by the sign-on that ran before. */
  receive(bytes: Uint8Array): void;
  /** Carries out what the connection wants after it was touched from outside. */
  poke(): void;
  /** False once another connection took its place, or the line is gone. */
  readonly active: boolean;
}

type Job =
  | { readonly bytes: Uint8Array }
  | { readonly line: LineSettings; done(): void; failed(error: unknown): void }
  | { done(): void; failed(error: unknown): void };

/** Octets that may wait for a connection to be driven. */
const waitingLimit = 65_536;

/**
 * Drives a `Connection` over a `Transport`: octets in, output out in order and one write at a time, events to their
 * handler, time-outs from the clock. The connection may be replaced on the way, as HDLC follows an IEC 62056-21
 * sign-on. One pump opens one transport once.
 */
export class Pump {
  readonly transport: Transport;
  readonly #options: PumpOptions;
  #state: "new" | "opening" | "open" | "closed" = "new";
  #driven: Drive<unknown, unknown> | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #jobs: Job[] = [];
  #working = false;
  /** The job under way, which the end of the line ends too. */
  #current: Job | undefined;

  constructor(transport: Transport, options: PumpOptions) {
    this.transport = transport;
    this.#options = options;
  }

  get clock(): Clock {
    return this.transport.clock;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Opens the transport. @throws what `Transport.open` throws; after that the pump is of no more use. */
  async open(signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", "the pump was opened before", { layer: "transport" });
    this.#state = "opening";
    const handlers = {
      data: (bytes: Uint8Array) => this.#received(bytes),
      closed: (error?: DlmsError) => this.#fail(error),
    };
    try {
      await this.transport.open(handlers, signal);
    } catch (error) {
      this.#state = "closed";
      throw error;
    }
    // a cast, because the compiler does not see that `close` may have run meanwhile
    if ((this.#state as string) !== "opening") throw lost(this.transport.name);
    this.#state = "open";
    this.#driven?.poke();
    this.#startWork();
  }

  /** Puts `connection` in charge of the line; the one before hears nothing more. */
  drive<Command, Event>(connection: Connection<Command, Event>, handler: (event: Event) => void): Driven<Command> {
    this.#driven?.stop();
    const driven = new Drive(connection, handler, this.clock, {
      write: (bytes) => this.#enqueue({ bytes }),
      broke: (error) => this.#fail(error),
    });
    if (this.#state === "closed") {
      driven.stop();
      return driven;
    }
    this.#driven = driven as Drive<unknown, unknown>;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const bytes of waiting) driven.receive(bytes);
    driven.poke();
    return driven;
  }

  /**
   * Changes the line's settings after everything put out so far has left and before anything put out later.
   * Nothing to do on a transport that is not a serial line.
   */
  setLine(line: LineSettings): Promise<void> {
    return new Promise((done, failed) => this.#enqueue({ line, done, failed }));
  }

  /** Resolves when everything put out so far has left. @throws TransportError `connection-lost`. */
  flushed(): Promise<void> {
    return new Promise((done, failed) => this.#enqueue({ done, failed }));
  }

  /** Closes the transport; what has not left is dropped (await `flushed` before). Idempotent, never throws. */
  async close(): Promise<void> {
    if (this.#state !== "closed") this.#end(undefined);
    await this.transport.close();
  }

  #received(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    if (this.#options.trace !== undefined) this.#trace("received", bytes);
    if (this.#driven !== undefined) {
      this.#driven.receive(bytes);
      return;
    }
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes <= waitingLimit) this.#waiting.push(bytes.slice());
  }

  #enqueue(job: Job): void {
    if (this.#state === "closed") {
      if (!("bytes" in job)) job.failed(lost(this.transport.name));
      return;
    }
    this.#jobs.push(job);
    this.#startWork();
  }

  #startWork(): void {
    if (!this.#working && this.#jobs.length > 0 && this.#state === "open") void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
        this.#current = job;
        if ("bytes" in job) {
          if (this.#options.trace !== undefined) this.#trace("sent", job.bytes);
          await this.transport.write(job.bytes);
        } else {
          await this.#carryOut(job);
        }
        if (this.#state === "closed") return;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#working = false;
      this.#current = undefined;
    }
  }

  async #carryOut(job: Exclude<Job, { readonly bytes: Uint8Array }>): Promise<void> {
    try {
      if ("line" in job) await this.transport.setLine?.(job.line);
      job.done();
    } catch (error) {
      job.failed(error);
    }
  }

  #trace(direction: "sent" | "received", bytes: Uint8Array): void {
    this.#options.trace?.({ direction, bytes, at: this.clock.now(), wallTime: this.clock.wallTime() });
  }

  #fail(error: unknown): void {
    if (this.#state === "closed") return;
    const cause = error === undefined || error instanceof Error ? error : new Error(String(error));
    this.#end(cause);
    void this.transport.close();
    this.#options.closed(cause);
  }

  /** Ends every wait at once. */
  #end(cause: Error | undefined): void {
    this.#state = "closed";
    this.#driven?.stop();
    this.#driven = undefined;
    this.#waiting = [];
    const jobs = this.#current === undefined ? this.#jobs : [this.#current, ...this.#jobs];
    this.#jobs = [];
    for (const job of jobs) if (!("bytes" in job)) job.failed(DlmsError.is(cause) ? cause : lost(this.transport.name));
  }
}

function lost(name: string): DlmsError {
  return dlmsError("connection-lost", `${name} is closed`, { layer: "transport" });
}

interface DriveContext {
  write(bytes: Uint8Array): void;
  /** The connection or its handler threw: the line cannot go on. */
  broke(error: unknown): void;
}

class Drive<Command, Event> implements Driven<Command> {
  readonly #connection: Connection<Command, Event>;
  readonly #handler: (event: Event) => void;
  readonly #clock: Clock;
  readonly #context: DriveContext;
  readonly #timer: DeadlineTimer;
  #active = true;
  #draining = false;

  constructor(
    connection: Connection<Command, Event>,
    handler: (event: Event) => void,
    clock: Clock,
    context: DriveContext,
  ) {
    this.#connection = connection;
    this.#handler = handler;
    this.#clock = clock;
    this.#context = context;
    this.#timer = new DeadlineTimer(clock, (now) => this.#guarded(() => this.#connection.handleTimeout(now)));
  }

  get active(): boolean {
    return this.#active;
  }

  send(command: Command): void {
    if (!this.#active) throw dlmsError("wrong-state", "the connection is not driven any more", { layer: "transport" });
    this.#connection.send(command, this.#clock.now());
    this.poke();
  }

  receive(bytes: Uint8Array): void {
    this.#guarded(() => this.#connection.receive(bytes, this.#clock.now()));
  }

  poke(): void {
    this.#guarded(() => {});
  }

  stop(): void {
    this.#active = false;
    this.#timer.set(undefined);
  }

  #guarded(touch: () => void): void {
    if (!this.#active) return;
    try {
      touch();
      this.#drain();
    } catch (error) {
      this.#context.broke(error);
    }
  }

  /** Output before events, each as long as there is some; a handler may send, close or replace the connection. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (this.#active) {
        const output = this.#connection.takeOutput();
        if (output !== undefined) {
          this.#context.write(output);
          continue;
        }
        const event = this.#connection.nextEvent();
        if (event === undefined) break;
        this.#handler(event);
      }
    } finally {
      this.#draining = false;
    }
    if (this.#active) this.#timer.set(this.#connection.deadline);
  }
}
