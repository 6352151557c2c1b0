import { describe, expect, it } from "vitest";

import type { Meter } from "../../src/client/index.js";
import { AssociationLnV1, DataClass, Obis } from "../../src/cosem/index.js";
import { u8, u32 } from "../../src/data/index.js";
import { type MockClient, type MockMeter, mockConformance, mockCredentials, object } from "../../src/mock/index.js";
import { clients } from "./mock.js";
import { notepad, noticesOf, pad, withMeter } from "./with-meter.js";

const names = Array.from({ length: 200 }, (_, i) => Obis.fromOctets(Uint8Array.of(1, 0, 128, i & 255, 0, 255)));
const objects = () => [notepad(), ...names.map((obis, i) => object(DataClass, obis, { value: u32(i * 1000) }))];
const readAll = (meter: Meter) => meter.readAll(names.map((obis) => meter.data(obis).value));
const expected = names.map((_, i) => ({ ok: true, value: u32(i * 1000) }));
const withoutServices = (...bits: string[]) => new Set([...mockConformance].filter((bit) => !bits.includes(bit)));
const reader = (...bits: string[]): MockClient[] => [
  {
    clientSap: 2,
    authentication: { mechanism: "low", password: mockCredentials.password },
    conformance: withoutServices(...bits),
  },
];

/** APDUs sent and received. */
const exchanged = async (meter: Meter) => {
  const { apdusSent, apdusReceived } = meter.statistics;
  const results = await readAll(meter);
  expect(results).toEqual(expected);
  return [meter.statistics.apdusSent - apdusSent, meter.statistics.apdusReceived - apdusReceived];
};

/** Octets of GET-request-with-list of so many attributes, and of its answer with u32 values. */
const request = (count: number) => 3 + (count < 128 ? 1 : 2) + 10 * count;
const most = (limit: number) => {
  let count = 0;
  while (request(count + 1) <= limit) count++;
  return count;
};

describe("200 attributes take the fewest round trips that the limits allow", () => {
  it(
    "one, where the PDU holds them all",
    withMeter(
      async ({ meter }) => expect(await exchanged(meter)).toEqual([1, 1]),
      { link: "wrapper" },
      clients.reader,
      { objects: objects(), maxPduSize: 65_535 },
    ),
  );

  it.each([256, 512, 1024])("as many requests as %i octets hold attributes, and no answer in blocks", (maxPduSize) =>
    withMeter(
      async ({ meter }) => {
        const requests = Math.ceil(200 / most(maxPduSize));
        expect(await exchanged(meter)).toEqual([requests, requests]);
      },
      { link: "wrapper" },
      clients.reader,
      { objects: objects(), maxPduSize, clients: reader("general-block-transfer", "access") },
    )(),
  );

  it(
    "one each, where the meter takes no lists",
    withMeter(
      async ({ meter }) => expect(await exchanged(meter)).toEqual([200, 200]),
      { link: "wrapper" },
      clients.reader,
      { objects: objects(), clients: reader("multiple-references", "access") },
    ),
  );
});

describe("a list that the meter refuses", () => {
  /** A meter that takes lists of so many attributes, and says scope-of-access-violated to longer ones. */
  const limit = ({ device }: MockMeter, longest: number) => {
    const handle = device.handle.bind(device);
    device.handle = (asked, context) =>
      asked.service === "get" && asked.items.length > longest
        ? { service: "get", results: asked.items.map(() => ({ ok: false, result: 13 })) }
        : handle(asked, context);
  };

  it.each([
    [100, 3],
    [60, 7],
    [1, 399],
  ])("for more than %i attributes is split, and every value comes, in %i requests", (longest, requests) =>
    withMeter(
      async ({ meter, mock, trace }) => {
        limit(mock, longest);
        const [sent] = await exchanged(meter);
        expect(sent).toBe(requests);
        expect(noticesOf(trace)).toContain("list-split");
      },
      { link: "wrapper" },
      clients.reader,
      { objects: objects(), maxPduSize: 65_535 },
    )(),
  );

  it(
    "even by itself has its refusal as its result, the others their values",
    withMeter(
      async ({ meter, mock }) => {
        const { device } = mock;
        const handle = device.handle.bind(device);
        const refused = names[17]?.octets.join();
        device.handle = (asked, context) =>
          asked.service === "get" && asked.items.some(({ attribute }) => attribute.instanceId.join() === refused)
            ? { service: "get", results: asked.items.map(() => ({ ok: false, result: 13 })) }
            : handle(asked, context);
        const results = await readAll(meter);
        expect(results.filter(({ ok }) => !ok)).toHaveLength(1);
        expect(results[17]).toMatchObject({ ok: false, error: { details: { reason: "scope-of-access-violated" } } });
      },
      { link: "wrapper" },
      clients.reader,
      { objects: objects(), maxPduSize: 65_535 },
    ),
  );
});

