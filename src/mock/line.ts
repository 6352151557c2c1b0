import type { Connection, LinkCommand, LinkEvent } from "../base/index.js";
import { type HdlcLinkOptions, type HdlcPeer, HdlcServerLine } from "../hdlc/index.js";
import { SignOnResponder, type SignOnResponderEvent, type SignOnResponderOptions } from "../iec62056-21/index.js";
import { type Driven, Pump, type Transport } from "../transport/index.js";
import { type WrapperPeer, WrapperServerLine } from "../wrapper/index.js";
import { MockSession, type SessionHost } from "./session.js";

export interface MockLineOptions {
  readonly link: "hdlc" | "wrapper";
  /** Wait for an IEC 62056-21 sign-on before HDLC. */
  readonly signOn?: SignOnResponderOptions;
  readonly hdlc?: Partial<HdlcLinkOptions>;
  /** Whether a logical (and physical) device of that number is ours. */
  accepts(logical: number, physical: number | undefined): boolean;
  /** The line is gone. */
  ended?(error?: Error): void;
}

/** One line of the meter with everybody who speaks on it. */
export class MockLine {
  readonly #host: SessionHost;
  readonly #options: MockLineOptions;
  readonly #pump: Pump;
  readonly #sessions = new Map<string, MockSession>();

  constructor(transport: Transport, host: SessionHost, options: MockLineOptions) {
    this.#host = host;
    this.#options = options;
    this.#pump = new Pump(transport, { closed: (error) => this.#options.ended?.(error) });
  }

  async open(): Promise<void> {
    await this.#pump.open();
    this.#begin();
  }

  close(): Promise<void> {
    return this.#pump.close();
  }

  get sessions(): Iterable<MockSession> {
    return this.#sessions.values();
  }

  #begin(): void {
    const { signOn } = this.#options;
    if (this.#options.link === "wrapper") return this.#serveWrapper();
    if (signOn === undefined) return this.#serveHdlc(undefined);
    this.#pump.drive(new SignOnResponder(signOn), (event) => this.#signOn(event));
  }

  #signOn(event: SignOnResponderEvent): void {
    if (event.type === "line") void this.#pump.setLine(event.line).catch(() => undefined);
    if (event.type === "handed-over") this.#serveHdlc(event.baudRate);
  }

  #serveHdlc(baudRate: number | undefined): void {
    const speed = baudRate ?? this.#pump.transport.line?.baudRate;
    const line = new HdlcServerLine({
      ...this.#options.hdlc,
      ...(speed === undefined ? {} : { baudRate: speed }),
      accepts: ({ upper, lower }) => this.#options.accepts(upper, lower),
    });
    this.#serve<HdlcPeer>(line, ({ client, server }) => `${client} ${server.upper} ${server.lower ?? ""}`);
  }

  #serveWrapper(): void {
    const { datagrams } = this.#pump.transport;
    const line = new WrapperServerLine({ accepts: (server) => this.#options.accepts(server, undefined), datagrams });
    this.#serve<WrapperPeer>(line, ({ client, server }) => `${client} ${server}`);
  }

  #serve<Peer extends { readonly client: number }>(
    line: Connection<Peer & { command: LinkCommand }, Peer & { event: LinkEvent }>,
    keyOf: (peer: Peer) => string,
  ): void {
    const driven: Driven<Peer & { command: LinkCommand }> = this.#pump.drive(line, ({ event, ...rest }) => {
      const peer = rest as unknown as Peer;
      const key = keyOf(peer);
      let session = this.#sessions.get(key);
      if (session === undefined) {
        session = new MockSession(this.#host, peer.client, (command) => driven.send({ ...peer, command }));
        this.#sessions.set(key, session);
      }
      session.handle(event);
      const over = event.type === "disconnected" || event.type === "failed";
      if (over && this.#options.link === "wrapper") void this.#pump.close();
      else if (over && this.#options.signOn !== undefined) void this.#fallBack(driven);
    });
  }

  /** After the last octet of an HDLC session the meter waits for the next sign-on. */
  async #fallBack(driven: Driven<never>): Promise<void> {
    await this.#pump.flushed().catch(() => undefined);
    if (!driven.active || !this.#pump.isOpen) return;
    this.#sessions.clear();
    this.#begin();
  }
}
