import { ServerAssociation, type ServerAssociationEvent, type ShortNames } from "../association/index.js";
import type { LinkCommand, LinkEvent } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import type { ClientRecord } from "./clients.js";
import type { LogicalDevice } from "./device.js";

/** What a meter tells unasked. */
export type Push = Extract<Parameters<ServerAssociation["send"]>[0], { type: "notify" }>;

/** What a session needs to know of its meter. */
export interface SessionHost {
  readonly device: LogicalDevice;
  readonly crypto: CryptoProvider;
  readonly maxPduSize: number;
  /** Names of the objects for clients that address them so. */
  readonly shortNames: ShortNames;
  /** The meter's own time, milliseconds UTC. */
  now(): number;
  record(clientSap: number): ClientRecord | undefined;
  /** Called for each event of an association, for traces of whoever tests with this meter. */
  observe(clientSap: number, event: ServerAssociationEvent): void;
}

/** One client on one link: an association, and the objects behind it. */
export class MockSession {
  readonly #host: SessionHost;
  readonly clientSap: number;
  readonly #link: (command: LinkCommand) => void;
  #association: ServerAssociation | undefined;
  /** The association took what came and wants to say something. */
  #spoke = false;

  /** `link` carries commands to this client's end of the link. */
  constructor(host: SessionHost, clientSap: number, link: (command: LinkCommand) => void) {
    this.#host = host;
    this.clientSap = clientSap;
    this.#link = link;
  }

  get isAssociated(): boolean {
    return this.#association?.state === "associated";
  }

  handle(event: LinkEvent): void {
    switch (event.type) {
      case "apdu":
        return this.#receive(event.apdu, event.unsolicited);
      case "connected":
      case "disconnected":
        this.#association = undefined;
        return;
      case "failed":
        this.#association?.send({ type: "link-lost", error: event.error });
        this.#association = undefined;
        return;
      case "progress":
      case "sent":
      case "notice":
        return;
    }
  }

  /** Sends a notification: under the association's protection, or on its own where there is no association. */
  notify(push: Push): void {
    this.#begin().send(push);
    this.#drain(true);
  }

  #receive(apdu: Uint8Array, unsolicited: boolean): void {
    this.#spoke = false;
    this.#begin().receive(apdu);
    this.#drain(false);
    // Somebody waits for the turn although there is no answer: an unconfirmed service, or one that was dropped.
    if (!this.#spoke && !unsolicited) this.#link({ type: "keep-alive" });
  }

  #begin(): ServerAssociation {
    const record = this.#host.record(this.clientSap);
    this.#association ??= new ServerAssociation({
      clientSap: this.clientSap,
      profiles: record === undefined ? [] : [record.profile(this.#host.maxPduSize, this.#host.shortNames)],
      crypto: this.#host.crypto,
    });
    return this.#association;
  }

  #drain(unconfirmed: boolean): void {
    const association = this.#association;
    if (association === undefined) return;
    for (let event = association.nextEvent(); event !== undefined; event = association.nextEvent())
      this.#event(association, event);
    for (let apdu = association.takeOutput(); apdu !== undefined; apdu = association.takeOutput()) {
      this.#spoke = true;
      this.#link({ type: "send", apdu, ...(unconfirmed ? { unconfirmed } : {}) });
    }
    this.#host.record(this.clientSap)?.heard(association.lastReceivedCounter);
  }

  #event(association: ServerAssociation, event: ServerAssociationEvent): void {
    this.#host.observe(this.clientSap, event);
    if (event.type === "associated") {
      const record = this.#host.record(this.clientSap);
      const title = event.negotiated.peerSystemTitle;
      if (record !== undefined && title !== undefined) record.systemTitle = title;
    }
    if (event.type !== "request") return;
    const { id, request, protection } = event;
    const context = {
      clientSap: this.clientSap,
      protection,
      now: this.#host.now(),
      negotiated: association.negotiated,
    };
    association.send({ type: "respond", id, response: this.#host.device.handle(request, context) });
  }
}
