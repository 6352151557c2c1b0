import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import { CosemDateTime } from "../../src/data/index.js";
import { clientAddress, encodeFrame, type HdlcAddress, serverAddress } from "../../src/hdlc/index.js";
import { formatTelegram } from "../../src/iec62056-21/index.js";
import { segmentMbusApdu } from "../../src/mbus/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { bench, codes, eventsOf, pushes } from "./listen-helpers.js";

const u32 = (value: number) => value.toString(16).padStart(8, "0");
/** DataNotification with a register: code, value, scaler -1 and Wh. */
const push = (value: number, flags = "00") =>
  fromHex(
    `0F${flags}000007000203090601000108 00FF06${u32(value)}020F FF161E`.replace(/ /g, "").replace("020F", "02020F"),
  );
const packet = (apdu: Uint8Array, source = 1) => encodePacket({ source, destination: 16, apdu });
const frame = (information: Uint8Array, source: HdlcAddress, segmented = false) =>
  encodeFrame({ type: "ui", poll: true, source, destination: clientAddress(16), segmented, information });
const llc = Uint8Array.of(0xe6, 0xe7, 0);
const uiFrames = (apdu: Uint8Array, source: HdlcAddress, size = 12) => {
  const all = concatBytes(llc, apdu);
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, i) => frame(all.subarray(i * size, (i + 1) * size), source, i < count - 1));
};
const values = (events: Parameters<typeof pushes>[0]) => pushes(events).map(({ objects }) => String(objects[0]?.value));

describe("pushes in clear", () => {
  it("are named and scaled by the codes inside", async () => {
    const [event] = await eventsOf([packet(push(12345))]);
    expect(event).toMatchObject({
      type: "push",
      kind: "data-notification",
      longInvokeId: 7,
      authenticated: null,
      protection: "none",
      origin: { line: "memory near", protocol: "wrapper", source: "1", destination: "16" },
    });
    expect(pushes([event!])[0]?.objects.map(({ obis, value }) => `${obis} ${value}`)).toEqual([
      "1-0:1.8.0*255 1234.5 Wh",
    ]);
    expect(toHex(pushes([event!])[0]!.rawBody)).toBe("0203090601000108 00FF060000303902020FFF161E".replace(" ", ""));
  });
  it("are named by a list of the user, with units for numbers that have none", async () => {
    const body = fromHex("0F00000001000202090C07E60101060000 00FF800000060000000A".replace(" ", ""));
    const [event] = await eventsOf([packet(body)], {
      objects: [
        { obis: "0-0:1.0.0*255", classId: 8, attributeId: 2 },
        { obis: "1-0:1.7.0*255", scalerUnit: { scaler: 2, unit: "W" } },
      ],
    });
    const [clock, power] = pushes([event!])[0]!.objects;
    expect(clock?.value).toBeInstanceOf(CosemDateTime);
    expect(String(power?.value)).toBe("1000 W");
  });
  it("are named by the push object list that comes with them", async () => {
    const list = "01020204120028090600001909 00FF0F02120000020412000309060100010700FF0F02120000".replace(" ", "");
    const [event] = await eventsOf([packet(fromHex(`0F00000001000202${list}0600000005`))]);
    expect(pushes([event!])[0]?.objects).toMatchObject([
      { classId: 40, attributeId: 2 },
      { classId: 3, attributeId: 2, value: { type: "double-long-unsigned", value: 5 } },
    ]);
  });
  it("event notifications and information reports are told too", async () => {
    const event = fromHex("C20000030100010800FF020600000009");
    const report = fromHex("18000102FA00010600000009");
    const events = await eventsOf([packet(event), packet(report)]);
    expect(pushes(events)).toMatchObject([
      { kind: "event-notification", objects: [{ classId: 3, attributeId: 2, data: { value: 9 } }] },
      { kind: "information-report", objects: [{ data: { value: 9 } }] },
    ]);
  });
});

