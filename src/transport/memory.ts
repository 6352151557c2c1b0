import { type AbortSignalLike, dlmsError } from "../base/index.js";
import { systemClock } from "./clock.js";
import type { Clock, LineSettings, PeerInfo, Transport, TransportHandlers } from "./transport.js";

/** What a pair of joined transports is made with. */
export interface MemoryPairOptions {
  /** The clock both ends report; the system's own when left out. */
  readonly clock?: Clock;
  /** Each write arrives as one `data`, as on UDP. */
  readonly datagrams?: boolean;
  readonly names?: readonly [string, string];
  /** Makes both ends serial lines that know their settings; nothing is slowed down: that is `lineModel`. */
  readonly line?: LineSettings;
}

/** Two transports joined in memory, without delay: what one writes, the other receives. */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const [nearName, farName] = options.names ?? ["memory a", "memory b"];
  const near = new MemoryTransport(nearName, options);
  const far = new MemoryTransport(farName, options);
  near.join(far);
  far.join(near);
  return [near, far];
}

class MemoryTransport implements Transport {
  readonly name: string;
  readonly datagrams: boolean;
  readonly clock: Clock;
  readonly peer: PeerInfo;
  setLine?: (line: LineSettings) => Promise<void>;
  #line: LineSettings | undefined;
  #other: MemoryTransport | undefined;
  #handlers: TransportHandlers | undefined;
  #state: "new" | "open" | "closed" = "new";
  /** What arrived before `open`. */
  #waiting: Uint8Array[] = [];
  /** The other end closed; told once what waits is delivered. */
  #ended = false;

  constructor(name: string, options: MemoryPairOptions) {
    this.name = name;
    this.datagrams = options.datagrams ?? false;
    this.clock = options.clock ?? systemClock;
    this.peer = { address: name };
    this.#line = options.line;
    if (options.line !== undefined)
      this.setLine = async (line) => {
        this.#line = line;
      };
  }

  get line(): LineSettings | undefined {
    return this.#line;
  }

  join(other: MemoryTransport): void {
    this.#other = other;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    if (signal?.aborted === true)
      throw dlmsError("aborted", `opening ${this.name} was cancelled`, { layer: "transport", cause: signal.reason });
    this.#state = "open";
    this.#handlers = handlers;
    // after the caller's own continuation, so that it never hears of octets before `open` resolved
    void Promise.resolve().then(() => Promise.resolve().then(() => this.#deliver()));
  }

  async write(bytes: Uint8Array): Promise<void> {
    const other = this.#other;
    if (this.#state !== "open" || this.#ended || other === undefined)
      throw dlmsError("connection-lost", `${this.name} is not open`, { layer: "transport" });
    other.#waiting.push(bytes.slice());
    await Promise.resolve();
    other.#deliver();
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#handlers = undefined;
    this.#waiting = [];
    const other = this.#other;
    await Promise.resolve();
    if (other === undefined) return;
    other.#ended = true;
    other.#deliver();
  }

  #deliver(): void {
    while (this.#state === "open" && this.#waiting.length > 0)
      this.#handlers?.data(this.#waiting.shift() as Uint8Array);
    if (this.#state !== "open" || !this.#ended) return;
    this.#state = "closed";
    this.#handlers?.closed();
  }
}
