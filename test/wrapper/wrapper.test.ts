import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, DlmsError, fromHex, type LinkEvent, toHex } from "../../src/base/index.js";
import {
  decodePacket,
  encodePacket,
  PacketSplitter,
  WrapperClientLink,
  WrapperServerLine,
} from "../../src/wrapper/index.js";

const packet = { source: 16, destination: 1, apdu: fromHex("C001C100080000010000FF0200") };
const hex = "000100100001000D" + "C001C100080000010000FF0200";

describe("packet (IEC 62056-47)", () => {
  it("both ways", () => {
    expect(toHex(encodePacket(packet))).toBe(hex);
    expect(decodePacket(fromHex(hex))).toEqual(packet);
  });
  it.each(["", "0001", `${hex}00`, hex.slice(0, -2), hex.replace(/^0001/, "0002")])("%s is no whole packet", (text) => {
    expect(decodePacket(fromHex(text))).toBeUndefined();
  });
  it("carries 65,535 octets and refuses more", () => {
    const apdu = new Uint8Array(65_535).fill(7);
    expect(new PacketSplitter().push(encodePacket({ ...packet, apdu }))[0]?.apdu).toEqual(apdu);
    expect(() => encodePacket({ ...packet, apdu: new Uint8Array(65_536) })).toThrow(/65535/);
  });
});

describe("splitter", () => {
  it("finds every packet across any split and join of the stream", () => {
    const apdus = [
      new Uint8Array(),
      fromHex("00"),
      new Uint8Array(3000).fill(1),
      fromHex("C401C1"),
      new Uint8Array(700),
    ];
    const stream = concatBytes(...apdus.map((apdu) => encodePacket({ ...packet, apdu })));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const splitter = new PacketSplitter();
        const found: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] as number;
          for (const { apdu } of splitter.push(stream.slice(at, at + size))) found.push(toHex(apdu));
          at += size;
        }
        expect(found).toEqual(apdus.map(toHex));
        expect(splitter.pending).toBe(false);
      }),
    );
  });
  it("refuses a stream of something else with a sentence on what to try", () => {
    try {
      new PacketSplitter().push(fromHex("7EA00A00020023215314"));
      expect.unreachable();
    } catch (error) {
      expect(DlmsError.is(error) && error.code).toBe("malformed");
      expect(DlmsError.is(error) && error.advice).toMatch(/HDLC/);
    }
  });
});

const events = (link: { nextEvent(): unknown }) => {
  const found: unknown[] = [];
  for (let event = link.nextEvent(); event !== undefined; event = link.nextEvent()) found.push(event);
  return found;
};

describe("both ends", () => {
  it("an APDU goes there and back, several clients on one socket", () => {
    const server = new WrapperServerLine({ accepts: (device) => device === 1 });
    for (const client of [16, 1]) {
      const link = new WrapperClientLink({ client, server: 1 });
      link.send({ type: "connect" }, 0);
      link.send({ type: "send", apdu: fromHex("C0") }, 0);
      server.receive(link.takeOutput() as Uint8Array, 0);
      expect(events(server)).toEqual([
        { client, server: 1, event: { type: "connected" } },
        { client, server: 1, event: { type: "apdu", apdu: fromHex("C0"), unsolicited: false } },
      ]);
      server.send({ client, server: 1, command: { type: "send", apdu: fromHex("C4") } }, 0);
      link.receive(server.takeOutput() as Uint8Array, 0);
      expect(events(link).at(-1)).toEqual({ type: "apdu", apdu: fromHex("C4"), unsolicited: false });
    }
  });
  it("tells of a packet that is on its way", () => {
    const link = new WrapperClientLink({ client: 16, server: 1 });
    const packet = encodePacket({ source: 1, destination: 16, apdu: new Uint8Array(20) });
    link.receive(packet.subarray(0, 12), 0);
    expect(link.nextEvent()).toEqual({ type: "progress", receivedBytes: 12 });
    link.receive(packet.subarray(12), 0);
    expect(link.nextEvent()).toMatchObject({ type: "apdu" });
    expect(link.nextEvent()).toBeUndefined();
  });
  it("refuses to send before it is connected", () => {
    expect(() =>
      new WrapperClientLink({ client: 1, server: 1 }).send({ type: "send", apdu: fromHex("C0") }, 0),
    ).toThrow(expect.objectContaining({ code: "wrong-state" }));
  });
  it("passes over packets for others, and datagrams that are none", () => {
    const link = new WrapperClientLink({ client: 16, server: 1, datagrams: true });
    link.receive(encodePacket({ source: 1, destination: 99, apdu: fromHex("C4") }), 0);
    link.receive(fromHex("000100010010000500"), 0);
    link.receive(fromHex("00"), 0);
    expect((events(link) as LinkEvent[]).map((event) => (event.type === "notice" ? event.name : event.type))).toEqual([
      "foreign-packet",
      "datagram-discarded",
      "datagram-discarded",
    ]);
  });
  it("a stream that makes no sense fails the link", () => {
    const link = new WrapperClientLink({ client: 16, server: 1 });
    link.send({ type: "connect" }, 0);
    link.receive(fromHex("485454502F312E31"), 0);
    expect(events(link).at(-1)).toMatchObject({ type: "failed", error: { code: "malformed" } });
  });
});

it("the meter's side names a datagram that is no packet, and goes on", () => {
  const line = new WrapperServerLine({ accepts: () => true, datagrams: true });
  line.receive(fromHex("0001001000010005C0"), 0);
  expect(line.nextEvent()?.event).toMatchObject({ type: "notice", name: "datagram-discarded" });
  line.receive(encodePacket({ source: 16, destination: 1, apdu: fromHex("C0") }), 0);
  expect([line.nextEvent()?.event.type, line.nextEvent()?.event.type]).toEqual(["connected", "apdu"]);
});
