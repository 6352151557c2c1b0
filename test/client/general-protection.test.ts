import { describe, expect, it } from "vitest";
import { defaultProvider as crypto } from "#crypto";
import { connect, type Meter, type SecurityOptions } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { type GeneralKey, type GeneralProtectionKeys, generalProtection } from "../../src/security/index.js";

const clientTitle = Uint8Array.from([0x43, 0x4c, 0x49, 0, 0, 0, 0, 1]);
const meterTitle = Uint8Array.from([0x4d, 0x45, 0x54, 0, 0, 0, 0, 1]);

/** Keys of both ends of one suite. */
function household(suite: 0 | 1 | 2) {
  const size = suite === 2 ? 32 : 16;
  const curve = suite === 2 ? "P-384" : "P-256";
  const pair = () => {
    const made = crypto.ellipticCurves?.generateKeyPair(curve);
    if (made === undefined) throw new Error("the provider has elliptic curves");
    return made;
  };
  const pairs = { clientSigns: pair(), clientAgrees: pair(), meterSigns: pair(), meterAgrees: pair() };
  const masterKey = new Uint8Array(size).fill(4);
  const party = (title: Uint8Array) =>
    title[0] === clientTitle[0]
      ? { signaturePublicKey: pairs.clientSigns.publicKey, agreementPublicKey: pairs.clientAgrees.publicKey }
      : { signaturePublicKey: pairs.meterSigns.publicKey, agreementPublicKey: pairs.meterAgrees.publicKey };
  const client: GeneralProtectionKeys = {
    masterKey,
    party,
    signaturePrivateKey: pairs.clientSigns.privateKey,
    agreementPrivateKey: pairs.clientAgrees.privateKey,
  };
  const meter: GeneralProtectionKeys = {
    masterKey,
    party,
    signaturePrivateKey: pairs.meterSigns.privateKey,
    agreementPrivateKey: pairs.meterAgrees.privateKey,
  };
  const shared = {
    suite,
    protection: "authenticated-encrypted",
    encryptionKey: new Uint8Array(size).fill(1),
    authenticationKey: new Uint8Array(size).fill(2),
  } as const;
  return { pairs, client, meter, shared };
}

async function session(suite: 0 | 1 | 2, key: GeneralKey, more: Partial<SecurityOptions> = {}) {
  const keys = household(suite);
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
