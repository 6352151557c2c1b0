import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { PushSetup } from "../../src/cosem/index.js";
import { text, u32 } from "../../src/data/index.js";
import { formatTelegram } from "../../src/iec62056-21/index.js";
import { connect, type ListenEvent, type ListenOptions, listen, Quantity } from "../../src/index.js";
import {
  MockMeter,
  type MockMeterOptions,
  mockCredentials,
  type PushCarrier,
  type PusherOptions,
  pushSetupObject,
} from "../../src/mock/index.js";
import { line8n1, lineModel, memoryPair, type Transport, VirtualClock } from "../../src/transport/index.js";
import { ownTitle } from "../client/mock.js";

const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const keys = [{ encryptionKey, authenticationKey }];

/** A meter that pushes at one end of a line, and a receiver at the other. */
async function bench(options: PusherOptions & { readonly mock?: MockMeterOptions; readonly listen?: ListenOptions }) {
  const { mock, listen: listenOptions, ...rest } = options;
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const protocol = { wrapper: "wrapper", "hdlc-ui": "hdlc", "hdlc-i": "hdlc", mbus: "mbus", p1: "p1" } as const;
  const kind = options.carrier?.kind ?? "wrapper";
  const [near, far] = linePair(clock, kind);
  const receiver = listen(near, { protocol: protocol[kind], ...listenOptions });
  await receiver.ready();
  const meter = new MockMeter({ clock, ...mock });
  return { clock, meter, receiver, pusher: meter.pusher(far, rest), far };
}

/** Serial carriers at the pace of a serial line. */
function linePair(clock: VirtualClock, kind: PushCarrier["kind"]): readonly [Transport, Transport] {
  if (kind === "wrapper") return memoryPair({ clock });
  const { near, far } = lineModel({ clock, line: line8n1(9600) });
  return [near, far];
}

const carriers: Record<string, PushCarrier> = {
  wrapper: { kind: "wrapper" },
  "HDLC UI frames": { kind: "hdlc-ui", physical: 17 },
  "HDLC UI frames, segmented": { kind: "hdlc-ui", physical: 17, frameSize: 20 },
  "HDLC I frames": { kind: "hdlc-i", physical: 17, frameSize: 30 },
  "M-Bus long frames": { kind: "mbus", frameSize: 16 },
};
const long = text("a door was opened, and nobody was there to close it again");

describe("a push over each carrier", () => {
  for (const [name, carrier] of Object.entries(carriers))
    for (const client of [16, 1])
      for (const blockSize of [undefined, 20]) {
        const how = `${client === 1 ? "ciphered" : "in clear"}${blockSize === undefined ? "" : ", in general blocks"}`;
        it(`${name}, ${how}`, async () => {
          const { clock, pusher, receiver } = await bench({
            carrier,
            client,
            ...(blockSize !== undefined && { blockSize, pauseMs: 2_000 }),
            listen: client === 1 ? { keys } : {},
          });
          for (let round = 0; round < 3; round++) {
            const outcome = await clock.run(pusher.push({ kind: "data-notification", body: long }));
            expect(outcome).toEqual({ attempts: 1, confirmed: false });
            expect((await clock.run(receiver.next())).value).toMatchObject({
              type: "push",
              body: long,
              longInvokeId: round + 1,
              authenticated: client === 1 ? true : null,
              origin: { destination: String(client) },
            });
          }
        });
      }

  it("datagrams", async () => {
    const clock = new VirtualClock();
    const [near, far] = memoryPair({ clock, datagrams: true });
    const receiver = listen(near, { keys });
    await receiver.ready();
    await clock.run(
      new MockMeter({ clock }).pusher(far, { client: 1 }).push({ kind: "data-notification", body: long }),
    );
    expect((await clock.run(receiver.next())).value).toMatchObject({ type: "push", body: long });
  });

  it("a telegram of a consumer port, ciphered and in clear", async () => {
    for (const client of [1, 16]) {
      const octets = formatTelegram("/ABC5ID", "\r\n1-0:1.8.0(123.4*Wh)\r\n");
      const listenOptions: ListenOptions = client === 1 ? { keys } : {};
      const { clock, pusher, receiver } = await bench({ carrier: { kind: "p1" }, client, listen: listenOptions });
      await clock.run(pusher.push({ kind: "telegram", octets }));
      const { value } = await clock.run(receiver.next());
      expect(value).toMatchObject({ kind: "telegram", authenticated: client === 1 ? true : null });
      expect(quantities(value)).toEqual(["1-0:1.8.0*255 123.4 Wh"]);
    }
  });

  it("event notifications and information reports", async () => {
    const { clock, pusher, receiver } = await bench({ carrier: { kind: "hdlc-ui" } });
    const dateTime = fromHex("07EA010F040C000000003C00");
    const event = { kind: "event-notification", classId: 3, obis: "1-0:1.8.0", attributeId: 2 } as const;
    await clock.run(pusher.push({ ...event, value: u32(9), dateTime }));
    await clock.run(pusher.push({ kind: "information-report", variables: [{ name: 0xfa00, value: u32(7) }] }));
    expect((await clock.run(receiver.next())).value).toMatchObject({
      kind: "event-notification",
      objects: [{ classId: 3, attributeId: 2, data: { value: 9 } }],
      dateTime: { octets: dateTime },
    });
    expect((await clock.run(receiver.next())).value).toMatchObject({
      kind: "information-report",
      objects: [{ data: { value: 7 } }],
    });
  });
});

