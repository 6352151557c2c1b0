import { describe, expect, it } from "vitest";
import type { DlmsError } from "../../src/base/index.js";
import { type ConnectOptions, connect, type Meter } from "../../src/client/index.js";
import { u8 } from "../../src/data/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { type Transport, VirtualClock } from "../../src/transport/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { clients } from "./mock.js";
import { notepad, pad, withMeter } from "./with-meter.js";

const energy = "1-0:1.8.0";
const again = { ...clients.management, reassociate: true } as const;
const relay = "0-0:96.3.10";
const failure = (task: Promise<unknown>) =>
  task.then(
    () => undefined,
    (error: DlmsError) => error,
  );

describe.each(["wrapper", "hdlc"] as const)("a meter whose line was lost, over %s", (link) => {
  it(
    "is reconnected on demand, and handles made before stay good",
    withMeter(
      async ({ meter, lines }) => {
        const value = meter.register(energy).value;
        const before = await value.getRaw();
        lines.at(-1)?.cut();
        expect(await failure(value.getRaw())).toMatchObject({ code: "connection-lost" });
        expect(meter.state).toBe("closed");
        await meter.reconnect();
        expect(meter.state).toBe("associated");
        expect(await value.getRaw()).toBe(before);
        expect([...(await meter.objects())].length).toBeGreaterThan(10);
        expect(lines).toHaveLength(2);
      },
      { link },
    ),
  );

  it(
    "without `reassociate` stays lost",
    withMeter(
      async ({ meter, lines }) => {
        lines.at(-1)?.cut();
        for (const _ of [1, 2])
          expect(await failure(meter.data(pad).value.get())).toMatchObject({ code: "connection-lost" });
        expect(lines).toHaveLength(1);
      },
      { link },
    ),
  );

  it(
    "with `reassociate` answers the next request, and one that was on its way if it only reads",
    withMeter(
      async ({ meter, lines, clock }) => {
        lines.at(-1)?.cut();
        expect(await meter.data(pad).value.get()).toEqual(u8(0));
        const waiting = meter.register(energy).value.getRaw();
        clock.setTimer(() => lines.at(-1)?.cut(), 0);
        expect(await waiting).toBeGreaterThan(0);
        expect(lines.length).toBeGreaterThan(2);
      },
      { link, latencyMs: 20 },
      again,
    ),
  );

  it(
    "with `reassociate` never sends again what may have been carried out, and says so",
    withMeter(
      async ({ meter, lines, clock, requests }) => {
        for (const change of [
          () => meter.data(pad).value.set(u8(5)),
          () => meter.disconnectControl(relay).remoteReconnect(undefined),
        ]) {
          await meter.data(pad).value.get();
          requests.length = 0;
          const waiting = failure(change());
          clock.setTimer(() => lines.at(-1)?.cut(), 30);
          expect(await waiting).toMatchObject({ code: "connection-lost", details: { outcomeUnknown: true } });
          expect(requests.length).toBeLessThan(2);
          expect(await meter.data(pad).value.get()).toBeDefined();
          expect(requests.filter(({ request }) => request.service !== "get").length).toBeLessThan(2);
        }
      },
      { link, latencyMs: 20 },
      again,
    ),
  );

  it(
    "with `reassociate` sends a write whose line was lost before it, once",
    withMeter(
      async ({ meter, lines, requests }) => {
        lines.at(-1)?.cut();
        await meter.data(pad).value.set(u8(6));
        expect(requests.filter(({ request }) => request.service === "set")).toHaveLength(1);
        expect(await meter.data(pad).value.get()).toEqual(u8(6));
      },
      { link },
      again,
    ),
  );
});

