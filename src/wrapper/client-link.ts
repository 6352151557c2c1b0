import { DlmsError, dlmsError, type Link, type LinkCommand, type LinkEvent } from "../base/index.js";
import { decodePacket, encodePacket, type WrapperPacket } from "./header.js";
import { PacketSplitter } from "./splitter.js";

export interface WrapperLinkOptions {
  /** Own service access point. */
  readonly client: number;
  /** Service access point of the logical device; 1 is the management device. */
  readonly server: number;
  /** True where each piece received is a whole datagram (UDP). */
  readonly datagrams?: boolean;
}

/** A client's end of the wrapper: connected at once, for there is no set-up beside that of the transport. */
export class WrapperClientLink implements Link {
  readonly #options: WrapperLinkOptions;
  readonly #splitter = new PacketSplitter();
  readonly #events: LinkEvent[] = [];
  readonly #output: Uint8Array[] = [];
  #connected = false;

  constructor(options: WrapperLinkOptions) {
    this.#options = options;
  }

  /** There is nothing to wait for at this layer. */
  readonly deadline = undefined;
  handleTimeout(_now: number): void {}

  nextEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.shift();
  }

  send(command: LinkCommand, _now: number): void {
    switch (command.type) {
      case "connect":
        this.#connected = true;
        this.#events.push({ type: "connected" });
        return;
      case "send": {
        if (!this.#connected) throw dlmsError("wrong-state", "the link is not connected", { layer: "wrapper" });
        const { client, server } = this.#options;
        this.#output.push(encodePacket({ source: client, destination: server, apdu: command.apdu }));
        this.#events.push({ type: "sent" });
        return;
      }
      case "disconnect":
        this.#connected = false;
        this.#events.push({ type: "disconnected" });
        return;
      case "keep-alive":
        return;
    }
  }

  receive(bytes: Uint8Array, _now: number): void {
    if (this.#options.datagrams === true) {
      const packet = decodePacket(bytes);
      if (packet === undefined) this.#notice("datagram-discarded", "a datagram is no wrapper packet", bytes.slice());
      else this.#take(packet);
      return;
    }
    try {
      for (const packet of this.#splitter.push(bytes)) this.#take(packet);
      // A long answer takes its time on a slow line: whoever waits for it hears that it is coming.
      const { pendingBytes } = this.#splitter;
      if (pendingBytes > 0) this.#events.push({ type: "progress", receivedBytes: pendingBytes });
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      this.#connected = false;
      this.#events.push({ type: "failed", error });
    }
  }

  #take({ source, destination, apdu }: WrapperPacket): void {
    const { client, server } = this.#options;
    if (destination !== client)
      return this.#notice("foreign-packet", `a packet from ${source} is for client ${destination}, not ${client}`);
    if (source !== server) this.#notice("other-source", `the answer comes from ${source}, asked was ${server}`);
    this.#events.push({ type: "apdu", apdu: apdu.slice(), unsolicited: false });
  }

  #notice(name: string, message: string, bytes?: Uint8Array): void {
    this.#events.push({ type: "notice", name, message, ...(bytes === undefined ? {} : { bytes }) });
  }
}
