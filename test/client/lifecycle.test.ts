import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import { connect, type SessionState, type TraceEvent } from "../../src/client/index.js";
import { line8n1, memoryPair, type Transport, VirtualClock } from "../../src/transport/index.js";
import { type Bench, bench, clients } from "./mock.js";

const phases: readonly SessionState[] = ["opening", "signing-on", "linking", "associating"];
const slow = { link: "hdlc", line: line8n1(2400), signOn: { mode: "mode-e" } } as const;

/** Connects and does something the first time that a state is entered. */
async function during(state: SessionState, act: (bench: Bench) => void) {
  const made = await bench(slow);
  const abort = new AbortController();
  let acted = false;
  const trace = (event: TraceEvent) => {
    made.trace.push(event);
    if (acted || event.type !== "state" || event.state !== state) return;
    acted = true;
    made.clock.setTimer(() => {
      act(made);
      if (act === cancels) abort.abort();
    }, 1);
  };
  const outcome = await made.clock
    .run(made.connect({ ...clients.management, trace, signal: abort.signal }))
    .catch((error: unknown) => error);
  expect(acted).toBe(true);
  return { ...made, outcome };
}
const cancels = () => {};

describe("a cancelled connect", () => {
  for (const phase of phases.filter((state) => state !== "opening"))
    it(`takes everything down again while ${phase}`, async () => {
      const { outcome, clock, trace, connect: again } = await during(phase, cancels);
      expect(outcome).toMatchObject({ code: "aborted", layer: "client" });
      expect(trace.at(-1)).toMatchObject({ type: "state", state: "closed" });
      await clock.advance(300_000);
      expect(clock.armed).toBe(0);
      const meter = await clock.run(again(clients.management));
      expect(meter.state).toBe("associated");
    });

  it("does nothing when it was cancelled before", async () => {
    const { clock, connect: open, lines } = await bench();
    await expect(clock.run(open({ signal: AbortSignal.abort("no") }))).rejects.toMatchObject({ code: "aborted" });
    expect(lines.every(({ statistics }) => statistics.toFar.bytes === 0)).toBe(true);
  });

  it("cancels the opening of the transport", async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    clock.setTimer(() => abort.abort(), 50);
    const failed = clock.run(connect(silentEndpoint(clock, "never opens"), { signal: abort.signal }));
    await expect(failed).rejects.toMatchObject({ code: "aborted" });
    expect(clock.now()).toBeLessThan(6000);
  });
});

describe("a line that is lost", () => {
  for (const phase of phases.filter((state) => state !== "opening"))
    it(`ends the connecting at once while ${phase}`, async () => {
      const { outcome, trace } = await during(phase, ({ lines }) => lines[0]?.cut());
      expect(outcome).toMatchObject({ code: "connection-lost" });
      expect(trace.at(-1)).toMatchObject({ type: "state", state: "closed" });
    });

  it("ends every wait at once, and every later call says why", async () => {
    const { clock, connect: open, lines } = await bench({ link: "wrapper", latencyMs: 100 });
    const meter = await clock.run(open(clients.reader));
    const began = clock.now();
    const waiting = [meter.clock("0-0:1.0.0*255").time.get(), meter.objects(), takeAll(meter.notifications)];
    clock.setTimer(() => lines[0]?.cut(), 10);
    const outcomes = await clock.run(Promise.allSettled(waiting));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "connection-lost" } });
    expect(clock.now() - began).toBeLessThan(20);
    expect(meter.state).toBe("closed");
    const later = meter.clock("0-0:1.0.0*255").time.get();
    await expect(later).rejects.toMatchObject({ code: "connection-lost", advice: "Connect again." });
    await meter.close();
  });

  it("leaves the outcome of a write unknown, and says so", async () => {
    const { clock, connect: open, lines } = await bench({ link: "wrapper", latencyMs: 100 });
    const meter = await clock.run(open(clients.reader));
    clock.setTimer(() => lines[0]?.cut(), 150);
    const relay = clock.run(meter.disconnectControl("0-0:96.3.10*255").remoteReconnect());
    await expect(relay).rejects.toMatchObject({ code: "connection-lost", outcomeUnknown: true, retryable: false });
  });
});