describe("a Push setup", () => {
  const objects = [
    { classId: 40, obis: "0-0:25.9.0*255", attributeId: 2 },
    { classId: 8, obis: "0-0:1.0.0*255", attributeId: 2 },
    { classId: 1, obis: "0-0:42.0.0*255", attributeId: 2 },
    { classId: 3, obis: "1-0:1.8.0*255", attributeId: 2 },
    { classId: 3, obis: "1-0:1.8.0*255", attributeId: 3 },
    { classId: 3, obis: "1-0:32.7.0*255", attributeId: 3, dataIndex: 1 },
    { classId: 3, obis: "1-0:99.99.99*255", attributeId: 2 },
  ] as const;
  for (const version of [0, 1, 2, 3] as const)
    it(`of version ${version} gives its list along, which names the values`, async () => {
      const setup = pushSetupObject({ version, objects });
      const { clock, pusher, receiver } = await bench({ mock: { objects: [setup] } });
      await clock.run(pusher.push("0-0:25.9.0*255"));
      const { value } = await clock.run(receiver.next());
      if (value?.type !== "push") throw new Error("no push came");
      expect(value.objects.map(({ obis, attributeId }) => `${obis}/${attributeId}`)).toEqual(
        objects.map(({ obis, attributeId }) => `${obis}/${attributeId}`),
      );
      const [, clockTime, name, energy, , scaler, missing] = value.objects;
      expect(String(clockTime?.value)).toMatch(/^2026-01-15/);
      expect(name?.data).toMatchObject({ type: "octet-string" });
      expect(energy?.value).toBeInstanceOf(Quantity);
      expect(String(energy?.value)).toMatch(/Wh$/);
      expect(scaler?.data).toEqual({ type: "integer", value: -1 });
      expect(missing?.data).toEqual({ type: "null-data" });
    });

  it("is written by a client, and pushes when its method is invoked", async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const [near, far] = memoryPair({ clock });
    const receiver = listen(near, { keys });
    await receiver.ready();
    const destinations: unknown[] = [];
    const mock = new MockMeter({
      clock,
      objects: [pushSetupObject({ version: 2, objects: [], client: 1, destination: "10.0.0.1:4059" })],
      pushTo: (destination) => {
        destinations.push(destination);
        return { line: far };
      },
    });
    const meter = await clock.run(
      connect(await mock.endpoint({ link: "wrapper" }), {
        client: 1,
        authentication: { mechanism: "hls-gmac" },
        security: { encryptionKey, authenticationKey, systemTitle: ownTitle },
      }),
    );
    const list = [{ type: "structure", value: listElement() }] as const;
    await clock.run(meter.raw(40, "0-0:25.9.0*255").set(2, { type: "array", value: list }));
    await clock.run(meter.object(PushSetup, "0-0:25.9.0*255").push());
    const { value } = await clock.run(receiver.next());
    expect(value).toMatchObject({ type: "push", systemTitle, authenticated: true, origin: { destination: "1" } });
    expect(destinations).toEqual([{ transport: 0, address: "10.0.0.1:4059" }]);
    await clock.run(meter.close());
  });

  it("that the meter does not have is refused", async () => {
    const { pusher } = await bench({});
    expect(() => pusher.push("0-0:25.9.0*255")).toThrow(/no such Push setup/);
  });
});

