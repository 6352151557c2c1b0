import { ByteWriter } from "../base/index.js";

/** How captured messages are dressed for a pcap file. */
export interface PcapOptions {
  /**
   * `ethernet`: each message is a TCP segment or UDP datagram at port 4059, as Wireshark 4.6 and later dissect, HDLC
   * frames included (those with addresses of one octet). `user0`: the bare octets, link type 147.
   */
  readonly dress?: "ethernet" | "user0";
  /** TCP when left out. */
  readonly protocol?: "tcp" | "udp";
}

const linkTypes = { ethernet: 1, user0: 147 } as const;
const dlmsPort = 4059;
const clientPort = 49_152;
/** Addresses set aside for documentation (RFC 5737). */
const clientAddress = 0xc0000201;
const meterAddress = 0xc0000202;
/** Most octets of an IPv4 packet that a TCP header of 20 octets leaves. */
const largestPayload = 65_535 - 40;

/** Makes the octets of a pcap file (the classic format, big-endian, microseconds). */
export class PcapEncoder {
  readonly #dress: "ethernet" | "user0";
  readonly #protocol: "tcp" | "udp";
  readonly #sequence = { sent: 1, received: 1 };
  #identification = 0;

  constructor(options: PcapOptions = {}) {
    this.#dress = options.dress ?? "ethernet";
    this.#protocol = options.protocol ?? "tcp";
  }

  /** What the file begins with. */
  header(): Uint8Array {
    return new ByteWriter()
      .u32(0xa1b2c3d4)
      .u16(2)
      .u16(4)
      .u32(0)
      .u32(0)
      .u32(262_144)
      .u32(linkTypes[this.#dress])
      .finish();
  }

  /**
   * The records of one message; one that no packet holds becomes several.
   * @param direction seen from the client
   * @param wallTime milliseconds since 1970 (UTC)
   */
  message(direction: "sent" | "received", bytes: Uint8Array, wallTime: number): Uint8Array {
    const writer = new ByteWriter(bytes.length + 96);
    let at = 0;
    do {
      const part = bytes.subarray(at, at + largestPayload);
      const packet = this.#dress === "user0" ? part : this.#packet(direction, part);
      const microseconds = Math.round(wallTime * 1_000);
      writer.u32(Math.floor(microseconds / 1_000_000)).u32(microseconds % 1_000_000);
      writer.u32(packet.length).u32(packet.length).bytes(packet);
      at += largestPayload;
    } while (at < bytes.length);
    return writer.finish();
  }

  #packet(direction: "sent" | "received", payload: Uint8Array): Uint8Array {
    const sent = direction === "sent";
    const [from, to] = sent ? [clientAddress, meterAddress] : [meterAddress, clientAddress];
    const ports = sent ? [clientPort, dlmsPort] : [dlmsPort, clientPort];
    const segment = this.#protocol === "tcp" ? this.#tcp(direction, ports, payload) : udpDatagram(ports, payload);
    const number = this.#protocol === "tcp" ? 6 : 17;
    fillChecksum(segment, number === 6 ? 16 : 6, pseudoHeaderSum(from, to, number, segment.length));
    const ip = new ByteWriter(20)
      .u8(0x45)
      .u8(0)
      .u16(20 + segment.length);
    ip.u16(this.#identification++ & 0xffff)
      .u16(0x4000)
      .u8(64)
      .u8(number)
      .u16(0)
      .u32(from)
      .u32(to);
    const ipHeader = ip.finish();
    fillChecksum(ipHeader, 10, 0);
    const [fromStation, toStation] = sent ? [1, 2] : [2, 1];
    return new ByteWriter(34 + segment.length)
      .u32(0x02000000)
      .u16(toStation)
      .u32(0x02000000)
      .u16(fromStation)
      .u16(0x0800)
      .bytes(ipHeader)
      .bytes(segment)
      .finish();
  }

  #tcp(direction: "sent" | "received", ports: readonly number[], payload: Uint8Array): Uint8Array {
    const other = direction === "sent" ? "received" : "sent";
    const header = new ByteWriter(20 + payload.length).u16(ports[0] ?? 0).u16(ports[1] ?? 0);
    header.u32(this.#sequence[direction]).u32(this.#sequence[other]);
    // five words of header; acknowledge and push
    header.u16(0x5018).u16(0xffff).u16(0).u16(0).bytes(payload);
    this.#sequence[direction] = (this.#sequence[direction] + payload.length) >>> 0;
    return header.finish();
  }
}

function udpDatagram(ports: readonly number[], payload: Uint8Array): Uint8Array {
  return new ByteWriter(8 + payload.length)
    .u16(ports[0] ?? 0)
    .u16(ports[1] ?? 0)
    .u16(8 + payload.length)
    .u16(0)
    .bytes(payload)
    .finish();
}

function pseudoHeaderSum(from: number, to: number, protocol: number, length: number): number {
  return (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff) + protocol + length;
}

/** The Internet's check sum (RFC 1071) of `bytes` and of what was summed before, put at `offset`. */
function fillChecksum(bytes: Uint8Array, offset: number, before: number): void {
  let sum = before;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const check = ~sum & 0xffff;
  bytes[offset] = check >> 8;
  bytes[offset + 1] = check & 0xff;
}
