import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import * as data from "../../src/data/index.js";
import { checkSequence, clientAddress, encodeFrame, encodeParameters, serverAddress } from "../../src/hdlc/index.js";
import { segmentMbusApdu } from "../../src/mbus/index.js";
import { isSound, renderMessages, translate } from "../../src/translate/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { block, cut, iFrame, layerTypes, lines, llcResponse, notification, substance } from "./helpers.js";

const { array, bits, bool, compactArray, encodeData, enumeration, f32, f64, i64, i8, nullData, octets } = data;
const { structure, u16, u8, utf8 } = data;

const body = {
  type: "structure",
  value: [
    { type: "visible-string", value: "METER" },
    { type: "octet-string", value: "0100010800FF" },
    { type: "double-long-unsigned", value: 123456 },
  ],
};
const framed = iFrame(concatBytes(llcResponse, notification));
const packet = encodePacket({ source: 1, destination: 16, apdu: notification });
const [mbus] = segmentMbusApdu(notification, { address: 0xff, source: 1, destination: 0x67 }) as [Uint8Array];

describe("one message", () => {
  it.each([
    ["an HDLC frame", framed, ["hdlc", "llc"]],
    ["an HDLC frame without its flags", framed.subarray(1, -1), ["hdlc"]],
    ["a wrapper packet", packet, ["wrapper"]],
    ["an M-Bus frame", mbus, ["mbus"]],
    ["an APDU behind an LLC header", concatBytes(llcResponse, notification), ["llc"]],
    ["an APDU", notification, []],
  ] as const)("%s, as octets and as text", (_, bytes, layers) => {
    for (const input of [bytes, toHex(bytes), toHex(bytes).toLowerCase().replace(/(..)/g, "$1 ")]) {
      const messages = translate(input);
      expect(isSound(messages)).toBe(true);
      expect(messages).toHaveLength(1);
      expect(messages[0]?.apdu).toMatchObject({ type: "data-notification", dateTime: null, body });
      expect(layerTypes(messages)[0]?.slice(0, layers.length)).toEqual(layers);
    }
  });

  it("the set-up of a link, with its parameters", () => {
    const parameters = { maxInfoTransmit: 128, maxInfoReceive: 2000, windowTransmit: 1, windowReceive: 7 };
    const [destination, source] = [serverAddress(1, 17, 4), clientAddress(16)];
    const frame = { type: "snrm", poll: true, segmented: false, destination, source } as const;
    const set = encodeFrame({ ...frame, information: encodeParameters(parameters) });
    const [snrm, ua] = translate(lines(set, fromHex("7EA00721037301407E")));
    expect(snrm?.layers[0]).toMatchObject({ frame: "snrm", destination: { logical: 1, physical: 17 }, parameters });
    expect(ua).toMatchObject({ layers: [{ type: "hdlc", frame: "ua", fcsOk: true }], apdu: null, error: null });
    expect(ua?.layers[0]).not.toHaveProperty("hcsOk");
  });
});

describe("values", () => {
  it("without an APDU around them", () => {
    expect(translate(notification.subarray(6))).toMatchObject([{ apdu: { type: "data", data: body }, error: null }]);
  });

  it("of every type, as the contract writes them", () => {
    const all = array(
      ...[nullData, bool(true), bits("101"), i64(-(2n ** 63n)), f32(0.1), f64(0.1), enumeration(3), utf8("\u00b5")],
      ...[octets("07E8061E07171500FFFF8880"), compactArray({ type: "unsigned" }, [u8(1), u8(2)])],
    );
    const value = [
      { type: "null-data", value: null },
      { type: "boolean", value: true },
      { type: "bit-string", value: "101" },
      { type: "long64", value: "-9223372036854775808" },
      { type: "float32", value: 0.1 },
      { type: "float64", value: 0.1 },
      { type: "enum", value: 3 },
      { type: "utf8-string", value: "\u00b5" },
      { type: "octet-string", value: "07E8061E07171500FFFF8880", text: "2024-06-30T23:21:00+02:00" },
      {
        type: "compact-array",
        value: [
          { type: "unsigned", value: 1 },
          { type: "unsigned", value: 2 },
        ],
      },
    ];
    expect(translate(encodeData(all))[0]?.apdu).toEqual({ type: "data", data: { type: "array", value } });
  });
});

