import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import * as data from "../../src/data/index.js";

const { array, bits, bool, encodeData, enumeration, f32, f64, i16, i32, i64, i8, octets, structure, text } = data;
const { bcd, dontCare, nullData, resolveCell, resolveRows, u16, u32, u64, u8, utf8 } = data;

describe("builders", () => {
  it("make each type", () => {
    const all = [nullData, dontCare, i8(-1), u8(1), i16(-1), u16(1), i32(-1), u32(1), i64(-1), u64(1n), enumeration(1)];
    const more = [
      bcd(0x12),
      f32(1),
      f64(1),
      bool(true),
      octets("0102"),
      text("A"),
      utf8("A"),
      bits("101"),
      array(u8(1)),
    ];
    expect(toHex(encodeData(structure(...all)))).toBe(
      "020B00FF0FFF110110FFFF12000105FFFFFFFF060000000114FFFFFFFFFFFFFFFF1500000000000000011601",
    );
    expect(toHex(encodeData(structure(...more)))).toBe(
      "02090D12173F800000183FF00000000000000301090201020A01410C01410403A001011101",
    );
  });
});

describe("bit strings", () => {
  it("read and write as text, bit 0 first", () => {
    const value = data.bitString("100000001");
    expect(toHex(value.bytes)).toBe("8080");
    expect(data.bitText(value)).toBe("100000001");
    expect([data.bitAt(value, 0), data.bitAt(value, 1), data.bitAt(value, 8), data.bitAt(value, 9)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(() => data.bitString("012")).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });
});

describe("null-data and deltas", () => {
  it("repeat and add up down a column", () => {
    const rows = [
      [nullData, u32(100), i64(-5), f64(0.5)],
      [
        u8(1),
        { type: "delta-long", value: -10 },
        { type: "delta-unsigned", value: 7 },
        { type: "delta-integer", value: 1 },
      ],
      [nullData, nullData, nullData, nullData],
    ] as const;
    expect(resolveRows(rows)).toEqual([
      [nullData, u32(100), i64(-5), f64(0.5)],
      [u8(1), u32(90), i64(2), f64(1.5)],
      [u8(1), u32(90), i64(2), f64(1.5)],
    ]);
    expect(resolveRows(rows, [0])[2]?.[0]).toEqual(nullData);
  });
  it("know nothing without a value above", () => {
    expect(resolveCell(nullData, undefined)).toBeUndefined();
    expect(resolveCell({ type: "delta-unsigned", value: 1 }, undefined)).toBeUndefined();
  });
  it.each([
    [u8(255), 1],
    [u32(0), -1],
    [u64(2n ** 64n - 1n), 1],
    [i64(-(2n ** 63n)), -1],
    [octets("01"), 1],
    [nullData, 1],
  ])("refuse a sum that cannot be: %o + %i", (above, value) => {
    expect(() => resolveCell({ type: "delta-integer", value }, above)).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
  });
});
