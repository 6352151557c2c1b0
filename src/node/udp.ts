import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { lookup } from "node:dns";
import { isIPv6 } from "node:net";
import { type AbortSignalLike, dlmsError } from "../base/index.js";
import {
  type Clock,
  type Endpoint,
  type PeerInfo,
  systemClock,
  type Transport,
  type TransportHandlers,
} from "../transport/index.js";
import { endpointTrace } from "./debug-trace.js";
import { opening } from "./opening.js";
import { plainOctets } from "./plain-octets.js";
import { notOpenError, systemError } from "./system-error.js";
import { checkPort, defaultConnectTimeoutMs, dlmsPort, hostPort, type PortListener } from "./tcp.js";

/** Where a meter listens on UDP. Each datagram carries one wrapper packet (IEC 62056-47). */
export interface UdpOptions {
  readonly host: string;
  /** 4059 when left out. */
  readonly port?: number;
  /** `host` is the broadcast address of a network: for `broadcast`, which many meters hear and none answers. Default false. */
  readonly broadcast?: boolean;
}

/** A meter on UDP. */
export function udp(options: UdpOptions): Endpoint {
  const port = checkPort(options.port ?? dlmsPort, 1);
  return {
    createTransport: () => new UdpTransport(options.host, port, options.broadcast ?? false),
    link: "wrapper",
    signOn: { mode: "none" },
    ...endpointTrace(),
  };
}

class UdpTransport implements Transport {
  readonly name: string;
  readonly datagrams = true;
  readonly clock: Clock = systemClock;
  readonly peer: PeerInfo;
  readonly #host: string;
  readonly #port: number;
  readonly #broadcast: boolean;
  #state: "new" | "opening" | "open" | "closed" = "new";
  #socket: Socket | undefined;
  #handlers: TransportHandlers | undefined;

  constructor(host: string, port: number, broadcast: boolean) {
    this.name = `udp ${hostPort(host, port)}`;
    this.peer = { address: hostPort(host, port) };
    this.#host = host;
    this.#port = port;
    this.#broadcast = broadcast;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    this.#state = "opening";
    try {
      this.#socket = await this.#connect(signal);
    } catch (error) {
      this.#state = "closed";
      throw error;
    }
    if ((this.#state as string) === "closed") {
      this.#socket.close();
      throw notOpenError(this.name);
    }
    this.#state = "open";
    this.#handlers = handlers;
    this.#socket.on("message", (bytes) => this.#handlers?.data(plainOctets(bytes)));
    // an ICMP message told that nobody listens there
    this.#socket.on("error", (error) => {
      const told = this.#handlers;
      this.#shut();
      told?.closed(systemError(error, this.name));
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (this.#state !== "open" || socket === undefined) return Promise.reject(notOpenError(this.name));
    return new Promise((resolve, reject) => {
      socket.send(bytes, (error) => (error === null ? resolve() : reject(systemError(error, this.name))));
    });
  }

  async close(): Promise<void> {
    this.#shut();
  }

  #shut(): void {
    const wasOpen = this.#state === "open";
    this.#state = "closed";
    this.#handlers = undefined;
    if (wasOpen) this.#socket?.close();
  }

  #connect(signal: AbortSignalLike | undefined): Promise<Socket> {
    const what = `opening ${this.name}`;
    return opening<Socket>(what, { timeoutMs: defaultConnectTimeoutMs, signal }, (done, failed) => {
      let socket: Socket | undefined;
      let undone = false;
      lookup(this.#host, (error, address, family) => {
        if (undone) return;
        if (error !== null) {
          failed(systemError(error, what));
          return;
        }
        const made = createSocket(family === 6 ? "udp6" : "udp4");
        socket = made;
        made.once("error", (cause) => failed(systemError(cause, what)));
        const connect = () =>
          made.connect(this.#port, address, () => {
            made.removeAllListeners("error");
            done(made);
          });
        if (!this.#broadcast) return void connect();
        made.bind(0, () => {
          made.setBroadcast(true);
          connect();
        });
      });
      return () => {
        undone = true;
        socket?.close();
      };
    });
  }
}

/** Where to listen on UDP. */
export interface UdpListenerOptions {
  /** 4059 when left out; 0 lets the system choose, and the listener's name tells. */
  readonly port?: number;
  /** Address to listen at; 127.0.0.1 when left out. */
  readonly host?: string;
  /** Silence after which a peer is taken for gone, in milliseconds; 180 s when left out. */
  readonly idleTimeoutMs?: number;
  /** Peers known at once; datagrams of further ones are dropped. 10,000 when left out. */
  readonly maxPeers?: number;
}