describe("the tree for people", () => {
  it("has offsets, names, dates and units", () => {
    const reading = structure(octets("0100200700FF"), u16(2304), structure(i8(-1), enumeration(35)));
    const apdu = concatBytes(fromHex("0F 00000001 0C 07E8061E07171500FFFF8880"), encodeData(array(reading)));
    const text = renderMessages(translate(iFrame(concatBytes(llcResponse, apdu))));
    for (const part of ["frame: i", "+5    dateTime:", "2024-06-30T23:21:00+02:00", "1-0:32.7.0*255", "2304 = 230.4 V"])
      expect(text).toContain(part);
    expect(renderMessages(translate(fromHex("C501C103")))).toContain("result: 3 (read-write-denied)");
  });
});

describe("several messages", () => {
  it("glued, with shared flags, and mixed kinds", () => {
    const shared = concatBytes(framed.subarray(0, -1), framed);
    expect(translate(shared)).toHaveLength(2);
    expect(translate(concatBytes(framed, framed, packet, mbus, notification, notification))).toHaveLength(6);
    expect(translate(concatBytes(notification, packet, framed)).every(({ apdu }) => apdu !== null)).toBe(true);
  });

  it("amid noise, which is told", () => {
    const messages = translate(concatBytes(fromHex("00FF13 7E7E00"), framed, fromHex("0102037E")));
    expect(messages.map(({ apdu }) => apdu?.["type"])).toEqual(["data-notification", undefined]);
    expect(messages[0]?.noise).toBe("00FF1300");
    expect(messages[1]).toMatchObject({ noise: "010203", error: { code: "malformed" } });
  });

  it("with comments and directions at the lines", () => {
    const text = `# a session\nTX: ${toHex(framed)}\n< ${toHex(packet)} # answer\n`;
    expect(isSound(translate(text))).toBe(true);
    expect(translate(text)).toHaveLength(2);
  });

  it.each([
    ["HDLC", concatBytes(framed, iFrame(concatBytes(llcResponse, notification), 1))],
    ["wrapper", concatBytes(packet, packet)],
    ["M-Bus", concatBytes(...segmentMbusApdu(notification, { address: 1, source: 1, destination: 2 }, 20), mbus)],
  ])("%s, the same however it is split", (_, bytes) => {
    const whole = substance(translate(bytes));
    for (let at = 1; at < bytes.length; at++)
      expect(substance(translate(lines(bytes.subarray(0, at), bytes.subarray(at))))).toEqual(whole);
    expect(substance(translate(lines(...cut(bytes, 1))))).toEqual(whole);
  });
});

