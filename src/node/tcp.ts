import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { type AbortSignalLike, dlmsError } from "../base/index.js";
import type { Endpoint, Listener, Transport } from "../transport/index.js";
import { endpointTrace } from "./debug-trace.js";
import { opening } from "./opening.js";
import { type ConnectedSocket, SocketTransport } from "./socket-transport.js";
import { systemError } from "./system-error.js";

/** Port that IANA gave to DLMS/COSEM, for TCP and UDP (IEC 62056-47). */
export const dlmsPort = 4059;
/** How long connecting may take when nothing else is said. */
export const defaultConnectTimeoutMs = 10_000;

/** Where a meter listens on TCP, and what it speaks there. */
export interface TcpOptions {
  /** Host name or address. */
  readonly host: string;
  /** 4059 when left out. */
  readonly port?: number;
  /** The wrapper of IEC 62056-47 when left out; `hdlc` for gateways that pass a serial line through. */
  readonly link?: "wrapper" | "hdlc";
  /** How long connecting may take, in milliseconds; 10 s when left out. */
  readonly connectTimeoutMs?: number;
}

/** A meter on TCP. */
export function tcp(options: TcpOptions): Endpoint {
  const port = checkPort(options.port ?? dlmsPort, 1);
  const name = `tcp ${hostPort(options.host, port)}`;
  const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
  const connect = (signal: AbortSignalLike | undefined) =>
    opening<ConnectedSocket>(`connecting to ${name}`, { timeoutMs, signal }, (done, failed) => {
      const socket = connectTcp({ host: options.host, port, autoSelectFamily: true });
      socket.on("error", (error) => failed(systemError(firstCause(error), `connecting to ${name}`)));
      socket.once("connect", () => {
        socket.pause();
        done({ socket, peer: { address: remoteAddress(socket) } });
      });
      return () => socket.destroy();
    });
  return {
    createTransport: () => new SocketTransport(name, connect),
    link: options.link ?? "wrapper",
    signOn: { mode: "none" },
    ...endpointTrace(),
  };
}

/** Where to listen on TCP. */
export interface TcpListenerOptions {
  /** 4059 when left out; 0 lets the system choose, and the listener's name tells. */
  readonly port?: number;
  /** Address to listen at; 127.0.0.1 when left out, so that nothing is open to the network by accident. */
  readonly host?: string;
  /** Connections served at once; further ones are refused. 1,000 when left out. */
  readonly maxConnections?: number;
}

/** A listener that also knows the port it was given. */
export interface PortListener extends Listener {
  /** The port in use; 0 before `listen`. */
  readonly port: number;
}

/** Waits for TCP connections: of clients, or of meters that dial in. */
export function tcpListener(options: TcpListenerOptions = {}): PortListener {
  return new SocketListener(
    "tcp",
    createServer({ pauseOnConnect: true }),
    "connection",
    options,
    (socket, name) => new SocketTransport(name, async () => ({ socket, peer: { address: remoteAddress(socket) } })),
  );
}

/** Listens on a stream server; TLS shares it. */
export class SocketListener<S extends Socket> implements PortListener {
  readonly #kind: string;
  readonly #server: Server;
  readonly #event: string;
  readonly #options: TcpListenerOptions;
  readonly #wrap: (socket: S, name: string) => Transport;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(
    kind: string,
    server: Server,
    event: string,
    options: TcpListenerOptions,
    wrap: (socket: S, name: string) => Transport,
  ) {
    this.#kind = kind;
    this.#server = server;
    this.#event = event;
    this.#options = options;
    this.#wrap = wrap;
  }

  get port(): number {
    return this.#port;
  }

  get name(): string {
    const port = this.#port === 0 ? (this.#options.port ?? dlmsPort) : this.#port;
    return `${this.#kind} ${hostPort(this.#options.host ?? "127.0.0.1", port)}`;
  }

  async listen(onConnection: (transport: Transport) => void): Promise<void> {
    const server = this.#server;
    const { host = "127.0.0.1", maxConnections = 1_000 } = this.#options;
    const port = checkPort(this.#options.port ?? dlmsPort, 0);
    server.maxConnections = maxConnections;
    // each raw connection is kept, so that `close` ends those too that never became a session
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on(this.#event, (socket: S) => {
      socket.pause();
      socket.on("error", () => {});
      onConnection(this.#wrap(socket, `${this.#kind} ${remoteAddress(socket) ?? "?"}`));
    });
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error) => reject(systemError(error, `listening at ${this.name}`));
      server.once("error", failed);
      server.listen({ port, host }, () => {
        server.removeListener("error", failed);
        server.on("error", () => {});
        resolve();
      });
    });
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : port;
  }

  /** Stops listening and cuts what is still connected. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}

/** @throws UsageError `invalid-argument` unless it is a port number from `least` up. */
export function checkPort(port: number, least: 0 | 1): number {
  if (Number.isInteger(port) && port >= least && port <= 65_535) return port;
  throw dlmsError("invalid-argument", `port ${port} is not a number from ${least} to 65535`, { layer: "transport" });
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The other end's address and port. */
export function remoteAddress(socket: Socket): string {
  return hostPort(socket.remoteAddress ?? "?", socket.remotePort ?? 0);
}

/** Where several addresses were tried, the error of the first. */
export function firstCause(error: unknown): unknown {
  const { errors, code } = error as { readonly errors?: readonly unknown[]; readonly code?: string };
  return code === undefined && errors !== undefined && errors.length > 0 ? errors[0] : error;
}
