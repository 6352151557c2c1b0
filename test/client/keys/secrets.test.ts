import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import {
  agreeKeys,
  changeHlsSecret,
  changeKeys,
  changePassword,
  type RecordingEntry,
} from "../../../src/client/index.js";
import { type MockClientSecurity, mockCredentials } from "../../../src/mock/index.js";
import { defaultProvider } from "../../../src/node/crypto.js";
import { SecretKey, wrapKey } from "../../../src/security/index.js";
import { ownTitle } from "../mock.js";
import { hexOf, key, keyBench, meterName, secrets } from "./bench.js";

const code = (name: string) => expect.objectContaining({ code: name });
const { encryptionKey, authenticationKey, masterKey, systemTitle } = mockCredentials;
const security: MockClientSecurity = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey,
  authenticationKey,
  masterKey,
  systemTitle,
};
const text = (password: string) => new TextEncoder().encode(password);
const reader = { client: 2, authentication: { mechanism: "low" } } as const;

describe("the password of low level security", () => {
  for (const referencing of ["logical-name", "short-name"] as const)
    it(`changes for the next association, by ${referencing}`, async () => {
      const mock = {
        clients: [{ clientSap: 2, authentication: { mechanism: "low", password: text("12345678") } }],
      } as const;
      const { clock, plain } = await keyBench({ ...mock, referencing });
      const given = (password: string) =>
        ({ client: 2, referencing, authentication: { mechanism: "low", password } }) as const;
      const meter = await plain(given("12345678"));
      await clock.run(changePassword(meter, "87654321"));
      await clock.run(meter.clock("0-0:1.0.0*255").time.get());
      await clock.run(meter.close());
      await expect(plain(given("12345678"))).rejects.toEqual(code("authentication-refused"));
      await clock.run((await plain(given("87654321"))).close());
    });

  it("and keys that were changed hold when the meter is connected to again", async () => {
    const { clock, plain, open, counters } = await keyBench();
    const low = await plain({ client: 2, authentication: { mechanism: "low", password: "12345678" } });
    await clock.run(changePassword(low, "87654321"));
    await clock.run(low.reconnect());
    await clock.run(low.clock("0-0:1.0.0*255").time.get());
    const own = { encryptionKey, authenticationKey, systemTitle: ownTitle, counters };
    const gmac = { client: 1, authentication: { mechanism: "hls-gmac" } } as const;
    const meter = await plain({ ...gmac, security: own });
    await clock.run(changeKeys(meter, { encryptionKey: key(1), authenticationKey: key(2) }, { masterKey }));
    await clock.run(meter.reconnect());
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    await clock.run(changeKeys(meter, { encryptionKey, authenticationKey }, { masterKey }));
    await clock.run(meter.close());
    const stored = await open();
    await clock.run(changeKeys(stored, { encryptionKey: key(3) }));
    await clock.run(stored.reconnect());
    await clock.run(stored.clock("0-0:1.0.0*255").time.get());
  });

  it("is kept by the store", async () => {
    const { clock, store, entry, plain } = await keyBench();
    const options = { ...reader, keys: { store, meter: meterName } };
    const meter = await plain(options as never);
    await clock.run(changePassword(meter, "87654321"));
    expect(hexOf((await entry()).password)).toBe(toHex(text("87654321")).toLowerCase());
    await clock.run(meter.close());
    await plain(options as never);
  });

  it("is refused where there is none, and an empty or wide one sends nothing", async () => {
    const { clock, open, plain } = await keyBench();
    await expect(changePassword(await open(), "x")).rejects.toEqual(code("wrong-state"));
    const meter = await plain({ client: 2, authentication: { mechanism: "low", password: "12345678" } });
    await expect(changePassword(meter, "")).rejects.toEqual(code("invalid-argument"));
    await expect(changePassword(meter, "pässwort")).rejects.toEqual(code("invalid-argument"));
    await expect(changeHlsSecret(meter, "x")).rejects.toEqual(code("wrong-state"));
    await clock.run(meter.close());
  });
});

