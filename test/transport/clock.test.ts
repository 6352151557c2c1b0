import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/transport/index.js";

describe("systemClock", () => {
  it("fires by delay, a delay of nothing in the next turn, and never what was cleared", async () => {
    const seen: string[] = [];
    const cleared = [systemClock.setTimer(() => seen.push("no"), 0), systemClock.setTimer(() => seen.push("no"), 1)];
    for (const timer of cleared) systemClock.clearTimer(timer);
    systemClock.clearTimer(undefined);
    const before = systemClock.now();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(resolve, 15);
      systemClock.setTimer(() => seen.push("second"), 2);
      systemClock.setTimer(() => seen.push("first"), -5);
    });
    expect(seen).toEqual(["first", "second"]);
    expect(systemClock.now() - before).toBeGreaterThan(13);
  });

  it("does not fire a delay of months at once", async () => {
    let fired = false;
    const timer = systemClock.setTimer(() => {
      fired = true;
    }, 2 ** 40);
    await new Promise<void>((resolve) => systemClock.setTimer(resolve, 3));
    systemClock.clearTimer(timer);
    expect(fired).toBe(false);
  });

  it("knows both times", () => {
    expect(Math.abs(systemClock.wallTime() - Date.now())).toBeLessThan(1_000);
  });
});
