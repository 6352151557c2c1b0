import { describe, expect, it } from "vitest";
import { defaultProvider as crypto } from "#crypto";
import { connect, type Meter, type SecurityOptions } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { type GeneralKey, generalProtection, type PrivateKeySource } from "../../src/security/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { clientTitle, meterTitle, parties } from "../association/parties.js";

if (!crypto.ellipticCurves) throw new Error("the provider has elliptic curves");
const curves = crypto.ellipticCurves;

/** As an HSM over a network: it takes its time. */
const slowly = (key: Uint8Array): PrivateKeySource => ({
  sign: async (curve, message) => {
    await new Promise((resolve) => setImmediate(resolve));
    return curves.sign(curve, key, message);
  },
  agree: async (curve, publicKey) => {
    await new Promise((resolve) => setImmediate(resolve));
    return curves.agree(curve, key, publicKey);
  },
});

async function session(suite: 0 | 1 | 2, key: GeneralKey, more: Partial<SecurityOptions> = {}) {
  const keys = parties(suite);
  const mock = new MockMeter({
    systemTitle: meterTitle,
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      {
        clientSap: 1,
        authentication: { mechanism: "hls-gmac" },
        security: { ...keys.shared, systemTitle: meterTitle, general: generalProtection(keys.meter) },
      },
    ],
  });
  const link = await mock.memory({ link: "wrapper" });
  const meter = await connect(link.endpoint, {
    client: 1,
    authentication: { mechanism: "hls-gmac" },
    security: {
      ...keys.shared,
      systemTitle: clientTitle,
      meterSystemTitle: meterTitle,
      ciphering: "general-ciphering",
      general: generalProtection({ ...keys.client, key }),
      ...more,
    },
  });
  return { mock, meter };
}

const forms: readonly (readonly [0 | 1 | 2, GeneralKey, boolean])[] = [
  [0, "identified", false],
  [0, "wrapped", false],
  ...([1, 2] as const).flatMap((suite) =>
    (["identified", "wrapped", "one-pass", "static"] as const).flatMap((key) =>
      [false, true].map((signing) => [suite, key, signing] as const),
    ),
  ),
];

async function clockOf(meter: Meter) {
  return await meter.clock("0-0:1.0.0*255").time.get();
}

describe("a session in general-ciphering", () => {
  for (const [suite, key, signing] of forms)
    it(`suite ${suite}, ${key} key${signing ? ", signed" : ""}: associates and reads`, async () => {
      const { mock, meter } = await session(suite, key, { signing });
      expect(await clockOf(meter)).toBeDefined();
      await meter.close();
      await mock.close();
    });
});

describe("private keys in an HSM", () => {
  for (const key of ["one-pass", "static"] as const)
    it(`${key}, signed: registers, a list and a profile, each key used where it is kept`, async () => {
      const keys = parties(1);
      const general = generalProtection({
        ...keys.client,
        key,
        signaturePrivateKey: slowly(keys.pairs.clientSigns.privateKey),
        agreementPrivateKey: slowly(keys.pairs.clientAgrees.privateKey),
      });
      const mock = new MockMeter({
        household: { days: 1 },
        systemTitle: meterTitle,
        clients: [
          { clientSap: 16, authentication: { mechanism: "none" } },
          {
            clientSap: 1,
            authentication: {
              mechanism: "hls-ecdsa",
              privateKey: keys.pairs.meterSigns.privateKey,
              peerPublicKey: keys.pairs.clientSigns.publicKey,
            },
            security: {
              ...keys.shared,
              systemTitle: meterTitle,
              signing: true,
              general: generalProtection(keys.meter),
            },
          },
        ],
      });
      const { endpoint } = await mock.memory();
      const meter = await connect(endpoint, {
        client: 1,
        authentication: {
          mechanism: "hls-ecdsa",
          privateKey: slowly(keys.pairs.clientSigns.privateKey),
          peerPublicKey: keys.pairs.meterSigns.publicKey,
        },
        security: {
          ...keys.shared,
          systemTitle: clientTitle,
          meterSystemTitle: meterTitle,
          ciphering: "general-ciphering",
          signing: true,
          general,
        },
      });
      const values = await meter.readAll([
        meter.register("1-0:1.8.0").value,
        meter.register("1-0:2.8.0").value,
        meter.clock("0-0:1.0.0").time,
      ]);
      expect(values.every((value) => value.ok)).toBe(true);
      let rows = 0;
      for await (const row of meter.profile("1-0:99.1.0").rows()) rows += row === undefined ? 0 : 1;
      expect(rows).toBeGreaterThan(90);
      await meter.close();
      await mock.close();
    });

  it("an HSM that fails ends connect under its own code, its words as the cause, and shows no key", async () => {
    const keys = parties(1);
    const broken = {
      sign: () => Promise.reject(new Error("PIN locked")),
      agree: () => Promise.reject(new Error("no")),
    };
    const mock = new MockMeter({ systemTitle: meterTitle });
    const refused = connect(await mock.endpoint(), {
      client: 1,
      security: {
        ...keys.shared,
        systemTitle: clientTitle,
        meterSystemTitle: meterTitle,
        ciphering: "general-ciphering",
        general: generalProtection({ ...keys.client, key: "one-pass", signaturePrivateKey: broken }),
        counterRecovery: { enabled: false, firstCounter: 1 },
      },
    });
    await expect(refused).rejects.toMatchObject({ code: "private-key-failed", cause: { message: "PIN locked" } });
    await mock.close();
  });

  it("an HSM that says nothing is given up after the time for keys", async () => {
    const keys = parties(1);
    const never = () => new Promise<never>(() => undefined);
    const clock = new VirtualClock({ wallTime: 0 });
    const mock = new MockMeter({ clock, systemTitle: meterTitle });
    const endpoint = await mock.endpoint();
    const attempt = connect(endpoint, {
      client: 1,
      timeouts: { keyMs: 5_000 },
      security: {
        ...keys.shared,
        systemTitle: clientTitle,
        meterSystemTitle: meterTitle,
        ciphering: "general-ciphering",
        general: generalProtection({
          ...keys.client,
          key: "static",
          agreementPrivateKey: { sign: never, agree: never },
        }),
        counterRecovery: { enabled: false, firstCounter: 1 },
      },
    }).catch((error: unknown) => error);
    expect(await clock.run(attempt)).toMatchObject({ code: "private-key-failed" });
    expect(clock.now()).toBeLessThan(6_000);
    await mock.close();
  });
});
