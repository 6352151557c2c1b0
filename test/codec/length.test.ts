import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter, fromHex, toHex } from "../../src/base/index.js";
import { lengthSize, readLength, writeLength } from "../../src/codec/index.js";

const cases: readonly (readonly [number, string])[] = [
  [0, "00"],
  [127, "7F"],
  [128, "8180"],
  [255, "81FF"],
  [256, "820100"],
  [65_535, "82FFFF"],
  [65_536, "83010000"],
  [0x1000000, "8401000000"],
];

describe("length", () => {
  it.each(cases)("%i is %s both ways", (length, hex) => {
    const writer = new ByteWriter();
    writeLength(writer, length);
    expect(toHex(writer.finish())).toBe(hex);
    expect(readLength(new ByteReader(fromHex(hex)))).toBe(length);
    expect(lengthSize(length)).toBe(hex.length / 2);
  });
  it.each(["80", "8500000000", "82FF"])("refuses %s", (hex) => {
    expect(() => readLength(new ByteReader(fromHex(hex)))).toThrow(expect.objectContaining({ layer: "codec" }));
  });
});