describe("APDUs in parts", () => {
  it("one APDU over many lines, as a dump shows it", () => {
    const long = concatBytes(fromHex("0F 00000001 00 01 81C8"), new Uint8Array(200).fill(0));
    expect(translate(lines(...cut(long, 16), notification))).toMatchObject([
      { apdu: { body: { type: "array" } }, error: null },
      { apdu: { body }, error: null },
    ]);
  });

  it("segments of HDLC, with the LLC header once or in each, and a repeated frame", () => {
    const parts = cut(concatBytes(llcResponse, notification), 9);
    const once = parts.map((part, i) => iFrame(part, i, i < parts.length - 1));
    const inEach = cut(notification, 9).map((part, i, all) =>
      iFrame(concatBytes(llcResponse, part), i, i < all.length - 1),
    );
    for (const frames of [once, inEach, [once[0]!, ...once]]) {
      const messages = translate(concatBytes(...frames));
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatchObject({ apdu: { body }, error: null });
      expect(messages[0]?.layers.filter(({ type }) => type === "hdlc")).toHaveLength(frames.length);
    }
  });

  it("a segment that never comes", () => {
    const [first] = cut(concatBytes(llcResponse, notification), 9);
    const messages = translate(iFrame(first!, 0, true));
    expect(messages).toMatchObject([{ apdu: null, error: { code: "truncated" } }]);
  });

  it("blocks of a general block transfer", () => {
    const parts = cut(notification, 9);
    const blocks = parts.map((part, i) => block(i + 1, i === parts.length - 1, part));
    const messages = translate(concatBytes(...blocks.map((apdu, i) => iFrame(concatBytes(llcResponse, apdu), i))));
    expect(messages).toMatchObject([{ apdu: { type: "data-notification", body }, error: null }]);
    const packets = blocks.map((apdu) => encodePacket({ source: 1, destination: 16, apdu }));
    const request = encodePacket({ source: 16, destination: 1, apdu: fromHex("C001C100010000600100FF0200") });
    const interleaved = translate(concatBytes(packets[0]!, request, ...packets.slice(1)));
    expect(interleaved.map(({ apdu }) => apdu?.["type"])).toEqual([
      "general-block-transfer",
      "get-request",
      "data-notification",
    ]);
    expect(interleaved.every(({ error }) => error === null)).toBe(true);
  });

  it("blocks with a gap, and a transfer that another one cuts off", () => {
    const [a, b, c] = cut(notification, 9).map((part, i) => block(i + 1, false, part)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(translate(lines(a, c))).toMatchObject([{ error: { code: "truncated" } }]);
    const again = translate(lines(a, b, block(1, true, notification)));
    expect(again).toMatchObject([{ error: { code: "truncated" } }, { apdu: { apdu: { body } }, error: null }]);
    expect(translate(lines(a, b))).toMatchObject([{ error: { code: "truncated" } }]);
  });

  it("blocks of a GET response", () => {
    const data = notification.subarray(6);
    const response = (number: number, last: number, part: Uint8Array) =>
      concatBytes(fromHex(`C402C10${last}0000000${number}00`), Uint8Array.of(part.length), part);
    const [a, b] = [data.subarray(0, 10), data.subarray(10)];
    const messages = translate(lines(response(1, 0, a), fromHex("C002C100000001"), response(2, 1, b)));
    expect(messages[0]?.apdu).toMatchObject({ lastBlock: false, result: { rawData: toHex(a) } });
    expect(messages[2]?.apdu).toMatchObject({ lastBlock: true, reassembled: body });
    expect(translate(lines(response(2, 1, b)))[0]?.apdu).not.toHaveProperty("reassembled");
  });
});

describe("damage", () => {
  it("a frame whose check fails is explained and marked", () => {
    const bad = framed.slice();
    bad[bad.length - 2] = (bad.at(-2) as number) ^ 1;
    const messages = translate(bad);
    expect(messages).toMatchObject([
      { layers: [{ fcsOk: false }, {}], apdu: { body }, error: { code: "check-failed" } },
    ]);
    expect(isSound(messages)).toBe(false);
  });

  it("a frame that lost an octet does not hide the next one", () => {
    const messages = translate(concatBytes(framed.subarray(0, 20), framed.subarray(21), framed));
    expect(messages.at(-1)).toMatchObject({ apdu: { body }, error: null });
    expect(isSound(messages)).toBe(false);
  });

  it("values that cannot be decoded are told as far as they go, and not as values", () => {
    const messages = translate(concatBytes(notification.subarray(0, -5), fromHex("07")));
    expect(messages[0]?.apdu).toMatchObject({
      body: { incomplete: true, read: expect.arrayContaining(["structure of 3"]) },
    });
    expect(messages[0]?.error).toMatchObject({ code: "malformed" });
  });

  it("is never more than an error, wherever an octet changes or is cut", () => {
    const session = concatBytes(framed, packet, mbus, notification);
    fc.assert(
      fc.property(fc.nat(session.length - 1), fc.nat(255), fc.nat(session.length), (at, octet, length) => {
        const bytes = session.slice(0, length);
        if (at < length) bytes[at] = octet;
        for (const input of [bytes, toHex(bytes)]) expect(Array.isArray(translate(input))).toBe(true);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        (bytes) => expect(translate(bytes)).toBeInstanceOf(Array) !== null,
      ),
    );
  });

  it("a header check alone", () => {
    const bad = framed.slice();
    bad[6] = (bad[6] as number) ^ 1;
    const check = checkSequence(bad.subarray(1, -3));
    bad.set([check & 0xff, check >> 8], bad.length - 3);
    const [message] = translate(bad);
    expect(message).toMatchObject({ layers: [{ hcsOk: false, fcsOk: true }, {}], error: { code: "check-failed" } });
  });

  it("nothing at all is not sound", () => {
    for (const input of ["", "\n\n", new Uint8Array(0)]) expect(isSound(translate(input))).toBe(false);
  });
});
