import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { type ProtectedDataOptions, protectedData, type WantedLayer } from "../../src/client/index.js";
import {
  accessModeBits,
  DataClass,
  DataProtection,
  decodeProtectedRequest,
  encodeProtectedRequest,
  Obis,
  type ProtectionLayer,
} from "../../src/cosem/index.js";
import { type Data, u8 } from "../../src/data/index.js";
import {
  type DataProtectionOptions,
  dataProtectionObject,
  type MockObject,
  mockCredentials,
  object,
} from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { MemoryCounter } from "../../src/security/index.js";
import { clients, ownTitle } from "./mock.js";
import { type Connected, withMeter } from "./with-meter.js";

const guard = "0-0:43.2.0*255";
const tariff = "0-0:96.129.0*255";
const limit = "0-0:96.129.1*255";
const crypto = defaultProvider;
const curves = crypto.ellipticCurves;
if (curves === undefined) throw new Error("no curves");
const pair = () => curves.generateKeyPair("P-256");
const own = { signature: pair(), agreement: pair() };
const meters = { signature: pair(), agreement: pair() };
const partyOf = (keys: typeof own) => ({
  signaturePublicKey: keys.signature.publicKey,
  agreementPublicKey: keys.agreement.publicKey,
});
const masterKey = fromHex("505152535455565758595A5B5C5D5E5F");
const clientTitle = fromHex(ownTitle);
const meterTitle = mockCredentials.systemTitle;
const shared = { crypto, suite: 1, masterKey, authenticationKey: mockCredentials.authenticationKey } as const;

const clientKeys: ProtectedDataOptions = {
  ...shared,
  systemTitle: clientTitle,
  encryptionKey: mockCredentials.encryptionKey,
  signaturePrivateKey: own.signature.privateKey,
  agreementPrivateKey: own.agreement.privateKey,
  party: (title) => (toHex(title) === toHex(meterTitle) ? partyOf(meters) : undefined),
};
const meterKeys: DataProtectionOptions["keys"] = {
  ...shared,
  systemTitle: meterTitle,
  encryptionKey: mockCredentials.encryptionKey,
  counter: new MemoryCounter(7000),
  signaturePrivateKey: meters.signature.privateKey,
  agreementPrivateKey: meters.agreement.privateKey,
  party: (title) => (toHex(title) === toHex(clientTitle) ? partyOf(own) : undefined),
};

const items = [
  { classId: 1, obis: tariff, attributeId: 2 },
  { classId: 1, obis: limit, attributeId: 2 },
] as const;

const withGuard = (body: (connected: Connected) => Promise<void>, options: Partial<DataProtectionOptions> = {}) =>
  withMeter(body, {}, clients.management, {
    objects: [
      object(DataClass, tariff, { value: u8(4) }, { set: { value: true }, access: () => "none" }),
      object(DataClass, limit, { value: u8(60) }, { set: { value: true }, access: () => "none" }),
      dataProtectionObject({ obis: guard, keys: meterKeys, ...options }),
    ],
  });

const both: WantedLayer["kind"] = "authentication-encryption";
const code = (name: string) => expect.objectContaining({ code: name });
const values = (list: readonly Data[]) => list.map((value) => ("value" in value ? value.value : undefined));

