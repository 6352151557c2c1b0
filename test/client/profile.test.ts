import { describe, expect, it } from "vitest";
import { Profile } from "../../src/client/index.js";
import { Quantity } from "../../src/cosem/index.js";
import { CosemDateTime } from "../../src/data/index.js";
import { FakeProfile, quarter, quarterRows, stamp, start } from "./fake-profile.js";
import { at, collect, sequence, times } from "./profile-read.js";

const energy = "1-0:1.8.0";

describe("columns of a profile", () => {
  it("names, scales and times rows by the profile's own capture objects", async () => {
    const { rows, reader, meter } = await collect({ rows: quarterRows(3) });
    const [first] = rows;
    expect(first?.timestamp?.toString()).toBe("2024-03-01T00:00:00+01:00");
    expect(first?.status).toBe(0);
    expect(String(first?.get(energy))).toBe("1.000 Wh");
    expect(rows[2]?.get(energy)).toBeInstanceOf(Quantity);
    expect(Object.keys(first?.values ?? {})).toEqual(["0-0:96.10.1", energy]);
    expect(rows.map((row) => row.index)).toEqual([0, 1, 2]);
    expect((await reader.info()).capturePeriodSeconds).toBe(900);
    expect(meter.lists).toBe(2);
  });

  it("reads columns, scalers and units once", async () => {
    const meter = new FakeProfile({ rows: quarterRows(2) });
    const profile = new Profile(meter, "1-0:99.1.0");
    for (let i = 0; i < 3; i++)
      for await (const row of profile.rows({ from: at(0), to: at(1) })) expect(row).toBeDefined();
    expect(meter.lists).toBe(2);
    const again = new Profile(meter, "1-0:99.1.0", { info: await profile.info() });
    for await (const row of again.rows({ from: at(0), to: at(0) })) expect(String(row.get(energy))).toBe("1.000 Wh");
    expect(meter.lists).toBe(2);
  });

  it("takes a clock that is not the first column and not 0-0:1.0.0", async () => {
    const columns = [
      { classId: 3, obis: "0100010800FF" },
      { classId: 8, obis: "0001010000FF" },
    ];
    const rows = quarterRows(4).map(([time, , value]) => [value, time] as never);
    const read = await collect({ columns, rows, clockColumn: 1 }, { from: at(1), to: at(2) });
    expect(times(read.rows)).toEqual([1, 2]);
    expect(Object.keys(read.rows[0]?.values ?? {})).toEqual([energy]);
    expect(read.reader.form).toBe("range");
  });

  it("reads a profile without any clock", async () => {
    const columns = [{ classId: 3, obis: "0100010800FF" }];
    const rows = quarterRows(3).map(([, , value]) => [value] as never);
    const read = await collect({ columns, rows }, { last: 2 });
    expect(read.rows.map((row) => String(row.get(energy)))).toEqual(["1.007 Wh", "1.014 Wh"]);
    expect(read.rows[0]?.timestamp).toBeUndefined();
    expect(read.rows[0]?.time).toBeUndefined();
  });

  it.each([false, true])(
    "hands out the columns asked for, clock and status kept (ignored by the meter: %s)",
    async (ignoresColumns) => {
      const columns = [
        { classId: 8, obis: "0000010000FF" },
        { classId: 3, obis: "0100020800FF" },
        { classId: 3, obis: "0100010800FF" },
      ];
      const rows = quarterRows(3);
      const read = await collect({ columns, rows, ignoresColumns }, { from: at(0), to: at(2), columns: [energy] });
      expect(Object.keys(read.rows[1]?.values ?? {})).toEqual([energy]);
      expect(String(read.rows[1]?.get(energy))).toBe("1.007 Wh");
      expect(times(read.rows)).toEqual([0, 1, 2]);
    },
  );

  it("refuses a column that the profile has not, naming those it has", async () => {
    await expect(collect({ rows: quarterRows(1) }, { columns: ["1-0:9.9.9"] })).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining(energy),
    });
  });
});

