import { type AbortSignalLike, type DlmsError, dlmsError, type Notice } from "../base/index.js";
import type { LineTrace } from "../transport/index.js";
import { LinkDriver, type LinkHost } from "./link-driver.js";
import { createLink } from "./links.js";
import type { Settings } from "./settings.js";
import type { Wire } from "./wire.js";

/** What a line needs of the session it belongs to. */
export interface LineHost extends LinkHost {
  /** Octets on their way, either direction. */
  octets(entry: LineTrace): void;
  notice(notice: Notice, layer?: "iec62056-21"): void;
}

/** The way of one session to the meter: its own link, over a wire that other sessions may share. */
export class Line {
  readonly wire: Wire;
  readonly #settings: Settings;
  readonly #host: LineHost;
  #link: LinkDriver | undefined;

  constructor(wire: Wire, settings: Settings, host: LineHost) {
    this.wire = wire;
    this.#settings = settings;
    this.#host = host;
    wire.join(host);
  }

  get needsSignOn(): boolean {
    return this.wire.endpoint.signOn.mode === "mode-e" && !this.wire.signedOn;
  }

  get linked(): boolean {
    return this.#link?.connected === true;
  }

  /** @throws TransportError `connection-refused`, `timeout`, `aborted`. */
  open(signal: AbortSignalLike): Promise<void> {
    return this.wire.open(signal);
  }

  /** IEC 62056-21 mode E up to the hand-over to HDLC. @throws TransportError `timeout`. */
  async signOn(): Promise<void> {
    await this.wire.signOn(this.#settings.retries);
    this.wire.signedOn = true;
  }

  /** Sets up the link for one client address. @throws TransportError `timeout`, ProtocolError. */
  async connect(client: number): Promise<void> {
    const { wire } = this;
    this.#drop();
    const machine = createLink(wire.endpoint.link, client, this.#settings, wire.transport, wire.baudRate);
    this.#link = new LinkDriver(wire, machine, this.#host);
    await this.#link.connect();
  }

  /** Takes the link down in order. The last one of an optical probe ends its session: then it wants a new sign-on. */
  async disconnect(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    await link.disconnect();
    await this.wire.flushed();
    if (this.wire.linked === 0) this.wire.signedOn = false;
  }

  /** @throws TransportError `connection-lost` when there is no link. */
  send(apdu: Uint8Array, unconfirmed: boolean): void {
    if (this.#link === undefined) throw dlmsError("connection-lost", "there is no link", { layer: "client" });
    this.#link.send(apdu, unconfirmed);
  }

  /** An empty UI frame with P=1: what the meter has to report comes now. */
  pollEvents(): void {
    this.#link?.send(new Uint8Array(), true);
  }

  keepAlive(): void {
    this.#link?.keepAlive();
  }

  /** Whatever waits ends now. */
  lost(error: DlmsError): void {
    this.#link?.lost(error);
    this.wire.lost(error);
  }

  /** Leaves the wire, which closes when nobody else is on it. */
  close(): Promise<void> {
    this.#drop();
    return this.wire.leave(this.#host);
  }

  #drop(): void {
    this.#link?.remove();
  }
}