describe("confirmation", () => {
  const body = u32(5);
  const confirmed = { kind: "data-notification", body } as const;
  const options = { confirmed: true, confirmationTimeoutMs: 5_000, retries: 2, repetitionDelayMs: 30_000 } as const;
  const confirm = { systemTitle: ownTitle };

  for (const [name, carrier] of Object.entries(carriers).slice(0, 3))
    for (const client of [16, 1])
      it(`${name}, ${client === 1 ? "ciphered" : "in clear"}`, async () => {
        const listenOptions = client === 1 ? { keys, confirm } : {};
        const { clock, pusher, receiver } = await bench({ ...options, carrier, client, listen: listenOptions });
        const taken: ListenEvent[] = [];
        void receiver.handle((event) => taken.push(event));
        expect(await clock.run(pusher.push(confirmed))).toEqual({ attempts: 1, confirmed: true });
        expect(taken).toMatchObject([{ type: "push", body }]);
      });

  for (const repeatsOctets of [false, true])
    it(`a handler that fails gets the push again, ${repeatsOctets ? "the very octets" : "ciphered anew"}`, async () => {
      const { clock, pusher, receiver } = await bench({
        ...options,
        client: 1,
        repeatsOctets,
        listen: { keys, confirm },
      });
      let calls = 0;
      const handler = () => {
        calls++;
        if (calls === 1) throw new Error("disk full");
      };
      void receiver.handle(handler, { failed: () => {} });
      expect(await clock.run(pusher.push(confirmed))).toEqual({ attempts: 2, confirmed: true });
      expect(calls).toBe(2);
    });

  it("that is late: the push is repeated, and not delivered again", async () => {
    const { clock, pusher, receiver } = await bench(options);
    let calls = 0;
    void receiver.handle(() => {
      calls++;
      return new Promise<void>((resolve) => void clock.setTimer(resolve, 20_000));
    });
    expect(await clock.run(pusher.push(confirmed))).toEqual({ attempts: 2, confirmed: true });
    expect(calls).toBe(1);
    expect(receiver.statistics).toMatchObject({ pushes: 1, duplicates: 1 });
  });

  it("that never comes ends the attempts", async () => {
    const { clock, pusher } = await bench(options);
    const began = clock.now();
    expect(await clock.run(pusher.push(confirmed))).toMatchObject({
      attempts: 3,
      confirmed: false,
      error: { code: "timeout" },
    });
    expect(clock.now() - began).toBe(3 * 5_000 + 2 * 30_000);
  });

  it("in clear of a ciphered push is not taken", async () => {
    const { clock, pusher, receiver } = await bench({
      ...options,
      retries: 0,
      client: 1,
      listen: { keys, protect: (apdu) => apdu },
    });
    void receiver.handle(() => {});
    expect(await clock.run(pusher.push(confirmed))).toMatchObject({ confirmed: false, error: { code: "timeout" } });
  });

  it("attempts and delays are those of the Push setup", async () => {
    const delays = { retries: 3, repetitionDelay: 10, delayGrowth: { factor: 2, most: 30 } } as const;
    const setup = pushSetupObject({ version: 2, objects: [], operation: "confirmed", ...delays });
    const { clock, pusher } = await bench({ confirmationTimeoutMs: 5_000, mock: { objects: [setup] } });
    const began = clock.now();
    expect(await clock.run(pusher.push("0-0:25.9.0*255"))).toMatchObject({ attempts: 4, confirmed: false });
    expect(clock.now() - began).toBe(4 * 5_000 + 10_000 + 20_000 + 30_000);
  });
});

function listElement() {
  const name = fromHex("0000010000FF");
  return [
    { type: "long-unsigned", value: 8 },
    { type: "octet-string", value: name },
    { type: "integer", value: 2 },
    { type: "long-unsigned", value: 0 },
    { type: "structure", value: [{ type: "enum", value: 0 }, { type: "null-data" }] },
    { type: "array", value: [] },
  ] as const;
}

function quantities(event: ListenEvent | undefined): string[] {
  return event?.type === "push" ? event.objects.map(({ obis, value }) => `${obis} ${value}`) : [];
}