/** Waits for datagrams; each address and port they come from is a peer of its own. */
export function udpListener(options: UdpListenerOptions = {}): PortListener {
  return new UdpListener(options);
}

class UdpListener implements PortListener {
  readonly #options: UdpListenerOptions;
  readonly #peers = new Map<string, UdpPeer>();
  #socket: Socket | undefined;
  #port = 0;
  #dropped = 0;

  constructor(options: UdpListenerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get name(): string {
    const port = this.#port === 0 ? (this.#options.port ?? dlmsPort) : this.#port;
    return `udp ${hostPort(this.#options.host ?? "127.0.0.1", port)}`;
  }

  async listen(onConnection: (transport: Transport) => void): Promise<void> {
    const { host = "127.0.0.1", idleTimeoutMs = 180_000, maxPeers = 10_000 } = this.#options;
    const port = checkPort(this.#options.port ?? dlmsPort, 0);
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    await new Promise<void>((resolve, reject) => {
      socket.once("error", (error) => reject(systemError(error, `listening at ${this.name}`)));
      socket.bind(port, host, () => {
        socket.removeAllListeners("error");
        socket.on("error", () => {});
        resolve();
      });
    });
    this.#socket = socket;
    this.#port = socket.address().port;
    socket.on("message", (bytes, from) => {
      const key = hostPort(from.address, from.port);
      let peer = this.#peers.get(key);
      if (peer === undefined) {
        if (this.#peers.size >= maxPeers) {
          this.#dropped++;
          return;
        }
        peer = new UdpPeer(socket, from, idleTimeoutMs, () => this.#peers.delete(key));
        this.#peers.set(key, peer);
        onConnection(peer);
      }
      if (!peer.arrive(plainOctets(bytes))) this.#dropped++;
    });
  }

  async close(): Promise<void> {
    for (const peer of [...this.#peers.values()]) peer.end();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

/** Datagrams that may wait for a peer's `open`. */
const waitingDatagrams = 64;

class UdpPeer implements Transport {
  readonly name: string;
  readonly datagrams = true;
  readonly clock: Clock = systemClock;
  readonly peer: PeerInfo;
  readonly #socket: Socket;
  readonly #to: RemoteInfo;
  readonly #forget: () => void;
  readonly #idle: NodeJS.Timeout;
  #state: "new" | "open" | "closed" = "new";
  #waiting: Uint8Array[] = [];
  #handlers: TransportHandlers | undefined;
  /** Whoever opened it has had a turn to take what comes. */
  #ready = false;

  constructor(socket: Socket, to: RemoteInfo, idleTimeoutMs: number, forget: () => void) {
    this.#socket = socket;
    this.#to = to;
    this.#forget = forget;
    this.name = `udp ${hostPort(to.address, to.port)}`;
    this.peer = { address: hostPort(to.address, to.port) };
    this.#idle = setTimeout(() => this.end(), idleTimeoutMs);
    this.#idle.unref();
  }

  async open(handlers: TransportHandlers): Promise<void> {
    if (this.#state === "closed") throw notOpenError(this.name);
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    this.#state = "open";
    this.#handlers = handlers;
    setImmediate(() => {
      this.#ready = true;
      this.#deliver();
    });
  }

  /** False when too many wait. */
  arrive(bytes: Uint8Array): boolean {
    this.#idle.refresh();
    const fits = this.#waiting.length < waitingDatagrams;
    if (fits) this.#waiting.push(bytes);
    if (this.#ready) this.#deliver();
    return fits;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== "open") return Promise.reject(notOpenError(this.name));
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, this.#to.port, this.#to.address, (error) =>
        error === null ? resolve() : reject(systemError(error, this.name)),
      );
    });
  }

  async close(): Promise<void> {
    this.#shut();
  }

  /** The peer is taken for gone. */
  end(): void {
    const told = this.#state === "open" ? this.#handlers : undefined;
    this.#shut();
    told?.closed();
  }

  #shut(): void {
    this.#state = "closed";
    this.#handlers = undefined;
    this.#waiting = [];
    clearTimeout(this.#idle);
    this.#forget();
  }

  #deliver(): void {
    while (this.#state === "open" && this.#waiting.length > 0)
      this.#handlers?.data(this.#waiting.shift() as Uint8Array);
  }
}