describe("the secret of high level security", () => {
  const clientsOf = (
    mechanism: "hls-md5" | "hls-sha1" | "hls-sha256",
    protection: "none" | "authenticated-encrypted",
  ) =>
    [
      { clientSap: 16, authentication: { mechanism: "none" } },
      {
        clientSap: 1,
        authentication: { mechanism, secret: (secrets.secret as SecretKey).use((octets) => octets.slice()) },
        systemTitle,
        ...(protection !== "none" && { security: { ...security, protection } }),
      },
    ] as const;

  for (const referencing of ["logical-name", "short-name"] as const)
    for (const mechanism of ["hls-md5", "hls-sha1", "hls-sha256"] as const)
      it(`of ${mechanism} changes for the next association, by ${referencing}`, async () => {
        const mock = { clients: clientsOf(mechanism, "authenticated-encrypted"), referencing };
        const { clock, open, entry, plain, counters } = await keyBench(mock);
        const firstCounter = { firstCounter: 1000 };
        const how = {
          referencing,
          authentication: { mechanism },
          security: { counters, counterRecovery: firstCounter },
        };
        const meter = await open(how);
        await clock.run(changeHlsSecret(meter, key(0x21)));
        await clock.run(meter.clock("0-0:1.0.0*255").time.get());
        await clock.run(meter.close());
        expect(hexOf((await entry()).secret)).toBe(hexOf(key(0x21)));
        await clock.run((await open(how)).close());
        const old = plain({
          client: 1,
          referencing,
          authentication: { mechanism, secret: secrets.secret as SecretKey },
          security: { encryptionKey, authenticationKey, systemTitle: ownTitle, counters },
        });
        await expect(old).rejects.toEqual(code("authentication-refused"));
      });

  it("does not cross the line in the clear unless it is told to", async () => {
    const { clock, plain } = await keyBench({ clients: clientsOf("hls-sha256", "none") });
    const given = (secret: SecretKey) =>
      ({ client: 1, systemTitle: ownTitle, authentication: { mechanism: "hls-sha256", secret } }) as const;
    const meter = await plain(given(secrets.secret as SecretKey));
    await expect(changeHlsSecret(meter, key(1))).rejects.toEqual(code("wrong-state"));
    await clock.run(changeHlsSecret(meter, key(1), { inTheClear: true }));
    await clock.run(meter.close());
    await plain(given(key(1)));
  });

  it("a hint that is not protected proves no refusal: the outcome is unknown", async () => {
    const { clock, open, entry, mock } = await keyBench({ clients: clientsOf("hls-md5", "authenticated-encrypted") });
    const counterRecovery = { firstCounter: 1000 };
    const meter = await open({ authentication: { mechanism: "hls-md5" }, security: { counterRecovery } });
    // The meter cannot decipher this session any more, and says so unprotected; somebody else could have said it.
    mock.securitySetup(1)?.keys.replace(new Map([["global-unicast-encryption", key(1)]]));
    const change = await clock.run(changeHlsSecret(meter, key(2))).catch((error: unknown) => error);
    expect(change).toMatchObject({ code: "key-change-unknown", cause: { code: "request-refused" } });
    expect(hexOf((await entry()).pending?.secrets.secret)).toBe(hexOf(key(2)));
    // The very same may be sent again; another one may not.
    await expect(clock.run(changeHlsSecret(meter, key(3)))).rejects.toEqual(code("key-change-unknown"));
    expect(hexOf((await entry()).pending?.secrets.secret)).toBe(hexOf(key(2)));
    mock.securitySetup(1)?.keys.replace(new Map([["global-unicast-encryption", secrets.encryptionKey as SecretKey]]));
    await clock.run(changeHlsSecret(meter, key(2)));
    expect([(await entry()).pending, hexOf((await entry()).secret)]).toEqual([undefined, hexOf(key(2))]);
  });
});

