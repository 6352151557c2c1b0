import { describe, expect, it } from "vitest";
import { connect, type RowsOptions } from "../../src/client/index.js";
import { Quantity } from "../../src/cosem/index.js";
import { type Data, decodeData } from "../../src/data/index.js";
import { type HouseholdMeterOptions, logicalName, MockMeter } from "../../src/mock/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { clients } from "../client/mock.js";

const hour = 3_600_000;
const quarter = hour / 4;
const name = "1-0:99.1.0*255";

/** The buffer as the meter's object holds it, oldest first: not through the client, nor through its decoder. */
function buffer(meter: MockMeter, now: number) {
  const attribute = meter.device.find(logicalName("1.0.99.1.0.255"))?.attributes.get(2);
  const value = attribute?.get({ clientSap: 2, protection: "none", now, device: meter.device });
  const data = value instanceof Uint8Array ? decodeData(value) : value;
  const rows = data?.type === "array" ? data.value : [];
  return rows.map((row) => {
    const [time, status, taken, given] = row.type === "structure" ? row.value : [];
    const cell = (of: Data | undefined) => (of !== undefined && "value" in of ? Number(of.value) : Number.NaN);
    return { time: meter.clock.instantOf(time as Data) as number, cells: [status, taken, given].map(cell) };
  });
}

/** Reads through the client from a meter with this profile; what the object holds beside it. */
async function read(now: number, options: RowsOptions, household: HouseholdMeterOptions = {}) {
  const clock = new VirtualClock({ wallTime: now });
  const house = { days: 3, outages: [], ...household };
  const meter = new MockMeter({ clock, household: house });
  const plain = new MockMeter({ clock, household: { ...house, profile: {} } });
  const link = await meter.memory({ link: "wrapper" });
  const session = await clock.run(connect(link.endpoint, clients.reader));
  const profile = session.profile(name);
  const rows: { time: number; cells: number[] }[] = [];
  const local: string[] = [];
  await clock.run(
    (async () => {
      for await (const row of profile.rows(options)) {
        const cells = Object.values(row.values).map((value) => Number(value instanceof Quantity ? value.raw : value));
        rows.push({ time: row.time?.getTime() ?? Number.NaN, cells });
        local.push(row.timestamp?.toString() ?? "");
      }
    })(),
  );
  await clock.run(session.close());
  return { rows, local, all: buffer(plain, now), form: profile.form };
}

/** Days of a European meter in which something happens. */
const days = {
  "an ordinary day": { from: Date.UTC(2026, 0, 13, 23), to: Date.UTC(2026, 0, 14, 23), count: 97 },
  "the day of 23 hours": { from: Date.UTC(2026, 2, 28, 23), to: Date.UTC(2026, 2, 29, 22), count: 93 },
  "the day of 25 hours": { from: Date.UTC(2026, 9, 24, 22), to: Date.UTC(2026, 9, 25, 23), count: 101 },
  "the hour before the change back": {
    from: Date.UTC(2026, 9, 25, 0, 15),
    to: Date.UTC(2026, 9, 25, 1),
    count: 4,
  },
  "the hour after the change back": {
    from: Date.UTC(2026, 9, 25, 1, 15),
    to: Date.UTC(2026, 9, 25, 2),
    count: 4,
  },
} as const;

const dialects = {
  "as the standard has it": {},
  "bounds with deviation only": { rangeForm: "with-deviation" },
  "bounds without deviation only": { rangeForm: "without-deviation" },
  "whole hours only": { rangeForm: "whole-hours" },
  "no selective access": { selectors: [] },
  "by range alone": { selectors: [1] },
  "by entry alone": { selectors: [2] },
  "repeats as null-data": { nullCompression: true },
  "newest first": { sortMethod: 2 },
  "newest first, by entry alone": { sortMethod: 2, selectors: [2] },
  "newest first, repeats as null-data": { sortMethod: 2, nullCompression: true },
  "the end left out": { leavesOut: "to" },
  "both ends left out": { leavesOut: "both" },
} as const satisfies Record<string, HouseholdMeterOptions["profile"]>;

describe("a range of time comes whole, whatever the meter's ways", () => {
  for (const [way, profile] of Object.entries(dialects))
    for (const [day, { from, to, count }] of Object.entries(days))
      it(`${day}: ${way}`, async () => {
        const { rows, all } = await read(to + 12 * hour, { from: new Date(from), to: new Date(to) }, { profile });
        const wanted = all.filter(({ time }) => time >= from && time <= to);
        expect(wanted).toHaveLength(count);
        expect("sortMethod" in profile ? rows.toReversed() : rows).toEqual(wanted);
      });
});

describe("the clock's own time", () => {
  it("shows the hour twice when the clock is set back", async () => {
    const { from, to } = days["the day of 25 hours"];
    const { local } = await read(to + hour, { from: new Date(from), to: new Date(to) });
    const twice = local.filter((time) => time.includes("T02:15:00"));
    expect(twice).toEqual(["2026-10-25T02:15:00+02:00", "2026-10-25T02:15:00+01:00"]);
  });
  it("leaves the hour out when the clock is set forward", async () => {
    const { from, to } = days["the day of 23 hours"];
    const { local } = await read(to + hour, { from: new Date(from), to: new Date(to) });
    expect(local.filter((time) => time.includes("T02:"))).toEqual([]);
    expect(local.filter((time) => time.includes("T03:"))).toHaveLength(4);
  });
});

describe("an outage", () => {
  const noon = Date.UTC(2026, 0, 14, 12);
  const outages = [{ from: noon, to: noon + 2.5 * hour }];
  for (const [way, profile] of Object.entries(dialects))
    it(`is a gap, and the row after it says so: ${way}`, async () => {
      const span = { from: new Date(noon - hour), to: new Date(noon + 4 * hour) };
      const { rows } = await read(noon + 12 * hour, span, { outages, profile });
      const times = rows.map(({ time }) => time).sort((a, b) => a - b);
      const gap = times.findIndex((time, index) => time - (times[index - 1] ?? time) > quarter);
      expect([times[gap - 1], times[gap]]).toEqual([noon - quarter, noon + 2.5 * hour]);
      expect(rows).toHaveLength(21 - 10);
      expect(rows.filter(({ cells }) => ((cells[0] ?? 0) & 0x80) !== 0).map(({ time }) => time)).toEqual([times[gap]]);
    });
});

describe("by entry and the last rows", () => {
  const now = Date.UTC(2026, 0, 14, 12, 3);
  it("entries count from 1, the oldest", async () => {
    const { rows, all } = await read(now, { entries: { from: 3, to: 7 } });
    expect(rows).toEqual(all.slice(2, 7));
  });
  it("entries count from 1, the newest, where the newest come first", async () => {
    const { rows, all } = await read(now, { entries: { from: 1, to: 2 } }, { profile: { sortMethod: 2 } });
    expect(rows).toEqual(all.toReversed().slice(0, 2));
  });
  for (const [way, profile] of Object.entries(dialects))
    it(`the last ten: ${way}`, async () => {
      const { rows, all } = await read(now, { last: 10 }, { profile });
      const newest = "sortMethod" in profile ? rows.toReversed() : rows;
      expect(newest).toEqual(all.slice(-10));
    });
});
