import { describe, expect, it } from "vitest";
import { ServerAssociation } from "../../src/association/index.js";
import { AsyncQueue } from "../../src/client/async-queue.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import { encodeData, u8 } from "../../src/data/index.js";
import { mockConformance } from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { memoryPair, Pump, VirtualClock } from "../../src/transport/index.js";
import { WrapperServerLine } from "../../src/wrapper/index.js";
import { bench, clients } from "./mock.js";

/** A meter that says what a test wants it to say, built of the server's machines. */
async function talkative(options: ConnectOptions = {}) {
  const clock = new VirtualClock();
  const [near, far] = memoryPair({ clock });
  const server = new ServerAssociation({
    clientSap: 16,
    crypto: defaultProvider,
    profiles: [{ clientSap: 16, authentication: { mechanism: "none" }, conformance: mockConformance }],
  });
  const line = new WrapperServerLine({ accepts: () => true });
  const pump = new Pump(far, { closed: () => {} });
  const flush = () => {
    for (let apdu = server.takeOutput(); apdu; apdu = server.takeOutput())
      driven.send({ client: 16, server: 1, command: { type: "send", apdu } });
    for (let event = server.nextEvent(); event; event = server.nextEvent())
      if (event.type === "request" && event.request.service === "get") {
        const results = event.request.items.map(() => ({ ok: true, data: encodeData(u8(1)) }) as const);
        server.send({ type: "respond", id: event.id, response: { service: "get", results } });
        flush();
      }
  };
  const driven = pump.drive(line, ({ event }) => {
    if (event.type !== "apdu") return;
    server.receive(event.apdu);
    flush();
  });
  await pump.open();
  const endpoint = { link: "wrapper", signOn: { mode: "none" }, createTransport: () => near } as const;
  const meter = await clock.run(connect(endpoint, options));
  const push = (longInvokeId: number) => {
    const body = encodeData(u8(longInvokeId));
    const notification = { kind: "data-notification", longInvokeId, dateTime: new Uint8Array(), body } as const;
    server.send({ type: "notify", notification });
    flush();
  };
  return { clock, meter, push };
}

describe("notifications", () => {
  it("come in order, before and after somebody waits, and end with the session", async () => {
    const { clock, meter, push } = await talkative();
    push(1);
    push(2);
    await clock.advance(1);
    const ids: number[] = [];
    const taking = (async () => {
      for await (const notification of meter.notifications)
        if (notification.kind === "data-notification") ids.push(notification.longInvokeId);
    })();
    await clock.advance(1);
    push(3);
    await clock.advance(1);
    await clock.run(meter.close());
    await clock.run(taking);
    expect(ids).toEqual([1, 2, 3]);
  });

  it("beyond the limit cost the oldest one, and the trace says so", async () => {
    const names: string[] = [];
    const { clock, meter, push } = await talkative({
      maxNotifications: 2,
      trace: (event) => event.type === "notice" && names.push(event.name),
    });
    for (let i = 1; i <= 5; i++) push(i);
    await clock.advance(1);
    await clock.run(meter.close());
    const ids: number[] = [];
    for await (const notification of meter.notifications)
      if (notification.kind === "data-notification") ids.push(notification.longInvokeId);
    expect(ids).toEqual([4, 5]);
    expect(names.filter((name) => name === "notification-dropped")).toHaveLength(3);
  });

  it("do not disturb the answer to a request", async () => {
    const { clock, meter, push } = await talkative();
    const reading = meter.data("0-0:96.1.0*255").value.get();
    push(1);
    expect(await clock.run(reading)).toEqual(u8(1));
  });
});

describe("notifications of a closed session", () => {
  it("are over at once", async () => {
    const { clock, meter } = await talkative();
    await clock.run(meter.close());
    for await (const _ of meter.notifications) expect.unreachable();
  });
});

describe("the queue", () => {
  it("tells an error once, after what came before it", async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.finish({ error: new Error("gone") });
    queue.push(2);
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow("gone");
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it("tells whoever fills it when the consumer leaves", async () => {
    let left = 0;
    const queue = new AsyncQueue<number>(() => left++);
    queue.push(1);
    for await (const item of { [Symbol.asyncIterator]: () => queue }) {
      expect(item).toBe(1);
      break;
    }
    await queue.return();
    expect(left).toBe(1);
  });
});

describe("keep-alive", () => {
  for (const link of ["hdlc", "wrapper"] as const)
    it(`holds an idle ${link} session beyond the meter's patience`, async () => {
      const { clock, connect: open } = await bench({ link });
      const meter = await clock.run(open({ ...clients.reader, keepAlive: true }));
      const before = meter.statistics.bytesSent;
      await clock.advance(30 * 60_000);
      expect(meter.state).toBe("associated");
      expect(meter.statistics.bytesSent).toBeGreaterThan(before);
      expect((await clock.run(meter.clock("0-0:1.0.0*255").time.get())).octets).toHaveLength(12);
      await clock.run(meter.close());
      await clock.advance(1000);
      expect(clock.armed).toBe(0);
    });

  it("is silent unless asked for", async () => {
    const { clock, connect: open } = await bench({ link: "wrapper" });
    const meter = await clock.run(open(clients.reader));
    const { bytesSent } = meter.statistics;
    await clock.advance(30 * 60_000);
    expect(meter.statistics.bytesSent).toBe(bytesSent);
  });

  it("does not speak while there is traffic", async () => {
    const { clock, connect: open } = await bench({ link: "hdlc" });
    const meter = await clock.run(open({ ...clients.reader, keepAlive: 10_000 }));
    const { bytesSent } = meter.statistics;
    await clock.advance(9_000);
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    const { bytesSent: after } = meter.statistics;
    expect(after).toBeGreaterThan(bytesSent);
    await clock.advance(9_000);
    expect(meter.statistics.bytesSent).toBe(after);
    await clock.advance(2_000);
    expect(meter.statistics.bytesSent).toBeGreaterThan(after);
  });
});

describe("statistics", () => {
  it("count what crossed the line", async () => {
    const { clock, connect: open, lines } = await bench({ link: "wrapper", latencyMs: 50 });
    const meter = await clock.run(open(clients.reader));
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    const { statistics } = lines[0] as (typeof lines)[number];
    expect(meter.statistics).toMatchObject({
      bytesSent: statistics.toFar.bytes,
      bytesReceived: statistics.toNear.bytes,
      apdusSent: 2,
      apdusReceived: 2,
      requests: 1,
      roundTrips: 2,
      retries: 0,
      connectMs: 100,
      durationMs: 200,
    });
    await clock.run(meter.close());
    const { durationMs } = meter.statistics;
    await clock.advance(1000);
    expect(meter.statistics.durationMs).toBe(durationMs);
  });
});
