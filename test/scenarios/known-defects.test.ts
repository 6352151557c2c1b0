import { describe, expect, it } from "vitest";
import { DataClass, Quantity } from "../../src/cosem/index.js";
import {
  array,
  bits,
  compactArray,
  type Data,
  expandCompactArray,
  f32,
  f64,
  nullData,
  octets,
  structure,
  u8,
  u16,
  u32,
  utf8,
} from "../../src/data/index.js";
import {
  type CapturedRow,
  logicalName,
  MeterClock,
  MockMeter,
  type MockMeterOptions,
  object,
  profileObject,
  registerObject,
} from "../../src/mock/index.js";
import type { MemoryLinkOptions } from "../../src/transport/index.js";
import { bench, clients } from "../client/mock.js";

const note = "0-0:96.1.9*255";
const links = ["hdlc", "wrapper"] as const;

/** Associates, runs `task`, releases. */
async function withMeter<T>(
  mock: MockMeterOptions,
  task: (meter: Awaited<ReturnType<Awaited<ReturnType<typeof bench>>["connect"]>>) => Promise<T>,
  link: MemoryLinkOptions = { link: "wrapper" },
  options: { readonly maxPduSize?: number; readonly hdlc?: object } = {},
): Promise<T> {
  const { clock, connect } = await bench(link, mock);
  const meter = await clock.run(connect({ ...clients.reader, ...options }));
  const result = await clock.run(task(meter));
  await clock.run(meter.close());
  return result;
}

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);

describe("sizes", () => {
  for (const link of links)
    it.each([127, 128, 255, 256, 32_767, 32_768, 65_000])(
      `an octet string of %i octets is read and written over ${link}, with and without blocks`,
      async (length) => {
        for (const maxPduSize of [1024, 65_535]) {
          const first: Data = octets(pattern(length));
          const holder = object(DataClass, note, { value: first }, { set: { value: true } });
          const written: Data = octets(pattern(length).reverse());
          const read = await withMeter(
            { objects: [holder], maxPduSize },
            async (meter) => {
              const before = await meter.data(note).value.get();
              await meter.data(note).value.set(written);
              return [before, await meter.data(note).value.get()];
            },
            { link },
          );
          expect(read).toEqual([first, written]);
        }
      },
    );
  it("HDLC frames above 255 octets carry a value whole", async () => {
    const parameters = { maxInfoTransmit: 2030, maxInfoReceive: 2030 };
    const holder = object(DataClass, note, { value: octets(pattern(1900)) });
    const read = await withMeter(
      { objects: [holder], maxPduSize: 2000, hdlc: { parameters } },
      (meter) => meter.data(note).value.get(),
      { link: "hdlc" },
      { hdlc: parameters },
    );
    expect(read).toEqual(octets(pattern(1900)));
  });
  it("a profile above 48 kB comes by blocks", async () => {
    const rows = await withMeter({ household: { days: 22, outages: [] }, maxPduSize: 500 }, async (meter) => {
      let count = 0;
      for await (const row of meter.profile("1-0:99.1.0*255").rows()) {
        expect(row.index).toBe(count);
        count++;
      }
      return count;
    });
    expect(rows * 28).toBeGreaterThan(48_000);
  });
});

describe("types", () => {
  const element = structure(u8(1), u16(2));
  const shape = { type: "structure", elements: [{ type: "unsigned" }, { type: "long-unsigned" }] } as const;
  const values: Record<string, Data> = {
    "bit-string": bits("1011001110"),
    float32: f32(0.5),
    float64: f64(-1e300),
    "utf8-string": utf8("Zähler – 1 µA"),
    array: array(element, element),
  };
  for (const [name, value] of Object.entries(values))
    it(`${name} goes there and back`, async () => {
      const holder = object(DataClass, note, { value });
      expect(await withMeter({ objects: [holder] }, (meter) => meter.data(note).value.get())).toEqual(value);
    });
  it("a compact array expands to its elements", async () => {
    const compact = compactArray(shape as never, [element, element, element]);
    const holder = object(DataClass, note, { value: compact });
    const read = await withMeter({ objects: [holder] }, (meter) => meter.data(note).value.get());
    expect(read.type === "compact-array" && expandCompactArray(read)).toEqual([element, element, element]);
  });
});

