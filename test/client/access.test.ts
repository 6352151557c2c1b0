import { afterEach, describe, expect, it } from "vitest";
import { connect, type Meter } from "../../src/client/index.js";
import { DataClass } from "../../src/cosem/index.js";
import { encodeData, u8, u16 } from "../../src/data/index.js";
import {
  LogicalDevice,
  type MockClient,
  MockMeter,
  mockConformance,
  mockCredentials,
  object,
} from "../../src/mock/index.js";

const place = "0-0:96.99.1*255";
const relay = "0-0:96.3.10*255";
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const { password, encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const low = { clientSap: 2, authentication: { mechanism: "low" as const, password } };
const without = (...bits: string[]) => new Set([...mockConformance].filter((bit) => !bits.includes(bit)));

async function meterOf(client: MockClient, security = {}): Promise<Meter> {
  const stored = object(DataClass, place, { value: u16(1) }, { set: { value: true } });
  const mock = new MockMeter({
    clients: [client, { clientSap: 16, authentication: { mechanism: "none" } }],
    objects: [stored],
    household: { days: 1 },
  });
  open.push(mock);
  const { mechanism } = client.authentication;
  const meter = await connect(await mock.endpoint({ link: "wrapper" }), {
    client: client.clientSap,
    authentication: mechanism === "low" ? { mechanism, password } : { mechanism: "hls-gmac" },
    ...security,
  });
  open.push(meter);
  return meter;
}

/** A write, a read that sees it, a method, something refused, and a scaled value. */
async function mixture(meter: Meter) {
  const value = meter.object(DataClass, place).value;
  return await meter.access([
    { get: value },
    { set: value, value: u16(7) },
    { get: value },
    { invoke: { classId: 70, obis: relay, methodId: 1 }, parameter: { type: "integer", value: 0 } },
    { set: value, value: u8(7) },
    { get: meter.register("1-0:1.8.0*255").value },
  ]);
}
const expected = [
  { ok: true, value: u16(1) },
  { ok: true, value: undefined },
  { ok: true, value: u16(7) },
  { ok: true, value: undefined },
  { ok: false, error: { code: "access-refused", details: { reason: "type-unmatched" } } },
  { ok: true, value: { unit: expect.anything() } },
];

describe("meter.access", () => {
  it("takes one round trip where the meter grants ACCESS", async () => {
    const meter = await meterOf(low);
    const before = meter.statistics.requests;
    expect(await mixture(meter)).toMatchObject(expected);
    expect(meter.statistics.requests - before).toBe(1);
  });
  it("gives the same by single services where it does not", async () => {
    const meter = await meterOf({ ...low, conformance: without("access") });
    const before = meter.statistics.requests;
    expect(await mixture(meter)).toMatchObject(expected);
    expect(meter.statistics.requests - before).toBe(6);
  });
  it("is ciphered", async () => {
    const security = {
      suite: 0 as const,
      protection: "authenticated-encrypted" as const,
      encryptionKey,
      authenticationKey,
    };
    const client = { clientSap: 1, authentication: { mechanism: "hls-gmac" as const } };
    const meter = await meterOf(
      { ...client, security: { ...security, systemTitle } },
      { security: { ...security, systemTitle: new TextEncoder().encode("CLIENT01"), counter: 1000 } },
    );
    expect(await mixture(meter)).toMatchObject(expected);
  });
  it("writes and invokes in lists where the meter grants lists alone, with a result for each", async () => {
    const meter = await meterOf({ ...low, conformance: without("access") });
    const before = meter.statistics.apdusSent;
    const note = meter.object(DataClass, place).value;
    const image = { classId: 18, obis: "0-0:44.0.0*255", methodId: 99 } as const;
    const results = await meter.access([
      { set: note, data: u16(3) },
      { set: meter.object(DataClass, "0-0:99.99.1*255").value, data: u16(3) },
      { set: note, data: u16(4) },
      { invoke: image },
      { invoke: { ...image, methodId: 98 } },
      { get: note },
    ]);
    expect(results).toMatchObject([
      { ok: true },
      { ok: false, error: { code: "access-refused" } },
      { ok: true },
      { ok: false, error: { code: "access-refused" } },
      { ok: false, error: { code: "access-refused" } },
      { ok: true, value: u16(4) },
    ]);
    // SET with list, ACTION with list, GET.
    expect(meter.statistics.apdusSent - before).toBe(3);
  });
  it("does nothing for nothing", async () => {
    expect(await (await meterOf(low)).access([])).toEqual([]);
  });
  it("refuses what is no attribute of this meter before anything is sent", async () => {
    const [meter, other] = [await meterOf(low), await meterOf(low)];
    const strange = meter.access([{ get: other.object(DataClass, place).value }]);
    await expect(strange).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

it("readAll goes by ACCESS where the meter knows no lists", async () => {
  const meter = await meterOf({ ...low, conformance: without("multiple-references") });
  const before = meter.statistics.apdusSent;
  const registers = ["1-0:1.8.0*255", "1-0:2.8.0*255", "1-0:99.99.0*255"] as const;
  const results = await meter.readAll(registers.map((obis) => meter.register(obis).value));
  expect(results.map(({ ok }) => ok)).toEqual([true, true, false]);
  expect(meter.statistics.apdusSent - before).toBe(1);
});

it.each([
  [true, [12, 250], u16(1)],
  [false, [12, 0], u16(7)],
])("the mock meter stops at the first failing item where that is asked: %s", (breakOnError, codes, left) => {
  const stored = object(DataClass, place, { value: u16(1) }, { set: { value: true } });
  const device = new LogicalDevice([stored]);
  const attribute = { classId: 1, instanceId: stored.logicalName, attributeId: 2 };
  const context = { clientSap: 2, protection: "none" as const, now: 0 };
  const items = [u8(7), u16(7)].map((value) => ({ kind: "set" as const, attribute, value: encodeData(value) }));
  const response = device.handle({ service: "access", items, breakOnError }, context);
  expect(response.results).toEqual(codes.map((result) => ({ kind: "set", result })));
  const read = device.handle({ service: "get", items: [{ attribute }] }, context);
  expect(read.results).toEqual([{ ok: true, data: encodeData(left) }]);
});