describe("writes of an ACCESS", () => {
  it.each([
    ["in one ACCESS", undefined],
    ["one by one", reader("access")],
  ])("take values of the attribute's type, or any Data, %s", (_, given) =>
    withMeter(
      async ({ meter }) => {
        const text = meter.data(pad).value;
        const results = await meter.access([
          { set: text, value: u8(5) },
          { get: text },
          { set: text, data: u8(6) },
          { get: text },
          { set: meter.clock("0-0:1.0.0").timeZone, value: 60 },
        ]);
        expect(results.slice(0, 4)).toEqual([
          { ok: true, value: undefined },
          { ok: true, value: u8(5) },
          { ok: true, value: undefined },
          { ok: true, value: u8(6) },
        ]);
        expect(results[4]).toMatchObject({ ok: false, error: { code: "access-refused" } });
      },
      { link: "wrapper" },
      clients.reader,
      given === undefined ? {} : { clients: given },
    )(),
  );

  it(
    "are refused before anything is sent when the value does not fit, or is measured",
    withMeter(
      async ({ meter, requests }) => {
        const zone = meter.clock("0-0:1.0.0").timeZone;
        await expect(meter.access([{ set: zone, value: 40_000 }])).rejects.toMatchObject({
          code: "value-does-not-fit",
        });
        const measured = { set: meter.register("1-0:1.8.0").value, value: 1 } as never;
        await expect(meter.access([measured])).rejects.toMatchObject({ code: "invalid-argument" });
        expect(requests).toEqual([]);
      },
      { link: "wrapper" },
    ),
  );

  it(
    "stand beside reads of a part of an attribute",
    withMeter(
      async ({ meter }) => {
        const list = meter.object(AssociationLnV1, "0-0:40.0.0").objectList;
        // class_list: clocks alone
        const selection = { selector: 2, parameters: Uint8Array.of(1, 1, 0x12, 0, 8) };
        const [part] = await meter.access([{ get: list, selection }]);
        expect(part.ok && part.value.map(({ classId }) => classId)).toEqual([8]);
        const [data] = await meter.readAll([meter.data(pad).value]);
        expect(data.ok).toBe(true);
      },
      { link: "wrapper" },
    ),
  );
});

describe("part of the object list", () => {
  const classes = async (meter: Meter) =>
    [...(await meter.objectsOf({ classes: [3, 8] }))].map(({ classId }) => classId);

  it(
    "by classes and by names, over less octets than the whole",
    withMeter(
      async ({ meter }) => {
        const before = meter.statistics.bytesReceived;
        expect(new Set(await classes(meter))).toEqual(new Set([3, 8]));
        const part = meter.statistics.bytesReceived - before;
        const objects = [
          { classId: 8, obis: "0-0:1.0.0" },
          { classId: 3, obis: "0-0:99.99.99" },
        ] as const;
        const found = [...(await meter.objectsOf({ objects }))];
        expect(found.map(({ obis }) => String(obis))).toEqual(["0-0:1.0.0*255"]);
        expect(found[0]?.attributes?.size).toBeGreaterThan(3);
        const middle = meter.statistics.bytesReceived;
        await meter.objects();
        expect(meter.statistics.bytesReceived - middle).toBeGreaterThan(2 * part);
        const after = meter.statistics.requests;
        expect(new Set(await classes(meter))).toEqual(new Set([3, 8]));
        expect(meter.statistics.requests).toBe(after);
      },
      { link: "wrapper" },
    ),
  );

  it.each([
    ["does not grant selective access", reader("selective-access"), {}],
    ["addresses by short names", undefined, { referencing: "short-name" }],
  ] as const)("is taken from the whole where the meter %s", (_, given, sn) =>
    withMeter(
      async ({ meter }) => expect(new Set(await classes(meter))).toEqual(new Set([3, 8])),
      { link: "wrapper" },
      { ...clients.reader, ...sn },
      { ...(given && { clients: given }), ...sn },
    )(),
  );

  it(
    "is taken from the whole where the meter refuses the selector, and that is told",
    withMeter(
      async ({ meter, mock, trace }) => {
        const { device } = mock;
        const handle = device.handle.bind(device);
        device.handle = (asked, context) =>
          asked.service === "get" && asked.items.some(({ access }) => access !== undefined)
            ? { service: "get", results: asked.items.map(() => ({ ok: false, result: 250 })) }
            : handle(asked, context);
        expect(new Set(await classes(meter))).toEqual(new Set([3, 8]));
        expect(noticesOf(trace)).toContain("object-selection-refused");
      },
      { link: "wrapper" },
    ),
  );
});

describe("attribute 0", () => {
  it(
    "gives all attributes at once where the meter grants it, and null for what may not be read",
    withMeter(
      async ({ meter }) => {
        const all = await meter.raw(15, "0-0:40.0.0").get(0);
        if (all.type !== "structure") throw new Error(all.type);
        expect(all.value[0]).toEqual(await meter.raw(15, "0-0:40.0.0").get(1));
        expect(all.value[6]).toEqual({ type: "null-data" });
        expect(all.value).toHaveLength(9);
      },
      { link: "wrapper" },
      clients.reader,
    ),
  );

  it(
    "is refused before it is asked for where the meter does not grant it",
    withMeter(
      async ({ meter, requests }) => {
        await expect(meter.raw(8, "0-0:1.0.0").get(0)).rejects.toMatchObject({
          code: "not-supported",
          details: { reason: "attribute0-supported-with-get" },
        });
        expect(requests).toEqual([]);
      },
      { link: "wrapper" },
      clients.reader,
      { clients: reader("attribute0-supported-with-get") },
    ),
  );
});
