import { dlmsError } from "../base/index.js";
import { headerSize, type WrapperPacket, wrapperVersion } from "./header.js";

/**
 * Cuts a stream into packets. There is nothing to find the begin of a packet by, so a stream that does not begin with
 * the version is lost for good.
 */
export class PacketSplitter {
  #pending = new Uint8Array(1024);
  #length = 0;

  /** True while a packet has begun and not ended. */
  get pending(): boolean {
    return this.#length > 0;
  }

  /** Octets of the packet that has begun. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** Octets until the packet at hand is whole, or until its header is. */
  get missingBytes(): number {
    if (this.#length < headerSize) return headerSize - this.#length;
    const length = ((this.#pending[6] as number) << 8) | (this.#pending[7] as number);
    return headerSize + length - this.#length;
  }

  /**
   * The packets that `bytes` completes; their APDUs are views that hold until the next call.
   * @throws DecodeError `malformed` when a packet does not begin with version 1.
   */
  push(bytes: Uint8Array): WrapperPacket[] {
    const fresh = this.#length === 0;
    if (!fresh) this.#append(bytes);
    const buffer = fresh ? bytes : this.#pending.subarray(0, this.#length);
    const packets: WrapperPacket[] = [];
    let at = 0;
    while (buffer.length - at >= headerSize) {
      const word = (index: number) => ((buffer[at + index] as number) << 8) | (buffer[at + index + 1] as number);
      if (word(0) !== wrapperVersion) throw notAPacket(buffer.slice(at, at + headerSize));
      const end = at + headerSize + word(6);
      if (end > buffer.length) break;
      packets.push({ source: word(2), destination: word(4), apdu: buffer.subarray(at + headerSize, end) });
      at = end;
    }
    this.#keep(buffer, at, fresh, packets.length > 0);
    return packets;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#pending.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#pending.length));
      grown.set(this.#pending.subarray(0, this.#length));
      this.#pending = grown;
    }
    this.#pending.set(bytes, this.#length);
    this.#length = needed;
  }

  /** Keeps the packet that has begun. Where packets were handed out they are views on the old buffer, left alone. */
  #keep(buffer: Uint8Array, from: number, fresh: boolean, handedOut: boolean): void {
    const rest = buffer.length - from;
    if (fresh ? this.#pending.length < rest : handedOut) this.#pending = new Uint8Array(Math.max(1024, rest));
    if (fresh || handedOut) this.#pending.set(buffer.subarray(from));
    this.#length = rest;
  }
}

function notAPacket(received: Uint8Array) {
  return dlmsError("malformed", "the stream is no wrapper stream: a packet begins with 00 01", {
    layer: "wrapper",
    received,
    advice: "The meter may speak HDLC over TCP, or TLS: try the other link, and check the port.",
  });
}
