import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { agreeKeys, changeKeys } from "../../../src/client/index.js";
import { Obis } from "../../../src/cosem/index.js";
import { associationObject, type MockClientSecurity, mockCredentials } from "../../../src/mock/index.js";
import { defaultProvider } from "../../../src/node/crypto.js";
import { keyFingerprint, SecretKey } from "../../../src/security/index.js";
import { ownTitle } from "../mock.js";
import { hexOf, key, keyBench, meterName, secrets } from "./bench.js";

const code = (name: string) => expect.objectContaining({ code: name });
const energy = "1-0:1.8.0*255";

describe("key transfer", () => {
  for (const link of ["hdlc", "wrapper"] as const)
    it(`keeps the session, the next one uses the new keys, the old ones are refused, over ${link}`, async () => {
      const { clock, mock, open, plain, entry, counters } = await keyBench({}, { link });
      const meter = await open();
      const fresh = { encryptionKey: key(1), authenticationKey: key(2), broadcastKey: key(3), masterKey: key(4) };
      const changed = await clock.run(changeKeys(meter, fresh));
      expect(Object.values(changed).map(hexOf)).toEqual(Object.values(fresh).map(hexOf));
      await clock.run(meter.register(energy).value.get());
      await clock.run(meter.close());
      expect(mock.securitySetup(1)?.keys.get("master")).toSatisfy(
        (master: SecretKey) => hexOf(master) === hexOf(key(4)),
      );
      const saved = await entry();
      expect(saved.pending).toBeUndefined();
      expect([saved.encryptionKey, saved.authenticationKey, saved.broadcastKey, saved.masterKey].map(hexOf)).toEqual(
        Object.values(fresh).map(hexOf),
      );
      const again = await open();
      await clock.run(again.register(energy).value.get());
      await clock.run(changeKeys(again, { encryptionKey: key(5) }));
      await clock.run(again.register(energy).value.get());
      await clock.run(again.close());
      const { encryptionKey, authenticationKey } = mockCredentials;
      const old = { encryptionKey, authenticationKey, systemTitle: ownTitle, counters };
      await expect(plain({ client: 1, authentication: { mechanism: "hls-gmac" }, security: old })).rejects.toThrow();
    });

  it("draws a key, which the store keeps", async () => {
    const { clock, open, entry } = await keyBench();
    const meter = await open();
    const { encryptionKey } = await clock.run(changeKeys(meter, { encryptionKey: true }));
    expect(hexOf((await entry()).encryptionKey)).toBe(hexOf(encryptionKey));
    await clock.run(meter.register(energy).value.get());
  });

  it("without a store: the caller has the keys, gives the master key, and draws none", async () => {
    const { clock, plain } = await keyBench();
    const { encryptionKey, authenticationKey, masterKey } = mockCredentials;
    const security = { encryptionKey, authenticationKey, systemTitle: ownTitle };
    const meter = await plain({ client: 1, authentication: { mechanism: "hls-gmac" }, security });
    await expect(changeKeys(meter, { encryptionKey: key(1) })).rejects.toEqual(code("key-unknown"));
    await expect(changeKeys(meter, { encryptionKey: true }, { masterKey })).rejects.toEqual(code("invalid-argument"));
    await clock.run(changeKeys(meter, { encryptionKey: "0A".repeat(16) }, { masterKey: toHex(masterKey) }));
    await clock.run(meter.register(energy).value.get());
    await clock.run(meter.close());
    const next = { ...security, encryptionKey: "0A".repeat(16) };
    const again = await plain({ client: 1, authentication: { mechanism: "hls-gmac" }, security: next });
    await clock.run(again.register(energy).value.get());
  });

  it("under another master key is refused, and everything is as it was", async () => {
    const { clock, mock, open, entry } = await keyBench({}, { link: "wrapper" }, { ...secrets, masterKey: key(9) });
    const meter = await open();
    const refused = clock.run(changeKeys(meter, { encryptionKey: key(1) }));
    await expect(refused).rejects.toEqual(code("access-refused"));
    await clock.run(meter.register(energy).value.get());
    const saved = await entry();
    expect([saved.pending, hexOf(saved.encryptionKey)]).toEqual([undefined, hexOf(secrets.encryptionKey)]);
    expect(mock.securitySetup(1)?.keys.version).toBe(0);
  });

  it("of wrong keys sends nothing", async () => {
    const { open, trace } = await keyBench();
    const meter = await open();
    const before = trace.length;
    for (const [keys, why] of [
      [{ encryptionKey: key(1, 15) }, "invalid-key"],
      [{}, "invalid-argument"],
      [{ encryptionKey: mockCredentials.encryptionKey }, "invalid-argument"],
      [{ authenticationKey: mockCredentials.masterKey }, "invalid-argument"],
      [{ encryptionKey: key(1), authenticationKey: key(1) }, "invalid-argument"],
      [{ otherKey: key(1) }, "invalid-argument"],
    ] as const)
      await expect(changeKeys(meter, keys as object)).rejects.toEqual(code(why));
    expect(trace.length).toBe(before);
  });

  it("waits for what is on its way, and what is asked meanwhile waits for it", async () => {
    const { clock, open } = await keyBench();
    const meter = await open({ maxInFlight: 4 });
    const read = () => meter.register(energy).value.get();
    const order: string[] = [];
    const note = (what: string) => () => void order.push(what);
    await clock.run(
      Promise.all([
        read().then(note("before")),
        read().then(note("before")),
        changeKeys(meter, { encryptionKey: key(1) }).then(note("change")),
        read().then(note("after")),
        changeKeys(meter, { encryptionKey: key(2) }).then(note("change")),
        read().then(note("after")),
      ]),
    );
    expect(order.slice(0, 3)).toEqual(["before", "before", "change"]);
    expect(order).toHaveLength(6);
    await clock.run(read());
  });

  it("another session of the same client goes on under the new keys where it learns them, else is refused", async () => {
    const { clock, open } = await keyBench();
    const [one, other] = [await open(), await open()];
    await clock.run(changeKeys(one, { encryptionKey: key(1) }));
    await clock.run(one.register(energy).value.get());
    await expect(clock.run(other.register(energy).value.get())).rejects.toThrow();
  });

  it("acts on the security setup that the association names", async () => {
    const { encryptionKey, authenticationKey, masterKey, systemTitle } = mockCredentials;
    const security: MockClientSecurity = {
      suite: 0,
      protection: "authenticated-encrypted",
      encryptionKey,
      authenticationKey,
      masterKey,
      systemTitle,
    };
    const authentication = { mechanism: "hls-gmac" } as const;
    const { clock, mock, open } = await keyBench({
      clients: [
        { clientSap: 16, authentication: { mechanism: "none" } },
        { clientSap: 3, authentication, security: { ...security, encryptionKey: new Uint8Array(16) } },
        { clientSap: 1, authentication, security },
      ],
    });
    const meter = await open();
    const elsewhere = changeKeys(meter, { encryptionKey: key(1) }, { securitySetup: "0-0:43.0.0*255" });
    await expect(clock.run(elsewhere)).rejects.toEqual(code("invalid-argument"));
    await clock.run(changeKeys(meter, { encryptionKey: key(1) }));
    await clock.run(meter.register(energy).value.get());
    expect([mock.securitySetup(3)?.keys.version, mock.securitySetup(1)?.keys.version]).toEqual([0, 1]);
  });
});

