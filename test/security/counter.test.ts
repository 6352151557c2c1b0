import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  keyFingerprint,
  MemoryCounter,
  memoryCounterStore,
  ReservedCounter,
  recoverCounter,
  SecretKey,
} from "../../src/security/index.js";
import { clientTitle, code, crypto, encryptionKey, providers, serverTitle } from "./helpers.js";

describe("recovery of a counter", () => {
  it.each([
    [undefined, undefined, 0],
    [undefined, 41, 42],
    [100, undefined, 100],
    [100, 41, 100],
    [100, 99, 100],
    [100, 100, 101],
    [100, 5000, 5001],
  ])("stored %s and meter %s go on at %s", (stored, meter, next) => {
    expect(recoverCounter({ stored, meter })).toBe(next);
  });
  it("never below the store, always above the meter, never far up without consent", () => {
    const counter = fc.option(fc.nat(0xfffffffd), { nil: undefined });
    fc.assert(
      fc.property(counter, counter, fc.boolean(), (stored, meter, jumpAllowed) => {
        const far = meter !== undefined && meter + 1 - (stored ?? 0) > 2 ** 24;
        if (far && !jumpAllowed) {
          expect(() => recoverCounter({ stored, meter })).toThrow(code("counter-jump"));
          return;
        }
        const next = recoverCounter({ stored, meter, jumpAllowed });
        expect(next).toBeGreaterThanOrEqual(stored ?? 0);
        expect(next).toBeGreaterThan(meter ?? -1);
      }),
    );
  });
  it("refuses a meter that says the counter is used up, and what is no counter", () => {
    expect(() => recoverCounter({ stored: 1, meter: 0xfffffffe, jumpAllowed: true })).toThrow(
      code("counter-exhausted"),
    );
    expect(() => recoverCounter({ stored: undefined, meter: 2 ** 33 })).toThrow(code("invalid-argument"));
    expect(() => recoverCounter({ stored: undefined, meter: 20_000_000, jumpLimit: 1000 })).toThrow(
      code("counter-jump"),
    );
  });
});

describe("counter sources", () => {
  it("a counter in memory ends before its last value", () => {
    const counter = new MemoryCounter(0xfffffffd);
    expect([counter.next(), counter.next()]).toEqual([0xfffffffd, 0xfffffffe]);
    expect(() => counter.next()).toThrow(code("counter-exhausted"));
    expect(() => new MemoryCounter(-1)).toThrow(code("invalid-argument"));
  });
  it("a reserved counter gives only what was reserved", async () => {
    const store = memoryCounterStore();
    const counter = new ReservedCounter((count, atLeast) => store.reserve("k", clientTitle, count, atLeast), 4);
    expect(() => counter.next()).toThrow(code("counter-reserve-empty"));
    await counter.refill(10);
    expect(await store.next("k", clientTitle)).toBe(14);
    expect([counter.next(), counter.next(), counter.next()]).toEqual([10, 11, 12]);
    expect(counter.needsRefill).toBe(true);
    await counter.refill();
    expect([1, 2, 3, 4, 5].map(() => counter.next())).toEqual([13, 14, 15, 16, 17]);
    expect(() => counter.next()).toThrow(code("counter-reserve-empty"));
    await counter.refill(1000);
    expect(counter.next()).toBe(1000);
  });
  it("several users of one record never get the same counter, however their refills interleave", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(2), { maxLength: 60 }), async (scheduler, uses) => {
        const store = memoryCounterStore();
        const reserve = scheduler.scheduleFunction((count: number, atLeast: number) =>
          store.reserve("k", clientTitle, count, atLeast),
        );
        const users = [0, 1, 2].map(() => new ReservedCounter(reserve, 3));
        const given: number[] = [];
        const last = [-1, -1, -1];
        const pending: Promise<void>[] = [];
        for (const index of uses) {
          const user = users[index]!;
          if (user.needsRefill) pending.push(user.refill());
          if (given.length % 2 === 0) await scheduler.waitIdle();
          if (user.remaining > 0) {
            const counter = user.next();
            expect(counter).toBeGreaterThan(last[index]!);
            last[index] = counter;
            given.push(counter);
          }
        }
        await scheduler.waitIdle();
        await Promise.all(pending);
        expect(new Set(given).size).toBe(given.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe("counter store in memory", () => {
  it("keeps a record for each key and title", async () => {
    const store = memoryCounterStore();
    expect(await store.next("a", clientTitle)).toBeUndefined();
    expect(await store.reserve("a", clientTitle, 5)).toBe(0);
    expect(await store.reserve("a", serverTitle, 5)).toBe(0);
    expect(await store.reserve("b", clientTitle, 5, 100)).toBe(100);
    expect(await store.reserve("a", clientTitle, 1)).toBe(5);
    expect(await store.reserve("b", clientTitle, 1, 3)).toBe(105);
    await expect(store.reserve("b", clientTitle, 0xffffffff)).rejects.toThrow(code("counter-exhausted"));
    await expect(store.reserve("b", clientTitle, 0)).rejects.toThrow(code("invalid-argument"));
    await expect(store.reserve("b", new Uint8Array(7), 1)).rejects.toThrow(code("invalid-argument"));
    expect(await store.reserve("b", clientTitle, 1)).toBe(106);
  });
});

describe("key fingerprint", () => {
  it("is the same for the same key with each provider, another for another, and does not hold the key", () => {
    const [a, b] = providers.map((provider) => keyFingerprint(provider, new SecretKey(encryptionKey)));
    expect(a).toBe(b);
    expect(a).toMatch(/^[0-9A-F]{32}$/);
    expect(keyFingerprint(crypto, new Uint8Array(16))).not.toBe(a);
    expect(keyFingerprint(crypto, new Uint8Array(32))).not.toBe(keyFingerprint(crypto, new Uint8Array(16)));
    expect(a).not.toContain(toHex(encryptionKey));
    expect(a).not.toBe(toHex(crypto.digest("sha256", encryptionKey)).slice(0, 32));
  });
});
