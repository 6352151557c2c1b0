import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { CaptureSplitter, PcapEncoder } from "../../src/transport/index.js";

/** Sum of 16-bit words in ones' complement: 0xFFFF over octets that hold a right check sum (RFC 1071). */
function onesSum(bytes: Uint8Array, before = 0): number {
  let sum = before;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const snrm = fromHex("7EA00A000200232193 1F8D7E".replace(" ", ""));

describe("PcapEncoder", () => {
  it("begins with the classic header: version 2.4, link type Ethernet or DLT_USER0", () => {
    expect(toHex(new PcapEncoder().header())).toBe("A1B2C3D4000200040000000000000000" + "0004000000000001");
    expect(toHex(new PcapEncoder({ dress: "user0" }).header()).slice(-8)).toBe("00000093");
  });

  it("stamps a bare message with seconds and microseconds", () => {
    const record = new PcapEncoder({ dress: "user0" }).message("sent", snrm, 1_700_000_000_123.5);
    const view = new DataView(record.buffer);
    expect([view.getUint32(0), view.getUint32(4)]).toEqual([1_700_000_000, 123_500]);
    expect([view.getUint32(8), view.getUint32(12)]).toEqual([snrm.length, snrm.length]);
    expect(record.subarray(16)).toEqual(snrm);
  });

  it.each(["tcp", "udp"] as const)("dresses a message as %s at port 4059, with check sums that hold", (protocol) => {
    const encoder = new PcapEncoder({ protocol });
    for (const [direction, portAt] of [
      ["sent", 2],
      ["received", 0],
    ] as const) {
      const packet = encoder.message(direction, snrm, 0).subarray(16);
      expect(toHex(packet.subarray(12, 14))).toBe("0800");
      const ip = packet.subarray(14, 34);
      expect(onesSum(ip)).toBe(0xffff);
      expect((ip[2]! << 8) + ip[3]!).toBe(packet.length - 14);
      const segment = packet.subarray(34);
      expect((segment[portAt]! << 8) + segment[portAt + 1]!).toBe(4059);
      const pseudo = onesSum(ip.subarray(12, 20), (protocol === "tcp" ? 6 : 17) + segment.length);
      expect(onesSum(segment, pseudo)).toBe(0xffff);
      expect(segment.subarray(protocol === "tcp" ? 20 : 8)).toEqual(snrm);
    }
  });

  it("counts TCP sequence numbers for each direction and splits what no packet holds", () => {
    const encoder = new PcapEncoder();
    const sequence = (record: Uint8Array) => new DataView(record.buffer, record.byteOffset + 16 + 34).getUint32(4);
    expect(sequence(encoder.message("sent", new Uint8Array(100), 0))).toBe(1);
    expect(sequence(encoder.message("sent", new Uint8Array(5), 0))).toBe(101);
    expect(sequence(encoder.message("received", new Uint8Array(5), 0))).toBe(1);
    const large = encoder.message("sent", new Uint8Array(65_543), 0);
    expect(large.length).toBe(65_543 + 2 * (16 + 54));
  });
});

describe("CaptureSplitter", () => {
  const wrapper = fromHex("000100010010000401020304");
  const text = fromHex("2F3F210D0A");

  it("cuts frames, packets and text, however they are split, and loses no octet", () => {
    const stream = [text, snrm, snrm, wrapper, wrapper, snrm];
    const whole = fromHex(stream.map(toHex).join(""));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const splitter = new CaptureSplitter();
        const messages: string[] = [];
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = sizes[i % sizes.length]!;
          messages.push(...splitter.push(whole.subarray(at, at + size)).map(toHex));
          at += size;
        }
        messages.push(...splitter.flush().map(toHex));
        // only text may come in pieces
        expect(messages.join("")).toBe(toHex(whole));
        expect(messages.slice(-5)).toEqual(stream.slice(-5).map(toHex));
      }),
    );
  });

  it("keeps every octet of noise, in bounded memory", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
        const splitter = new CaptureSplitter();
        const out = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush()];
        expect(out.map(toHex).join("")).toBe(pieces.map(toHex).join(""));
        expect(out.every((message) => message.length > 0)).toBe(true);
      }),
    );
  });
});
