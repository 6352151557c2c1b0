import { DlmsError, type DlmsError as DlmsErrorType } from "../../base/index.js";
import type { Transport } from "../../transport/index.js";
import { decodePacket, encodePacket, headerSize, PacketSplitter, type WrapperPacket } from "../../wrapper/index.js";
import { Branch } from "./branch.js";

/** A sign of life that is no DLMS, as many modems send one when they connect and every few minutes after. */
export interface Heartbeat {
  /** Octets that it takes, 1 or more. */
  readonly length: number;
  /** Who sends it: `heartbeat` of a meter in the registry. */
  readonly id?: string;
  /** What the modem waits for. */
  readonly answer?: Uint8Array;
}

/** Looks for a heartbeat where a message begins; it is found where it comes in one piece. */
export type HeartbeatReader = (bytes: Uint8Array) => Heartbeat | undefined;

/** What a shared line tells its owner. */
export interface SharedLineOwner {
  /** Octets came; false when nothing may be done with them. */
  received(bytes: number): boolean;
  heartbeat(heartbeat: Heartbeat): void;
  closed(error: DlmsErrorType | undefined): void;
}

const dataNotificationTag = 0x0f;

/**
 * One connection of a meter for two users at once: the receiver of its pushes, and whoever associates with it. With the
 * wrapper each packet goes to whom it is for; HDLC goes to the session while there is one.
 */
export class SharedLine {
  readonly pushes: Branch;
  readonly #line: Transport;
  readonly #link: "wrapper" | "hdlc";
  readonly #owner: SharedLineOwner;
  readonly #heartbeat: HeartbeatReader | undefined;
  #splitter = new PacketSplitter();
  #session: Branch | undefined;
  /** Client addresses that the session speaks from. */
  readonly #clients = new Set<number>();

  constructor(
    line: Transport,
    link: "wrapper" | "hdlc",
    owner: SharedLineOwner,
    heartbeat: HeartbeatReader | undefined,
  ) {
    this.#line = line;
    this.#link = link;
    this.#owner = owner;
    this.#heartbeat = heartbeat;
    this.pushes = new Branch(
      line,
      () => {},
      () => {},
    );
  }

  async open(): Promise<void> {
    await this.#line.open({
      data: (bytes) => this.#arrive(bytes),
      closed: (error) => this.end(error),
    });
  }

  /** A transport for one session; `left` is called when that is over. */
  session(left: () => void): Transport {
    const session: Branch = new Branch(
      this.#line,
      (bytes) => this.#noteClient(bytes),
      () => {
        if (this.#session === session) this.#session = undefined;
        left();
      },
    );
    this.#clients.clear();
    this.#session = session;
    return session;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#line.write(bytes);
  }

  /** Closes the connection; both users hear `error`. */
  async close(error: DlmsErrorType): Promise<void> {
    this.end(error);
    await this.#line.close();
  }

  end(error: DlmsErrorType | undefined): void {
    const session = this.#session;
    this.#session = undefined;
    session?.end(error);
    this.pushes.end(undefined);
    this.#owner.closed(error);
  }

  #noteClient(bytes: Uint8Array): void {
    if (this.#link === "wrapper" && bytes.length >= headerSize)
      this.#clients.add(((bytes[2] as number) << 8) | (bytes[3] as number));
  }

  #arrive(bytes: Uint8Array): void {
    if (!this.#owner.received(bytes.length)) return;
    if (this.#link === "hdlc") return this.#raw(this.#afterHeartbeats(bytes));
    if (this.#line.datagrams) return this.#datagram(this.#afterHeartbeats(bytes));
    let rest = bytes;
    while (rest.length > 0) {
      if (!this.#splitter.pending) {
        rest = this.#afterHeartbeats(rest);
        if (rest.length === 0) return;
      }
      // Never more than the packet at hand, so that what follows it may be anything.
      const piece = rest.subarray(0, this.#splitter.missingBytes);
      rest = rest.subarray(piece.length);
      try {
        for (const packet of this.#splitter.push(piece)) this.#route(packet);
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        this.#splitter = new PacketSplitter();
        // No wrapper packet: whoever listens tells of it, with all that follows.
        this.pushes.arrive(bytes.subarray(bytes.length - rest.length - piece.length));
        return;
      }
    }
  }

  #afterHeartbeats(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    for (let found = this.#heartbeatIn(rest); found !== undefined; found = this.#heartbeatIn(rest)) {
      this.#owner.heartbeat(found);
      rest = rest.subarray(found.length);
    }
    return rest;
  }

  /** What the reader makes of a stranger's octets must neither end the process nor go on for ever. */
  #heartbeatIn(bytes: Uint8Array): Heartbeat | undefined {
    if (this.#heartbeat === undefined || bytes.length === 0) return undefined;
    try {
      const found = this.#heartbeat(bytes);
      return found !== undefined && Number.isInteger(found.length) && found.length > 0 ? found : undefined;
    } catch {
      return undefined;
    }
  }

  #raw(bytes: Uint8Array): void {
    if (bytes.length > 0) (this.#session ?? this.pushes).arrive(bytes);
  }

  #datagram(bytes: Uint8Array): void {
    const packet = bytes.length > 0 ? decodePacket(bytes) : undefined;
    if (packet !== undefined) this.#route(packet);
    else if (bytes.length > 0) this.pushes.arrive(bytes);
  }

  #route(packet: WrapperPacket): void {
    const isPush = packet.apdu[0] === dataNotificationTag || !this.#clients.has(packet.destination);
    const branch = isPush ? this.pushes : (this.#session ?? this.pushes);
    branch.arrive(encodePacket(packet));
  }
}
