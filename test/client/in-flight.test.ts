import { describe, expect, it } from "vitest";
import { type ConnectOptions, connect, type TraceEvent } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { type Endpoint, type Transport, VirtualClock } from "../../src/transport/index.js";
import { decodePacket } from "../../src/wrapper/index.js";
import { clients } from "./mock.js";
import { noticesOf } from "./with-meter.js";

const registers = ["1-0:1.8.0", "1-0:2.8.0", "1-0:32.7.0", "1-0:1.7.0"] as const;

/** The endpoint, with what the meter sends held back once `held` is set, and handed on by `release` in any order. */
function reordering(endpoint: Endpoint) {
  const waiting: Uint8Array[] = [];
  let deliver: (bytes: Uint8Array) => void = () => undefined;
  const control = {
    held: false,
    /** Whole packets that wait, oldest first. */
    waiting,
    release(order: (packets: Uint8Array[]) => Uint8Array[]) {
      for (const packet of order(waiting.splice(0))) deliver(packet);
    },
  };
  const createTransport = (): Transport => {
    const inner = endpoint.createTransport();
    return {
      name: inner.name,
      datagrams: inner.datagrams,
      clock: inner.clock,
      write: (bytes) => inner.write(bytes),
      close: () => inner.close(),
      open: (handlers, signal) => {
        deliver = handlers.data;
        const data = (bytes: Uint8Array) => (control.held ? void waiting.push(bytes.slice()) : handlers.data(bytes));
        return inner.open({ ...handlers, data }, signal);
      },
    };
  };
  return { control, endpoint: { ...endpoint, createTransport } };
}

async function run(
  options: ConnectOptions,
  body: (
    meter: Awaited<ReturnType<typeof connect>>,
    control: ReturnType<typeof reordering>["control"],
    trace: TraceEvent[],
    clock: VirtualClock,
  ) => Promise<void>,
) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const inner = await new MockMeter({ clock, household: { days: 1, seed: 3 } }).endpoint({ link: "wrapper" });
  const { control, endpoint } = reordering(inner);
  const trace: TraceEvent[] = [];
  await clock.run(
    (async () => {
      const meter = await connect(endpoint, { trace: (event) => trace.push(event), ...options });
      trace.length = 0;
      await body(meter, control, trace, clock);
      control.held = false;
      await meter.close();
    })(),
  );
}

const pause = (clock: VirtualClock) => new Promise<void>((done) => void clock.setTimer(done, 100));
const directions = (trace: readonly TraceEvent[]) =>
  trace.flatMap((event) => (event.type === "apdu" ? [event.direction] : []));

describe.each([
  ["plain", clients.reader],
  ["ciphered", clients.management],
])("several requests on their way, %s", (name, options) => {
  it("all go out before the first answer, and each answer finds its request in whatever order it comes", () =>
    run({ ...options, maxInFlight: 4 }, async (meter, control, trace, clock) => {
      const alone = [];
      for (const register of registers) alone.push(await meter.register(register).value.getRaw());
      trace.length = 0;
      control.held = true;
      const asked = Promise.all(registers.map((register) => meter.register(register).value.getRaw()));
      await pause(clock);
      expect(directions(trace)).toEqual(["sent", "sent", "sent", "sent"]);
      expect(control.waiting).toHaveLength(4);
      // Ciphered answers must come in order: a counter that falls is a replay.
      control.release((packets) => (name === "plain" ? packets.reverse() : packets));
      expect(await asked).toEqual(alone);
    }));

  it("one at a time unless asked for more", () =>
    run(options, async (meter, control, trace, clock) => {
      control.held = true;
      const asked = Promise.all(registers.map((register) => meter.register(register).value.getRaw()));
      await pause(clock);
      expect(directions(trace)).toEqual(["sent"]);
      control.held = false;
      control.release((packets) => packets);
      expect(await asked).toHaveLength(4);
    }));
});

describe("answers that do not fit", () => {
  it("a second answer to the same invoke id is dropped and told", () =>
    run({ ...clients.reader, maxInFlight: 2 }, async (meter, control, trace, clock) => {
      control.held = true;
      const asked = Promise.all(registers.slice(0, 2).map((register) => meter.register(register).value.getRaw()));
      await pause(clock);
      control.held = false;
      control.release((packets) => packets.flatMap((packet) => [packet, packet]));
      await asked;
      expect(noticesOf(trace)).toContain("late-answer-discarded");
    }));

  it("a ciphered answer that overtook a later one is refused as a replay, and asked for anew", () =>
    run({ ...clients.management, maxInFlight: 2 }, async (meter, control, trace, clock) => {
      const alone = [];
      for (const register of registers.slice(0, 2)) alone.push(await meter.register(register).value.getRaw());
      control.held = true;
      const asked = Promise.all(registers.slice(0, 2).map((register) => meter.register(register).value.getRaw()));
      await pause(clock);
      control.held = false;
      control.release((packets) => packets.reverse());
      expect(await asked).toEqual(alone);
      expect(noticesOf(trace)).toEqual(expect.arrayContaining(["apdu-discarded", "request-repeated"]));
    }));

  it("packets carry what is thought here", () =>
    run(clients.reader, async (meter, control, _, clock) => {
      control.held = true;
      const asked = meter.data("0-0:42.0.0").value.get();
      await pause(clock);
      expect(decodePacket(control.waiting[0] as Uint8Array)?.apdu[0]).toBe(0xc4);
      control.held = false;
      control.release((packets) => packets);
      await asked;
    }));

  it("more than one request at once is refused over HDLC, where one turn is one request", async () => {
    const endpoint = await new MockMeter().endpoint({ link: "hdlc" });
    await expect(connect(endpoint, { maxInFlight: 2 })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
