import { type Connection, DlmsError, type LinkCommand, type LinkEvent, type Notice } from "../base/index.js";
import { decodePacket, encodePacket, type WrapperPacket } from "./header.js";
import { PacketSplitter } from "./splitter.js";

/** Who is meant: the client's service access point, and the logical device it talks to. */
export interface WrapperPeer {
  readonly client: number;
  readonly server: number;
}

export interface WrapperServerCommand extends WrapperPeer {
  readonly command: LinkCommand;
}

export interface WrapperServerEvent extends WrapperPeer {
  readonly event: LinkEvent;
}

export interface WrapperServerLineOptions {
  /** Whether this meter has a logical device of that number. */
  accepts(server: number): boolean;
  /** Own logical device, under which clients that are not known are found when a packet is for all. */
  readonly own?: number;
  readonly datagrams?: boolean;
}

/**
 * The meter's side of one socket: several clients may speak through it. A peer is connected with its first packet. When
 * the stream makes no sense, `failed` is told for every peer and the owner closes the socket.
 */
export class WrapperServerLine implements Connection<WrapperServerCommand, WrapperServerEvent> {
  readonly #options: WrapperServerLineOptions;
  readonly #splitter = new PacketSplitter();
  readonly #events: WrapperServerEvent[] = [];
  readonly #output: Uint8Array[] = [];
  readonly #known = new Map<string, WrapperPeer>();

  constructor(options: WrapperServerLineOptions) {
    this.#options = options;
  }

  readonly deadline = undefined;
  handleTimeout(_now: number): void {}

  nextEvent(): WrapperServerEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.shift();
  }

  send({ client, server, command }: WrapperServerCommand, _now: number): void {
    if (command.type === "send")
      this.#output.push(encodePacket({ source: server, destination: client, apdu: command.apdu }));
  }

  receive(bytes: Uint8Array, _now: number): void {
    if (this.#options.datagrams === true) {
      const packet = decodePacket(bytes);
      if (packet !== undefined) this.#take(packet);
      else this.#events.push({ client: 0, server: 0, event: noPacket(bytes) });
      return;
    }
    try {
      for (const packet of this.#splitter.push(bytes)) this.#take(packet);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      const peers = this.#known.size === 0 ? [{ client: 0, server: 0 }] : [...this.#known.values()];
      for (const peer of peers) this.#events.push({ ...peer, event: { type: "failed", error } });
    }
  }

  /** For all: taken, and never answered. */
  #broadcast(client: number, apdu: Uint8Array): void {
    const known = [...this.#known.values()].filter((peer) => peer.client === client);
    const { own } = this.#options;
    const stranger = known.length === 0 && own !== undefined ? [{ client, server: own }] : [];
    for (const peer of [...known, ...stranger])
      this.#events.push({
        ...peer,
        event: { type: "apdu", apdu: apdu.slice(), unsolicited: true, broadcast: true },
      });
  }

  #take({ source, destination, apdu }: WrapperPacket): void {
    if (destination === allStation) return this.#broadcast(source, apdu);
    const peer: WrapperPeer = { client: source, server: destination };
    if (!this.#options.accepts(destination)) {
      const notice: Notice = { type: "notice", name: "foreign-packet", message: `there is no device ${destination}` };
      this.#events.push({ ...peer, event: notice });
      return;
    }
    const key = `${source} ${destination}`;
    if (!this.#known.has(key)) {
      this.#known.set(key, peer);
      this.#events.push({ ...peer, event: { type: "connected" } });
    }
    this.#events.push({ ...peer, event: { type: "apdu", apdu: apdu.slice(), unsolicited: false } });
  }
}

/** Service access point of all logical devices (IEC 62056-47, reserved wrapper port numbers). */
const allStation = 0x7f;

function noPacket(bytes: Uint8Array): Notice {
  return {
    type: "notice",
    name: "datagram-discarded",
    message: "a datagram is no wrapper packet",
    bytes: bytes.slice(0, 64),
  };
}