describe("a meter that dropped the association and kept the line", () => {
  /** The meter releases behind the client's back: a release with the client's address is put on the line. */
  const dropped = async (options: ConnectOptions, body: (meter: Meter, drop: () => Promise<void>) => Promise<void>) => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const inner = await new MockMeter({ clock, objects: [notepad()] }).endpoint({ link: "wrapper" });
    let transport: Transport | undefined;
    const endpoint = { ...inner, createTransport: () => (transport = inner.createTransport()) };
    const rlrq = encodePacket({ source: 2, destination: 1, apdu: Uint8Array.of(0x62, 0x03, 0x80, 0x01, 0x00) });
    const drop = async () => {
      await transport?.write(rlrq);
      await new Promise<void>((done) => void clock.setTimer(done, 10));
    };
    const run = async () => {
      const meter = await connect(endpoint, options);
      await body(meter, drop);
      await meter.close();
    };
    await clock.run(run());
  };

  it("is associated with anew, and asked again", () =>
    dropped({ ...clients.reader, reassociate: true }, async (meter, drop) => {
      for (const value of [u8(1), u8(2)]) {
        await drop();
        await meter.data(pad).value.set(value);
        await drop();
        expect(await meter.data(pad).value.get()).toEqual(value);
      }
    }));

  it("refuses, where reassociation was not asked for", () =>
    dropped(clients.reader, async (meter, drop) => {
      await drop();
      expect(await failure(meter.data(pad).value.get())).toMatchObject({ code: "request-refused" });
    }));

  it("and denies for good: asked again once, then its refusal is told", () =>
    dropped({ ...clients.reader, reassociate: true }, async (meter) => {
      expect(await failure(meter.raw(1, "0-0:99.99.99").get(2))).toMatchObject({ code: "access-refused" });
    }));
});

describe("reassociation ends", () => {
  it(
    "when the meter was closed by its user: nothing opens it again",
    withMeter(
      async ({ meter, lines }) => {
        await meter.close();
        expect(await failure(meter.data(pad).value.get())).toMatchObject({ code: "wrong-state" });
        expect(lines).toHaveLength(1);
      },
      { link: "wrapper" },
      again,
    ),
  );

  it(
    "when nobody is there any more: after the attempts, with the cause",
    withMeter(
      async ({ meter, mock, clock }) => {
        await mock.close();
        const began = clock.now();
        expect(await failure(meter.data(pad).value.get())).toMatchObject({ code: "connection-refused" });
        expect(clock.now() - began).toBeLessThan(60_000);
      },
      { link: "wrapper" },
      { ...clients.reader, reassociate: { attempts: 2, pauseMs: 50 } },
    ),
  );

  it(
    "when the meter refuses: it is not asked twice, some lock out",
    withMeter(
      async ({ meter, lines, mock }) => {
        void mock;
        await meter.raw(15, "0-0:40.0.0").set(7, { type: "octet-string", value: new TextEncoder().encode("another1") });
        lines.at(-1)?.cut();
        expect(await failure(meter.data(pad).value.get())).toMatchObject({ code: "authentication-refused" });
        expect(lines).toHaveLength(2);
      },
      { link: "wrapper" },
      { ...clients.reader, reassociate: true },
    ),
  );
});

describe("a profile", () => {
  it(
    "whose rows began to come is not begun again by itself: its checkpoint resumes it",
    withMeter(
      async ({ meter, lines }) => {
        const profile = meter.profile("1-0:99.1.0");
        const seen: string[] = [];
        const rows = profile.rows({ last: 80 });
        const lost = (async () => {
          for await (const row of rows) {
            seen.push(String(row.time));
            if (seen.length === 5) lines.at(-1)?.cut();
          }
        })();
        expect(await failure(lost)).toMatchObject({ code: "connection-lost" });
        expect(seen.length).toBeLessThan(80);
        expect(await meter.data(pad).value.get()).toEqual(u8(0));
        expect(new Set(seen).size).toBe(seen.length);
      },
      { link: "wrapper" },
      { ...clients.reader, maxPduSize: 128, reassociate: true },
    ),
  );
});
