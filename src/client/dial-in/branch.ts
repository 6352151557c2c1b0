import { type AbortSignalLike, type DlmsError, dlmsError } from "../../base/index.js";
import type { Clock, PeerInfo, Transport, TransportHandlers } from "../../transport/index.js";

/** A transport of its own for one who shares a line with others. Closing it leaves the line open. */
export class Branch implements Transport {
  readonly #line: Transport;
  readonly #written: (bytes: Uint8Array) => void;
  readonly #left: () => void;
  #state: "new" | "open" | "closed" = "new";
  #handlers: TransportHandlers | undefined;

  /** @param written sees what is sent. @param left called when its user closed it. */
  constructor(line: Transport, written: (bytes: Uint8Array) => void, left: () => void) {
    this.#line = line;
    this.#written = written;
    this.#left = left;
  }

  get name(): string {
    return this.#line.name;
  }

  get datagrams(): boolean {
    return this.#line.datagrams;
  }

  get clock(): Clock {
    return this.#line.clock;
  }

  get peer(): PeerInfo | undefined {
    return this.#line.peer;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state === "closed") throw this.#notOpen();
    if (this.#state === "open")
      throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    if (signal?.aborted === true)
      throw dlmsError("aborted", `opening ${this.name} was cancelled`, { layer: "transport", cause: signal.reason });
    this.#state = "open";
    this.#handlers = handlers;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== "open") return Promise.reject(this.#notOpen());
    this.#written(bytes);
    return this.#line.write(bytes);
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#handlers = undefined;
    this.#left();
  }

  /** Octets for this branch. False when nobody takes them. */
  arrive(bytes: Uint8Array): boolean {
    this.#handlers?.data(bytes);
    return this.#handlers !== undefined;
  }

  /** The line is gone. */
  end(error: DlmsError | undefined): void {
    const handlers = this.#handlers;
    this.#state = "closed";
    this.#handlers = undefined;
    handlers?.closed(error);
  }

  #notOpen(): DlmsError {
    return dlmsError("connection-lost", `${this.name} is not open`, { layer: "transport" });
  }
}
