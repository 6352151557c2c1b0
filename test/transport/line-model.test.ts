import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LineModelOptions,
  line7e1,
  line8n1,
  lineModel,
  memoryPair,
  seededRandom,
  shapedTransport,
  VirtualClock,
} from "../../src/transport/index.js";
import { Collector } from "./collector.js";

const octets = (...values: number[]) => Uint8Array.from(values);
const count = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff);

async function joined(options: LineModelOptions = {}) {
  const clock = new VirtualClock();
  const model = lineModel({ clock, ...options });
  const near = new Collector();
  const far = new Collector();
  await model.near.open(near);
  await model.far.open(far);
  return { clock, model, near, far };
}

describe("lineModel", () => {
  it("gives each character its time: 10 bits at 9600 baud in 8N1, 10 in 7E1", async () => {
    for (const line of [line8n1(9600), line7e1(9600)]) {
      const { clock, model, far } = await joined({ line });
      await clock.run(model.near.write(count(96)));
      expect(clock.now()).toBeCloseTo(100, 6);
      await clock.advance(1);
      expect(far.length).toBe(96);
      expect(model.statistics.toFar).toMatchObject({ bytes: 96, writes: 1 });
      expect(model.statistics.toFar.busyMs).toBeCloseTo(100, 6);
    }
  });

  it("hands characters over as they arrive, not the whole write at its end", async () => {
    const { clock, model, far } = await joined({ line: line8n1(300) });
    const written = model.near.write(count(30));
    await clock.advance(505);
    expect(far.length).toBe(15);
    await clock.run(written);
  });

  it("keeps silence between the directions and counts the turnarounds", async () => {
    const { clock, model } = await joined({ line: line8n1(9600), turnaroundMs: 20, latencyMs: 2 });
    await clock.run(model.near.write(count(96)));
    await clock.run(model.far.write(count(96)));
    expect(clock.now()).toBeCloseTo(100 + 2 + 20 + 100, 6);
    await clock.run(model.far.write(count(96)));
    expect(clock.now()).toBeCloseTo(322, 6);
    expect(model.statistics.turnarounds).toBe(1);
    expect(model.statistics.firstAt).toBe(0);
    expect(model.statistics.lastAt).toBeCloseTo(322, 6);
  });

  it("is at once without a speed, and delayed by the latency", async () => {
    const { clock, model, far } = await joined({ latencyMs: 40 });
    await clock.run(model.near.write(count(5_000)));
    expect(clock.now()).toBe(0);
    await clock.advance(39);
    expect(far.length).toBe(0);
    await clock.advance(1);
    expect(far.length).toBe(5_000);
  });

  it("shows a mode E hand-over that one side missed as wrong parity bits", async () => {
    const { clock, model, far } = await joined({ line: line7e1(300) });
    await model.far.setLine?.(line8n1(300));
    await clock.run(model.near.write(octets(0x2f, 0x3f, 0x21)));
    await clock.advance(1);
    expect(far.bytes).toEqual([0xaf, 0x3f, 0x21]);
  });

  it("makes garbage while the speeds differ, and none after both changed", async () => {
    const { clock, model, far } = await joined({ line: line7e1(300) });
    await model.near.setLine?.(line7e1(9600));
    await clock.run(model.near.write(count(96)));
    await clock.advance(1_000);
    const garbage = far.length;
    expect(garbage).toBeLessThan(20);
    await model.far.setLine?.(line7e1(9600));
    await clock.run(model.near.write(octets(6, 50, 53, 50)));
    await clock.advance(1);
    expect(far.bytes.slice(garbage)).toEqual([6, 50, 53, 50]);
  });

  it("lets an end hear itself where there is echo", async () => {
    const { clock, model, near, far } = await joined({ line: line8n1(9600), echo: "near" });
    await clock.run(model.near.write(octets(1, 2)));
    await clock.run(model.far.write(octets(3)));
    await clock.advance(1);
    expect(near.bytes).toEqual([1, 2, 3]);
    expect(far.bytes).toEqual([1, 2]);
  });

  it("drops, doubles, flips and inserts the octets the script names, each direction for itself", async () => {
    const { clock, model, near, far } = await joined({
      faults: [
        { direction: "to-far", at: 5, kind: "flip", mask: 0x80 },
        { direction: "to-far", at: 1, kind: "drop" },
        { direction: "to-far", at: 3, kind: "double" },
        { direction: "to-near", at: 0, kind: "insert", bytes: octets(0xff, 0xfe) },
      ],
    });
    await clock.run(model.near.write(octets(0, 1, 2)));
    await clock.run(model.near.write(octets(3, 4, 5, 6)));
    await clock.run(model.far.write(octets(7)));
    await clock.advance(1);
    expect(far.bytes).toEqual([0, 2, 3, 3, 4, 0x85, 6]);
    expect(near.bytes).toEqual([0xff, 0xfe, 7]);
    expect(model.statistics.toFar.faults).toBe(3);
    expect(model.statistics.toNear.faults).toBe(1);
  });

  it("cuts at the octet the script names: what went before arrives, both ends hear the loss, writes fail", async () => {
    const { clock, model, near, far } = await joined({
      line: line8n1(9600),
      faults: [{ direction: "to-far", at: 4, kind: "cut" }],
    });
    await clock.run(model.near.write(octets(0, 1, 2)));
    await expect(clock.run(model.near.write(octets(3, 4, 5)))).rejects.toMatchObject({ code: "connection-lost" });
    await clock.advance(10);
    expect(far.bytes).toEqual([0, 1, 2, 3]);
    expect(near.closings).toMatchObject([{ code: "connection-lost" }]);
    expect(far.closings).toMatchObject([{ code: "connection-lost" }]);
    await expect(model.near.write(octets(1))).rejects.toMatchObject({ code: "connection-lost" });
  });

  it("tells a closing only after what is still under way", async () => {
    const { clock, model, far } = await joined({ line: line8n1(300), latencyMs: 500 });
    const written = model.near.write(count(30));
    await clock.advance(10);
    const closing = model.near.close();
    await clock.run(Promise.all([written, closing]));
    expect(far.closings).toEqual([]);
    await clock.advance(2_000);
    expect(far.length).toBe(30);
    expect(far.closings).toEqual([undefined]);
  });

  it("does not tell a closing where a line has no such thing", async () => {
    const { clock, model, far } = await joined({ line: line8n1(9600), hangUp: false });
    await model.near.close();
    await clock.advance(1_000);
    expect(far.closings).toEqual([]);
  });

  it("spoils at about the rate asked for", async () => {
    const { clock, model, far } = await joined({ bitErrorRate: 0.01, seed: 4 });
    await clock.run(model.near.write(new Uint8Array(10_000)));
    await clock.advance(1);
    let flipped = 0;
    for (const byte of far.bytes) for (let bit = 0; bit < 8; bit++) flipped += (byte >> bit) & 1;
    expect(flipped).toBeGreaterThan(680);
    expect(flipped).toBeLessThan(920);
  });

  it("hits whole writes at the rate asked for, one bit each", async () => {
    const { clock, model, far } = await joined({ hitRate: 0.1, seed: 11 });
    for (let i = 0; i < 1_000; i++) await model.near.write(octets(0, 0, 0, 0));
    await clock.advance(1);
    const hits = far.pieces.filter((piece) => piece.some((byte) => byte !== 0));
    expect(hits.length).toBe(model.statistics.toFar.faults);
    expect(hits.length).toBeGreaterThan(70);
    expect(hits.length).toBeLessThan(130);
  });

  it("gives the same run for the same seed, and another for another", () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), fc.uint8Array({ minLength: 64, maxLength: 300 }), async (seed, bytes) => {
        const run = async (withSeed: number) => {
          const { clock, model, far } = await joined({
            line: line8n1(2400),
            seed: withSeed,
            bitErrorRate: 0.02,
            lossRate: 0.05,
            doubleRate: 0.05,
          });
          await clock.run(model.near.write(bytes));
          await clock.advance(1);
          return [...far.bytes, clock.now(), model.statistics.toFar.faults];
        };
        const first = await run(seed);
        expect(await run(seed)).toEqual(first);
        expect(await run(seed ^ 1)).not.toEqual(first);
      }),
      { numRuns: 30 },
    ));
});

describe("shapedTransport", () => {
  it("gives a real transport the speed of a line, both ways, and closes through", async () => {
    const clock = new VirtualClock();
    const [outside, inside] = memoryPair({ clock });
    const shaped = shapedTransport(inside, { line: line8n1(9600) });
    const client = new Collector();
    const meter = new Collector();
    await outside.open(client);
    await shaped.open(meter);
    await outside.write(count(96));
    await clock.run(meter.until(() => meter.length === 96));
    expect(clock.now()).toBeCloseTo(100, 6);
    await clock.run(shaped.write(count(96)));
    await clock.run(client.until(() => client.length === 96));
    expect(clock.now()).toBeCloseTo(200, 6);
    await outside.close();
    await clock.run(meter.until(() => meter.closings.length > 0));
    expect(meter.closings).toEqual([undefined]);
  });
});

describe("seededRandom", () => {
  it("is spread evenly and the same for the same seed", () => {
    const [a, b] = [seededRandom(7), seededRandom(7)];
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const value = a();
      expect(value).toBe(b());
      buckets[Math.floor(value * 10)]!++;
    }
    for (const bucket of buckets) expect(Math.abs(bucket - 2_000)).toBeLessThan(200);
  });
});
