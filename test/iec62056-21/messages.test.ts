import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, DlmsError, fromHex, toHex } from "../../src/base/index.js";
import {
  blockCheck,
  decodeLocalMessage,
  encodeLocalMessage,
  formatDataSets,
  formatTelegram,
  type LocalChunk,
  type LocalMessage,
  LocalSplitter,
  offeredBaudRate,
  offeredMode,
  parseDataSets,
  parseIdentification,
  parseTelegram,
  reactionTimeMs,
  telegramCheck,
} from "../../src/iec62056-21/index.js";

const ascii = (text: string) => new TextEncoder().encode(text);

describe("identification (clause 6.3.2)", () => {
  it.each([
    ["/ISk5\\2MT382-1000\r\n", "ISk", "5", "\\2MT382-1000", "e", 9600, 20],
    ["/EMH5\\@D4EM4TIIW001--\r\n", "EMH", "5", "\\@D4EM4TIIW001--", "c", 9600, 200],
    ["/SIEC2WR5\r\n", "SIE", "C", "2WR5", "b", 2400, 200],
    ["/KAM MC\r\n", "KAM", " ", "MC", "a", 300, 200],
    ["/KMP5 KA6U001660297912\r\n", "KMP", "5", " KA6U001660297912", "c", 9600, 200],
    ["/KAM5\r\n", "KAM", "5", "", "c", 9600, 200],
  ])("%j", (line, manufacturer, baudrateCharacter, identification, mode, baud, reaction) => {
    const parsed = parseIdentification(line);
    expect(parsed).toMatchObject({ manufacturer, baudrateCharacter, identification });
    expect(offeredMode(parsed)).toBe(mode);
    expect(offeredBaudRate(parsed)).toBe(baud);
    expect(reactionTimeMs(parsed)).toBe(reaction);
  });
  it("refuses what does not begin with a slash", () => {
    expect(() => parseIdentification("ISK5")).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});

const messages: readonly (readonly [string, string, LocalMessage])[] = [
  ["request", "2F3F210D0A", { type: "request", address: "" }],
  ["request with address", "2F3F3132333435210D0A", { type: "request", address: "12345" }],
  ["option select", "063230320D0A", { type: "option-select", protocol: "2", baudrate: "0", mode: "2" }],
  ["break", "0142300371", { type: "command", command: "B0", text: "", last: true, checkOk: true }],
  [
    "password",
    "01503102283030303030303030290361",
    { type: "command", command: "P1", text: "(00000000)", last: true, checkOk: true },
  ],
  ["acknowledge", "06", { type: "acknowledge" }],
  ["repeat request", "15", { type: "repeat-request" }],
];

describe("messages (clause 6.3)", () => {
  it.each(messages)("%s both ways", (_name, hex, message) => {
    expect(decodeLocalMessage(fromHex(hex))).toEqual(message);
    expect(toHex(encodeLocalMessage(message))).toBe(hex);
  });
  it("tells a sum from an exclusive-or as block check", () => {
    const body = ascii("1.8.0(1)\r\n!\r\n\u0003");
    const sum = body.reduce((total, octet) => total + octet, 0) & 0x7f;
    const sent = concatBytes(Uint8Array.of(2), body, Uint8Array.of(sum));
    expect(decodeLocalMessage(sent)).toMatchObject({ checkOk: true, checkIsSum: true });
    expect(decodeLocalMessage(sent.with(3, 0x39))).toMatchObject({ checkOk: false });
  });
  it("computes the block check of everything behind STX", () => {
    expect(blockCheck(ascii("B0\u0003"))).toBe(0x71);
  });
  it("marks a partial block", () => {
    const partial = { type: "data", text: "1.8.0(1)\r\n", last: false, checkOk: true, checkIsSum: false } as const;
    expect(decodeLocalMessage(encodeLocalMessage(partial))).toEqual(partial);
  });
});

describe("data sets (clause 5.4)", () => {
  it("reads references, several values and units", () => {
    expect(parseDataSets("1-0:99.97.0(2)(0-0:96.7.19)(0000000267*s)\r\nF.F(00)\r\n!\r\n")).toEqual([
      {
        reference: "1-0:99.97.0",
        values: [{ value: "2" }, { value: "0-0:96.7.19" }, { value: "0000000267", unit: "s" }],
      },
      { reference: "F.F", values: [{ value: "00" }] },
    ]);
  });
  it("gives a line without reference to the data set before", () => {
    expect(parseDataSets("0-1:24.3.0(1)(m3)\r\n(00001.001)\r\n")).toEqual([
      { reference: "0-1:24.3.0", values: [{ value: "1" }, { value: "m3" }, { value: "00001.001" }] },
    ]);
  });
  it("prints what it reads", () => {
    const text = "1.8.0(0036486*kWh)\r\nC.1.0(06213678)\r\n";
    expect(formatDataSets(parseDataSets(text))).toBe(text);
  });
  it("bounds their number", () => {
    expect(() => parseDataSets("a(1)\n".repeat(30_000))).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });
});

describe("P1 telegram", () => {
  it("has the check value of CRC-16/ARC", () => {
    expect(telegramCheck(ascii("123456789"))).toBe(0xbb3d);
  });
  it("reads what it makes, and sees one flipped bit", () => {
    const telegram = formatTelegram("/ISK5\\2M550T-1012\r\n", "1-0:1.8.1(000004.426*kWh)\r\n");
    expect(parseTelegram(telegram)).toMatchObject({
      crcOk: true,
      dataSets: [{ reference: "1-0:1.8.1", values: [{ value: "000004.426", unit: "kWh" }] }],
    });
    expect(parseTelegram(telegram.with(30, telegram[30]! ^ 1)).crcOk).toBe(false);
  });
  it("has no verdict where the telegram has no check", () => {
    expect(parseTelegram("/KMP5 KA6U\r\n\r\n1-0:1.8.1(1*kWh)\r\n!\r\n").crcOk).toBeUndefined();
  });
});

const whole = (chunks: readonly LocalChunk[]) =>
  chunks.flatMap((chunk) => (chunk.type === "message" ? [toHex(chunk.bytes)] : []));

describe("splitter", () => {
  const stream = concatBytes(
    fromHex("0000"),
    ascii("/?!\r\n"),
    ascii("/ISk5\\2MT382\r\n"),
    ascii("\u0006252\r\n"),
    encodeLocalMessage({ type: "data", text: "1.8.0(1*kWh)\r\n!\r\n", last: true, checkOk: true, checkIsSum: false }),
    fromHex("0142300371"),
    fromHex("15"),
  );
  const expected = whole(new LocalSplitter().push(stream));

  it("finds every message behind wake-up characters", () => {
    expect(expected).toHaveLength(6);
  });
  it("finds the same in every split of the stream, parity bits or not", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 20 }), fc.boolean(), (sizes, parity) => {
        const splitter = new LocalSplitter();
        const found: LocalChunk[] = [];
        let at = 0;
        for (let i = 0; at < stream.length; i++) {
          const piece = stream.slice(at, at + (sizes[i % sizes.length] ?? 1));
          found.push(...splitter.push(parity ? piece.map((octet) => octet | 0x80) : piece));
          at += piece.length;
        }
        expect(whole(found)).toEqual(expected);
      }),
    );
  });
  it("takes a megabyte a byte at a time in bounded time, and loses nothing", () => {
    const splitter = new LocalSplitter();
    splitter.push(Uint8Array.of(2));
    const piece = Uint8Array.of(0x41);
    let discarded = 0;
    for (let i = 0; i < 1_100_000; i++) for (const chunk of splitter.push(piece)) discarded += chunk.bytes.length;
    for (const chunk of splitter.flush()) discarded += chunk.bytes.length;
    expect(discarded).toBe(1_100_001);
  });
});

it("hostile octets end in a message or a DlmsError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0x2f, 2, 1, 6, 0x15), (tail, first) => {
      const bytes = concatBytes(Uint8Array.of(first), tail);
      for (const read of [() => decodeLocalMessage(bytes), () => parseTelegram(bytes)]) {
        try {
          read();
        } catch (error) {
          expect(DlmsError.is(error)).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});
