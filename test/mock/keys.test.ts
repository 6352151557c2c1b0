import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/base/index.js";
import {
  encodeParameter,
  type InterfaceClass,
  KeyId,
  methodNamed,
  Obis,
  SecuritySetup,
  SecuritySetupV0,
} from "../../src/cosem/index.js";
import { decodeData, encodeData } from "../../src/data/index.js";
import { accessResult, MockMeter, type MockMeterOptions, mockCredentials } from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { agreedKey, ephemeralPair, openKeyData, SecretKey, signedPart, wrapKey } from "../../src/security/index.js";

const crypto = defaultProvider;
const { ellipticCurves } = crypto;
const setupName = Obis.parse("0-0:43.0.0*255");
const management = 1;
const master = new SecretKey(mockCredentials.masterKey);
const newKey = new SecretKey(new Uint8Array(16).fill(0x77));
const { success, otherReason, readWriteDenied, typeUnmatched } = accessResult;
type Names = keyof typeof KeyId;

/** Invokes a method of the security setup as the management client; gives the result and what was returned. */
function invoker(meter: MockMeter) {
  return <C extends InterfaceClass>(table: C, name: keyof C["methods"] & string, parameter: unknown) => {
    const methodId = methodNamed(table, name).id;
    const method = { classId: 64, instanceId: setupName.octets, methodId };
    const response = meter.device.handle(
      {
        service: "action",
        items: [{ method, parameter: encodeData(encodeParameter(table, name, parameter as never)) }],
      },
      { clientSap: management, protection: "none", now: 0 },
    );
    const [outcome] = response.service === "action" ? response.results : [];
    return { result: outcome?.result, returned: outcome?.returned?.ok ? decodeData(outcome.returned.data) : undefined };
  };
}

const bench = (options: MockMeterOptions = {}) => {
  const meter = new MockMeter({ firstSentCounter: 1, ...options });
  const setup = meter.securitySetup(management);
  if (setup === undefined) throw new Error("the management client has no security setup");
  return { meter, setup, invoke: invoker(meter) };
};
const wrapped = (keyId: Names, key = newKey, under = master) => ({ keyId, keyWrapped: wrapKey(crypto, 0, under, key) });
const hexOf = (key: SecretKey | undefined) => key?.use(toHex);

describe("security_activate", () => {
  it("raises the policy of version 0 and never lowers it", () => {
    const { meter, invoke } = bench({
      clients: [
        { clientSap: 1, authentication: { mechanism: "hls-gmac" }, security: { ...security, protection: "none" } },
      ],
    });
    const setup = meter.securitySetup(1);
    expect(setup?.policy).toBe(0);
    expect(invoke(SecuritySetupV0, "securityActivate", "authenticated").result).toBe(success);
    expect(invoke(SecuritySetupV0, "securityActivate", "encrypted").result).toBe(readWriteDenied);
    expect(invoke(SecuritySetupV0, "securityActivate", "none").result).toBe(readWriteDenied);
    expect(setup?.policy).toBe(1);
    expect(invoke(SecuritySetupV0, "securityActivate", "authenticated-encrypted").result).toBe(success);
    expect(invoke(SecuritySetupV0, "securityActivate", 7).result).toBe(otherReason);
    expect(setup?.policy).toBe(3);
  });

  it("sets bits of version 1 and never clears one; signatures want a suite that has them", () => {
    const { setup, invoke } = bench({ securitySetupVersion: 1 });
    const activate = (code: number) => invoke(SecuritySetup, "securityActivate", { code }).result;
    expect(setup.policy).toBe(0x6c);
    expect(activate(0x24)).toBe(readWriteDenied);
    expect(activate(0x6d)).toBe(otherReason);
    expect(activate(0xfc)).toBe(otherReason);
    expect(activate(0x6c)).toBe(success);
  });
});

const { encryptionKey, authenticationKey, systemTitle, masterKey } = mockCredentials;
const security = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey,
  authenticationKey,
  systemTitle,
} as const;

