import { type DlmsError, dlmsError, type Link, type LinkCommand, type LinkEvent, type Notice } from "../base/index.js";
import { type Deferred, deferred } from "./deferred.js";

/** What a link needs of the session it belongs to. */
export interface LinkHost {
  apdu(apdu: Uint8Array, unsolicited: boolean): void;
  /** Octets moved: whoever waits for an answer may wait its full time again. */
  progress(): void;
  notice(notice: Notice): void;
  /** The link is gone without anyone having asked for it. */
  failed(error: DlmsError): void;
}

/** What carries the commands of a link. */
export interface LinkWire {
  add(link: Link, driver: LinkDriver): void;
  remove(link: Link): void;
  send(command: { readonly link: Link; readonly command: LinkCommand }): void;
}

/** Drives a link machine over a wire: its events become promises. */
export class LinkDriver {
  readonly #wire: LinkWire;
  readonly #link: Link;
  readonly #host: LinkHost;
  #step: Deferred<void> | undefined;
  #connected = false;

  constructor(wire: LinkWire, link: Link, host: LinkHost) {
    this.#host = host;
    this.#wire = wire;
    this.#link = link;
    wire.add(link, this);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** @throws TransportError `timeout`, ProtocolError when the meter refuses. */
  connect(): Promise<void> {
    return this.#command({ type: "connect" });
  }

  disconnect(): Promise<void> {
    return this.#command({ type: "disconnect" });
  }

  send(apdu: Uint8Array, unconfirmed: boolean): void {
    this.#give({ type: "send", apdu, ...(unconfirmed && { unconfirmed }) });
  }

  keepAlive(): void {
    if (this.#connected) this.#give({ type: "keep-alive" });
  }

  /** Nothing more is told of the link. */
  remove(): void {
    this.#connected = false;
    this.#wire.remove(this.#link);
  }

  /** The line is gone: whatever waits ends now. */
  lost(error: DlmsError): void {
    this.#connected = false;
    this.#settle(error);
  }

  #command(command: LinkCommand): Promise<void> {
    this.#settle(dlmsError("aborted", "the link is taken down", { layer: "client" }));
    const step = deferred<void>();
    this.#step = step;
    try {
      this.#give(command);
    } catch (error) {
      this.#step = undefined;
      step.reject(error);
    }
    return step.promise;
  }

  #give(command: LinkCommand): void {
    this.#wire.send({ link: this.#link, command });
  }

  /** Takes what the link tells. */
  handle(event: LinkEvent): void {
    switch (event.type) {
      case "connected":
        this.#connected = true;
        return this.#settle();
      case "apdu":
        return this.#host.apdu(event.apdu, event.unsolicited);
      case "progress":
      case "sent":
        return this.#host.progress();
      case "disconnected":
        return this.#disconnected();
      case "failed":
        this.#connected = false;
        if (this.#step === undefined) return this.#host.failed(event.error);
        return this.#settle(event.error);
      case "notice":
        return this.#host.notice(event);
    }
  }

  #disconnected(): void {
    const expected = !this.#connected || this.#step !== undefined;
    this.#connected = false;
    if (expected) return this.#settle();
    this.#host.failed(
      dlmsError("connection-lost", "the meter ended the link", { layer: "client", phase: "link", retryable: true }),
    );
  }

  #settle(error?: DlmsError): void {
    const step = this.#step;
    this.#step = undefined;
    if (error === undefined) step?.resolve();
    else step?.reject(error);
  }
}
