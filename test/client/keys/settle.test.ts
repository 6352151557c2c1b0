import { describe, expect, it } from "vitest";
import { agreeKeys, changeKeys, settleKeys } from "../../../src/client/index.js";
import { type MockMeterOptions, mockCredentials } from "../../../src/mock/index.js";
import type { KeyStore, MeterSecrets } from "../../../src/security/index.js";
import { memoryKeyStore } from "../../../src/security/index.js";
import { hexOf, key, keyBench, meterName, secrets } from "./bench.js";

const code = (name: string) => expect.objectContaining({ code: name });
const since = "2026-01-15T11:00:00.000Z";
const pending = (of: Partial<MeterSecrets>): MeterSecrets => ({
  ...secrets,
  pending: { secrets: of as NonNullable<MeterSecrets["pending"]>["secrets"], since },
});
const energy = "1-0:1.8.0*255";

/** Counts how often the meter was asked to prove something and refused. */
function counting(): { readonly options: MockMeterOptions; refusals: number } {
  const counted = {
    refusals: 0,
    options: {
      observe: (_: number, event: { readonly type: string }) => void (event.type === "rejected" && counted.refusals++),
    },
  };
  return counted;
}

describe("a pending change is settled by connecting", () => {
  it("the meter has the old keys: the new ones are tried once, then the old ones", async () => {
    const counted = counting();
    const { clock, open, entry, trace } = await keyBench(
      counted.options,
      { link: "wrapper" },
      pending({ encryptionKey: key(1) }),
    );
    const meter = await open();
    await clock.run(meter.register(energy).value.get());
    expect(counted.refusals).toBe(1);
    const { encryptionKey, pending: left } = await entry();
    expect([hexOf(encryptionKey), left]).toEqual([hexOf(secrets.encryptionKey), undefined]);
    expect(trace.some((event) => event.type === "notice" && event.name === "keys-settled")).toBe(true);
  });

  it("the meter has the new password: it is tried first, and nothing is refused", async () => {
    const counted = counting();
    const known = { ...pending({ password: secrets.password! }), password: key(1) };
    const { open, entry } = await keyBench(counted.options, { link: "wrapper" }, known);
    await open({ client: 2, authentication: { mechanism: "low" }, security: undefined } as never);
    expect([counted.refusals, hexOf((await entry()).password)]).toEqual([0, hexOf(secrets.password)]);
  });

  it("the meter takes neither: both are kept, and nothing tries again unless it is told to", async () => {
    const counted = counting();
    const known = { ...pending({ encryptionKey: key(1) }), encryptionKey: key(2) };
    const { open, entry, store } = await keyBench(counted.options, { link: "wrapper" }, known);
    await expect(open()).rejects.toEqual(code("keys-unsettled"));
    expect(counted.refusals).toBe(2);
    await expect(open()).rejects.toEqual(code("keys-unsettled"));
    expect(counted.refusals).toBe(2);
    const left = await entry();
    expect([hexOf(left.encryptionKey), hexOf(left.pending?.secrets.encryptionKey)]).toEqual([
      hexOf(key(2)),
      hexOf(key(1)),
    ]);
    await expect(open({ keys: { store, meter: meterName, tryAgain: true } })).rejects.toEqual(code("keys-unsettled"));
    expect(counted.refusals).toBe(4);
  });

  it("a line that fails settles nothing", async () => {
    const fault = { direction: "to-near", at: 30, kind: "cut" } as const;
    const known = pending({ encryptionKey: key(1) });
    const { open, entry } = await keyBench({}, { link: "wrapper", faults: [fault] }, known);
    await expect(open()).rejects.toEqual(code("connection-lost"));
    expect((await entry()).pending).toMatchObject({ since });
    expect((await entry()).pending?.refused).toBeUndefined();
  });

  it("another process that settled it first is believed", async () => {
    const known = pending({ encryptionKey: key(1) });
    const { open, entry, store } = await keyBench({}, { link: "wrapper" }, known);
    const slow: KeyStore = {
      load: async (meter) => store.load(meter),
      save: async (meter, entryToSave) => {
        const { pending: _, ...settledByOther } = (await store.load(meter)) as MeterSecrets;
        await store.save(meter, settledByOther);
        return store.save(meter, entryToSave);
      },
    };
    const meter = await open({ keys: { store: slow, meter: meterName } });
    expect(meter.state).toBe("associated");
    expect((await entry()).pending).toBeUndefined();
  });

  it("until it is settled no other change is begun", async () => {
    const { open, clock } = await keyBench({}, { link: "wrapper" }, pending({ broadcastKey: key(1) }));
    const meter = await open();
    await expect(clock.run(changeKeys(meter, { encryptionKey: key(2) }))).rejects.toEqual(code("key-change-unknown"));
    await expect(clock.run(agreeKeys(meter, ["masterKey"]))).rejects.toEqual(code("key-change-unknown"));
    expect(meter.state).toBe("associated");
  });
});