describe("attributes under a protection of their own", () => {
  const layerings: Readonly<Record<string, readonly WantedLayer[]>> = {
    "authenticated, wrapped key": [{ kind: "authentication", key: "wrapped" }],
    "encrypted, wrapped key": [{ kind: "encryption", key: "wrapped" }],
    "both, identified key": [{ kind: both, key: "unicast" }],
    "both, wrapped key": [{ kind: both, key: "wrapped" }],
    "both, key agreed by C(1e, 1s)": [{ kind: both, key: "one-pass" }],
    "both, key agreed by C(0e, 2s)": [{ kind: both, key: "static" }],
    signed: [{ kind: "digital-signature" }],
    "signed, then ciphered": [{ kind: "digital-signature" }, { kind: both, key: "wrapped" }],
    "ciphered, then signed": [{ kind: both, key: "wrapped" }, { kind: "digital-signature" }],
    "ciphered twice": [
      { kind: both, key: "wrapped" },
      { kind: "authentication", key: "static" },
    ],
  };
  for (const [name, layers] of Object.entries(layerings))
    it(
      name,
      withGuard(async ({ meter, requests }) => {
        // They cannot be had otherwise.
        await expect(meter.data(tariff).value.get()).rejects.toThrow(code("access-refused"));
        const data = protectedData(meter, guard, clientKeys);
        expect(values(await data.get(items, layers))).toEqual([4, 60]);
        await data.set(items, [u8(5), u8(61)], layers);
        expect(values(await data.get(items, layers))).toEqual([5, 61]);
        // Nothing of the values is in the request where it is ciphered.
        const sent = requests.flatMap(({ request }) => (request.service === "action" ? request.items : []));
        const plain = sent.some(({ parameter }) => toHex(parameter ?? new Uint8Array()).includes("02021105113D"));
        expect(plain).toBe(layers.every(({ kind }) => kind === "authentication" || kind === "digital-signature"));
      }),
    );

  const doubler: MockObject = {
    classId: 9000,
    version: 0,
    logicalName: Obis.from("0-0:96.200.0*255").octets,
    attributes: new Map(),
    methods: new Map([[1, (parameter) => (parameter?.type === "unsigned" ? u8(2 * parameter.value) : undefined)]]),
  };
  const method = { classId: 9000, obis: "0-0:96.200.0*255", methodId: 1 } as const;
  const withDoubler = (body: (connected: Connected) => Promise<void>, more: Partial<DataProtectionOptions> = {}) =>
    withMeter(body, {}, clients.management, {
      objects: [doubler, dataProtectionObject({ obis: guard, keys: meterKeys, ...more })],
    });
  for (const [name, layers] of Object.entries(layerings))
    it(
      `a method: ${name}`,
      withDoubler(async ({ meter }) => {
        const data = protectedData(meter, guard, clientKeys);
        expect(await data.invoke(method, u8(21), layers)).toEqual(u8(42));
        expect(await data.invoke(method, undefined, layers)).toBeUndefined();
        await expect(data.invoke({ ...method, methodId: 2 }, undefined, layers)).rejects.toThrow(
          code("access-refused"),
        );
      }),
    );
  it(
    "a method under less than the meter demands, or under another key, is not carried out",
    withDoubler(
      async ({ meter }) => {
        const weak = protectedData(meter, guard, clientKeys).invoke(method, u8(1), [
          { kind: "authentication", key: "wrapped" },
        ]);
        await expect(weak).rejects.toThrow(code("access-refused"));
        const foreign = protectedData(meter, guard, { ...clientKeys, masterKey: new Uint8Array(16) });
        await expect(foreign.invoke(method, u8(1), [{ kind: both, key: "wrapped" }])).rejects.toThrow(
          code("access-refused"),
        );
      },
      { required: 0b0110_1100 },
    ),
  );

  const parties = (originator: Uint8Array, recipient: Uint8Array) => ({
    transactionId: fromHex("0102030405060708"),
    originatorSystemTitle: originator,
    recipientSystemTitle: recipient,
    otherInformation: new Uint8Array(),
  });
  const wrapped = { choice: "wrapped-key", kekId: 0, keyCipheredData: new Uint8Array() } as const;
  const get: ProtectionLayer[] = [{ kind: "digital-signature", header: parties(meterTitle, clientTitle) }];
  it(
    "the buffer is read under the meter's own parameters",
    withGuard(
      async ({ meter }) => {
        expect(values(await protectedData(meter, guard, clientKeys).readBuffer())).toEqual([4]);
      },
      {
        get,
        objects: [
          {
            classId: 1,
            logicalName: Obis.from(tariff),
            attributeIndex: 2,
            dataIndex: 0,
            restriction: { restrictionType: "none", restrictionValue: undefined },
          },
        ],
      },
    ),
  );
  it("parameters survive both ways", () => {
    const layers: ProtectionLayer[] = [
      ...get,
      { kind: both, header: parties(clientTitle, meterTitle), keyInfo: wrapped },
    ];
    const data = fromHex("0102");
    expect(decodeProtectedRequest(encodeProtectedRequest({ objects: [], layers, data }))).toEqual({
      objects: [],
      layers,
      data,
    });
  });
});

