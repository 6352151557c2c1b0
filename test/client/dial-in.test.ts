import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { dialIn, type MeterEntry } from "../../src/client/dial-in/index.js";
import type { Meter } from "../../src/client/index.js";
import { text, u32 } from "../../src/data/index.js";
import { mockCredentials } from "../../src/mock/index.js";
import { memoryLink } from "../../src/transport/index.js";
import { dialInBench, house, told } from "./dial-in-helpers.js";
import { clients } from "./mock.js";

const { logicalDeviceName: _, ...byTitle } = house;
const { systemTitle: __, ...byName } = house;

describe("a meter that dials in", () => {
  it("and says nothing is asked by the public client who it is, then read with its own keys", async () => {
    const { clock, network, server, events, meter } = await dialInBench({ registry: [byName] });
    await meter().dial(network.endpoint);
    await clock.advance(1_000);
    expect(events).toEqual([]);
    const read = await clock.run(server.meter("house"));
    expect(events).toMatchObject([{ type: "connected", meter: "house", by: "logical-device-name", proven: false }]);
    expect(await clock.run(read.register("1-0:1.8.0").value.get())).toMatchObject({ unit: "Wh" });
    expect(server.meters).toMatchObject([{ name: "house", busy: true, proven: true }]);
    await clock.run(read.close());
    expect(server.meters).toMatchObject([{ busy: false }]);
    await server.close();
  });

  it("is known by its first push, and asked nothing", async () => {
    const { clock, network, server, events, meter } = await dialInBench({ registry: [byTitle], ask: false });
    const mock = meter();
    await mock.dial(network.endpoint);
    const pushed = server.pushes.next();
    mock.push({ body: text("door open"), client: 1 });
    const { value } = await clock.run(pushed);
    expect(value).toMatchObject({ type: "push", authenticated: true, origin: { meter: "house" } });
    expect(events).toMatchObject([{ type: "connected", by: "push", proven: true }]);
    await server.close();
  });

  it("is known by a push in clear that carries its name", async () => {
    const { clock, network, server, events, meter } = await dialInBench({
      registry: [{ name: "garden", logicalDeviceName: "GARDEN1" }],
      ask: false,
    });
    const mock = meter();
    await mock.dial(network.endpoint);
    const name = [
      { type: "octet-string", value: fromHex("00002A0000FF") },
      { type: "octet-string", value: new TextEncoder().encode("GARDEN1") },
    ] as const;
    mock.push({ body: { type: "structure", value: [{ type: "structure", value: name }] }, client: 16 });
    const { value } = await clock.run(server.pushes.next());
    expect(value).toMatchObject({ type: "push", authenticated: null, origin: { meter: "garden" } });
    expect(events).toMatchObject([{ type: "connected", by: "logical-device-name", proven: false }]);
    await server.close();
  });

  it("pushes in clear without a name: it is asked, then the push is delivered", async () => {
    const { connect: ___, ...keyless } = byName;
    const { clock, network, server, meter } = await dialInBench({ registry: [keyless] });
    const mock = meter();
    await mock.dial(network.endpoint);
    mock.push({ body: u32(5), client: 16 });
    const { value } = await clock.run(server.pushes.next());
    expect(value).toMatchObject({ type: "push", origin: { meter: "house" }, body: { value: 5 } });
    await server.close();
  });

  it("is known by the heartbeat of its modem, which is answered", async () => {
    const octets = new TextEncoder().encode("HB:0017");
    const { clock, network, server, events, meter } = await dialInBench({
      registry: [{ ...house, heartbeat: "0017" }],
      ask: false,
      heartbeat: (bytes) => {
        const [, id] = /^HB:(\d{4})/.exec(String.fromCharCode(...bytes)) ?? [];
        return id === undefined ? undefined : { length: 7, id, answer: new TextEncoder().encode("OK") };
      },
    });
    const answer = new TextEncoder().encode("OK");
    await meter().dial(network.endpoint, { heartbeat: { octets, everyMs: 60_000, answer } });
    await clock.advance(150_000);
    expect(told(events)).toEqual(["connected", "heartbeat", "heartbeat", "heartbeat"]);
    const read = await clock.run(server.meter("house"));
    await clock.advance(120_000);
    expect(String(await clock.run(read.register("1-0:1.8.0").value.get()))).toMatch(/Wh$/);
    expect(told(events).filter((type) => type === "heartbeat").length).toBe(5);
    await server.close();
  });

  it("over HDLC", async () => {
    const { clock, network, server, meter } = await dialInBench({ link: "hdlc" });
    const mock = meter();
    await mock.dial(network.endpoint);
    for (let visit = 0; visit < 2; visit++) {
      const read = await clock.run(server.meter("house"));
      expect(String(await clock.run(read.register("1-0:1.8.0").value.get()))).toMatch(/Wh$/);
      await clock.run(read.close());
    }
    const pushed = server.pushes.next();
    mock.push({ body: u32(5), client: 1 });
    expect((await clock.run(pushed)).value).toMatchObject({ type: "push", authenticated: true });
    await server.close();
  });

  it("pushes while it is read: both get what is theirs", async () => {
    const { clock, network, server, meter } = await dialInBench();
    const mock = meter();
    await mock.dial(network.endpoint);
    const read = await clock.run(server.meter("house"));
    mock.push({ body: text("door open"), client: 2 });
    const value = read.register("1-0:1.8.0").value.get();
    const pushed = server.pushes.next();
    expect(String(await clock.run(value))).toMatch(/Wh$/);
    // The meter has keys: what it says in clear is not believed.
    expect((await clock.run(pushed)).value).toMatchObject({
      type: "rejected",
      error: { code: "weaker-than-policy" },
      origin: { meter: "house" },
    });
    await server.close();
  });
});