describe("several meters on one line", () => {
  const [one, two] = [serverAddress(1, 17), serverAddress(1, 18)];
  it("HDLC segments of two meters, interleaved", async () => {
    const [a, b] = [uiFrames(push(10), one), uiFrames(push(20), two)];
    expect(a.length).toBeGreaterThan(2);
    const events = await eventsOf([concatBytes(...a.flatMap((part, i) => [part, b[i]!]))], { protocol: "hdlc" });
    expect(values(events)).toEqual(["1.0 Wh", "2.0 Wh"]);
    expect(pushes(events).map(({ origin }) => origin.source)).toEqual(["1/17", "1/18"]);
  });
  it("M-Bus segments of two meters, interleaved", async () => {
    const of = (value: number, source: number) =>
      segmentMbusApdu(push(value), { address: 0xff, source, destination: 0x67 }, 10);
    const [a, b] = [of(10, 1), of(20, 2)];
    const events = await eventsOf([concatBytes(...a.flatMap((part, i) => [part, b[i]!]))], { protocol: "mbus" });
    expect(values(events)).toEqual(["1.0 Wh", "2.0 Wh"]);
  });
});

describe("spoilt octets", () => {
  const meter = serverAddress(1, 17);
  const spoil = (bytes: Uint8Array, at: number) => bytes.map((octet, i) => (i === at ? octet ^ 0x10 : octet));
  it("between good pushes cost nothing but themselves, on every line", async () => {
    const noise = fromHex("00FF7E123468");
    const lines = {
      hdlc: (value: number) => concatBytes(...uiFrames(push(value), meter, 64)),
      mbus: (value: number) => concatBytes(...segmentMbusApdu(push(value), { address: 1, source: 1, destination: 2 })),
      p1: (value: number) => formatTelegram("/ABC5ID", `\r\n1-0:1.8.0(${value / 10}*Wh)\r\n`),
    } as const;
    for (const [protocol, make] of Object.entries(lines) as [keyof typeof lines, (value: number) => Uint8Array][]) {
      const { clock, far, receiver } = await bench({ protocol });
      for (const piece of [make(15), spoil(make(25), 24), noise, make(35)]) {
        await far.write(piece);
        await clock.advance(3000);
      }
      await far.close();
      const events = [];
      for (let at = await receiver.next(); at.done !== true; at = await receiver.next()) events.push(at.value);
      expect(values(events), protocol).toEqual(["1.5 Wh", "3.5 Wh"]);
      expect(codes(events).filter((code) => code === "malformed").length, protocol).toBeGreaterThan(0);
    }
  });
  it("a segment lost takes its push with it, and no other", async () => {
    const [first, second, ...rest] = uiFrames(push(10), meter);
    const spoilt = spoil(second!, 14);
    const events = await eventsOf([first!, spoilt, ...rest, ...uiFrames(push(20), meter)], { protocol: "hdlc" });
    expect(values(events)).toEqual(["2.0 Wh"]);
    expect(codes(events).length).toBeGreaterThan(0);
  });
  it("a push broken off is given up when the next begins", async () => {
    const [first] = uiFrames(push(10), meter);
    const events = await eventsOf([first!, ...uiFrames(push(20), meter)], { protocol: "hdlc" });
    expect(values(events)).toEqual(["2.0 Wh"]);
    expect(codes(events)).toEqual(["malformed"]);
  });
  it("a datagram that is no packet, and an APDU that pushes nothing, have an event each", async () => {
    const events = await eventsOf([fromHex("0102"), packet(fromHex("C001C100080000010000FF0200")), packet(push(1))], {
      datagrams: true,
    });
    expect(codes(events)).toEqual(["malformed", "unexpected-message"]);
    expect(values(events)).toEqual(["0.1 Wh"]);
  });
});

describe("general block transfer", () => {
  const block = (number: number, data: Uint8Array, last = false) =>
    concatBytes(fromHex(`E0${last ? "C0" : "40"}000${number}0000`), Uint8Array.of(data.length), data);
  const apdu = push(10);
  const parts = [apdu.subarray(0, 9), apdu.subarray(9, 20), apdu.subarray(20)];
  const blocks = parts.map((part, i) => packet(block(i + 1, part, i === 2)));
  it("blocks may pause for seconds and be repeated", async () => {
    const { clock, far, receiver } = await bench();
    for (const one of [blocks[0]!, blocks[0]!, blocks[1]!, blocks[2]!]) {
      await far.write(one);
      await clock.advance(5000);
    }
    expect(values([(await receiver.next()).value!])).toEqual(["1.0 Wh"]);
    await receiver.close();
  });
  it("a block that is missing is told by name", async () => {
    expect(codes(await eventsOf([blocks[0]!, blocks[2]!]))).toEqual(["block-transfer-failed"]);
  });
});