describe("refused by name", () => {
  const required = accessModeBits({
    request: { authenticated: true, encrypted: true },
    response: { signed: true },
  });
  it(
    "weaker than required_protection: neither read nor written",
    withGuard(
      async ({ meter, mock }) => {
        expect((await meter.object(DataProtection, guard).requiredProtection.getData()).type).toBe("enum");
        const data = protectedData(meter, guard, clientKeys);
        await expect(data.get(items, [{ kind: both, key: "wrapped" }])).rejects.toThrow(code("access-refused"));
        await expect(data.set(items, [u8(1), u8(1)], [{ kind: "authentication", key: "wrapped" }])).rejects.toThrow(
          code("access-refused"),
        );
        await expect(data.set(items, [u8(1), u8(1)], [{ kind: "digital-signature" }])).rejects.toThrow(
          code("access-refused"),
        );
        expect(values(await data.get(items, [{ kind: "digital-signature" }]))).toEqual([4, 60]);
        await data.set(items, [u8(1), u8(2)], [{ kind: both, key: "wrapped" }]);
        expect(mock.device.find(fromHex("0000608100FF"))).toBeDefined();
      },
      { required },
    ),
  );
  it(
    "an answer weaker than what the client requires",
    withGuard(async ({ meter }) => {
      const strict = protectedData(meter, guard, { ...clientKeys, requires: { authenticated: true, signed: true } });
      await expect(strict.get(items, [{ kind: both, key: "wrapped" }])).rejects.toThrow(code("weaker-than-policy"));
    }),
  );
  it(
    "wrong keys: of the signer, of the wrapper, of authentication",
    withGuard(async ({ meter }) => {
      const stranger = pair();
      const party = () => ({ ...partyOf(meters), signaturePublicKey: stranger.publicKey });
      const wrong = (options: Partial<ProtectedDataOptions>, layer: WantedLayer) =>
        protectedData(meter, guard, { ...clientKeys, ...options }).get(items, [layer]);
      await expect(wrong({ party }, { kind: "digital-signature" })).rejects.toThrow(code("signature-invalid"));
      const other = new Uint8Array(16).fill(1);
      await expect(wrong({ masterKey: other }, { kind: both, key: "wrapped" })).rejects.toThrow(
        code("key-unwrap-failed"),
      );
      await expect(wrong({ authenticationKey: other }, { kind: both, key: "wrapped" })).rejects.toThrow(
        code("authentication-failed"),
      );
      // The meter tells nothing of why it does not take what it cannot open.
      const bad = protectedData(meter, guard, { ...clientKeys, masterKey: other });
      await expect(bad.set(items, [u8(1), u8(1)], [{ kind: both, key: "wrapped" }])).rejects.toThrow(
        code("access-refused"),
      );
    }),
  );
  it(
    "more layers than anyone has, and a list of values that does not fit",
    withGuard(async ({ meter }) => {
      const data = protectedData(meter, guard, clientKeys);
      const layers = Array.from({ length: 7 }, () => ({ kind: both, key: "wrapped" }) as const);
      await expect(data.set(items, [u8(1), u8(1)], layers)).rejects.toThrow(code("limit-exceeded"));
      await expect(data.set(items, [u8(1)], layers)).rejects.toThrow(code("invalid-argument"));
      await expect(data.set([...items, items[0]], [u8(1), u8(1), u8(1)], [])).resolves.toBeUndefined();
    }),
  );
});
