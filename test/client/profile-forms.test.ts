import { describe, expect, it } from "vitest";
import { CosemDateTime } from "../../src/data/index.js";
import { quarterRows, stamp, start } from "./fake-profile.js";
import { at, collect, rowsOf, sequence, times } from "./profile-read.js";

const month = 31 * 96;
const withDeviation = (bound: CosemDateTime) => bound.deviation !== undefined;
const withoutDeviation = (bound: CosemDateTime) => bound.deviation === undefined;
const bare = (bound: CosemDateTime) => bound.octets[7] === 0xff && withoutDeviation(bound);
const wholeHours = (bound: CosemDateTime) =>
  bound.time.minute === 0 && bound.time.second === 0 && withoutDeviation(bound);

describe("reading a range of time", () => {
  it.each([
    ["range", withDeviation],
    ["range-without-deviation", withoutDeviation],
    ["range-unspecified", bare],
    ["range-whole-hours", wholeHours],
  ] as const)("meters that take %s alone are found out, and asked so from then on", async (form, takes) => {
    const { reader, rows, meter } = await collect({ rows: quarterRows(month), takes }, { from: at(97), to: at(101) });
    expect(times(rows)).toEqual([97, 98, 99, 100, 101]);
    expect(reader.form).toBe(form);
    const before = meter.requests.length;
    expect(times(await rowsOf(reader, { from: at(5), to: at(6) }))).toEqual([5, 6]);
    expect(meter.requests.length).toBe(before + 1);
  });

  it("a meter that answers a form it does not take with no rows is asked in the next", async () => {
    const { reader, rows } = await collect(
      { rows: quarterRows(96), takes: withoutDeviation, emptyInsteadOfRefusal: true },
      { from: at(1), to: at(2) },
    );
    expect(times(rows)).toEqual([1, 2]);
    expect(reader.form).toBe("range-without-deviation");
  });

  it("an empty span is empty, and the whole buffer is not read for it", async () => {
    const { rows, meter } = await collect({ rows: quarterRows(96) }, { from: at(500), to: at(600) });
    expect(rows).toEqual([]);
    expect(meter.requests).not.toContain("whole");
    const empty = await collect({ rows: [] }, { from: at(0), to: at(1) });
    expect(empty.rows).toEqual([]);
    expect(empty.meter.requests).toHaveLength(1);
  });

  it("a meter that refuses ranges is read by entry, found by halving", async () => {
    const { reader, rows, meter } = await collect(
      { rows: quarterRows(month), selectors: [2] },
      { from: at(1000), to: at(1003) },
    );
    expect(times(rows)).toEqual([1000, 1001, 1002, 1003]);
    expect(reader.form).toBe("entry");
    expect(meter.requests.length).toBeLessThan(20);
    const newestFirst = await collect(
      { rows: quarterRows(month), selectors: [2], sort: 2 },
      { from: at(1000), to: at(1003) },
    );
    expect(times(newestFirst.rows)).toEqual([1003, 1002, 1001, 1000]);
  });

  it.each([
    ["refuses selective access", { selectors: [] }],
    ["did not grant it", { conformance: ["get"] }],
  ])("a meter that %s is read whole, and what was not asked for dropped here", async (_, options) => {
    const { reader, rows, meter } = await collect({ rows: quarterRows(96), ...options }, { from: at(50), to: at(52) });
    expect(times(rows)).toEqual([50, 51, 52]);
    expect(reader.form).toBe("whole-buffer");
    expect(meter.notices.includes("profile-form-refused")).toBe("selectors" in options);
    expect(meter.requests.at(-1)).toBe("whole");
  });

  it("a meter that ignores the range gives the right rows all the same, and is stopped early", async () => {
    const { rows, meter } = await collect(
      { rows: quarterRows(month), ignoresSelection: true },
      { from: at(50), to: at(52) },
    );
    expect(times(rows)).toEqual([50, 51, 52]);
    expect(meter.notices).toContain("profile-range-not-honoured");
    expect(meter.cancelled).toBe(1);
  });

  it("forms can be chosen by the caller", async () => {
    const { reader } = await collect(
      { rows: quarterRows(96) },
      { from: at(1), to: at(2) },
      { forms: ["range-without-deviation"] },
    );
    expect(reader.form).toBe("range-without-deviation");
    await expect(
      collect(
        { rows: quarterRows(96), takes: withDeviation },
        { from: at(1), to: at(2) },
        { forms: ["range-whole-hours"] },
      ),
    ).rejects.toMatchObject({ code: "access-refused" });
  });

  it.each([1, 2] as const)("includes both ends, whichever the meter leaves out (sort method %i)", async (sort) => {
    for (const [excludesFrom, excludesTo] of [
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const { rows, reader, meter } = await collect(
        { rows: quarterRows(96), sort, excludesFrom, excludesTo },
        { from: at(10), to: at(14) },
      );
      expect(times(rows).sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14]);
      expect(meter.notices).toContain("profile-bound-excluded");
      const before = meter.requests.length;
      const again = await rowsOf(reader, { from: at(20), to: at(21) });
      expect(times(again).sort((a, b) => a - b)).toEqual([20, 21]);
      expect(meter.requests.length).toBe(before + 1);
    }
  });

  it("bounds on the other side of a daylight saving change are those of that day", async () => {
    const summer = Date.UTC(2024, 6, 1, 22);
    const rows = quarterRows(200, summer - 50 * 900_000, (time) => stamp(time, { offset: 120, status: 0x80 }));
    const read = await collect(
      { rows, localTimes: true, takes: withoutDeviation },
      { from: new Date(summer), to: new Date(summer + 900_000) },
    );
    expect(read.rows.map((row) => row.time?.getTime())).toEqual([summer, summer + 900_000]);
    expect(read.meter.requests).toHaveLength(2);
  });

  it("bounds as the meter's own date-times go out as they are", async () => {
    const from = CosemDateTime.of({ year: 2024, month: 3, dayOfMonth: 1, hour: 1, minute: 0, second: 0 });
    const to = CosemDateTime.of({ year: 2024, month: 3, dayOfMonth: 1, hour: 1, minute: 30, second: 0 });
    const seen: string[] = [];
    const { rows } = await collect(
      {
        rows: quarterRows(96, start, (time) => stamp(time, { bare: true })),
        localTimes: true,
        clockOffset: null,
        takes: (bound) => seen.push(bound.toString()) > 0 && withoutDeviation(bound),
      },
      { from, to },
    );
    expect(rows.map((row) => row.timestamp?.toString())).toEqual([
      "2024-03-01T01:00:00",
      "2024-03-01T01:15:00",
      "2024-03-01T01:30:00",
    ]);
    expect(new Set(seen)).toEqual(new Set([from.toString(), to.toString()]));
  });

  it("an instant and a clock that does not tell its difference to UTC do not go together: said, not guessed", async () => {
    const options = {
      rows: quarterRows(96, start, (time) => stamp(time, { bare: true })),
      localTimes: true,
      clockOffset: null,
    };
    await expect(collect(options, { from: at(0), to: at(1) })).rejects.toMatchObject({ code: "clock-offset-unknown" });
    const told = await collect(options, { from: at(0), to: at(1) }, { utcOffsetMinutes: 60 });
    expect(times(told.rows)).toEqual([0, 1]);
  });

  it("open ends reach to the first and the last row", async () => {
    expect(times((await collect({ rows: quarterRows(96) }, { from: at(93) })).rows)).toEqual([93, 94, 95]);
    expect(times((await collect({ rows: quarterRows(96) }, { to: at(2) })).rows)).toEqual([0, 1, 2]);
  });

  it("refuses spans that make no sense", async () => {
    const options = { rows: quarterRows(2) };
    for (const wrong of [
      { from: at(2), to: at(1) },
      { from: new Date(Number.NaN) },
      { from: at(0), last: 3 },
      { last: 0 },
      { entries: { from: 0 } },
      { from: CosemDateTime.of({ year: 2024 }) },
    ])
      await expect(collect(options, wrong)).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("the newest rows", () => {
  it.each([1, 2] as const)("are read by entry, whatever entry 1 is (sort method %i)", async (sort) => {
    const { rows, meter } = await collect({ rows: quarterRows(96), sort }, { last: 3 });
    expect(times(rows)).toEqual(sort === 1 ? [93, 94, 95] : [95, 94, 93]);
    expect(meter.requests).toEqual(["selector 2"]);
  });

  it.each([1, 2] as const)(
    "come out of the whole buffer where the meter has no entries (sort method %i)",
    async (sort) => {
      const { rows } = await collect({ rows: quarterRows(96), sort, selectors: [1] }, { last: 3 });
      expect(times(rows)).toEqual(sort === 1 ? [93, 94, 95] : [95, 94, 93]);
    },
  );

  it("are all of them when there are fewer", async () => {
    expect(times((await collect({ rows: quarterRows(2) }, { last: 9 })).rows)).toEqual([0, 1]);
    expect((await collect({ rows: [] }, { last: 9 })).rows).toEqual([]);
  });
});

describe("rows captured during a read by entry", () => {
  it("are noticed, and the rows asked for are right", async () => {
    const rows = quarterRows(400);
    let requests = 0;
    const capture = () => {
      requests++;
      if (requests < 8 || requests > 12) return;
      rows.splice(0, 2);
      rows.push(...quarterRows(2, start + 900_000 * (400 + 2 * (requests - 8))));
    };
    const read = await collect({ rows, selectors: [2], onRequest: capture }, { from: at(100), to: at(104) });
    expect(times(read.rows)).toEqual([100, 101, 102, 103, 104]);
    expect(read.meter.notices).toContain("profile-rows-captured");
  });

  it("of the newest: as many as asked for", async () => {
    const rows = quarterRows(100);
    const read = await collect(
      { rows, onRequest: (all) => void all.push(quarterRows(1, start + 900_000 * 100)[0] as never) },
      { last: 4 },
    );
    expect(times(read.rows)).toEqual(sequence(97, 100));
    expect(read.meter.notices).toContain("profile-rows-captured");
  });
});
