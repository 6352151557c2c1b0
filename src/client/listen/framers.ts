import { DlmsError, dlmsError, type Layer } from "../../base/index.js";
import { MbusAssembler, type MbusChunk, MbusSplitter } from "../../mbus/index.js";
import { decodePacket, encodePacket, PacketSplitter, type WrapperPacket } from "../../wrapper/index.js";
import type { PushProtocol } from "./events.js";
import type { Framed, PushFramer, Spoilt } from "./framing.js";
import { HdlcFramer } from "./hdlc-framer.js";
import { P1Framer } from "./p1-framer.js";

/** The framer of a protocol; `datagrams` where each piece is a message of its own. */
export function framerOf(protocol: PushProtocol, datagrams: boolean): PushFramer {
  switch (protocol) {
    case "hdlc":
      return new HdlcFramer();
    case "mbus":
      return new MbusFramer();
    case "p1":
      return new P1Framer();
    case "wrapper":
      return datagrams ? new DatagramFramer() : new WrapperFramer();
  }
}

/** Wrapper packets in datagrams, one each (IEC 62056-47). */
class DatagramFramer implements PushFramer {
  push(bytes: Uint8Array): Framed[] {
    const packet = decodePacket(bytes);
    return [packet === undefined ? spoilt("wrapper", "the datagram is no wrapper packet", bytes) : framed(packet)];
  }

  flush(): Framed[] {
    return [];
  }
}

/**
 * Wrapper packets in a stream. There is nothing by which to find the next one with certainty: behind octets that are
 * none, the search goes on at the next place where a version and a sound length could stand.
 */
class WrapperFramer implements PushFramer {
  #splitter = new PacketSplitter();

  push(bytes: Uint8Array): Framed[] {
    let splitter = this.#splitter;
    try {
      return splitter.push(bytes).map(framed);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      splitter = new PacketSplitter();
      this.#splitter = splitter;
      return [{ type: "spoilt", error, bytes: bytes.slice() }, ...this.#resume(bytes)];
    }
  }

  flush(): Framed[] {
    if (!this.#splitter.pending) return [];
    this.#splitter = new PacketSplitter();
    return [spoilt("wrapper", "a wrapper packet has begun and not ended", new Uint8Array())];
  }

  /** Whole packets up to the end of the piece, behind what is none. */
  #resume(bytes: Uint8Array): Framed[] {
    for (let at = 1; at + 8 <= bytes.length; at++) {
      if (bytes[at] !== 0 || bytes[at + 1] !== 1) continue;
      const end = at + 8 + (((bytes[at + 6] as number) << 8) | (bytes[at + 7] as number));
      const follows = end === bytes.length || (end < bytes.length && bytes[end] === 0 && bytes[end + 1] === 1);
      if (!follows) continue;
      const packet = decodePacket(bytes.subarray(at, end));
      if (packet !== undefined) return [framed(packet), ...(end < bytes.length ? this.push(bytes.subarray(end)) : [])];
    }
    return [];
  }
}

/** Long frames that carry DLMS (EN 13757-1), joined for each sender. */
class MbusFramer implements PushFramer {
  readonly #splitter = new MbusSplitter();
  readonly #assembler = new MbusAssembler();

  push(bytes: Uint8Array): Framed[] {
    return this.#splitter.push(bytes).flatMap((chunk) => this.#take(chunk));
  }

  flush(): Framed[] {
    return this.#splitter.flush().flatMap((chunk) => this.#take(chunk));
  }

  #take(chunk: MbusChunk): Framed[] {
    if (chunk.type === "discarded") return [spoilt("mbus", "octets that are no M-Bus frame", chunk.bytes)];
    const { frame, bytes } = chunk;
    if (!frame.checksumOk) return [spoilt("mbus", "the check sum of an M-Bus frame does not hold", bytes)];
    const { apdu, notice } = this.#assembler.push(frame);
    const lost = notice === undefined ? [] : [spoilt("mbus", notice.message, bytes)];
    if (apdu === undefined) return lost;
    const { source, destination } = apdu;
    return [...lost, { type: "apdu", apdu: apdu.apdu, source: `${source}`, destination: `${destination}` }];
  }
}

function framed({ source, destination, apdu }: WrapperPacket): Framed {
  return {
    type: "apdu",
    apdu: apdu.slice(),
    source: `${source}`,
    destination: `${destination}`,
    answer: (octets) => encodePacket({ source: destination, destination: source, apdu: octets }),
  };
}

function spoilt(layer: Layer, message: string, bytes: Uint8Array): Spoilt {
  return { type: "spoilt", error: dlmsError("malformed", message, { layer }), bytes: bytes.slice() };
}