describe("key transfer", () => {
  for (const [version, table, name] of [
    [0, SecuritySetupV0, "globalKeyTransfer"],
    [1, SecuritySetup, "keyTransfer"],
  ] as const)
    it(`several keys in one array, version ${version}`, () => {
      const { setup, invoke } = bench({ securitySetupVersion: version });
      const names: Names[] = ["global-unicast-encryption", "global-broadcast-encryption", "authentication", "master"];
      const keys = names.map((_, index) => new SecretKey(new Uint8Array(16).fill(0x40 + index)));
      const given = names.map((keyId, index) => wrapped(keyId, keys[index]));
      expect(invoke(table as InterfaceClass, name, given)).toEqual({ result: success, returned: undefined });
      expect(names.map((keyId) => hexOf(setup.keys.get(keyId)))).toEqual(keys.map(hexOf));
    });

  const refused: Record<string, unknown[]> = {
    "a wrap that does not open": [
      wrapped("authentication"),
      wrapped("global-unicast-encryption", newKey, new SecretKey(new Uint8Array(16))),
    ],
    "a wrapped key of another length": [
      { keyId: "authentication", keyWrapped: crypto.aesKey(masterKey).wrap(new Uint8Array(32)) },
    ],
    "a wrap cut short": [{ keyId: "authentication", keyWrapped: wrapped("authentication").keyWrapped.subarray(1) }],
    "a key twice": [wrapped("authentication"), wrapped("authentication")],
    "a key that does not exist": [wrapped("authentication"), { ...wrapped("authentication"), keyId: 4 }],
    "no key": [],
  };
  for (const [what, given] of Object.entries(refused))
    it(`${what} is refused, and nothing changed`, () => {
      const { setup, invoke } = bench();
      const before = setup.keys.snapshot();
      expect(invoke(SecuritySetupV0, "globalKeyTransfer", given).result).toBe(otherReason);
      expect([setup.keys.snapshot(), setup.keys.version]).toEqual([before, 0]);
    });

  it("is refused by a meter that has no master key", () => {
    const clients = [{ clientSap: 1, authentication: { mechanism: "hls-gmac" }, security }] as const;
    const { invoke } = bench({ clients });
    expect(invoke(SecuritySetupV0, "globalKeyTransfer", [wrapped("authentication")]).result).toBe(readWriteDenied);
  });

  it("a new key begins at 0, and one that was here before goes on", () => {
    const { meter, setup, invoke } = bench();
    const first = setup.keys.get("global-unicast-encryption") as SecretKey;
    setup.keys.counters().heard(5000);
    invoke(SecuritySetupV0, "globalKeyTransfer", [wrapped("global-unicast-encryption")]);
    expect(meter.receivedCounter(management)).toBe(-1);
    expect(setup.keys.counters().sent.next()).toBe(0);
    invoke(SecuritySetupV0, "globalKeyTransfer", [wrapped("global-unicast-encryption", first)]);
    expect(meter.receivedCounter(management)).toBe(5000);
    expect(setup.keys.counters().sent.next()).toBe(1);
    invoke(SecuritySetupV0, "globalKeyTransfer", [wrapped("global-unicast-encryption")]);
    expect(setup.keys.counters().sent.next()).toBe(1);
  });
});

describe("key agreement", () => {
  for (const suite of [1, 2] as const) {
    const curve = suite === 1 ? "P-256" : "P-384";
    const length = suite === 1 ? 16 : 32;
    const client = ellipticCurves!.generateKeyPair(curve);
    const server = ellipticCurves!.generateKeyPair(curve);
    const own = () =>
      bench({
        clients: [
          {
            clientSap: 1,
            authentication: { mechanism: "hls-gmac" },
            security: {
              suite,
              protection: "authenticated-encrypted",
              encryptionKey: new Uint8Array(length),
              authenticationKey: new Uint8Array(length).fill(1),
              systemTitle,
              signaturePrivateKey: server.privateKey,
              clientSignaturePublicKey: client.publicKey,
            },
          },
        ],
      });
    const offer = (keyId: Names) => {
      const pair = ephemeralPair(crypto, suite);
      const signature = ellipticCurves!.sign(curve, client.privateKey, signedPart(KeyId[keyId], pair.publicKey));
      return { pair, given: { keyId, keyData: concatBytes(pair.publicKey, signature) } };
    };

    it(`both ends come to the same keys, suite ${suite}`, () => {
      const { setup, invoke } = own();
      const names: Names[] = ["global-unicast-encryption", "authentication"];
      const offers = names.map(offer);
      const { result, returned } = invoke(
        SecuritySetup,
        "keyAgreement",
        offers.map(({ given }) => given),
      );
      expect(result).toBe(success);
      const answers = (
        SecuritySetup.methods.keyAgreement.result as NonNullable<typeof SecuritySetup.methods.keyAgreement.result>
      ).decode(returned!);
      const keys = answers.map(({ keyId, keyData }, index) => {
        const peer = openKeyData(crypto, suite, KeyId[keyId as Names], keyData, server.publicKey);
        return agreedKey(crypto, suite, offers[index]!.pair, peer, { client: new Uint8Array(8), meter: systemTitle });
      });
      expect(keys.map(hexOf)).toEqual(names.map((keyId) => hexOf(setup.keys.get(keyId))));
      expect(new Set(keys.map(hexOf)).size).toBe(2);
    });

    it(`a signature over another key_id, or a flipped bit, is refused and nothing changed, suite ${suite}`, () => {
      const { setup, invoke } = own();
      const before = setup.keys.snapshot();
      const { given } = offer("authentication");
      const flipped = given.keyData.slice();
      flipped[3]! ^= 1;
      for (const wrong of [
        [{ ...given, keyId: "global-unicast-encryption" }],
        [offer("global-unicast-encryption").given, { ...given, keyData: flipped }],
        [{ ...given, keyData: given.keyData.subarray(1) }],
        [{ ...given, keyData: new Uint8Array() }],
      ])
        expect(invoke(SecuritySetup, "keyAgreement", wrong).result).toBe(otherReason);
      expect(setup.keys.snapshot()).toBe(before);
    });
  }

  it("is refused without signature keys", () => {
    const { invoke } = bench({ securitySetupVersion: 1 });
    const given = [{ keyId: "authentication", keyData: new Uint8Array(128) }];
    expect(invoke(SecuritySetup, "keyAgreement", given).result).toBe(readWriteDenied);
  });

  it("a parameter of another type is refused", () => {
    const { meter } = bench({ securitySetupVersion: 1 });
    const method = { classId: 64, instanceId: setupName.octets, methodId: 3 };
    const response = meter.device.handle(
      { service: "action", items: [{ method, parameter: encodeData({ type: "unsigned", value: 1 }) }] },
      { clientSap: management, protection: "none", now: 0 },
    );
    expect(response.results[0]).toEqual({ result: typeUnmatched });
  });
});