describe("nothing shows a key: traces, recordings, errors, inspection", () => {
  const curves = defaultProvider.ellipticCurves;
  if (curves === undefined) throw new Error("no elliptic curves");
  const [client, server] = [curves.generateKeyPair("P-256"), curves.generateKeyPair("P-256")];

  for (const link of ["hdlc", "wrapper"] as const)
    for (const protection of ["authenticated-encrypted", "authenticated"] as const)
      it(`${protection} over ${link}`, async () => {
        const mockSecurity: MockClientSecurity = {
          ...security,
          suite: 1,
          protection,
          signaturePrivateKey: server.privateKey,
          clientSignaturePublicKey: client.publicKey,
        };
        const known = {
          ...secrets,
          signaturePrivateKey: new SecretKey(client.privateKey),
          meterSignaturePublicKey: server.publicKey,
        };
        const authentication = { mechanism: "hls-gmac" } as const;
        const clients = [
          { clientSap: 16, authentication: { mechanism: "none" } },
          { clientSap: 1, authentication, security: mockSecurity },
          { clientSap: 2, authentication: { mechanism: "low", password: mockCredentials.password } },
        ] as const;
        const { clock, open, plain, store, counters, trace, entry } = await keyBench({ clients }, { link }, known);
        const recording: RecordingEntry[] = [];
        const shown: unknown[] = [];
        const fresh = {
          encryptionKey: key(0x71),
          authenticationKey: key(0x72),
          broadcastKey: key(0x73),
          masterKey: key(0x74),
        };

        const meter = await open({ security: { suite: 1, protection, counters } });
        meter.record({ write: (line) => recording.push(line as RecordingEntry) });
        shown.push(await clock.run(changeKeys(meter, fresh)));
        const agreed = await clock.run(agreeKeys(meter, ["encryptionKey", "masterKey"]));
        shown.push(agreed, meter, await entry());
        for (const wrong of [
          { encryptionKey: key(0x75, 15) },
          { encryptionKey: key(0x76), authenticationKey: key(0x76) },
        ])
          shown.push(await clock.run(changeKeys(meter, wrong)).catch((error: unknown) => error));
        const lost = changeKeys(meter, { encryptionKey: key(0x77) }, { masterKey: key(0x78) });
        shown.push(await clock.run(lost).catch((error: unknown) => error));
        await clock.run(meter.close());
        const simple = await plain({ ...reader, keys: { store, meter: meterName } } as never);
        simple.record({ write: (line) => recording.push(line as RecordingEntry) });
        await clock.run(changePassword(simple, "brandnew-password"));
        await clock.run(simple.close());

        const everything = [
          trace.map((event) =>
            Object.values(event).map((value) => (value instanceof Uint8Array ? toHex(value) : value)),
          ),
          ...shown,
          recording,
        ];
        const text = [
          inspect(everything, { depth: 12, maxArrayLength: null, showHidden: true }),
          JSON.stringify(everything),
        ]
          .join("\n")
          .toUpperCase();
        const hidden = {
          ...fresh,
          agreed: agreed.encryptionKey as SecretKey,
          agreedMaster: agreed.masterKey as SecretKey,
          ...secrets,
          short: key(0x75, 15),
          lost: key(0x77),
          wrapped: new SecretKey(wrapKey(defaultProvider, 1, secrets.masterKey as SecretKey, fresh.encryptionKey)),
          newPassword: new SecretKey(new TextEncoder().encode("brandnew-password")),
          private: new SecretKey(client.privateKey),
        };
        expect(trace.length).toBeGreaterThan(20);
        expect(recording.length).toBeGreaterThan(10);
        for (const [name, secret] of Object.entries(hidden)) {
          if (!(secret instanceof SecretKey)) continue;
          const octets = secret.use((held) => held.slice());
          expect(text.includes(toHex(octets)), `${name} in hex`).toBe(false);
          expect(text.includes([...octets].join(", ")), `${name} as numbers`).toBe(false);
          expect(text.includes([...octets].join(",")), `${name} as numbers`).toBe(false);
          expect(text.includes(String.fromCharCode(...octets).toUpperCase()), `${name} as text`).toBe(false);
        }
      });
});
