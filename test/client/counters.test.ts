import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import type { ConnectOptions, CounterRecoveryOptions } from "../../src/client/index.js";
import { mockCredentials } from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { type InvocationCounterStore, keyFingerprint, memoryCounterStore } from "../../src/security/index.js";
import { bench, clients } from "./mock.js";

const fingerprint = keyFingerprint(defaultProvider, mockCredentials.encryptionKey);
let titles = 0;

/** Options with a system title of their own, so that nothing is known of its counter. */
function fresh(counters: InvocationCounterStore | undefined, counterRecovery?: CounterRecoveryOptions) {
  const systemTitle = fromHex(`5445535400000${(0x100 + titles++).toString(16)}`);
  const security = {
    ...clients.management.security,
    systemTitle,
    ...(counters && { counters }),
    ...(counterRecovery && { counterRecovery }),
  };
  return { ...clients.management, security } satisfies ConnectOptions;
}

const counterEvents = (trace: readonly { readonly type: string }[]) => trace.filter(({ type }) => type === "counter");

describe("the invocation counter", () => {
  it("is read through the public client when nothing is stored, and then stored", async () => {
    const store = memoryCounterStore();
    const { clock, connect, trace, mock } = await bench();
    const options = fresh(store);
    const seen = mock.receivedCounter(1);
    const meter = await clock.run(connect(options));
    expect(counterEvents(trace)).toMatchObject([{ source: "meter", counter: (seen ?? 0) + 1 }]);
    expect(await store.next(fingerprint, options.security.systemTitle)).toBeGreaterThan(seen ?? 0);
    await clock.run(meter.close());
    trace.length = 0;
    await clock.run(connect(options));
    expect(counterEvents(trace)).toMatchObject([{ source: "store" }]);
    expect(trace.filter((event) => event.type === "state" && event.state === "linking")).toHaveLength(1);
  });

  it("is kept in memory without a store, and the trace says so", async () => {
    const { clock, connect, trace } = await bench();
    const options = fresh(undefined);
    await clock.run(connect(options));
    expect(counterEvents(trace)).toMatchObject([{ source: "meter", message: expect.stringContaining("memory") }]);
    trace.length = 0;
    await clock.run(connect(options));
    expect(counterEvents(trace)).toMatchObject([{ source: "memory" }]);
  });

  it("is reserved before it is used, and never used twice by sessions side by side", async () => {
    const reserved: [number, number][] = [];
    const inner = memoryCounterStore();
    const store: InvocationCounterStore = {
      next: (...args) => inner.next(...args),
      reserve: async (key, title, count, atLeast) => {
        const first = await inner.reserve(key, title, count, atLeast);
        reserved.push([first, first + count]);
        return first;
      },
    };
    const { clock, connect, trace } = await bench({ link: "wrapper" });
    const options = fresh(store);
    const meters = await clock.run(Promise.all([connect(options), connect(options)]));
    for (const meter of meters) for (let i = 0; i < 200; i++) await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    const used = trace.flatMap((event) =>
      event.type === "apdu" && event.direction === "sent" && event.apdu[0] === 0xc8
        ? [new DataView(event.apdu.buffer, event.apdu.byteOffset).getUint32(3)]
        : [],
    );
    expect(used.length).toBeGreaterThanOrEqual(400);
    expect(new Set(used).size).toBe(used.length);
    for (const counter of used) expect(reserved.some(([first, end]) => counter >= first && counter < end)).toBe(true);
  });

  it("is raised when the meter has seen a higher one, never below the store", async () => {
    const store = memoryCounterStore();
    const { clock, connect, trace } = await bench();
    const options = fresh(store);
    await store.reserve(fingerprint, options.security.systemTitle, 1, 0);
    const meter = await clock.run(connect(options));
    expect(counterEvents(trace).map((event) => "source" in event && event.source)).toEqual(["store", "meter"]);
    expect((await clock.run(meter.clock("0-0:1.0.0*255").time.get())).octets).toHaveLength(12);
  });

  it("is not raised over a jump without consent", async () => {
    const { clock, connect } = await bench();
    const refused = clock.run(connect(fresh(memoryCounterStore(), { jumpLimit: 10 })));
    await expect(refused).rejects.toMatchObject({ code: "counter-jump" });
    const meter = await clock.run(connect(fresh(memoryCounterStore(), { jumpLimit: 10, allowJump: true })));
    expect(meter.state).toBe("associated");
  });

  it("may be given, and is then not asked for", async () => {
    const { clock, connect, trace } = await bench();
    const meter = await clock.run(connect(fresh(memoryCounterStore(), { firstCounter: 5000 })));
    expect(meter.state).toBe("associated");
    expect(trace.filter((event) => event.type === "state" && event.state === "linking")).toHaveLength(1);
  });

  it("that nobody tells ends the connecting, with what to do", async () => {
    const { clock, connect, trace } = await bench();
    const nowhere = fresh(memoryCounterStore(), { objects: ["0-0:43.1.9*255"] });
    await expect(clock.run(connect(nowhere))).rejects.toMatchObject({
      code: "counter-unknown",
      advice: expect.stringContaining("counters"),
    });
    expect(trace.at(-1)).toMatchObject({ state: "closed" });
    const never = fresh(memoryCounterStore(), { enabled: false });
    await expect(clock.run(connect(never))).rejects.toMatchObject({ code: "counter-unknown" });
  });

  it("is not used when it cannot be stored", async () => {
    const broken: InvocationCounterStore = {
      next: async () => undefined,
      reserve: () => Promise.reject(new Error("disk full")),
    };
    const { clock, connect, trace } = await bench();
    await expect(clock.run(connect(fresh(broken)))).rejects.toThrow("disk full");
    const ciphered = trace.filter((event) => event.type === "apdu" && event.apdu[0] === 0x60 && event.apdu.length > 60);
    expect(ciphered).toHaveLength(0);
  });

  it("that is not to blame is not asked for twice: a wrong key is tried once", async () => {
    const { clock, connect, trace } = await bench({ link: "wrapper" });
    const right = fresh(memoryCounterStore(), { firstCounter: 1_000_000 });
    const wrong = { ...right.security, encryptionKey: "FF".repeat(16) };
    await expect(clock.run(connect({ ...right, security: wrong }))).rejects.toMatchObject({
      details: { reason: expect.stringContaining("deciphering-error") },
    });
    const ciphered = trace.filter(
      (event) =>
        event.type === "apdu" && event.direction === "sent" && event.apdu[0] === 0x60 && event.apdu.length > 60,
    );
    expect(ciphered).toHaveLength(1);
  });
});
