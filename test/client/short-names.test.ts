import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { type ConnectOptions, connect, type Meter } from "../../src/client/index.js";
import { DisconnectControlV0, defineClass, fixed, method, uint8 } from "../../src/cosem/index.js";
import { array, octets, structure, u8, u16 } from "../../src/data/index.js";
import { NotSupportedError } from "../../src/index.js";
import { MockMeter, type MockMeterOptions, object } from "../../src/mock/index.js";
import { type MemoryLinkOptions, VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";

const household = { days: 3, seed: 7 };
const sn = { referencing: "short-name" } as const;
const energy = "1-0:1.8.0*255";
const profile = "1-0:99.1.0*255";
type Made = (link: MemoryLinkOptions, mock: MockMeterOptions) => Promise<(options?: ConnectOptions) => Promise<Meter>>;

/** A test on a virtual clock of its own; `made` gives mock meters. */
const timed = (body: (made: Made) => Promise<void>) => async () => {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const made: Made = async (link, mock) => {
    const { endpoint } = await new MockMeter({ clock, household, ...mock }).memory(link);
    return (options = {}) => connect(endpoint, options);
  };
  await clock.run(body(made));
};

/** Two meters with the same household, one by each way of referencing. */
const both = async (made: Made, options: ConnectOptions, link: MemoryLinkOptions) => ({
  ln: await (await made(link, {}))(options),
  sn: await (await made(link, sn))({ ...options, ...sn }),
});

describe.each([
  ["low level security over the wrapper", clients.reader, { link: "wrapper" as const }],
  ["low level security over HDLC", clients.reader, {}],
  ["HLS-GMAC with ciphering", clients.management, { link: "wrapper" as const }],
])("the same handles by logical and by short names: %s", (_, options, link) => {
  it(
    "attributes, lists, the object list and its rights",
    timed(async (made) => {
      const meters = await both(made, options, link);
      const ask = async (meter: Meter) => [
        String(await meter.register(energy).value.get()),
        String(await meter.data("0-0:42.0.0*255").value.get()),
        (await meter.readAll([meter.register(energy).value, meter.clock("0-0:1.0.0*255").timeZone])).map(
          ({ ok }) => ok,
        ),
        [...(await meter.objects())]
          .filter(({ classId }) => classId !== 15 && classId !== 12)
          .map(({ classId, version, obis, attributes, methods }) => ({
            named: `${classId} ${version} ${obis}`,
            attributes,
            methods,
          })),
      ];
      expect(await ask(meters.sn)).toEqual(await ask(meters.ln));
      expect(meters.sn.negotiated.applicationContext.referencing).toBe("short-name");
      expect((await meters.sn.objects()).find("0-0:40.0.0*255")).toMatchObject({ classId: 12, baseName: 0xfa00 });
      await meters.sn.close();
      await meters.ln.close();
    }),
  );

  it(
    "rows of a profile: all, by range, the last ones",
    timed(async (made) => {
      const meters = await both(made, options, link);
      const rows = async (meter: Meter, which: object) => {
        const found: unknown[] = [];
        for await (const { time, values } of meter.profile(profile).rows(which))
          found.push([time?.getTime(), Object.values(values).map(String)]);
        return found;
      };
      const day = { from: new Date(Date.UTC(2026, 0, 14)), to: new Date(Date.UTC(2026, 0, 14, 6)) };
      for (const which of [{}, day, { last: 5 }]) {
        const expected = await rows(meters.ln, which);
        expect(expected.length).toBeGreaterThan(4);
        expect(await rows(meters.sn, which)).toEqual(expected);
      }
      await meters.sn.close();
    }),
  );

  it(
    "writes an attribute, and invokes methods by Write",
    timed(async (made) => {
      const meters = await both(made, options, link);
      for (const meter of [meters.sn, meters.ln]) {
        const { time } = meter.clock("0-0:1.0.0*255");
        await time.setData(octets(fromHex("07EA020301080000FF800000")));
        expect(toHex(((await time.getData()) as { value: Uint8Array }).value)).toMatch(/^07EA0203/);
        const output = meter.disconnectControl("0-0:96.3.10*255");
        await output.remoteDisconnect();
        expect(await output.outputState.get()).toBe(false);
        await output.remoteReconnect();
        expect(await output.outputState.get()).toBe(true);
      }
      await meters.sn.close();
    }),
  );
});

describe("short names: what is not there says so", () => {
  const open = async (made: Made, more: MockMeterOptions = {}) =>
    (await made({ link: "wrapper" }, { ...sn, ...more }))({ ...clients.reader, ...sn });

  it(
    "an object that is not in the list: NotSupportedError, and nothing is sent",
    timed(async (made) => {
      const meter = await open(made);
      const sent = meter.statistics.bytesSent;
      for (const wrong of [meter.register("1-0:99.99.99*255").value.get(), meter.raw(1, "0-0:250.0.0").set(2, u8(1))]) {
        const error = await wrong.catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(NotSupportedError);
        expect(String(error)).toMatch(/has no short name: it is not in the meter's object list/);
      }
      expect(meter.statistics.bytesSent).toBe(sent);
    }),
  );

  it(
    "an object of another class: the sentence names the class that it has",
    timed(async (made) => {
      const meter = await open(made);
      await expect(meter.data(energy).value.get()).rejects.toThrow(
        /no short name as class 1: the meter lists it as class 3/,
      );
    }),
  );

  it(
    "all attributes at once (attribute 0) and a method of an unknown version have no short name",
    timed(async (made) => {
      const Odd = defineClass({
        id: 3,
        version: 9,
        name: "odd",
        attributes: { value: fixed(2, uint8) },
        methods: { go: method(1, uint8) },
      });
      const meter = await open(made, {
        objects: [object(Odd, "1-0:77.0.0*255", { value: 1 }, { methods: { go: () => undefined } })],
      });
      await expect(meter.raw(3, energy).get(0)).rejects.toBeInstanceOf(NotSupportedError);
      await expect(meter.raw(3, "1-0:77.0.0").invoke(1)).rejects.toThrow(
        /no short name that is known for class 3 version 9/,
      );
      expect(await meter.object(Odd, "1-0:77.0.0").value.get()).toBe(1);
    }),
  );

  it(
    "readAll: a result per item, the missing one with its own error",
    timed(async (made) => {
      const meter = await open(made);
      const results = await meter.readAll([
        meter.register("1-0:99.99.99*255").value,
        meter.register(energy).value,
        meter.data(energy).value,
      ]);
      expect(results.map(({ ok }) => ok)).toEqual([false, true, false]);
      expect(results[0]).toMatchObject({ error: { code: "not-supported", details: { reason: "no-short-name" } } });
    }),
  );

  it(
    "what the client may not do is refused by the meter, item by item",
    timed(async (made) => {
      const meter = await open(made);
      await expect(meter.raw(3, energy).set(2, u8(1))).rejects.toMatchObject({ code: "access-refused" });
    }),
  );

  it(
    "a meter by short names refuses a client by logical names, and the other way round",
    timed(async (made) => {
      const bySn = await made({ link: "wrapper" }, { ...sn });
      await expect(bySn(clients.reader)).rejects.toMatchObject({ code: "association-rejected" });
      const byLn = await made({ link: "wrapper" }, {});
      await expect(byLn({ ...clients.reader, ...sn })).rejects.toMatchObject({ code: "association-rejected" });
    }),
  );

  it(
    "referencing that is neither is refused before anything opens",
    timed(async (made) => {
      const open = await made({}, {});
      await expect(open({ referencing: "sn" as "short-name" })).rejects.toMatchObject({ code: "invalid-argument" });
    }),
  );
});

it(
  "a manufacturer's own class gives the offset of its methods",
  timed(async (made) => {
    let heard = 0;
    const Own = defineClass({
      id: 9000,
      version: 2,
      name: "own",
      attributes: { level: fixed(2, uint8) },
      methods: { raise: method(1, uint8) },
      methodOffset: 0x30,
    });
    const own = object(
      Own,
      "0-1:128.0.0*255",
      { level: 5 },
      {
        methods: {
          raise: (by) => {
            heard += by;
          },
        },
      },
    );
    const open = await made({ link: "wrapper" }, { ...sn, objects: [own] });
    const meter = await open({ ...clients.reader, ...sn });
    const handle = meter.object(Own, "0-1:128.0.0");
    expect(await handle.level.get()).toBe(5);
    await handle.raise(4);
    expect(heard).toBe(4);
  }),
);

it(
  "an older version in the meter keeps its own offsets, whatever version the handle has",
  timed(async (made) => {
    const output = object(
      DisconnectControlV0,
      "0-0:96.3.77*255",
      { outputState: true },
      { methods: { remoteDisconnect: () => undefined } },
    );
    const open = await made({ link: "wrapper" }, { ...sn, objects: [output] });
    const meter = await open({ ...clients.reader, ...sn });
    await meter.disconnectControl("0-0:96.3.77").remoteDisconnect();
  }),
);

it(
  "one client by short names beside others by logical names; a write in blocks",
  timed(async (made) => {
    const text = object(
      defineClass({ id: 1, version: 0, name: "text", attributes: { value: fixed(2, uint8) } }),
      "0-0:96.1.9*255",
      { value: 1 },
    );
    const open = await made(
      { link: "wrapper" },
      {
        maxPduSize: 64,
        objects: [text],
        clients: [
          { clientSap: 3, authentication: { mechanism: "none" }, ...sn },
          { clientSap: 16, authentication: { mechanism: "none" } },
        ],
      },
    );
    const bySn = await open({ client: 3, ...sn });
    const byLn = await open({ client: 16 });
    expect(await bySn.data("0-0:42.0.0").value.get()).toEqual(await byLn.data("0-0:42.0.0").value.get());
    expect([...(await byLn.objects())].some(({ classId }) => classId === 12)).toBe(false);
    expect([...(await bySn.objects())].some(({ classId }) => classId === 15)).toBe(false);
    // Longer than an APDU: it comes whole, and is refused for its rights alone.
    const long = array(...Array.from({ length: 40 }, (_, i) => structure(u16(i), octets(fromHex("0000010000FF")))));
    await expect(bySn.raw(1, "0-0:42.0.0").set(2, long)).rejects.toMatchObject({ code: "access-refused" });
  }),
);