it("an association that names its security setup by zeros is taken to name none", async () => {
  const { clock, mock, open } = await keyBench({
    objects: [
      associationObject(Obis.parse("0-0:40.0.0*255").octets, (clientSap) => ({
        clientSap,
        serverSap: 1,
        ciphering: true,
        mechanismId: 5,
        maxPduSize: 1024,
        conformance: new Set(),
        securitySetup: new Uint8Array(6),
      })),
    ],
  });
  const meter = await open();
  await clock.run(changeKeys(meter, { encryptionKey: key(1) }));
  await clock.run(meter.register(energy).value.get());
  expect(mock.securitySetup(1)?.keys.version).toBe(1);
});

describe("counters", () => {
  it("a new key opens a record at 0; that of the old key never restarts", async () => {
    const { clock, open, counters } = await keyBench();
    const title = secrets.ownSystemTitle as Uint8Array;
    const recordOf = (of: SecretKey) => counters.next(keyFingerprint(defaultProvider, of), title);
    const meter = await open();
    await clock.run(meter.register(energy).value.get());
    const old = await recordOf(secrets.encryptionKey as SecretKey);
    expect(await recordOf(key(1))).toBeUndefined();
    await clock.run(changeKeys(meter, { encryptionKey: key(1) }));
    expect(await recordOf(key(1))).toBe(256);
    expect(await recordOf(secrets.encryptionKey as SecretKey)).toBe(old);
    // Back to the first key: it goes on where it was.
    await clock.run(changeKeys(meter, { encryptionKey: secrets.encryptionKey as SecretKey }));
    await clock.run(meter.register(energy).value.get());
    await clock.run(meter.close());
    await clock.run((await open()).close());
    expect(await recordOf(secrets.encryptionKey as SecretKey)).toBeGreaterThanOrEqual(old as number);
  });

  it("a new broadcast key has a record too, so that a broadcast finds where to begin", async () => {
    const { clock, open, counters } = await keyBench();
    const title = secrets.ownSystemTitle as Uint8Array;
    const next = () => counters.next(keyFingerprint(defaultProvider, key(3)), title);
    await clock.run(changeKeys(await open(), { broadcastKey: key(3) }));
    const first = await next();
    expect(first).toBeGreaterThan(0);
    // Another meter is given the same key: its record goes on.
    await clock.run(changeKeys(await open(), { encryptionKey: key(4) }));
    expect(await next()).toBe(first);
  });

  it("the counter object of the meter follows the key", async () => {
    const { clock, mock, open } = await keyBench();
    const meter = await open();
    await clock.run(meter.register(energy).value.get());
    const before = mock.receivedCounter(1) as number;
    await clock.run(changeKeys(meter, { encryptionKey: key(1) }));
    await clock.run(meter.data("0-0:43.1.0*255").value.get());
    expect(before).toBeGreaterThan(100);
    expect(mock.receivedCounter(1)).toBe(0);
  });

  it("a new key whose counter is used up is refused before anything is sent", async () => {
    const { clock, mock, open, counters, entry } = await keyBench();
    const meter = await open();
    await counters.reserve(
      keyFingerprint(defaultProvider, key(1)),
      secrets.ownSystemTitle as Uint8Array,
      1,
      0xfffffff0,
    );
    const change = clock.run(changeKeys(meter, { encryptionKey: key(1) }));
    await expect(change).rejects.toEqual(code("counter-exhausted"));
    expect([mock.securitySetup(1)?.keys.version, (await entry()).pending]).toEqual([0, undefined]);
    await clock.run(meter.register(energy).value.get());
  });
});

