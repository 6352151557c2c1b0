import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import type { Meter, ProfileCheckpoint, ProfileRow, RowsOptions } from "../../src/client/index.js";
import type { HouseholdMeterOptions } from "../../src/mock/index.js";
import { line8n1 } from "../../src/transport/index.js";
import { bench, clients } from "./mock.js";

const loadProfile = "1-0:99.1.0*255";
const day = 86_400_000;
const midnight = Date.UTC(2026, 0, 9, 23);
const oneDay = { from: new Date(midnight), to: new Date(midnight + day) };

async function readRows(meter: Meter, options: RowsOptions): Promise<ProfileRow[]> {
  const rows: ProfileRow[] = [];
  for await (const row of meter.profile(loadProfile).rows(options)) rows.push(row);
  return rows;
}
const summary = (rows: readonly ProfileRow[]) =>
  rows.map((row) => `${row.time?.toISOString()} ${row.status} ${row.get("1-0:1.8.0")} ${row.get("1-0:2.8.0")}`);

describe("a day of load profile from the mock meter", () => {
  const links = {
    wrapper: { link: "wrapper" },
    hdlc: { link: "hdlc" },
    "an optical probe": { link: "hdlc", line: line8n1(9600), signOn: { mode: "mode-e" } },
  } as const;
  for (const [name, link] of Object.entries(links))
    for (const client of ["reader", "management"] as const)
      it(`comes over ${name} for the ${client} client: 97 rows, both ends included`, async () => {
        const { clock, connect } = await bench(link);
        const meter = await clock.run(connect(clients[client]));
        const rows = await clock.run(readRows(meter, oneDay));
        expect(rows).toHaveLength(97);
        expect(rows[0]?.timestamp?.toString()).toBe("2026-01-10T00:00:00+01:00");
        expect(rows[96]?.time?.getTime()).toBe(midnight + day);
        const energies = rows.map((row) => Number(String(row.get("1-0:1.8.0")).split(" ")[0]));
        expect(energies).toEqual([...energies].sort((a, b) => a - b));
        expect(meter.profile(loadProfile).form).toBe("range");
        await clock.run(meter.close());
      });

  const manners: readonly HouseholdMeterOptions["profile"][] = [
    { nullCompression: true },
    { sortMethod: 2 },
    { sortMethod: 2, nullCompression: true },
    { rangeForm: "without-deviation" },
    { rangeForm: "whole-hours" },
    { rangeForm: "with-deviation" },
    { selectors: [2] },
    { selectors: [2], sortMethod: 2 },
    { selectors: [] },
  ];
  for (const profile of manners)
    it(`is the same from a meter with ${JSON.stringify(profile)}`, async () => {
      const plain = await bench({ link: "wrapper" });
      const expected = summary(
        await plain.clock.run(readRows(await plain.clock.run(plain.connect(clients.reader)), oneDay)),
      );
      const odd = await bench({ link: "wrapper" }, { household: profile ? { profile } : {} });
      const meter = await odd.clock.run(odd.connect(clients.reader));
      const rows = summary(await odd.clock.run(readRows(meter, oneDay)));
      expect(rows.sort()).toEqual(expected.sort());
    });

  it("shows the outage as rows that are missing, not invented", async () => {
    const { clock, connect } = await bench({ link: "wrapper" });
    const meter = await clock.run(connect(clients.reader));
    const rows = await clock.run(
      readRows(meter, { from: new Date(Date.UTC(2026, 0, 12)), to: new Date(Date.UTC(2026, 0, 13)) }),
    );
    expect(rows.length).toBe(97 - 10);
    expect(rows.every((row) => row.origin("1-0:1.8.0") === "given")).toBe(true);
  });

  it("takes three requests the first time and one from then on", async () => {
    const { clock, connect } = await bench({ link: "wrapper" });
    const meter = await clock.run(connect(clients.reader));
    const atFirst = meter.statistics.requests;
    await clock.run(readRows(meter, oneDay));
    expect(meter.statistics.requests - atFirst).toBe(3);
    await clock.run(readRows(meter, oneDay));
    expect(meter.statistics.requests - atFirst).toBe(4);
  });
});

describe("a line that is cut", () => {
  it("goes on with another connection, without a missing or doubled row", async () => {
    const whole = await bench({ link: "hdlc" });
    const span = { from: new Date(midnight), to: new Date(midnight + 7 * day) };
    const expected = summary(
      await whole.clock.run(readRows(await whole.clock.run(whole.connect(clients.management)), span)),
    );
    const got: ProfileRow[] = [];
    let resume: ProfileCheckpoint | undefined;
    let sessions = 0;
    for (let done = false; !done; sessions++) {
      const cut = await bench({ link: "hdlc", line: line8n1(9600) });
      const meter = await cut.clock.run(cut.connect({ ...clients.management, maxPduSize: 1024 }));
      const read = meter.profile(loadProfile).rows({ ...span, ...(resume && { resume }) });
      const walk = async () => {
        let rows = 0;
        for await (const row of read) {
          got.push(row);
          if (++rows === 150) cut.lines[0]?.cut();
        }
      };
      try {
        await cut.clock.run(walk());
        done = true;
      } catch (error) {
        expect(DlmsError.is(error)).toBe(true);
        resume = JSON.parse(JSON.stringify(read.checkpoint));
      }
      await cut.clock.run(meter.close());
      expect(sessions).toBeLessThan(20);
    }
    expect(sessions).toBeGreaterThan(1);
    expect(summary(got)).toEqual(expected);
    expect(got.map(({ index }) => index)).toEqual(got.map((_, i) => i));
  });
});
