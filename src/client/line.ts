import { type AbortSignalLike, type DlmsError, dlmsError, DlmsError as Errors, type Notice } from "../base/index.js";
import { SignOn, type SignOnCommand, type SignOnEvent } from "../iec62056-21/index.js";
import { type Endpoint, type LineTrace, Pump, type Transport } from "../transport/index.js";
import { type Deferred, deferred } from "./deferred.js";
import { LinkDriver, type LinkHost } from "./link-driver.js";
import { createLink } from "./links.js";
import type { Settings } from "./settings.js";

/** What a line needs of the session it belongs to. */
export interface LineHost extends LinkHost {
  /** Octets on their way, either direction. */
  octets(entry: LineTrace): void;
  notice(notice: Notice, layer?: "iec62056-21"): void;
}

/** The way to the meter below the association: transport, sign-on, link. */
export class Line {
  readonly #endpoint: Endpoint;
  readonly #settings: Settings;
  readonly #host: LineHost;
  readonly #pump: Pump;
  #link: LinkDriver | undefined;
  #signOn: Deferred<void> | undefined;
  #baudRate: number | undefined;
  #rest: Uint8Array | undefined;

  constructor(endpoint: Endpoint, transport: Transport, settings: Settings, host: LineHost) {
    this.#endpoint = endpoint;
    this.#settings = settings;
    this.#host = host;
    this.#pump = new Pump(transport, {
      closed: (error) => host.failed(lineError(transport.name, error)),
      trace: (entry) => host.octets(entry),
    });
  }

  get needsSignOn(): boolean {
    return this.#endpoint.signOn.mode === "mode-e";
  }

  get linked(): boolean {
    return this.#link?.connected === true;
  }

  /** @throws TransportError `connection-refused`, `timeout`, `aborted`. */
  open(signal: AbortSignalLike): Promise<void> {
    return this.#pump.open(signal);
  }

  /** IEC 62056-21 mode E up to the hand-over to HDLC. @throws TransportError `timeout`. */
  signOn(): Promise<void> {
    const { signOn } = this.#endpoint;
    if (signOn.mode === "none") return Promise.resolve();
    const machine = new SignOn({
      purpose: "hdlc",
      ...(signOn.deviceAddress !== undefined && { deviceAddress: signOn.deviceAddress }),
      ...(signOn.initialBaudRate !== undefined && { initialBaudRate: signOn.initialBaudRate }),
      ...(signOn.maxBaudRate !== undefined && { maxBaudRate: signOn.maxBaudRate }),
      retries: this.#settings.retries,
    });
    const step = deferred<void>();
    this.#signOn = step;
    const driven = this.#pump.drive<SignOnCommand, SignOnEvent>(machine, (event) => this.#signedOn(event));
    driven.send({ type: "start" });
    return step.promise;
  }

  /** Sets up the link for one client address. @throws TransportError `timeout`, ProtocolError. */
  async connect(client: number): Promise<void> {
    const { link: kind } = this.#endpoint;
    const machine = createLink(kind, client, this.#settings, this.#pump.transport, this.#baudRate);
    const link = new LinkDriver(this.#pump, machine, this.#host);
    this.#link = link;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined && rest.length > 0) link.feed(rest);
    await link.connect();
  }

  /** Takes the link down in order. */
  async disconnect(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    await link.disconnect();
    await this.#pump.flushed();
  }

  /** @throws TransportError `connection-lost` when there is no link. */
  send(apdu: Uint8Array, unconfirmed: boolean): void {
    if (this.#link === undefined) throw dlmsError("connection-lost", "there is no link", { layer: "client" });
    this.#link.send(apdu, unconfirmed);
  }

  keepAlive(): void {
    this.#link?.keepAlive();
  }

  /** Whatever waits ends now. */
  lost(error: DlmsError): void {
    this.#link?.lost(error);
    this.#signOn?.reject(error);
    this.#signOn = undefined;
  }

  close(): Promise<void> {
    return this.#pump.close();
  }

  #signedOn(event: SignOnEvent): void {
    switch (event.type) {
      case "line":
        this.#pump.setLine(event.line).catch((error: unknown) => this.#endSignOn(lineError("the line", error)));
        return;
      case "handed-over":
        this.#baudRate = event.baudRate;
        this.#rest = event.rest;
        return this.#endSignOn();
      case "failed":
        return this.#endSignOn(event.error);
      case "identified": {
        const { manufacturer, identification } = event.identification;
        const message = `${manufacturer} ${identification}, ${event.baudRate} baud`;
        return this.#host.notice({ type: "notice", name: "identified", message }, "iec62056-21");
      }
      case "data":
        return;
      case "notice":
        return this.#host.notice(event, "iec62056-21");
    }
  }

  #endSignOn(error?: DlmsError): void {
    const step = this.#signOn;
    this.#signOn = undefined;
    if (error === undefined) step?.resolve();
    else step?.reject(error);
  }
}

function lineError(name: string, cause: unknown): DlmsError {
  if (Errors.is(cause)) return cause;
  return dlmsError("connection-lost", `${name} closed`, { layer: "client", cause, retryable: true });
}