describe("key agreement", () => {
  const curves = defaultProvider.ellipticCurves!;
  for (const suite of [1, 2] as const) {
    const curve = suite === 1 ? "P-256" : "P-384";
    const length = suite === 1 ? 16 : 32;
    const [client, server] = [curves.generateKeyPair(curve), curves.generateKeyPair(curve)];
    const security: MockClientSecurity = {
      suite,
      protection: "authenticated-encrypted",
      encryptionKey: new Uint8Array(length).fill(0x11),
      authenticationKey: new Uint8Array(length).fill(0x22),
      masterKey: new Uint8Array(length).fill(0x33),
      systemTitle: mockCredentials.systemTitle,
      signaturePrivateKey: server.privateKey,
      clientSignaturePublicKey: client.publicKey,
    };
    const known = {
      ...secrets,
      encryptionKey: key(0x11, length),
      authenticationKey: key(0x22, length),
      masterKey: key(0x33, length),
      signaturePrivateKey: new SecretKey(client.privateKey),
      meterSignaturePublicKey: server.publicKey,
    };
    const bench = (link: "hdlc" | "wrapper" = "wrapper", change: Partial<typeof known> = {}) =>
      keyBench(
        {
          clients: [
            { clientSap: 16, authentication: { mechanism: "none" } },
            { clientSap: 1, authentication: { mechanism: "hls-gmac" }, security },
          ],
        },
        { link },
        { ...known, ...change },
      );

    for (const link of ["hdlc", "wrapper"] as const)
      it(`of all keys at once, then the next session, suite ${suite} over ${link}`, async () => {
        const { clock, mock, open, entry, counters } = await bench(link);
        const options = { security: { suite, counters } };
        const meter = await open(options);
        const names = ["encryptionKey", "authenticationKey", "broadcastKey", "masterKey"] as const;
        const agreed = await clock.run(agreeKeys(meter, names));
        await clock.run(meter.register(energy).value.get());
        await clock.run(changeKeys(meter, { authenticationKey: key(7, length) }));
        await clock.run(meter.close());
        expect(hexOf(mock.securitySetup(1)?.keys.get("master"))).toBe(hexOf(agreed.masterKey));
        expect(hexOf((await entry()).encryptionKey)).toBe(hexOf(agreed.encryptionKey));
        const again = await open(options);
        await clock.run(again.register(energy).value.get());
      });

    it(`signs by a hook, so that the key stays where it is, suite ${suite}`, async () => {
      const { clock, open, counters } = await bench();
      const meter = await open({ security: { suite, counters } });
      const sign = async (octets: Uint8Array) => curves.sign(curve, client.privateKey, octets);
      await clock.run(agreeKeys(meter, ["masterKey"], { sign }));
      await clock.run(changeKeys(meter, { encryptionKey: key(7, length) }));
      await clock.run(meter.register(energy).value.get());
    });

    it(`a meter whose signature does not hold: nothing is taken up, the change stays pending, suite ${suite}`, async () => {
      const stranger = curves.generateKeyPair(curve);
      const { clock, open, entry, counters } = await bench("wrapper", { meterSignaturePublicKey: stranger.publicKey });
      const meter = await open({ security: { suite, counters } });
      const change = await clock.run(agreeKeys(meter, ["encryptionKey"])).catch((error: unknown) => error);
      expect(change).toMatchObject({ code: "key-change-unknown", cause: { code: "signature-invalid" } });
      const { pending, encryptionKey } = await entry();
      expect([pending?.agreed, hexOf(encryptionKey)]).toEqual([["encryptionKey"], hexOf(known.encryptionKey)]);
      expect(meter.state).toBe("closed");
    });
  }

  it("suite 0 has no key agreement, and there is none without keys to sign with; nothing is pending afterwards", async () => {
    const { clock, open, entry } = await keyBench({ securitySetupVersion: 1 });
    const meter = await open();
    const pair = curves.generateKeyPair("P-256");
    const options = { signaturePrivateKey: pair.privateKey, meterSignaturePublicKey: pair.publicKey };
    await expect(clock.run(agreeKeys(meter, ["masterKey"], options))).rejects.toEqual(code("invalid-argument"));
    expect((await entry()).pending).toBeUndefined();
    await expect(clock.run(agreeKeys(meter, ["masterKey"]))).rejects.toEqual(code("key-unknown"));
    await expect(agreeKeys(meter, [])).rejects.toEqual(code("invalid-argument"));
    expect(meterName).toBe("house-17");
  });
});
