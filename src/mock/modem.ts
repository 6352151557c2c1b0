import { type AbortSignalLike, type DlmsError, dlmsError, equalBytes } from "../base/index.js";
import type { Clock, Endpoint, PeerInfo, Transport, TransportHandlers } from "../transport/index.js";

/** How the mock meter behaves when it dials in. */
export interface DialOptions {
  /** What it speaks; the endpoint's link when left out. */
  readonly link?: "hdlc" | "wrapper";
  /** A sign of life that is no DLMS: sent when the line is open, and again every `everyMs`. */
  readonly heartbeat?: {
    readonly octets: Uint8Array;
    readonly everyMs?: number;
    /** What the other end answers; it is not taken for DLMS. */
    readonly answer?: Uint8Array;
  };
  /** Dials in anew that many milliseconds after the line was lost. Default: it does not. */
  readonly redialMs?: number;
}

/** A meter that has dialled in. */
export interface DialledLine {
  /** Lines that were opened so far. */
  readonly dials: number;
  readonly isOpen: boolean;
  /** Hangs up, and does not dial in again. */
  close(): Promise<void>;
}

/** Opens the line to whoever waits for the meter, and opens it anew where the options say so. */
export class Modem implements DialledLine {
  readonly #endpoint: Endpoint;
  readonly #options: DialOptions;
  readonly #serve: (transport: Transport) => Promise<void>;
  #line: ModemTransport | undefined;
  #clock: Clock | undefined;
  #timer: unknown;
  #dials = 0;
  #closed = false;

  /** @param serve answers on an open line as the meter does. */
  constructor(endpoint: Endpoint, options: DialOptions, serve: (transport: Transport) => Promise<void>) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#serve = serve;
  }

  get dials(): number {
    return this.#dials;
  }

  get isOpen(): boolean {
    return this.#line?.isOpen === true;
  }

  /** @throws TransportError when nobody answers. */
  async dial(): Promise<void> {
    const inner = this.#endpoint.createTransport();
    this.#clock = inner.clock;
    const line = new ModemTransport(inner, this.#options.heartbeat, () => this.#redial());
    this.#line = line;
    this.#dials++;
    await this.#serve(line);
    line.greet();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#clock?.clearTimer(this.#timer);
    await this.#line?.close();
  }

  #redial(): void {
    const { redialMs } = this.#options;
    if (this.#closed || redialMs === undefined) return;
    this.#timer = this.#clock?.setTimer(() => {
      this.dial().catch(() => this.#redial());
    }, redialMs);
  }
}

/** A line on which a modem speaks beside the meter. */
class ModemTransport implements Transport {
  readonly #inner: Transport;
  readonly #heartbeat: DialOptions["heartbeat"];
  readonly #ended: () => void;
  #isOpen = false;
  #timer: unknown;

  constructor(inner: Transport, heartbeat: DialOptions["heartbeat"], ended: () => void) {
    this.#inner = inner;
    this.#heartbeat = heartbeat;
    this.#ended = ended;
  }

  get name(): string {
    return this.#inner.name;
  }

  get datagrams(): boolean {
    return this.#inner.datagrams;
  }

  get clock(): Clock {
    return this.#inner.clock;
  }

  get peer(): PeerInfo | undefined {
    return this.#inner.peer;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    const closed = (error?: DlmsError) => {
      this.#shut();
      handlers.closed(error);
      this.#ended();
    };
    await this.#inner.open({ data: (bytes) => this.#arrive(bytes, handlers), closed }, signal);
    this.#isOpen = true;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen)
      return Promise.reject(dlmsError("connection-lost", `${this.name} is not open`, { layer: "mock" }));
    return this.#inner.write(bytes);
  }

  async close(): Promise<void> {
    const wasOpen = this.#isOpen;
    this.#shut();
    await this.#inner.close();
    if (wasOpen) this.#ended();
  }

  /** The heartbeat, now and from now on. */
  greet(): void {
    const { octets, everyMs } = this.#heartbeat ?? {};
    if (octets === undefined || !this.#isOpen) return;
    this.#inner.write(octets).catch(() => undefined);
    if (everyMs !== undefined) this.#timer = this.clock.setTimer(() => this.greet(), everyMs);
  }

  #arrive(bytes: Uint8Array, handlers: TransportHandlers): void {
    const answer = this.#heartbeat?.answer;
    const isAnswer = answer !== undefined && equalBytes(bytes.subarray(0, answer.length), answer);
    const rest = isAnswer ? bytes.subarray(answer.length) : bytes;
    if (rest.length > 0) handlers.data(rest);
  }

  #shut(): void {
    this.#isOpen = false;
    this.clock.clearTimer(this.#timer);
  }
}