describe("an on-demand read", () => {
  it("waits for the meter to dial in", async () => {
    const { clock, network, server, meter } = await dialInBench();
    const waiting = server.meter("house", { withinMs: 600_000 });
    await clock.advance(300_000);
    await meter().dial(network.endpoint);
    const read = await clock.run(waiting);
    expect(read.state).toBe("associated");
    await server.close();
  });

  it("ends at its deadline, when it is cancelled, and when the server closes", async () => {
    const { clock, server } = await dialInBench();
    const late = server.meter("house", { withinMs: 60_000 });
    const abort = new AbortController();
    const cancelled = server.meter("house", { signal: abort.signal });
    const open = server.meter("house");
    const outcomes = Promise.allSettled([late, cancelled, open]);
    await clock.advance(59_000);
    abort.abort(new Error("enough"));
    await clock.advance(2_000);
    await server.close();
    expect((await outcomes).map((one) => one.status === "rejected" && one.reason)).toMatchObject([
      { code: "timeout", details: { phase: "dial-in" } },
      { code: "aborted" },
      { code: "connection-lost" },
    ]);
    await expect(server.meter("cellar")).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("takes its turn, one after the other", async () => {
    const { clock, network, server, meter } = await dialInBench();
    await meter().dial(network.endpoint);
    const order: number[] = [];
    const visits = [1, 2, 3].map(async (number) => {
      const read = await server.meter("house");
      order.push(number);
      await read.register("1-0:1.8.0").value.get();
      await read.close();
      order.push(-number);
    });
    await clock.run(Promise.all(visits));
    expect(order).toEqual([1, -1, 2, -2, 3, -3]);
    await server.close();
  });

  it("gives up its turn in the row when it is cancelled", async () => {
    const { clock, network, server, meter } = await dialInBench();
    await meter().dial(network.endpoint);
    const first = await clock.run(server.meter("house"));
    const second = server.meter("house", { withinMs: 1_000 });
    const third = server.meter("house");
    await Promise.all([expect(second).rejects.toMatchObject({ code: "timeout" }), clock.advance(2_000)]);
    await clock.run(first.close());
    expect((await clock.run(third)).state).toBe("associated");
    await server.close();
  });
});

describe("two connections of one meter", () => {
  it("the newest wins, and whoever reads over the old one is told", async () => {
    const { clock, network, server, events, meter } = await dialInBench();
    const mock = meter();
    await mock.dial(network.endpoint);
    const read = await clock.run(server.meter("house"));
    // The meter lost its line, which nobody noticed, and dials in again; a push says who it is.
    await mock.dial(network.endpoint);
    const reading = rowsOf(read);
    mock.push({ body: u32(1), client: 1 });
    await Promise.all([expect(reading).rejects.toMatchObject({ code: "connection-replaced" }), clock.advance(100)]);
    expect(told(events)).toEqual(["connected", "disconnected connection-replaced", "connected"]);
    expect(server.meters.length).toBe(1);
    const again = await clock.run(server.meter("house"));
    expect(String(await clock.run(again.register("1-0:1.8.0").value.get()))).toMatch(/Wh$/);
    await server.close();
  });

  it("a dead one is found out when it is used, and the next dial-in is waited for", async () => {
    const { clock, network, server, events, meter } = await dialInBench();
    const mock = meter();
    await mock.dial(network.endpoint);
    await clock.advance(5_000);
    // The mobile network forgot the connection: nothing gets through any more, and nobody is told.
    network.lines[0]!.near.write = () => new Promise(() => {});
    const waiting = server.meter("house");
    await clock.advance(100_000);
    expect(told(events)).toEqual(["connected", "disconnected timeout"]);
    await mock.dial(network.endpoint);
    expect((await clock.run(waiting)).state).toBe("associated");
    await server.close();
  });

  it("one on which nothing comes is closed", async () => {
    const { clock, network, server, events, meter } = await dialInBench({ idleTimeoutMs: 600_000 });
    const modem = await meter().dial(network.endpoint, { redialMs: 10_000 });
    await clock.advance(640_000);
    expect(told(events)).toEqual(["connected", "disconnected timeout", "connected"]);
    expect(server.statistics).toMatchObject({ stale: 1, accepted: 2 });
    expect(modem.dials).toBe(2);
    await modem.close();
    await server.close();
  });
});

async function rowsOf(meter: Meter): Promise<unknown[]> {
  const rows = [];
  for await (const row of meter.profile("1-0:99.1.0").rows({ last: 100 })) rows.push(row);
  return rows;
}

describe("a registry", () => {
  const refused: Record<string, readonly MeterEntry[]> = {
    "two meters of one name": [house, { name: "house", logicalDeviceName: "B" }],
    "two meters of one title": [house, { name: "other", systemTitle: mockCredentials.systemTitle }],
    "two meters of one logical device name": [house, { ...byName, name: "other" }],
    "a meter without a mark": [{ name: "house", connect: clients.management }],
    "a title that is none": [{ name: "house", systemTitle: "4142" }],
    "a fingerprint that is none": [{ name: "house", fingerprint: "4142" }],
  };
  for (const [name, registry] of Object.entries(refused))
    it(`with ${name} is refused`, () => {
      const { listener } = memoryLink();
      expect(() => dialIn(listener, { registry })).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    });
  it("limits are checked", () => {
    expect(() => dialIn(memoryLink().listener, { registry: [house], maxUnidentified: 0 })).toThrow(/maxUnidentified/);
  });
});
