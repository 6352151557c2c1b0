import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import type { Clock, LineSettings, PeerInfo, Transport, TransportHandlers } from "./transport.js";

/** What an end of a line in memory is made with. */
export interface JoinedEndOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly datagrams: boolean;
  readonly line?: LineSettings | undefined;
  /** A stream whose sender can be held up. */
  readonly pausable?: boolean;
}

/** One end of a line in memory: keeps the contract of `Transport`, while what lies between is the subclass's. */
export abstract class JoinedEnd implements Transport {
  readonly name: string;
  readonly datagrams: boolean;
  readonly clock: Clock;
  readonly peer: PeerInfo;
  setLine?: (line: LineSettings) => Promise<void>;
  pause?: () => void;
  resume?: () => void;
  /** Runs when the end is opened; what it throws is what `open` throws. */
  beforeOpen: (() => void) | undefined;
  #line: LineSettings | undefined;
  #handlers: TransportHandlers | undefined;
  #state: "new" | "open" | "closed" = "new";
  #paused = false;
  /** What arrived before `open`. */
  #waiting: Uint8Array[] = [];
  /** Nothing more comes; told once what waits is delivered. */
  #end: { readonly error: DlmsError | undefined } | undefined;

  constructor(options: JoinedEndOptions) {
    this.name = options.name;
    this.datagrams = options.datagrams;
    this.clock = options.clock;
    this.peer = { address: options.name };
    this.#line = options.line;
    if (options.pausable === true) {
      this.pause = () => {
        this.#paused = true;
      };
      this.resume = () => {
        this.#paused = false;
        if (this.#state === "open") this.#deliver();
      };
    }
    if (options.line !== undefined)
      this.setLine = async (line) => {
        this.#line = line;
      };
  }

  get line(): LineSettings | undefined {
    return this.#line;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    if (signal?.aborted === true)
      throw dlmsError("aborted", `opening ${this.name} was cancelled`, { layer: "transport", cause: signal.reason });
    this.beforeOpen?.();
    this.#state = "open";
    this.#handlers = handlers;
    // two turns later, so that the opener never hears of octets before `open` resolved
    void Promise.resolve().then(() => Promise.resolve().then(() => this.#deliver()));
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== "open" || this.#end !== undefined)
      throw this.#end?.error ?? dlmsError("connection-lost", `${this.name} is not open`, { layer: "transport" });
    await this.carry(bytes);
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#handlers = undefined;
    this.#waiting = [];
    await this.hangUp();
  }

  /** Hands over octets that came through; they belong to this end from now on. */
  arrive(bytes: Uint8Array): void {
    if (this.#state === "closed" || this.#end !== undefined) return;
    this.#waiting.push(bytes);
    this.#deliver();
  }

  /** The other end closed, or the line was cut. */
  finish(error?: DlmsError): void {
    if (this.#state === "closed" || this.#end !== undefined) return;
    this.#end = { error };
    this.#deliver();
  }

  /** Carries octets to the other end; resolves when they left. */
  protected abstract carry(bytes: Uint8Array): Promise<void>;
  /** Tells the other end that this one closed. */
  protected abstract hangUp(): Promise<void>;

  #deliver(): void {
    for (let bytes = this.#next(); bytes !== undefined; bytes = this.#next()) this.#handlers?.data(bytes);
    if (this.#state !== "open" || this.#end === undefined || this.#waiting.length > 0) return;
    this.#state = "closed";
    this.#handlers?.closed(this.#end.error);
  }

  #next(): Uint8Array | undefined {
    return this.#state === "open" && !this.#paused ? this.#waiting.shift() : undefined;
  }
}
