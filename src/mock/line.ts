import type { Connection, LinkCommand, LinkEvent } from "../base/index.js";
import { type HdlcLinkOptions, type HdlcPeer, HdlcServerLine, serverAddress } from "../hdlc/index.js";
import { SignOnResponder, type SignOnResponderEvent, type SignOnResponderOptions } from "../iec62056-21/index.js";
import { type Driven, Pump, type Transport } from "../transport/index.js";
import { type WrapperPeer, WrapperServerLine } from "../wrapper/index.js";
import { MockSession, type Push, type SessionHost } from "./session.js";

export interface MockLineOptions {
  readonly link: "hdlc" | "wrapper";
  /** Own addresses, for what is sent unasked. */
  readonly logicalDevice: number;
  readonly physicalDevice?: number;
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
  /** Peers whose link is up. */
  readonly #linked = new Set<string>();
  /** Makes the session of a client that has not spoken; none while the line is not served yet. */
  #sessionFor: ((clientSap: number) => MockSession) | undefined;

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

  /** Tells this client, or all that are associated; gives how many were told. */
  push(push: Push, clientSap: number | undefined): number {
    const known = [...this.#sessions.values()].filter(
      (session) => session.isAssociated && (clientSap === undefined || session.clientSap === clientSap),
    );
    const stranger = known.length === 0 && clientSap !== undefined ? this.#sessionFor?.(clientSap) : undefined;
    const told = stranger === undefined ? known : [stranger];
    for (const session of told) session.notify(push);
    return told.length;
  }

  /**
   * Tells associated clients of an event: over HDLC when they poll, since a meter may not speak unasked in normal
   * response mode. Gives how many it is for.
   */
  tell(eventFor: (clientSap: number) => Push | undefined, clientSap: number | undefined): number {
    let told = 0;
    for (const session of this.#sessions.values()) {
      const isFor = session.isAssociated && (clientSap === undefined || session.clientSap === clientSap);
      const event = isFor ? eventFor(session.clientSap) : undefined;
      if (event === undefined) continue;
      if (this.#options.link === "hdlc") session.keep(event);
      else session.notify(event);
      told++;
    }
    return told;
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
    const { logicalDevice, physicalDevice } = this.#options;
    const server = serverAddress(logicalDevice, physicalDevice);
    const line = new HdlcServerLine({
      ...this.#options.hdlc,
      ...(speed === undefined ? {} : { baudRate: speed }),
      accepts: ({ upper, lower }) => this.#options.accepts(upper, lower),
      own: server,
    });
    const keyOf = (peer: HdlcPeer) => `${peer.client} ${peer.server.upper} ${peer.server.lower ?? ""}`;
    this.#serve<HdlcPeer>(line, keyOf, (client) => ({ client, server }));
  }

  #serveWrapper(): void {
    const { datagrams } = this.#pump.transport;
    const server = this.#options.logicalDevice;
    const accepts = (logical: number) => this.#options.accepts(logical, undefined);
    const line = new WrapperServerLine({ accepts, datagrams, own: server });
    const keyOf = (peer: WrapperPeer) => `${peer.client} ${peer.server}`;
    this.#serve<WrapperPeer>(line, keyOf, (client) => ({ client, server }));
  }

  #serve<Peer extends { readonly client: number }>(
    line: Connection<Peer & { command: LinkCommand }, Peer & { event: LinkEvent }>,
    keyOf: (peer: Peer) => string,
    peerOf: (clientSap: number) => Peer,
  ): void {
    const sessionOf = (peer: Peer) => {
      const key = keyOf(peer);
      const known = this.#sessions.get(key);
      if (known !== undefined) return known;
      const session = new MockSession(this.#host, peer.client, (command) => driven.send({ ...peer, command }));
      this.#sessions.set(key, session);
      return session;
    };
    this.#sessionFor = (clientSap) => sessionOf(peerOf(clientSap));
    const driven: Driven<Peer & { command: LinkCommand }> = this.#pump.drive(line, ({ event, ...rest }) => {
      sessionOf(rest as unknown as Peer).handle(event);
      if (event.type === "connected") this.#linked.add(keyOf(rest as unknown as Peer));
      const over = event.type === "disconnected" || event.type === "failed";
      if (over) this.#linked.delete(keyOf(rest as unknown as Peer));
      if (over && this.#options.link === "wrapper") void this.#pump.close();
      else if (over && this.#options.signOn !== undefined) void this.#fallBack(driven);
    });
  }

  /** After the last octet of an HDLC session the meter waits for the next sign-on. */
  async #fallBack(driven: Driven<never>): Promise<void> {
    await this.#pump.flushed().catch(() => undefined);
    // A second SNRM ends the old link and begins a new one at once.
    if (!driven.active || !this.#pump.isOpen || this.#linked.size > 0) return;
    this.#sessions.clear();
    this.#sessionFor = undefined;
    this.#begin();
  }
}
