import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  ClassRegistry,
  clockRule,
  coreClasses,
  dataIndexParts,
  entrySelection,
  localDateTime,
  Obis,
  profileColumns,
  rangeSelection,
} from "../../src/cosem/index.js";
import { CosemDateTime, octets } from "../../src/data/index.js";

const registry = new ClassRegistry(Object.values(coreClasses));
const object = (classId: number, name: string, attributeIndex = 2, dataIndex = 0) => ({
  classId,
  logicalName: Obis.parse(name),
  attributeIndex,
  dataIndex,
});

describe("columns from capture objects", () => {
  const columns = profileColumns(
    [
      object(3, "1-0:1.8.0"),
      object(8, "0-1:1.0.0"),
      object(1, "0-0:96.10.1"),
      object(4, "1-0:1.6.0*12"),
      object(4, "1-0:1.6.0*12", 5),
      object(5, "1-0:1.4.0", 3),
      object(7, "1-0:99.1.0", 2, 0x0203),
      object(3, "1-0:1.8.0"),
      object(8, "0-0:1.0.0"),
      object(9000, "1-0:1.8.0", 4, 3),
    ],
    registry,
  );

  it("have unique names that tell object, attribute and part", () => {
    expect(columns.map(({ name }) => name)).toEqual([
      "1-0:1.8.0",
      "0-1:1.0.0",
      "0-0:96.10.1",
      "1-0:1.6.0*12",
      "1-0:1.6.0*12/5",
      "1-0:1.4.0/3",
      "1-0:99.1.0[2:3]",
      "1-0:1.8.0 (2)",
      "0-0:1.0.0",
      "1-0:1.8.0/4[3]",
    ]);
    expect(dataIndexParts(0x0203)).toEqual({ high: 2, low: 3 });
  });

  it("find clock and status, whatever their name and place", () => {
    expect(columns.map(({ role }) => role).slice(0, 3)).toEqual(["value", "clock", "status"]);
    expect(columns.filter(({ role }) => role === "clock")).toHaveLength(1);
  });

  it("know where scaler and unit are", () => {
    expect(columns.map(({ scalerAttributeId }) => scalerAttributeId)).toEqual([
      3,
      undefined,
      undefined,
      3,
      undefined,
      4,
      undefined,
      3,
      undefined,
      undefined,
    ]);
  });
});

describe("selective access to a buffer", () => {
  it("by range: restricting object as captured, bounds, columns", () => {
    const [clock, energy] = profileColumns([object(8, "0-0:1.0.0"), object(3, "1-0:1.8.0")], registry);
    const bound = octets("07E803010501000000FFC400");
    const { selector, parameters } = rangeSelection(clock, { from: bound, to: bound }, energy ? [energy] : []);
    expect(selector).toBe(1);
    expect(toHex(parameters)).toBe(
      "0204" +
        "020412000809060000010000FF0F02120000" +
        "090C07E803010501000000FFC400" +
        "090C07E803010501000000FFC400" +
        "0101020412000309060100010800FF0F02120000",
    );
  });

  it("by entry: rows and columns from 1, 0 for the last", () => {
    expect(toHex(entrySelection({ fromEntry: 1, toEntry: 0 }).parameters)).toBe(
      "0204060000000106000000001200011200" + "00",
    );
    expect(() => entrySelection({ fromEntry: -1, toEntry: 0 })).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  });
});

describe("the rule of a clock", () => {
  const lastSunday = (month: number, hour: number) =>
    CosemDateTime.of({ month, dayOfMonth: 0xfe, dayOfWeek: 7, hour, minute: 0, second: 0 });
  const europe = {
    time: CosemDateTime.fromDate(Date.UTC(2024, 0, 15), { utcOffsetMinutes: 60 }),
    timeZone: -60,
    daylightSavingsBegin: lastSunday(3, 2),
    daylightSavingsEnd: lastSunday(10, 3),
    daylightSavingsDeviation: 60,
    daylightSavingsEnabled: true,
  };

  it("agrees with the time zones of the runtime over twenty years", () => {
    const zones = [
      ["Europe/Berlin", europe],
      [
        "Australia/Sydney",
        {
          ...europe,
          time: CosemDateTime.fromDate(Date.UTC(2024, 0, 15), { utcOffsetMinutes: 660, status: 0x80 }),
          daylightSavingsBegin: CosemDateTime.of({ month: 10, dayOfMonth: 1, dayOfWeek: 7, hour: 2, minute: 0 }),
          daylightSavingsEnd: CosemDateTime.of({ month: 4, dayOfMonth: 1, dayOfWeek: 7, hour: 3, minute: 0 }),
        },
      ],
    ] as const;
    for (const [timeZone, facts] of zones) {
      const rule = clockRule(facts);
      const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
      fc.assert(
        fc.property(fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2030, 0) }), (ms) => {
          const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
          const [, hours = "0", minutes = "0"] = /GMT\+(\d+):(\d+)/.exec(name) ?? [];
          expect(rule?.offsetAt(ms)).toBe(60 * Number(hours) + Number(minutes));
        }),
        { numRuns: 300 },
      );
    }
  });

  it("holds to the minute where daylight saving begins and ends", () => {
    const rule = clockRule(europe);
    const begin = Date.UTC(2024, 2, 31, 1);
    const end = Date.UTC(2024, 9, 27, 1);
    expect([begin - 1, begin, end - 1, end].map((ms) => rule?.offsetAt(ms))).toEqual([60, 120, 120, 60]);
    expect(rule && localDateTime(begin, rule).toString()).toBe("2024-03-31T03:00:00+02:00");
    expect(rule && localDateTime(begin, rule).daylightSaving).toBe(true);
    expect(rule && localDateTime(end, rule).daylightSaving).toBe(false);
  });

  it("takes the sign from the time of the clock, and the inverted one when told", () => {
    expect(clockRule({ timeZone: 60 }, true)?.standardOffset).toBe(60);
    expect(clockRule({ timeZone: -60 })?.standardOffset).toBe(60);
    expect(clockRule({ timeZone: 60, time: europe.time })?.standardOffset).toBe(60);
    expect(clockRule({})).toBeUndefined();
    expect(
      clockRule({ time: CosemDateTime.of({ year: 2024, month: 1, dayOfMonth: 1, hour: 0, minute: 0 }) }),
    ).toBeUndefined();
  });

  it("without a rule that can be read the standard time holds", () => {
    const { daylightSavingsEnd: _, ...half } = europe;
    expect(clockRule(half)?.offsetAt(Date.UTC(2024, 6, 1))).toBe(60);
    const dst = { ...europe, daylightSavingsBegin: CosemDateTime.of({ month: 0xfe, hour: 2 }) };
    expect(clockRule(dst)?.offsetAt(Date.UTC(2024, 6, 1))).toBe(60);
  });
});
