import { describe, expect, it } from "vitest";
import { array, type Data, decodeData, encodeData, i8, octets, structure, u16, u32 } from "../../src/data/index.js";
import {
  accessResult,
  type CapturedRow,
  LogicalDevice,
  logicalName,
  MockMeter,
  profileObject,
} from "../../src/mock/index.js";
import { VirtualClock } from "../../src/transport/index.js";

const clock = new VirtualClock({ wallTime: Date.UTC(2026, 10, 10, 12) });
const meter = new MockMeter({ clock });
const trusted = { clientSap: 2, protection: "none", now: clock.wallTime() } as const;
const stranger = { ...trusted, clientSap: 16 } as const;

const get = (
  classId: number,
  name: string,
  attributeId: number,
  context: typeof trusted | typeof stranger = trusted,
) => {
  const response = meter.device.handle(
    { service: "get", items: [{ attribute: { classId, instanceId: logicalName(name), attributeId } }] },
    context,
  );
  return response.service === "get" ? response.results[0] : undefined;
};
const value = (...given: Parameters<typeof get>): Data | undefined => {
  const result = get(...given);
  return result?.ok === true ? decodeData(result.data) : undefined;
};

const items = (data: Data | undefined): readonly Data[] =>
  data?.type === "array" || data?.type === "structure" ? data.value : [];

describe("rights", () => {
  it("a client that did not prove who it is reads no energy", () => {
    expect(get(3, "1.0.1.8.0.255", 2, stranger)).toEqual({ ok: false, result: accessResult.readWriteDenied });
    expect(value(3, "1.0.1.8.0.255", 2)).toMatchObject({ type: "double-long-unsigned" });
  });
  it("the object list shows each client what it may see", () => {
    const count = (context: typeof trusted | typeof stranger) => items(value(15, "0.0.40.0.0.255", 2, context)).length;
    expect(count(stranger)).toBe(6);
    expect(count(trusted)).toBeGreaterThan(15);
  });
  it.each([
    [3, "1.0.99.8.0.255", 2, accessResult.objectUndefined],
    [3, "0.0.1.0.0.255", 2, accessResult.objectClassInconsistent],
    [3, "1.0.1.8.0.255", 9, accessResult.objectUndefined],
  ])("class %i of %s, attribute %i: result %i", (classId, name, attributeId, result) => {
    expect(get(classId, name, attributeId)).toEqual({ ok: false, result });
  });
});

it("setting the clock moves the meter's time; a value of the wrong type does not", () => {
  const at = Date.UTC(2026, 5, 1, 10);
  const set = (data: Data) =>
    meter.device.handle(
      {
        service: "set",
        items: [
          {
            attribute: { classId: 8, instanceId: logicalName("0.0.1.0.0.255"), attributeId: 2 },
            value: encodeData(data),
          },
        ],
      },
      trusted,
    );
  expect(set(u16(5))).toEqual({ service: "set", results: [accessResult.typeUnmatched] });
  expect(set(octets(meter.clock.dateTime(at)))).toEqual({ service: "set", results: [accessResult.success] });
  expect(meter.clock.now()).toBe(at);
});

describe("the disconnector", () => {
  const invoke = (methodId: number) =>
    meter.device.handle(
      {
        service: "action",
        items: [
          {
            method: { classId: 70, instanceId: logicalName("0.0.96.3.10.255"), methodId },
            parameter: encodeData(i8(0)),
          },
        ],
      },
      trusted,
    );
  it("opens and closes", () => {
    expect(invoke(1)).toEqual({ service: "action", results: [{ result: 0 }] });
    expect(value(70, "0.0.96.3.10.255", 2)).toEqual({ type: "boolean", value: false });
    invoke(2);
    expect(value(70, "0.0.96.3.10.255", 3)).toEqual({ type: "enum", value: 1 });
  });
  it("has no third method", () => {
    expect(invoke(3)).toEqual({ service: "action", results: [{ result: accessResult.objectUndefined }] });
  });
});

