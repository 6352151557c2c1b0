import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { CosemDateTime, decodeDate, decodeTime, encodeDate, encodeTime, formatDate } from "../../src/data/index.js";

const of = (hex: string) => CosemDateTime.fromOctets(fromHex(hex));

describe("date-time", () => {
  it.each([
    // local time, deviation -60: Central European Time, so one hour before UTC's clock
    ["07E8011F03173B0000FFC400", "2024-01-31T23:59:00+01:00", "2024-01-31T22:59:00.000Z"],
    ["07E8061E07171500FFFF8880", "2024-06-30T23:21:00+02:00", "2024-06-30T21:21:00.000Z"],
    ["07E8061E07171500 00 0000 00", "2024-06-30T23:21:00Z", "2024-06-30T23:21:00.000Z"],
    ["07E8061E0717150032 012C FF", "2024-06-30T23:21:00.50-05:00", "2024-07-01T04:21:00.500Z"],
    ["07E8061E07171500008000FF", "2024-06-30T23:21:00", undefined],
    ["07E80 2FE 05000000 00 0000 00", "2024-02-lastT00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["07E70 2FD 05000000 00 0000 00", "2023-02-second-lastT00:00:00Z", "2023-02-27T00:00:00.000Z"],
    ["FFFFFFFFFFFFFFFFFF8000FF", "****-**-**T**:**:**", undefined],
    ["FFFFFEFE0702000000FFC400", "****-dst-begin-last(Sun)T02:00:00+01:00", undefined],
    ["07E8021E0500000000000000", "2024-02-30T00:00:00Z", undefined],
    ["07E8010105190000000000 00", "2024-01-01T25:00:00Z", undefined],
  ])("%s", (hex, text, utc) => {
    const time = of(hex);
    expect(time.toString()).toBe(text);
    expect(time.toDate()?.toISOString()).toBe(utc);
    expect(time.toJSON()).toBe(hex.replaceAll(" ", ""));
  });

  it("keeps 0, which is UTC, and 8000, which is not specified, apart", () => {
    expect(of("07E8061E0717150000000000").deviation).toBe(0);
    const open = of("07E8061E07171500008000FF");
    expect(open.deviation).toBeUndefined();
    expect(open.epochMs({ utcOffsetMinutes: 120 })).toBe(Date.UTC(2024, 5, 30, 21, 21));
    expect(open.toString({ utcOffsetMinutes: 120 })).toBe("2024-06-30T23:21:00+02:00");
  });

  it("reads meters that invert the deviation", () => {
    const time = of("07E8011F03173B0000003C00");
    expect(time.epochMs()).toBe(Date.UTC(2024, 1, 1, 0, 59));
    expect(time.epochMs({ invertDeviation: true })).toBe(Date.UTC(2024, 0, 31, 22, 59));
    expect(time.toString({ invertDeviation: true })).toBe("2024-01-31T23:59:00+01:00");
  });

  it("tells the status, and when there is none", () => {
    expect(of("07E8061E07171500FFFF8880").daylightSaving).toBe(true);
    expect(of("07E8061E07171500FFFF8800").status).toBe(0);
    expect(of("07E8061E07171500FFFF88FF").status).toBeUndefined();
    expect(of("07E8061E07171500FFFF88FF").daylightSaving).toBeUndefined();
  });

  it("compares instants, local times without deviation, and nothing else", () => {
    const utc = of("07E8061E0715150000000000");
    const cest = of("07E8061E07171500FFFF8880");
    const open = of("07E8061E07171500008000FF");
    expect(utc.compare(cest)).toBe(0);
    expect(open.compare(open)).toBe(0);
    expect(open.compare(cest)).toBeUndefined();
    expect(open.compare(cest, { utcOffsetMinutes: 60 })).toBe(3_600_000);
    expect(cest.equals(of("07E8061E07171500FFFF8880"))).toBe(true);
  });

  it("writes instants with any offset and reads them back", () => {
    const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1000 + 120);
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: -840, max: 720 }),
        fc.boolean(),
        (ms, utcOffsetMinutes, invertDeviation) => {
          const time = CosemDateTime.fromDate(ms, { utcOffsetMinutes, invertDeviation });
          expect(time.epochMs({ invertDeviation })).toBe(ms);
        },
      ),
    );
    expect(CosemDateTime.fromDate(0, { withoutDeviation: true }).deviation).toBeUndefined();
    expect(CosemDateTime.fromDate(0, { withoutDeviation: true }).status).toBeUndefined();
    expect(toHex(CosemDateTime.fromDate(Date.UTC(2024, 0, 31, 22, 59), { utcOffsetMinutes: 60 }).octets)).toBe(
      "07E8011F03173B0000FFC400",
    );
  });

  it("survives any twelve octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (octets) => {
        const time = CosemDateTime.fromOctets(octets);
        expect(encodeDate(time.date)).toEqual(octets.slice(0, 5));
        expect(encodeTime(time.time)).toEqual(octets.slice(5, 9));
        expect(typeof time.toString()).toBe("string");
        const fields = { ...time.date, ...time.time, deviation: time.deviation ?? -0x8000, status: time.status ?? 255 };
        expect(CosemDateTime.of(fields).equals(time)).toBe(true);
      }),
    );
  });

  it("refuses what is no date-time", () => {
    expect(() => of("07E8")).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(() => decodeDate(fromHex("07E8"))).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(() => decodeTime(fromHex("07E8"))).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(() => CosemDateTime.of({ year: 70_000 })).toThrow(expect.objectContaining({ code: "value-does-not-fit" }));
    expect(() => CosemDateTime.fromDate(Number.NaN)).toThrow(expect.objectContaining({ code: "value-does-not-fit" }));
    expect(formatDate({ dayOfWeek: 9 })).toBe("****-**-**(9)");
  });
});
