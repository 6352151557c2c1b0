import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import { Profile, type ProfileCheckpoint, type ProfileProgress, type RowsOptions } from "../../src/client/index.js";
import { u8, u32 } from "../../src/data/index.js";
import { type FakeOptions, FakeProfile, quarter, quarterRows, stamp, start } from "./fake-profile.js";
import { at, collect, rowsOf, sequence, times } from "./profile-read.js";

/** Reads on a line that is lost again and again, resuming from checkpoints that went through JSON. */
async function readWithLosses(options: FakeOptions, rows: RowsOptions, blocks: () => number | undefined) {
  const got: { time: number | undefined; index: number; energy: string }[] = [];
  let resume: ProfileCheckpoint | undefined;
  for (let session = 0; session < 500; session++) {
    const lost = blocks();
    const meter = new FakeProfile({ ...options, ...(lost !== undefined && { lostAfterBlocks: lost }) });
    const read = new Profile(meter, "1-0:99.1.0").rows({ ...rows, ...(resume && { resume }) });
    try {
      for await (const row of read)
        got.push({ time: row.time?.getTime(), index: row.index, energy: String(row.get("1-0:1.8.0")) });
      return { got, sessions: session + 1 };
    } catch (error) {
      if (!DlmsError.is(error) || error.code !== "connection-lost") throw error;
      resume = JSON.parse(JSON.stringify(read.checkpoint)) as ProfileCheckpoint;
    }
  }
  throw new Error("never came to an end");
}

describe("rows as they arrive", () => {
  it("are handed out before the next block is there, and nothing is kept", async () => {
    const meter = new FakeProfile({ rows: quarterRows(960), blockOctets: 100 });
    const rows = new Profile(meter, "1-0:99.1.0").rows()[Symbol.asyncIterator]();
    expect((await rows.next()).value?.index).toBe(0);
    await rows.return(undefined);
    expect(meter.cancelled).toBe(1);
  });

  it("come in arrays too, numbered the same", async () => {
    const indexes: number[][] = [];
    for await (const rows of new Profile(new FakeProfile({ rows: quarterRows(50) }), "1-0:99.1.0").rows().batches())
      indexes.push(rows.map(({ index }) => index));
    expect(indexes.length).toBeGreaterThan(2);
    expect(indexes.flat()).toEqual(sequence(0, 49));
  });

  it("can be walked through once", async () => {
    const rows = new Profile(new FakeProfile({ rows: quarterRows(2) }), "1-0:99.1.0").rows();
    for await (const row of rows) expect(row).toBeDefined();
    await expect(rows[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "wrong-state" });
  });

  it("tell their progress: rows, octets, how many are expected and how long it takes", async () => {
    const seen: ProfileProgress[] = [];
    const { rows } = await collect(
      { rows: quarterRows(96) },
      { from: at(0), to: at(95), onProgress: (progress) => void seen.push(progress) },
    );
    const last = seen.at(-1);
    expect(rows).toHaveLength(96);
    expect(last).toMatchObject({ rows: 96, expectedRows: 96, remainingMs: 0, form: "range" });
    expect(last?.expectedBytes).toBe(last?.bytes);
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((a, b) => a - b));
    expect(seen[1]?.expectedBytes).toBeGreaterThan(seen[1]?.bytes ?? 0);
  });

  it("end when the caller cancels", async () => {
    const controller = new AbortController();
    const meter = new FakeProfile({ rows: quarterRows(96), blockOctets: 100 });
    const got: number[] = [];
    const read = async () => {
      for await (const row of new Profile(meter, "1-0:99.1.0").rows({ signal: controller.signal })) {
        got.push(row.index);
        if (row.index === 10) controller.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "aborted" });
    expect(got.slice(0, 11)).toEqual(sequence(0, 10));
  });

  it("end in an error, not in fewer rows, when the capture objects no longer fit", async () => {
    const rows = quarterRows(3).map((row) => row.slice(0, 2));
    await expect(collect({ rows })).rejects.toMatchObject({ code: "malformed" });
  });
});

describe("a read that goes on after a lost link", () => {
  it.each([1, 2] as const)("gives each row once, in the order of the buffer (sort method %i)", async (sort) => {
    let session = 0;
    const { got, sessions } = await readWithLosses(
      { rows: quarterRows(300), sort },
      { from: at(10), to: at(250) },
      () => [1, 3, 2, 7, 4][session++],
    );
    const expected = sequence(10, 250).map((i) => start + i * quarter);
    expect(got.map(({ time }) => time)).toEqual(sort === 1 ? expected : expected.reverse());
    expect(got.map(({ index }) => index)).toEqual(sequence(0, 240));
    expect(sessions).toBe(6);
  });

  it("holds for any buffer, block size and place of the loss", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 40, max: 400 }),
        fc.array(fc.nat(6), { maxLength: 12 }),
        fc.constantFrom(1 as const, 2 as const),
        async (values, blockOctets, losses, sort) => {
          // Times advance by none to three quarters, so that some are doubled and some missing.
          let time = start;
          const rows = values.map((step, i) => {
            time += step * quarter;
            return [stamp(time), u8(0), u32(i % 3)];
          });
          const whole = await collect({ rows, sort }, { from: at(0), to: at(200) });
          const { got } = await readWithLosses({ rows, sort, blockOctets }, { from: at(0), to: at(200) }, () =>
            losses.shift(),
          );
          expect(got.map(({ time: t, energy }) => [t, energy])).toEqual(
            whole.rows.map((row) => [row.time?.getTime(), String(row.get("1-0:1.8.0"))]),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("is not fooled by the hour that comes twice without deviation or status", async () => {
    const change = Date.UTC(2024, 9, 27, 0);
    const rows = quarterRows(24, change - 4 * quarter, (time) =>
      stamp(time, { offset: time < Date.UTC(2024, 9, 27, 1) ? 120 : 60, status: 0xff, bare: true }),
    );
    for (let lostAt = 1; lostAt < 6; lostAt++) {
      let session = 0;
      const { got } = await readWithLosses({ rows, localTimes: true }, {}, () =>
        session++ === 0 ? lostAt : undefined,
      );
      expect(got.map(({ energy }) => energy)).toEqual(rows.map((_, i) => `${((1000 + 7 * i) / 1000).toFixed(3)} Wh`));
    }
  });

  it("goes on behind the last row when that one is no longer in the buffer", async () => {
    const options = { rows: quarterRows(100), lostAfterBlocks: 2 };
    const read = new Profile(new FakeProfile(options), "1-0:99.1.0").rows({ from: at(0), to: at(99) });
    const first: number[] = [];
    await expect(
      (async () => {
        for await (const row of read) first.push(row.index);
      })(),
    ).rejects.toMatchObject({ code: "connection-lost" });
    const later = new Profile(new FakeProfile({ rows: quarterRows(50, start + 50 * quarter) }), "1-0:99.1.0");
    expect(times(await rowsOf(later, { from: at(0), to: at(99), resume: read.checkpoint }))).toEqual(sequence(50, 99));
  });

  it("refuses the checkpoint of another profile", async () => {
    const meter = new FakeProfile({ rows: quarterRows(3) });
    const resume = { version: 1, profile: "1-0:99.2.0*255", rows: 1, window: [] } as const;
    await expect(rowsOf(new Profile(meter, "1-0:99.1.0"), { resume })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
