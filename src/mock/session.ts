import { apduTags, decodeApdu, encodeApdu, type GatewayMessage } from "../apdu/index.js";
import { ServerAssociation, type ServerAssociationEvent, type ShortNames } from "../association/index.js";
import { DlmsError, type LinkCommand, type LinkEvent, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import type { SecurityPolicy } from "../security/index.js";
import type { ClientRecord } from "./clients.js";
import type { LogicalDevice } from "./device.js";
import type { KeyCounters, KeyRing } from "./key-ring.js";

/** What a meter tells unasked. */
export type Push = Extract<Parameters<ServerAssociation["send"]>[0], { type: "notify" }>;

/** What a session needs to know of its meter. */
export interface SessionHost {
  readonly device: LogicalDevice;
  readonly crypto: CryptoProvider;
  readonly maxPduSize: number;
  /** General blocks that a client may send at once. */
  readonly blockWindow: number | undefined;
  /** Names of the objects for clients that address them so. */
  readonly shortNames: ShortNames;
  /** The meter's own time, milliseconds UTC. */
  now(): number;
  record(clientSap: number): ClientRecord | undefined;
  /** The security policy in force for this client; undefined where nothing is ciphered. */
  policy(clientSap: number): SecurityPolicy | undefined;
  /** Called for each event of an association, for traces of whoever tests with this meter. */
  observe(clientSap: number, event: ServerAssociationEvent): void;
  /** The meter behind this one, where it is a gateway. */
  behind(networkId: number, physicalDeviceAddress: Uint8Array): SessionHost | undefined;
}

/** A client's keys at one time. */
interface Known {
  readonly version: number;
  readonly keys: ReturnType<KeyRing["snapshot"]> | undefined;
  readonly counters: KeyCounters | undefined;
}

/** One client on one link: an association, and the objects behind it. */
export class MockSession {
  readonly #host: SessionHost;
  readonly clientSap: number;
  readonly #link: (command: LinkCommand) => void;
  #association: ServerAssociation | undefined;
  /** What of the client's keys and secrets the association was told. */
  #known: Known | undefined;
  /** Counters of the key that the association uses, which lag behind `#known` while an answer goes out in blocks. */
  #counters: KeyCounters | undefined;
  /** The same client and meters behind this one. */
  readonly #behind = new Map<string, MockSession>();
  /** The policy that the association was told. */
  #policy: SecurityPolicy | undefined;
  /** What is told when the client polls. */
  readonly #kept: Push[] = [];
  /** What comes is for all. */
  #deaf = false;
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
        return event.broadcast === true ? this.#hear(event.apdu) : this.#receive(event.apdu, event.unsolicited);
      case "connected":
      case "disconnected":
        this.#association = undefined;
        this.#behind.clear();
        this.#kept.length = 0;
        return;
      case "failed":
        this.#behind.clear();
        this.#association?.send({ type: "link-lost", error: event.error });
        this.#association = undefined;
        return;
      case "notice":
        return event.name === "event-poll" ? this.#tellKept() : undefined;
      case "progress":
      case "sent":
        return;
    }
  }

  /** Sends a notification: under the association's protection, or on its own where there is no association. */
  notify(push: Push): void {
    this.#begin().send(push);
    this.#drain({ unconfirmed: true });
  }

  /** Keeps a notification until the client polls for events; protected only then, for its counter must not be overtaken. */
  keep(push: Push): void {
    this.#kept.push(push);
    if (this.#kept.length > mostKept) this.#kept.shift();
  }

  #tellKept(): void {
    for (const push of this.#kept.splice(0)) this.notify(push);
    this.#link({ type: "keep-alive" });
  }

  /**
   * Takes what was sent to all: under an association that is there, or one that needs no AARQ. Nothing is answered, and
   * nothing carried out that asks for an answer.
   */
  #hear(apdu: Uint8Array): void {
    const association = this.#begin();
    if (association.state !== "associated" || isAcse(apdu[0])) return;
    this.#deaf = true;
    try {
      association.receive(apdu);
      this.#drain("silent");
    } finally {
      this.#deaf = false;
    }
  }

  #receive(apdu: Uint8Array, unsolicited: boolean): void {
    if (apdu[0] === apduTags["gateway-request"]) return this.#passOn(apdu, unsolicited);
    this.#spoke = false;
    this.#begin().receive(apdu);
    this.#drain({});
    // Somebody waits for the turn although there is no answer: an unconfirmed service, or one that was dropped.
    if (!this.#spoke && !unsolicited) this.#link({ type: "keep-alive" });
  }

  /** As a gateway: what is for a meter behind is handed to it without its prefix, and its answers get one. */
  #passOn(bytes: Uint8Array, unsolicited: boolean): void {
    const message = prefixed(bytes);
    const host = message && this.#host.behind(message.networkId, message.physicalDeviceAddress);
    // Nobody is there: nothing is said, and the turn goes back.
    if (message === undefined || host === undefined)
      return unsolicited ? undefined : this.#link({ type: "keep-alive" });
    const { networkId, physicalDeviceAddress } = message;
    const key = `${networkId} ${toHex(physicalDeviceAddress)}`;
    const session =
      this.#behind.get(key) ??
      new MockSession(host, this.clientSap, (command) => {
        if (command.type !== "send") return this.#link(command);
        const { apdu } = command;
        const answer = encodeApdu({ type: "gateway-response", networkId, physicalDeviceAddress, apdu });
        this.#link({ ...command, apdu: answer });
      });
    this.#behind.set(key, session);
    session.handle({ type: "apdu", apdu: message.apdu, unsolicited });
  }

  #begin(): ServerAssociation {
    const record = this.#host.record(this.clientSap);
    const isChanged = record?.version !== this.#known?.version;
    if (isChanged && this.#association?.state === "idle") this.#association = undefined;
    if (isChanged && this.#association !== undefined) this.#takeUpKeys(this.#association);
    const policy = this.#host.policy(this.clientSap);
    if (policy !== undefined && policy !== this.#policy) this.#association?.send({ type: "use-policy", policy });
    this.#policy = policy;
    if (this.#association === undefined) {
      const { maxPduSize, shortNames } = this.#host;
      this.#association = new ServerAssociation({
        clientSap: this.clientSap,
        profiles: record === undefined ? [] : [record.profile(maxPduSize, shortNames, policy)],
        crypto: this.#host.crypto,
        ...(this.#host.blockWindow !== undefined && { blockWindow: this.#host.blockWindow }),
      });
      this.#known = known(record);
      this.#counters = this.#known?.counters;
    }
    return this.#association;
  }

  /** Keys changed, by this client or another one of the same meter: they hold from the next message on. */
  #takeUpKeys(association: ServerAssociation): void {
    const record = this.#host.record(this.clientSap);
    const before = this.#known;
    if (record?.keys !== undefined && before?.keys !== undefined)
      association.send({ type: "replace-keys", keys: record.keys.changesSince(before.keys) });
    this.#known = known(record);
  }

  #drain(how: { readonly unconfirmed?: boolean } | "silent"): void {
    const association = this.#association;
    if (association === undefined) return;
    for (let event = association.nextEvent(); event !== undefined; event = association.nextEvent())
      this.#event(association, event);
    for (let apdu = association.takeOutput(); apdu !== undefined; apdu = association.takeOutput()) {
      if (how === "silent") continue;
      this.#spoke = true;
      this.#link({ type: "send", apdu, ...how });
    }
    if (!association.keysPending) this.#counters = this.#known?.counters;
    this.#counters?.heard(association.lastReceivedCounter);
    const { lastBroadcastCounter } = association;
    const keys = this.#host.record(this.clientSap)?.keys;
    if (lastBroadcastCounter !== undefined) keys?.counters("global-broadcast-encryption").heard(lastBroadcastCounter);
  }

  #event(association: ServerAssociation, event: ServerAssociationEvent): void {
    this.#host.observe(this.clientSap, event);
    if (event.type === "associated") {
      const record = this.#host.record(this.clientSap);
      const title = event.negotiated.peerSystemTitle;
      if (record !== undefined && title !== undefined) record.systemTitle = title;
    }
    if (event.type !== "request") return;
    const { id, request, protection, signed } = event;
    if (this.#deaf && !event.unconfirmed) return;
    const { device } = this.#host;
    const context = {
      clientSap: this.clientSap,
      protection,
      signed,
      now: this.#host.now(),
      negotiated: association.negotiated,
    };
    const least = device.responseProtection(request, this.clientSap);
    association.send({ type: "respond", id, response: device.handle(request, context), protection: least });
  }
}

function known(record: ClientRecord | undefined): Known | undefined {
  return record && { version: record.version, keys: record.keys?.snapshot(), counters: record.keys?.counters() };
}

/** Events that wait for a poll; the newest stay. */
const mostKept = 64;

/** AARQ and RLRQ: what begins and ends an association is between two. */
const isAcse = (tag: number | undefined): boolean => tag === apduTags.aarq || tag === apduTags.rlrq;

/** What bears the prefix of a gateway; undefined for octets that are none. */
function prefixed(bytes: Uint8Array): GatewayMessage | undefined {
  try {
    const message = decodeApdu(bytes);
    return message.type === "gateway-request" ? message : undefined;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return undefined;
  }
}
