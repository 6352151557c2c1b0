import { type AbortSignalLike, type DlmsError, dlmsError, DlmsError as Errors, type Link } from "../base/index.js";
import { SignOn, type SignOnCommand, type SignOnEvent } from "../iec62056-21/index.js";
import { type Driven, type Endpoint, Pump, type Transport } from "../transport/index.js";
import { type Deferred, deferred } from "./deferred.js";
import type { LineHost } from "./line.js";
import { type ArbiterCommand, type ArbiterEvent, LinkArbiter } from "./link-arbiter.js";
import type { LinkDriver } from "./link-driver.js";

/** What is below the links of a client: transport and sign-on, shared by all sessions on one line. */
export class Wire {
  readonly endpoint: Endpoint;
  readonly #pump: Pump;
  readonly #hosts = new Set<LineHost>();
  readonly #drivers = new Map<Link, LinkDriver>();
  #arbiter: LinkArbiter | undefined;
  #driven: Driven<ArbiterCommand> | undefined;
  #step: Deferred<void> | undefined;
  #rest: Uint8Array | undefined;
  #opened: Promise<void> | undefined;
  /** The sign-on was done, and no link was taken down since. */
  signedOn = false;
  baudRate: number | undefined;

  constructor(endpoint: Endpoint, transport: Transport) {
    this.endpoint = endpoint;
    this.#pump = new Pump(transport, {
      closed: (error) => {
        for (const host of [...this.#hosts]) host.failed(lineError(transport.name, error));
      },
      trace: (entry) => {
        for (const host of this.#hosts) host.octets(entry);
      },
    });
  }

  get transport(): Transport {
    return this.#pump.transport;
  }

  /** Links of sessions that are set up. */
  get linked(): number {
    let count = 0;
    for (const driver of this.#drivers.values()) if (driver.connected) count++;
    return count;
  }

  /** Whoever is on the line. */
  get hosts(): Iterable<LineHost> {
    return this.#hosts;
  }

  join(host: LineHost): void {
    this.#hosts.add(host);
  }

  /** @throws TransportError `connection-refused`, `timeout`, `aborted`. */
  open(signal: AbortSignalLike): Promise<void> {
    this.#opened ??= this.#pump.open(signal);
    return this.#opened;
  }

  /** IEC 62056-21 mode E up to the hand-over to HDLC. @throws TransportError `timeout`. */
  signOn(retries: number): Promise<void> {
    const { signOn } = this.endpoint;
    if (signOn.mode === "none") return Promise.resolve();
    const machine = new SignOn({
      purpose: "hdlc",
      ...(signOn.deviceAddress !== undefined && { deviceAddress: signOn.deviceAddress }),
      ...(signOn.initialBaudRate !== undefined && { initialBaudRate: signOn.initialBaudRate }),
      ...(signOn.maxBaudRate !== undefined && { maxBaudRate: signOn.maxBaudRate }),
      retries,
    });
    const step = deferred<void>();
    this.#step = step;
    const driven = this.#pump.drive<SignOnCommand, SignOnEvent>(machine, (event) => this.#signedOn(event));
    driven.send({ type: "start" });
    return step.promise;
  }

  /** Adds a link, from now on told of by its driver. */
  add(link: Link, driver: LinkDriver): void {
    if (this.#arbiter === undefined || this.#driven?.active !== true) this.#begin();
    this.#arbiter?.add(link);
    this.#drivers.set(link, driver);
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined && rest.length > 0) this.#driven?.receive(rest);
  }

  remove(link: Link): void {
    this.#drivers.delete(link);
    this.#arbiter?.remove(link, this.transport.clock.now());
    this.#driven?.poke();
  }

  /** @throws UsageError `wrong-state`. */
  send(command: ArbiterCommand): void {
    this.#driven?.send(command);
  }

  flushed(): Promise<void> {
    return this.#pump.flushed();
  }

  /** A sign-on that waits ends now. */
  lost(error: DlmsError): void {
    this.#step?.reject(error);
    this.#step = undefined;
  }

  /** The session goes; the last one closes the line. */
  async leave(host: LineHost): Promise<void> {
    this.#hosts.delete(host);
    if (this.#hosts.size === 0) await this.#pump.close();
  }

  #begin(): void {
    this.#arbiter = new LinkArbiter(this.endpoint.link === "hdlc");
    this.#drivers.clear();
    this.#driven = this.#pump.drive<ArbiterCommand, ArbiterEvent>(this.#arbiter, ({ link, event }) =>
      this.#drivers.get(link)?.handle(event),
    );
  }

  #signedOn(event: SignOnEvent): void {
    switch (event.type) {
      case "line":
        this.#pump.setLine(event.line).catch((error: unknown) => this.#endSignOn(lineError("the line", error)));
        return;
      case "handed-over":
        this.baudRate = event.baudRate;
        this.#rest = event.rest;
        return this.#endSignOn();
      case "failed":
        return this.#endSignOn(event.error);
      case "identified": {
        const { manufacturer, identification } = event.identification;
        const message = `${manufacturer} ${identification}, ${event.baudRate} baud`;
        return this.#tell({ type: "notice", name: "identified", message });
      }
      case "data":
        return;
      case "notice":
        return this.#tell(event);
    }
  }

  #tell(notice: Parameters<LineHost["notice"]>[0]): void {
    for (const host of this.#hosts) host.notice(notice, "iec62056-21");
  }

  #endSignOn(error?: DlmsError): void {
    const step = this.#step;
    this.#step = undefined;
    if (error === undefined) step?.resolve();
    else step?.reject(error);
  }
}

function lineError(name: string, cause: unknown): DlmsError {
  if (Errors.is(cause)) return cause;
  return dlmsError("connection-lost", `${name} closed`, { layer: "client", cause, retryable: true });
}
