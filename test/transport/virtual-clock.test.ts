import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/transport/index.js";

describe("VirtualClock", () => {
  it("lets a year of timers pass in no time", async () => {
    const clock = new VirtualClock({ wallTime: 1_000 });
    const year = 365 * 86_400_000;
    const began = performance.now();
    await clock.run(clock.sleep(year));
    expect(clock.now()).toBe(year);
    expect(clock.wallTime()).toBe(1_000 + year);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("fires by time, and in the order of arming within an instant", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (const [name, delay] of [
      ["d", 30],
      ["a", 10],
      ["b", 10],
      ["e", 40],
      ["c", 20],
    ] as const)
      clock.setTimer(() => seen.push(`${name}@${clock.now()}`), delay);
    await clock.advance(35);
    expect(seen).toEqual(["a@10", "b@10", "c@20", "d@30"]);
    expect(clock.now()).toBe(35);
    expect(clock.armed).toBe(1);
  });

  it("settles promises before time moves on", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const chain = async () => {
      await clock.sleep(5);
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push(`chain ${clock.now()}`);
    };
    clock.setTimer(() => seen.push("timer"), 6);
    await clock.run(Promise.all([chain(), clock.sleep(10)]));
    expect(seen).toEqual(["chain 5", "timer"]);
  });

  it("does not fire what was cleared, not even by the callback before it", async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const second = clock.setTimer(() => seen.push(2), 10);
    clock.setTimer(() => clock.clearTimer(second), 5);
    clock.clearTimer(undefined);
    await clock.advance(100);
    expect(seen).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  it("gives the failure of the promise it runs", async () => {
    const clock = new VirtualClock();
    const fails = clock.sleep(3).then(() => Promise.reject(new Error("no")));
    await expect(clock.run(fails)).rejects.toThrow("no");
  });

  it("names a wait that nothing can end", async () => {
    const clock = new VirtualClock();
    await expect(clock.run(new Promise(() => {}))).rejects.toMatchObject({ code: "wrong-state" });
  });

  it("stands still while something real is under way", async () => {
    const clock = new VirtualClock();
    const real = new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    let at = -1;
    const held = clock.hold(real).then(() => {
      at = clock.now();
    });
    await clock.run(Promise.all([held, clock.sleep(1_000)]));
    expect(at).toBe(0);
  });

  it("keeps the heap in order for ten thousand timers", async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    let state = 1;
    for (let i = 0; i < 10_000; i++) {
      state = (state * 48_271) % 0x7fff_ffff;
      const due = state % 5_000;
      const timer = clock.setTimer(() => fired.push(due), due);
      if (i % 7 === 0) clock.clearTimer(timer);
    }
    await clock.advance(5_000);
    expect(fired).toHaveLength(10_000 - 1_429);
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
  });
});