describe("profile", () => {
  const name = logicalName("1.0.99.1.0.255");
  const clockColumn = { classId: 8, logicalName: logicalName("0.0.1.0.0.255"), attributeId: 2 };
  const hour = 3_600_000;
  const start = Date.UTC(2026, 9, 25);
  const rows: CapturedRow[] = Array.from({ length: 6 }, (_, i) => ({
    time: start + i * hour,
    cells: [octets(meter.clock.dateTime(start + i * hour)), u32(i < 3 ? 7 : 8)],
  }));
  const device = (options = {}) =>
    new LogicalDevice([
      profileObject({
        logicalName: name,
        columns: [clockColumn, { classId: 3, logicalName: logicalName("1.0.1.8.0.255"), attributeId: 2 }],
        clockColumn: 0,
        capturePeriodSeconds: 3600,
        profileEntries: 100,
        rows: () => rows,
        instantOf: (data) => meter.clock.instantOf(data),
        ...options,
      }),
    ]);
  const read = (selector: number | undefined, parameters: Data, options = {}) => {
    const access = selector === undefined ? {} : { access: { selector, parameters: encodeData(parameters) } };
    const attribute = { classId: 7, instanceId: name, attributeId: 2 };
    const response = device(options).handle({ service: "get", items: [{ attribute, ...access }] }, trusted);
    const [result] = response.service === "get" ? response.results : [];
    if (result?.ok !== true) return result?.result;
    return items(decodeData(result.data)).map(items);
  };
  const restricting = structure(u16(8), octets(clockColumn.logicalName), i8(2), u16(0));
  const bound = (hours: number, deviation = true) => {
    const at = meter.clock.dateTime(start + hours * hour);
    if (!deviation) at.set([0x80, 0], 9);
    return octets(at);
  };

  it("by range, both bounds included, over the end of daylight saving", () => {
    const found = read(1, structure(restricting, bound(0), bound(2), array())) as Data[][];
    expect(found).toHaveLength(3);
    // 02:00 summer time and 02:00 winter time are different rows.
    expect(found.map(([time]) => (time as { value: Uint8Array }).value[5])).toEqual([2, 2, 3]);
  });
  it("by entry, counted from 1, 0 is the last", () => {
    expect(read(2, structure(u32(2), u32(3), u16(1), u16(0)))).toHaveLength(2);
    expect(read(2, structure(u32(5), u32(0), u16(2), u16(2)))).toEqual([[u32(8)], [u32(8)]]);
  });
  it("by columns", () => {
    const energy = structure(u16(3), octets(logicalName("1.0.1.8.0.255")), i8(2), u16(0));
    expect(read(1, structure(restricting, bound(0), bound(0), array(energy)))).toEqual([[u32(7)]]);
  });
  it("repeats are sent as null-data when the meter compresses", () => {
    const found = read(undefined, u16(0), { nullCompression: true }) as Data[][];
    expect(found.map(([, energy]) => energy?.type)).toEqual([
      "double-long-unsigned",
      "null-data",
      "null-data",
      "double-long-unsigned",
      "null-data",
      "null-data",
    ]);
  });
  it("refuses a restricting object that is not its clock", () => {
    const other = structure(u16(8), octets(logicalName("0.1.1.0.0.255")), i8(2), u16(0));
    expect(read(1, structure(other, bound(0), bound(1), array()))).toBe(accessResult.scopeOfAccessViolated);
  });
  it("plays meters that take one form of bounds alone", () => {
    const range = (deviation: boolean) => structure(restricting, bound(0, deviation), bound(1, deviation), array());
    expect(read(1, range(true), { rangeForm: "without-deviation" })).toBe(accessResult.scopeOfAccessViolated);
    expect(read(1, range(false), { rangeForm: "with-deviation" })).toBe(accessResult.scopeOfAccessViolated);
    expect(read(1, range(true), { rangeForm: "with-deviation" })).toHaveLength(2);
  });
  it("refuses selectors that it does not offer", () => {
    expect(read(2, structure(u32(1), u32(0), u16(1), u16(0)), { selectors: [] })).toBe(
      accessResult.scopeOfAccessViolated,
    );
  });
});
