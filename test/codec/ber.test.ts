import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter, DlmsError, fromHex, type Notice, toHex } from "../../src/base/index.js";
import {
  berBitString,
  berField,
  berFields,
  berInteger,
  type Codec,
  objectIdentifier,
  optionalBerField,
  readTlv,
  remainder,
  tagged,
  writeTlv,
} from "../../src/codec/index.js";

function decode<T>(codec: Codec<T>, hex: string, onNotice?: (notice: Notice) => void): T {
  const reader = new ByteReader(fromHex(hex));
  const value = codec.decode(reader, { path: [], ...(onNotice ? { onNotice } : {}) });
  reader.expectEnd();
  return value;
}

function encode<T>(codec: Codec<T>, value: T): string {
  const writer = new ByteWriter();
  codec.encode(writer, value);
  return toHex(writer.finish());
}

describe("INTEGER", () => {
  it.each([
    [0, "00"],
    [127, "7F"],
    [128, "0080"],
    [-1, "FF"],
    [-128, "80"],
    [-129, "FF7F"],
    [65536, "010000"],
    [2 ** 47 - 1, "7FFFFFFFFFFF"],
    [-(2 ** 47), "800000000000"],
  ])("%d is %s (X.690 8.3)", (value, hex) => {
    expect(encode(berInteger, value)).toBe(hex);
    expect(decode(berInteger, hex)).toBe(value);
  });

  it("round trips, and refuses what a number does not hold", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }), (value) => {
        expect(decode(berInteger, encode(berInteger, value))).toBe(value);
      }),
    );
    for (const value of [2 ** 47, -(2 ** 47) - 1, 0.5, Number.NaN])
      expect(() => encode(berInteger, value)).toThrow(DlmsError);
    for (const hex of ["", "01020304050607"]) expect(() => decode(berInteger, hex)).toThrow(DlmsError);
  });
});

describe("BIT STRING", () => {
  it("keeps unused bits as they came", () => {
    expect(decode(berBitString, "0780")).toEqual({ length: 1, bytes: fromHex("80") });
    expect(encode(berBitString, { length: 1, bytes: fromHex("FF") })).toBe("07FF");
    expect(decode(berBitString, "00")).toEqual({ length: 0, bytes: new Uint8Array() });
  });

  it("refuses unused bits that are not there, and octets that do not hold the length", () => {
    for (const hex of ["", "0880", "01"]) expect(() => decode(berBitString, hex)).toThrow(DlmsError);
    expect(() => encode(berBitString, { length: 9, bytes: fromHex("FF") })).toThrow(DlmsError);
  });
});

describe("OBJECT IDENTIFIER", () => {
  it.each([
    ["2.16.756.5.8.1.1", "60857405080101"],
    ["2.16.756.5.8.2.7", "60857405080207"],
    ["1.2.840.10045.2.1", "2A8648CE3D0201"],
    ["0.0", "00"],
    ["2.999", "8837"],
  ])("%s is %s (X.690 8.19)", (text, hex) => {
    expect(encode(objectIdentifier, text)).toBe(hex);
    expect(decode(objectIdentifier, hex)).toBe(text);
  });

  it("refuses what is not minimal, not finished or not an identifier", () => {
    for (const hex of ["", "8060", "6085", "60FFFFFFFFFFFFFF7F", "2A".repeat(65)])
      expect(() => decode(objectIdentifier, hex)).toThrow(DlmsError);
    for (const text of ["", "1", "3.1", "1.40", "2.-1", "2.x", "2.1.5e30"])
      expect(() => encode(objectIdentifier, text)).toThrow(DlmsError);
  });
});

describe("tagged fields", () => {
  const message = berFields(
    { type: "message" },
    { id: berField(0xa1, tagged(0x02, berInteger)), note: optionalBerField(0x82, remainder, 0xa2) },
  );

  it("are written in the order of the shape and read in any", () => {
    const value = { type: "message", id: 5, note: fromHex("AB") } as const;
    expect(encode(message, value)).toBe("A103020105" + "8201AB");
    expect(decode(message, "8201AB" + "A103020105")).toEqual(value);
    expect(decode(message, "A201AB" + "A103020105")).toEqual(value);
  });

  it("may be absent where optional", () => {
    expect(decode(message, "A103020105")).toStrictEqual({ type: "message", id: 5 });
    expect(() => decode(message, "8201AB")).toThrow(/missing/);
    expect(() => encode(message, { type: "message" } as never)).toThrow(/missing/);
  });

  it("come once, end where their length says, and carry the inner tag", () => {
    expect(() => decode(message, "A103020105A103020105")).toThrow(/twice/);
    expect(() => decode(message, "A10402010500")).toThrow(DlmsError);
    expect(() => decode(message, "A103040105")).toThrow(/belongs/);
    expect(() => decode(message, "A1030202")).toThrow(DlmsError);
  });

  it("of an unknown tag are passed over with a notice", () => {
    const notices: Notice[] = [];
    expect(decode(message, "9F02FFFF" + "A103020105", (notice) => notices.push(notice))).toEqual({
      type: "message",
      id: 5,
    });
    expect(notices).toMatchObject([{ name: "unknown-field", bytes: fromHex("9F02FFFF") }]);
  });
});

it("a long tag-length-value", () => {
  const writer = new ByteWriter();
  writeTlv(writer, 0x30, (contents) => contents.bytes(new Uint8Array(300)));
  const reader = new ByteReader(writer.finish());
  const { tag, contents } = readTlv(reader);
  expect([tag, contents.remaining, reader.remaining]).toEqual([0x30, 300, 0]);
});
