import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import { Obis } from "../../src/cosem/index.js";

const groups = fc.tuple(...(Array.from({ length: 6 }, () => fc.nat(255)) as [fc.Arbitrary<number>]));

describe("Obis", () => {
  it.each([
    ["1-0:1.8.0*255", "0100010800FF"],
    ["1-0:1.8.0", "0100010800FF"],
    ["1.0.1.8.0.255", "0100010800FF"],
    ["0100010800ff", "0100010800FF"],
    ["0-0:96.1.0*12", "00006001000C"],
    [" 1-1:32.7.0.4 ", "010120070004"],
  ])("reads %s", (text, hex) => {
    expect(Obis.parse(text).toHex()).toBe(hex);
  });

  it.each([
    "",
    "1-0:1.8",
    "1-0:1.8.256",
    "1.0.1.8.0",
    "1-0:1.8.0*",
    "0100010800",
    "1-0:1.8.0*255.3",
    "-1-0:1.8.0",
    "a",
  ])("refuses %j", (text) => {
    expect(() => Obis.parse(text)).toThrow(expect.objectContaining({ code: "invalid-obis" }));
  });

  it("survives every way round", () => {
    fc.assert(
      fc.property(groups, (six) => {
        const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = six as number[];
        const obis = Obis.of(a, b, c, d, e, f);
        expect(Obis.parse(obis.toString()).equals(obis)).toBe(true);
        expect(Obis.parse(six.join(".")).equals(obis)).toBe(true);
        expect(Obis.parse(obis.toHex()).toString()).toBe(obis.toString());
        expect([obis.a, obis.b, obis.c, obis.d, obis.e, obis.f]).toEqual(six);
        expect(Obis.fromOctets(obis.octets).equals(obis.toString())).toBe(true);
      }),
    );
  });

  it("ends any text in a code or a DlmsError", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Obis.parse(text)).toBeInstanceOf(Obis);
        } catch (error) {
          expect(DlmsError.is(error)).toBe(true);
        }
      }),
    );
  });

  it("cannot be changed through its octets", () => {
    const obis = Obis.parse("1-0:1.8.0");
    obis.octets[0] = 7;
    expect(obis.toString()).toBe("1-0:1.8.0*255");
    const wire = Uint8Array.of(0, 0, 1, 0, 0, 255);
    const clock = Obis.fromOctets(wire);
    wire[2] = 9;
    expect(clock.toString()).toBe("0-0:1.0.0*255");
  });

  it("refuses value groups and lengths out of range", () => {
    expect(() => Obis.of(1, 0, 1, 8, 1.5)).toThrow(expect.objectContaining({ code: "invalid-obis" }));
    expect(() => Obis.fromOctets(new Uint8Array(5))).toThrow(expect.objectContaining({ code: "invalid-obis" }));
  });
});