describe("profiles", () => {
  const clockName = logicalName("0.1.1.0.0.255");
  const energy = { classId: 3, logicalName: logicalName("1.0.1.8.0.255"), attributeId: 2 };
  const status = { classId: 1, logicalName: logicalName("0.0.96.10.1.255"), attributeId: 2 };
  const clockColumn = { classId: 8, logicalName: clockName, attributeId: 2 };
  const start = Date.UTC(2026, 0, 15, 10);
  const time = new MeterClock(() => start);
  const rowsOf = (cells: (index: number) => Data[]): CapturedRow[] =>
    Array.from({ length: 4 }, (_, i) => ({ time: start + i * 900_000, cells: cells(i) }));
  const read = (columns: (typeof clockColumn)[], rows: CapturedRow[]) => {
    const profile = profileObject({
      logicalName: logicalName("1.0.99.2.0.255"),
      columns,
      clockColumn: columns.indexOf(clockColumn),
      capturePeriodSeconds: 900,
      profileEntries: 100,
      rows: () => rows,
      instantOf: (value) => time.instantOf(value),
    });
    const objects = [profile, time.object(clockName), registerObject(energy.logicalName, 0, 30, () => u32(0))];
    return withMeter({ objects }, async (meter) => {
      const found: unknown[][] = [];
      for await (const row of meter.profile("1-0:99.2.0*255").rows())
        found.push([
          row.time?.getTime(),
          ...Object.values(row.values).map((value) => (value instanceof Quantity ? value.raw : value)),
        ]);
      return found;
    });
  };
  const at = (i: number) => octets(time.dateTime(start + i * 900_000));

  it("the clock is another than 0-0:1.0.0, and the last column", async () => {
    const rows = rowsOf((i) => [u32(100 + i), u8(i), at(i)]);
    expect(await read([energy, status, clockColumn], rows)).toEqual(
      [0, 1, 2, 3].map((i) => [start + i * 900_000, 100 + i, i]),
    );
  });
  it("a null in a column other than the clock shifts nothing", async () => {
    const rows = rowsOf((i) => [at(i), i === 2 ? nullData : u8(i), u32(100 + i)]);
    expect((await read([clockColumn, status, energy], rows)).map(([, ...cells]) => cells)).toEqual([
      [0, 100],
      [1, 101],
      [1, 102],
      [3, 103],
    ]);
  });
  it("null clocks count on from the row above by the capture period", async () => {
    const rows = rowsOf((i) => [i === 0 ? at(0) : nullData, u8(i), u32(100 + i)]);
    expect((await read([clockColumn, status, energy], rows)).map(([when]) => when)).toEqual(
      [0, 1, 2, 3].map((i) => start + i * 900_000),
    );
  });
  it("there is no clock at all", async () => {
    const rows = rowsOf((i) => [u8(i), u32(100 + i)]);
    expect(await read([status, energy], rows)).toEqual([0, 1, 2, 3].map((i) => [undefined, i, 100 + i]));
  });
  it("deltas are added up", async () => {
    const rows = rowsOf((i) => [at(i), u8(0), i === 0 ? u32(1000) : { type: "delta-unsigned", value: 5 }]);
    expect((await read([clockColumn, status, energy], rows)).map(([, , value]) => value)).toEqual([
      1000, 1005, 1010, 1015,
    ]);
  });
});

describe("lists", () => {
  it("a GET with list is answered in blocks", async () => {
    const values = await withMeter({ maxPduSize: 128 }, async (meter) => {
      const names = ["1-0:1.8.0*255", "1-0:2.8.0*255", "1-0:32.7.0*255", "1-0:14.7.0*255"] as const;
      return meter.readAll(names.flatMap((name) => [meter.register(name).value, meter.register(name).scalerUnit]));
    });
    expect(values).toHaveLength(8);
    for (const value of values) expect(value).toMatchObject({ ok: true });
  });
  it("a refused item leaves the others alone", async () => {
    const values = await withMeter({}, (meter) =>
      meter.readAll([meter.register("1-0:1.8.0*255").value, meter.register("1-0:99.99.0*255").value] as const),
    );
    expect(values[0]).toMatchObject({ ok: true });
    expect(values[1]).toMatchObject({ ok: false, error: { code: "access-refused" } });
  });
});

it("the mock meter speaks for itself: its objects are those of its tables", () => {
  const meter = new MockMeter();
  for (const listed of meter.device.visibleTo(1)) {
    expect(listed.attributes.get(1)?.static).toBe(true);
    for (const [, attribute] of listed.attributes) expect(attribute.name).toMatch(/^[a-z]/);
  }
});
