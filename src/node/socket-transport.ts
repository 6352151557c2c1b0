import type { Socket } from "node:net";
import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import { type Clock, type PeerInfo, systemClock, type Transport, type TransportHandlers } from "../transport/index.js";
import { plainOctets } from "./plain-octets.js";
import { notOpenError, systemError } from "./system-error.js";

/** What a connected stream socket tells beside its octets. */
export interface ConnectedSocket {
  readonly socket: Socket;
  readonly peer: PeerInfo;
}

/** How long an orderly close may take before the socket is destroyed. */
const closingTimeMs = 1_000;
/** Silence after which the operating system probes whether the peer still lives. */
const keepAliveMs = 30_000;

/** A stream socket: TCP or TLS, called or accepted. */
export class SocketTransport implements Transport {
  readonly name: string;
  readonly datagrams = false;
  readonly clock: Clock = systemClock;
  readonly #connect: (signal: AbortSignalLike | undefined) => Promise<ConnectedSocket>;
  readonly #explain: (error: Error | undefined, heard: boolean) => DlmsError | undefined;
  #heard = false;
  #state: "new" | "opening" | "open" | "closed" = "new";
  #socket: Socket | undefined;
  #peer: PeerInfo | undefined;
  #handlers: TransportHandlers | undefined;
  #paused = false;

  /**
   * @param connect gives the connected socket, paused; an accepted one is at hand already.
   * @param explain what it means that the socket is gone, by whether anything was heard; undefined for an orderly end.
   */
  constructor(
    name: string,
    connect: (signal: AbortSignalLike | undefined) => Promise<ConnectedSocket>,
    explain: (error: Error | undefined, heard: boolean) => DlmsError | undefined = (error) =>
      error && systemError(error, name),
  ) {
    this.name = name;
    this.#connect = connect;
    this.#explain = explain;
  }

  get peer(): PeerInfo | undefined {
    return this.#peer;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    this.#state = "opening";
    let connected: ConnectedSocket;
    try {
      connected = await this.#connect(signal);
    } catch (error) {
      this.#state = "closed";
      throw error;
    }
    const { socket, peer } = connected;
    if ((this.#state as string) === "closed") {
      socket.destroy();
      throw notOpenError(this.name);
    }
    this.#state = "open";
    this.#socket = socket;
    this.#peer = peer;
    this.#handlers = handlers;
    this.#listen(socket);
  }

  write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (this.#state !== "open" || socket === undefined) return Promise.reject(notOpenError(this.name));
    return new Promise((resolve, reject) => {
      socket.write(bytes, (error) => {
        // a write that a destroyed socket dropped is told as done
        if (error == null && !socket.destroyed) resolve();
        else if (error == null || this.#state !== "open") reject(notOpenError(this.name));
        else reject(systemError(error, this.name));
      });
    });
  }

  /** The socket's own window then holds the sender up. */
  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#state === "open") this.#socket?.resume();
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#handlers = undefined;
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), closingTimeMs);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      // what was written leaves first; nothing more is read
      socket.destroySoon();
    });
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on("data", (bytes: Uint8Array) => {
      this.#heard = true;
      this.#handlers?.data(plainOctets(bytes));
    });
    socket.on("error", (error) => this.#lost(error));
    socket.on("end", () => this.#lost(undefined));
    socket.on("close", () => this.#lost(undefined));
    socket.pause();
    // in a later turn, so that nothing is told before `open` resolved
    setImmediate(() => {
      if (socket.destroyed) this.#lost(socket.errored ?? undefined);
      else if (!this.#paused) socket.resume();
    });
  }

  /** Once only: the peer's end, an error and the socket's close may all come. */
  #lost(error: Error | undefined): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    const handlers = this.#handlers;
    this.#handlers = undefined;
    this.#socket?.destroy();
    handlers?.closed(this.#explain(error, this.#heard));
  }
}
