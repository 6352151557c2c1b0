import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Quantity, Unit, unitCode, unitName } from "../../src/cosem/index.js";
import { f32, f64, i64, octets, u32, u64 } from "../../src/data/index.js";

describe("Quantity", () => {
  it.each([
    [1234567, -3, "Wh", "1234.567 Wh", 1234.567],
    [5, 3, "Wh", "5000 Wh", 5000],
    [2300, -1, "V", "230.0 V", 230],
    [3, -1, "A", "0.3 A", 0.3],
    [-42, -2, "W", "-0.42 W", -0.42],
    [0, -3, "W", "0.000 W", 0],
    [18446744073709551615n, -3, "Wh", "18446744073709551.615 Wh", 18446744073709552],
    [7, 0, "count", "7", 7],
    [12, 0, 200, "12 unit 200", 12],
    [1e21, 0, "J", "1000000000000000000000 J", 1e21],
    [1.5e-7, 2, "S", "0.000015 S", 1.5e-5],
  ] as const)("%s scaled by %s in %s prints as %s", (raw, scaler, unit, text, value) => {
    const quantity = Quantity.of(raw, scaler, unit);
    expect(quantity.toString()).toBe(text);
    expect(quantity.value).toBe(value);
  });

  it("prints a single-precision float as the meter means it", () => {
    const quantity = Quantity.fromData(f32(Math.fround(230.1)), { scaler: 0, unit: "V" });
    expect(quantity.toString()).toBe("230.1 V");
    expect(quantity.value).toBe(230.1);
    expect(Quantity.fromData(f64(0.1), { scaler: -1, unit: "A" }).toDecimal()).toBe("0.01");
    expect(Quantity.fromData(f64(Number.NaN), { scaler: -1, unit: "A" }).toDecimal()).toBe("NaN");
  });

  it("never loses a digit of any integer and any scaler", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        fc.integer({ min: -128, max: 127 }),
        (raw, scaler) => {
          const text = Quantity.of(raw, scaler, "Wh").toDecimal();
          const [whole = "", fraction = ""] = text.split(".");
          expect(fraction.length).toBe(Math.max(0, -scaler));
          const back = BigInt(whole + fraction);
          expect(back).toBe(scaler > 0 ? raw * 10n ** BigInt(scaler) : raw);
        },
      ),
    );
  });

  it("gives the double nearest to the exact value", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -30, max: 30 }), (raw, scaler) => {
        const quantity = Quantity.of(raw, scaler, "Wh");
        expect(quantity.value).toBe(Number(`${raw}e${scaler}`));
      }),
    );
  });

  it("reads decimals back", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -20, max: 20 }), (raw, scaler) => {
        const quantity = Quantity.of(raw, scaler, "m³");
        expect(
          Quantity.parse(quantity.toDecimal(), quantity).equals(Quantity.of(raw === 0 ? 0 : raw, scaler, "m³")),
        ).toBe(true);
      }),
    );
    expect(() => Quantity.parse("1.05", { scaler: -1, unit: "V" })).toThrow(
      expect.objectContaining({ code: "value-does-not-fit" }),
    );
    expect(() => Quantity.parse("x", { scaler: -1, unit: "V" })).toThrow(
      expect.objectContaining({ code: "value-does-not-fit" }),
    );
  });

  it("keeps 64-bit values as bigint and refuses what is no number", () => {
    expect(Quantity.fromData(u64(2n ** 63n), { scaler: 0, unit: "Wh" }).raw).toBe(2n ** 63n);
    expect(Quantity.fromData(i64(-5), { scaler: 0, unit: "Wh" }).raw).toBe(-5n);
    expect(Quantity.fromData(u32(5), { scaler: 0, unit: "Wh" }).raw).toBe(5);
    expect(() => Quantity.fromData(octets("00"), { scaler: 0, unit: "Wh" })).toThrow(
      expect.objectContaining({ code: "unexpected-type" }),
    );
  });

  it("is plain in JSON", () => {
    expect(JSON.stringify(Quantity.of(15, -1, "kg"))).toBe('{"value":"1.5","unit":"kg"}');
  });
});

describe("units", () => {
  it("names codes, and keeps those without a name", () => {
    expect(unitName(30)).toBe("Wh");
    expect(unitName(77)).toBe(77);
    expect(unitCode("varh")).toBe(32);
    expect(unitCode(77)).toBe(77);
    for (const [name, code] of Object.entries(Unit)) expect(unitName(code)).toBe(name);
  });
});