describe("time is bounded", () => {
  it("for all of connecting", async () => {
    const clock = new VirtualClock();
    const options = { timeouts: { connectMs: 7000 }, retries: 50 };
    await expect(clock.run(connect(silentEndpoint(clock), options))).rejects.toMatchObject({
      code: "timeout",
      retryable: true,
      details: { phase: "linking" },
    });
    expect(clock.now()).toBeLessThan(7000 + 5000 + 100);
  });

  it("for closing a meter that went silent", async () => {
    const { clock, connect: open, lines } = await bench({ link: "hdlc" }, {});
    const meter = await clock.run(open(clients.reader));
    const line = lines[0] as unknown as { far: Transport };
    line.far.write = async () => {};
    const began = clock.now();
    await clock.run(meter.close());
    expect(clock.now() - began).toBeLessThanOrEqual(5000);
    await expect(meter.objects()).rejects.toBeInstanceOf(DlmsError);
  });

  it("for one request; a GET is asked again, an ACTION only where twice is as once", async () => {
    const { clock, connect: open, lines, trace } = await bench({ link: "wrapper" });
    const meter = await clock.run(open({ ...clients.reader, retries: 1, timeouts: { responseMs: 1000 } }));
    const line = lines[0] as unknown as { far: Transport };
    line.far.write = async () => {};
    const { apdusSent } = meter.statistics;
    await expect(clock.run(meter.clock("0-0:1.0.0*255").time.get())).rejects.toMatchObject({
      code: "timeout",
      outcomeUnknown: false,
    });
    expect(meter.statistics).toMatchObject({ apdusSent: apdusSent + 2, retries: 1 });
    await expect(clock.run(meter.disconnectControl("0-0:96.3.10*255").remoteReconnect())).rejects.toMatchObject({
      code: "timeout",
      outcomeUnknown: true,
    });
    expect(meter.statistics.apdusSent).toBe(apdusSent + 3);
    const twice = clock.run(meter.disconnectControl("0-0:96.3.10*255").remoteDisconnect());
    await expect(twice).rejects.toMatchObject({ code: "timeout", outcomeUnknown: true });
    expect(meter.statistics.apdusSent).toBe(apdusSent + 5);
    expect(trace.filter(({ type }) => type === "request-failed")).toHaveLength(3);
  });
});

describe("a cancelled request", () => {
  it("fails at once and leaves the session in order", async () => {
    const { clock, connect: open } = await bench({ link: "hdlc", latencyMs: 200 });
    const meter = await clock.run(open(clients.management));
    const abort = new AbortController();
    clock.setTimer(() => abort.abort(), 50);
    const cancelled = clock.run(meter.objects({ signal: abort.signal }));
    await expect(cancelled).rejects.toMatchObject({ code: "aborted" });
    expect((await clock.run(meter.clock("0-0:1.0.0*255").time.get())).octets).toHaveLength(12);
    await clock.run(meter.close());
  });
});

describe("closing", () => {
  it("is idempotent, works by `await using`, and ends what is on its way", async () => {
    const { clock, connect: open, trace } = await bench();
    const waiting: Promise<unknown>[] = [];
    await clock.run(
      (async () => {
        await using meter = await open(clients.reader);
        waiting.push(meter.objects().catch((error: unknown) => error));
        void meter.close();
      })(),
    );
    expect(await waiting[0]).toMatchObject({ code: "aborted" });
    const states = trace.flatMap((event) => (event.type === "state" ? [event.state] : []));
    expect(states.slice(-3)).toEqual(["releasing", "disconnecting", "closed"]);
  });

  it("makes later calls fail as misuse", async () => {
    const { clock, connect: open } = await bench();
    const meter = await clock.run(open(clients.reader));
    await clock.run(meter.close());
    await expect(meter.objects()).rejects.toMatchObject({ code: "wrong-state", message: "the meter was closed" });
    expect(() => meter.negotiated).toThrow(expect.objectContaining({ code: "wrong-state" }));
    expect(() => meter.record({ write: () => {} })).toThrow(expect.objectContaining({ code: "wrong-state" }));
  });
});

/** An endpoint behind which nobody is, or which never opens. */
function silentEndpoint(clock: VirtualClock, kind: "silent" | "never opens" = "silent") {
  return {
    link: "hdlc",
    signOn: { mode: "none" },
    createTransport: () => {
      const [near] = memoryPair({ clock });
      if (kind === "never opens") near.open = () => new Promise(() => {});
      return near;
    },
  } as const;
}

async function takeAll(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const event of events) all.push(event);
  return all;
}