describe("nulls and clocks", () => {
  const nothing = { type: "null-data" } as const;

  it("a null in a column other than the clock does not shift later columns", async () => {
    const rows = quarterRows(3);
    rows[1] = [rows[1]?.[0] ?? nothing, nothing, rows[1]?.[2] ?? nothing];
    const read = await collect({ rows });
    expect(read.rows[1]?.status).toBe(0);
    expect(read.rows[1]?.origin("0-0:96.10.1")).toBe("repeated");
    expect(String(read.rows[1]?.get(energy))).toBe("1.007 Wh");
    expect(read.rows[1]?.origin(energy)).toBe("given");
    const missing = await collect({ rows }, {}, { nullData: "missing" });
    expect(missing.rows[1]?.status).toBeUndefined();
  });

  it("the first row null: what has nothing above it is missing, not invented", async () => {
    const rows = quarterRows(3);
    rows[0] = [nothing, nothing, nothing];
    const read = await collect({ rows });
    expect(read.rows[0]?.timestamp).toBeUndefined();
    expect(read.rows[0]?.get(energy)).toBeUndefined();
    expect(read.rows[0]?.origin(energy)).toBe("missing");
    expect(times(read.rows.slice(1))).toEqual([1, 2]);
  });

  it.each([1, 2] as const)(
    "a null clock is the row before and the capture period, marked as filled (sort method %i)",
    async (sort) => {
      const rows = quarterRows(5, start, (time) => stamp(time, { status: 0x80, offset: 120 }));
      const ends = sort === 1 ? 0 : 4;
      for (const [i, row] of rows.entries()) if (i !== ends) row[0] = nothing;
      const read = await collect({ rows, sort });
      expect(times(read.rows)).toEqual(sort === 1 ? [0, 1, 2, 3, 4] : [4, 3, 2, 1, 0]);
      expect(read.rows.map((row) => row.timestampFilled)).toEqual([false, true, true, true, true]);
      expect(read.rows[3]?.timestamp?.daylightSaving).toBe(true);
      expect(read.rows[3]?.timestamp?.deviation).toBe(-120);
    },
  );

  it("without a capture period a null clock is missing", async () => {
    const rows = quarterRows(2);
    (rows[1] as unknown[])[0] = nothing;
    const read = await collect({ rows, capturePeriod: 0 });
    expect(read.rows[1]?.timestamp).toBeUndefined();
  });

  it("deviation 0 is UTC, 0x8000 is unspecified and taken from the clock, status included", async () => {
    const winter = await collect({ rows: quarterRows(1, start, (time) => stamp(time, { offset: 0 })) });
    expect(winter.rows[0]?.time).toEqual(at(0));
    expect(winter.rows[0]?.timestamp?.toString()).toBe("2024-02-29T23:00:00Z");
    const bare = await collect({ rows: quarterRows(1, start, (time) => stamp(time, { bare: true })) });
    expect(bare.rows[0]?.time).toEqual(at(0));
    expect(bare.rows[0]?.timestamp?.deviation).toBeUndefined();
    const unknown = await collect({
      rows: quarterRows(1, start, (time) => stamp(time, { bare: true })),
      clockOffset: null,
    });
    expect(unknown.rows[0]?.time).toBeUndefined();
    expect(unknown.rows[0]?.timestamp?.localMs()).toBe(start + 3_600_000);
  });

  it("an inverted deviation is read as such when told", async () => {
    const rows = quarterRows(2, start, (time) => ({
      type: "octet-string",
      value: CosemDateTime.fromDate(time, { utcOffsetMinutes: 60, invertDeviation: true }).octets,
    }));
    const read = await collect({ rows }, {}, { invertDeviation: true });
    expect(times(read.rows)).toEqual([0, 1]);
  });

  it("the hour that comes twice when daylight saving ends keeps its rows apart by deviation or status", async () => {
    const change = Date.UTC(2024, 9, 27, 0);
    for (const bare of [false, true]) {
      const rows = quarterRows(12, change, (time) => {
        const summer = time < Date.UTC(2024, 9, 27, 1);
        return stamp(time, { offset: summer ? 120 : 60, status: summer ? 0x80 : 0, bare });
      });
      const read = await collect({ rows });
      expect(read.rows.map((row) => row.time?.getTime())).toEqual(sequence(0, 11).map((i) => change + i * quarter));
    }
  });
});
