import { describe, expect, it } from "vitest";
import { attribute, defineClass, octetString, uint32 } from "../../src/cosem/index.js";
import { u8, u32 } from "../../src/data/index.js";
import { logicalName } from "../../src/mock/index.js";
import { bench, clients } from "./mock.js";

describe("handles", () => {
  it("do no I/O, keep nothing and are not thenable until one of their methods is called", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const before = meter.statistics.bytesSent;
    const register = meter.register("1-0:1.8.0*255");
    const { value } = register;
    for (const handle of [meter, register, value, meter.raw(3, "1-0:1.8.0")]) expect("then" in handle).toBe(false);
    expect(await register).toBe(register);
    expect(await value).toBe(value);
    expect(Object.keys(register)).toEqual([]);
    await clock.advance(10_000);
    expect(meter.statistics.bytesSent).toBe(before);
  });

  it("read scaler and unit once for each object, and give the exact decimal", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const volts = meter.register("1-0:32.7.0*255").value;
    const first = await clock.run(volts.get());
    expect(first.scaler).toBe(-1);
    expect(first.toString()).toMatch(/^2\d\d\.\d V$/);
    const { requests } = meter.statistics;
    await clock.run(meter.register("1-0:32.7.0*255").value.get());
    expect(meter.statistics.requests).toBe(requests + 1);
    expect(await clock.run(volts.getRaw())).toBeTypeOf("number");
    expect(await clock.run(volts.getData())).toMatchObject({ type: "long-unsigned" });
  });

  it("invoke methods and show what they did", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const relay = meter.disconnectControl("0-0:96.3.10*255");
    expect(await clock.run(relay.outputState.get())).toBe(true);
    await clock.run(relay.remoteDisconnect());
    expect(await clock.run(relay.outputState.get())).toBe(false);
    await clock.run(relay.remoteReconnect());
    expect(await clock.run(relay.outputState.get())).toBe(true);
  });

  it("of a user's own class are typed and work like any other", async () => {
    let kept = 7;
    const name = logicalName("0.0.128.1.0.255");
    const own = defineClass(() => ({
      id: 9000,
      version: 0,
      name: "ownClass",
      attributes: { serial: attribute(2, octetString()), level: attribute(3, uint32) },
    }));
    const object = {
      classId: 9000,
      version: 0,
      logicalName: name,
      attributes: new Map([
        [2, { get: () => ({ type: "octet-string", value: Uint8Array.of(1, 2, 3) }) as const }],
        [
          3,
          {
            get: () => u32(kept),
            set: (value: { readonly type: string }) => {
              kept = (value as unknown as { value: number }).value;
            },
          },
        ],
      ]),
      methods: new Map(),
    };
    const { clock, connect } = await bench({}, { objects: [object] });
    const meter = await clock.run(connect(clients.management));
    const handle = meter.object(own, "0-0:128.1.0*255");
    expect(await clock.run(handle.serial.get())).toEqual(Uint8Array.of(1, 2, 3));
    await clock.run(handle.level.set(99));
    expect(await clock.run(handle.level.get())).toBe(99);
  });

  it("of an unknown class are read by number", async () => {
    const object = {
      classId: 9001,
      version: 3,
      logicalName: logicalName("0.0.128.2.0.255"),
      attributes: new Map([[5, { get: () => u8(42) }]]),
      methods: new Map([[1, () => u8(43)]]),
    };
    const { clock, connect } = await bench({}, { objects: [object] });
    const meter = await clock.run(connect(clients.reader));
    const raw = meter.raw(9001, "0-0:128.2.0*255");
    expect(await clock.run(raw.get(5))).toEqual(u8(42));
    expect(await clock.run(raw.invoke(1, u8(0)))).toEqual(u8(43));
  });

  it("name the object and what to do when the meter refuses", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect());
    const refused = clock.run(meter.register("1-0:1.8.0*255").value.getRaw());
    await expect(refused).rejects.toMatchObject({
      code: "access-refused",
      message: expect.stringContaining("1-0:1.8.0*255"),
      advice: expect.stringMatching(/\w{5}/),
    });
    await expect(clock.run(meter.register("1-0:99.99.99*255").value.getRaw())).rejects.toMatchObject({
      details: { reason: "object-undefined" },
    });
  });

  it("refuse a bad OBIS code and a value that does not fit before anything is sent", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const { bytesSent } = meter.statistics;
    expect(() => meter.register("1-0:1.8.999*255")).toThrow(expect.objectContaining({ code: "invalid-obis" }));
    const shift = meter.clock("0-0:1.0.0*255").timeZone.set(99_999);
    await expect(shift).rejects.toMatchObject({ code: "value-does-not-fit" });
    expect(meter.statistics.bytesSent).toBe(bytesSent);
  });
});

describe("the object list", () => {
  it("tells objects and rights, and is read once", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.management));
    const objects = await clock.run(meter.objects());
    const register = objects.find("1-0:1.8.0*255");
    expect(register?.classId).toBe(3);
    expect(register?.attributes?.get(2)).toMatchObject({ read: true, write: false });
    const { requests } = meter.statistics;
    expect(await clock.run(meter.objects())).toBe(objects);
    expect(meter.statistics.requests).toBe(requests);
  });

  it("is asked for again after it failed", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const signal = AbortSignal.abort();
    await expect(clock.run(meter.objects({ signal }))).rejects.toMatchObject({ code: "aborted" });
    expect((await clock.run(meter.objects())).length).toBeGreaterThan(10);
  });
});