describe("what connecting does not tell is settled by sending it again", () => {
  it("a broadcast key", async () => {
    const { clock, mock, open, entry } = await keyBench({}, { link: "wrapper" }, pending({ broadcastKey: key(1) }));
    const meter = await open();
    expect((await entry()).pending).toBeDefined();
    await clock.run(settleKeys(meter));
    expect(hexOf(mock.securitySetup(1)?.keys.get("global-broadcast-encryption"))).toBe(hexOf(key(1)));
    expect([(await entry()).pending, hexOf((await entry()).broadcastKey)]).toEqual([undefined, hexOf(key(1))]);
    expect(await clock.run(settleKeys(meter))).toEqual({});
  });

  for (const taken of [true, false])
    it(`a master key that the meter has ${taken ? "" : "not "}taken`, async () => {
      const known = pending({ masterKey: taken ? secrets.masterKey! : key(1) });
      const { clock, mock, open, entry } = await keyBench(
        {},
        { link: "wrapper" },
        taken ? { ...known, masterKey: key(1) } : known,
      );
      const meter = await open();
      await clock.run(taken ? changeKeys(meter, { masterKey: mockCredentials.masterKey }) : settleKeys(meter));
      const inForce = mock.securitySetup(1)?.keys.get("master");
      expect([hexOf(inForce), (await entry()).pending]).toEqual([hexOf((await entry()).masterKey), undefined]);
      await clock.run(meter.register(energy).value.get());
    });

  it("what is refused the second time may have been taken the first: it stays pending", async () => {
    const known = { ...pending({ broadcastKey: key(1) }), masterKey: key(2) };
    const { clock, open, entry } = await keyBench({}, { link: "wrapper" }, known);
    const meter = await open();
    await expect(clock.run(settleKeys(meter))).rejects.toEqual(code("access-refused"));
    expect((await entry()).pending).toMatchObject({ since });
    await clock.run(settleKeys(meter, { masterKey: mockCredentials.masterKey }));
    expect((await entry()).pending).toBeUndefined();
  });

  it("a master key that the meter takes neither way stays pending", async () => {
    const known = { ...pending({ masterKey: key(1) }), masterKey: key(2) };
    const { clock, open, entry } = await keyBench({}, { link: "wrapper" }, known);
    const meter = await open();
    const change = await clock.run(settleKeys(meter)).catch((error: unknown) => error);
    expect(change).toMatchObject({ code: "key-change-unknown", cause: { code: "keys-unsettled" } });
    expect((await entry()).pending).toBeDefined();
    await clock.run(meter.register(energy).value.get());
  });
});

describe("the store", () => {
  it("has no entry, or not all of it", async () => {
    const { open, store } = await keyBench({}, { link: "wrapper" }, { password: key(1) });
    await expect(open({ keys: { store, meter: "nobody" } })).rejects.toEqual(code("keys-not-stored"));
    await expect(open()).rejects.toMatchObject({ code: "keys-not-stored", message: expect.stringContaining("Title") });
    await expect(open({ authentication: { mechanism: "hls-md5" } })).rejects.toEqual(code("keys-not-stored"));
  });

  it("finds a meter by its system title", async () => {
    const { open, store } = await keyBench();
    await open({ keys: { store, meter: "444c4d0000000001" } });
  });

  it("refuses a save that is based on an older entry", async () => {
    const store = memoryKeyStore();
    const saved = await store.save("a", { password: key(1) });
    await store.save("a", { ...saved, password: key(2) });
    await expect(store.save("a", { ...saved, password: key(3) })).rejects.toEqual(code("key-store-changed"));
    await expect(store.save("a", { password: key(3) })).rejects.toEqual(code("key-store-changed"));
    expect(hexOf((await store.load("a"))?.password)).toBe(hexOf(key(2)));
  });

  it("fails before the change: nothing is sent", async () => {
    const { clock, mock, open, store } = await keyBench();
    const broken = { ...store, save: async () => Promise.reject(new Error("the disk is full")) };
    const meter = await open({ keys: { store: broken, meter: meterName } });
    await expect(clock.run(changeKeys(meter, { encryptionKey: key(1) }))).rejects.toThrow("the disk is full");
    expect(mock.securitySetup(1)?.keys.version).toBe(0);
    await clock.run(meter.register(energy).value.get());
  });

  it("fails after the change: the session goes on, and the next one settles it", async () => {
    const { clock, open, store, entry } = await keyBench();
    let saves = 0;
    const broken: KeyStore = {
      ...store,
      save: async (...entryToSave) =>
        ++saves === 2 ? Promise.reject(new Error("the disk is full")) : store.save(...entryToSave),
    };
    const meter = await open({ keys: { store: broken, meter: meterName } });
    await expect(clock.run(changeKeys(meter, { encryptionKey: key(1) }))).rejects.toThrow("the disk is full");
    await clock.run(meter.register(energy).value.get());
    expect((await entry()).pending).toBeDefined();
    await clock.run(meter.close());
    await open();
    expect([(await entry()).pending, hexOf((await entry()).encryptionKey)]).toEqual([undefined, hexOf(key(1))]);
  });
});
