import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { DlmsError, toHex } from "../../src/base/index.js";
import {
  GcmLayer,
  GeneralProtection,
  type GeneralProtectionOptions,
  MemoryCounter,
  PushOpener,
  proveHls,
  SecretKey,
  SecurityContext,
  verifyHls,
} from "../../src/security/index.js";
import { clientTitle, flipped, providers, serverTitle } from "./helpers.js";

/** Octets that occur nowhere else, so that any trace of them is a leak. */
const make = (seed: number, length = 16) => Uint8Array.from({ length }, (_, i) => (seed + 7 * i) & 0xff);
const secrets = {
  encryptionKey: make(0xa1),
  authenticationKey: make(0xb2),
  masterKey: make(0xc3),
  dedicatedKey: make(0xd4),
  password: make(0xe5),
  plaintext: Uint8Array.of(0xc4, ...make(0xf6, 24)),
};
const text = (octets: Uint8Array) => String.fromCharCode(...octets);

/** Every way a value may show up in a log. */
function shown(value: unknown): string[] {
  const parts = [String(value), inspect(value, { depth: 12, showHidden: true, maxArrayLength: null })];
  try {
    parts.push(JSON.stringify(value) ?? "");
  } catch {
    // Cycles are not shown either.
  }
  if (value instanceof Error) parts.push(value.stack ?? "", ...shown(value.cause), JSON.stringify({ ...value }));
  return parts;
}

function expectNoSecret(values: readonly unknown[]): void {
  for (const value of values)
    for (const part of shown(value)) {
      const packed = part.replace(/[\s,:"]/g, "").toUpperCase();
      for (const [name, octets] of Object.entries(secrets)) {
        const head = octets.subarray(octets.length > 16 ? 1 : 0, 9);
        expect(packed, name).not.toContain(toHex(head));
        expect(packed, name).not.toContain([...head].join(""));
        expect(part, name).not.toContain(text(head));
        expect(part, name).not.toContain(Buffer.from(octets).toString("base64").slice(0, 10));
      }
    }
}

describe.each(providers)("secrets with $name", (crypto) => {
  const contexts = (changes: object = {}) => {
    const end = (systemTitle: Uint8Array, peerSystemTitle: Uint8Array) =>
      new SecurityContext({
        crypto,
        suite: 0,
        protection: "authenticated-encrypted",
        encryptionKey: secrets.encryptionKey,
        authenticationKey: secrets.authenticationKey,
        systemTitle,
        peerSystemTitle,
        ...changes,
      });
    return [end(clientTitle, serverTitle), end(serverTitle, clientTitle)] as const;
  };
  const failures = (...tasks: (() => unknown)[]): unknown[] =>
    tasks.map((task) => {
      try {
        task();
      } catch (error) {
        expect(DlmsError.is(error)).toBe(true);
        return error;
      }
      throw new Error("should have failed");
    });

  it("no error of protection shows a key or deciphered octets", () => {
    const [client, server] = contexts();
    const message = client.protect(secrets.plaintext);
    const errors = [];
    for (let bit = 0; bit < 8 * message.length; bit += 3) {
      const altered = flipped(message, bit >> 3, 1 << (bit & 7));
      if (altered[0] !== 0xd8) errors.push(...failures(() => server.unprotect(altered)));
    }
    errors.push(...failures(() => server.unprotect(message.subarray(0, 20))));
    const [wrong] = contexts({ encryptionKey: secrets.dedicatedKey, protection: "encrypted" });
    errors.push(...failures(() => server.unprotect(wrong.protect(secrets.plaintext), "encrypted")));
    expect(server.unprotect(message).apdu).toEqual(secrets.plaintext);
    errors.push(...failures(() => server.unprotect(message)));
    const opener = new PushOpener({ crypto, keys: [{ encryptionKey: secrets.dedicatedKey }], verify: "if-key" });
    errors.push(...failures(() => opener.open(message)));
    expect(errors.length).toBeGreaterThan(60);
    expectNoSecret(errors);
  });

  it("no error of bad keys shows the key", () => {
    const long = Uint8Array.of(...secrets.encryptionKey, 1);
    expectNoSecret(
      failures(
        () => contexts({ encryptionKey: long }),
        () => contexts({ suite: 2 }),
        () => crypto.aesKey(long),
        () => crypto.ellipticCurves?.sign("P-256", long, long),
        () => crypto.ellipticCurves?.publicKey("P-384", long),
        () => contexts()[0].useDedicatedKey(long),
      ),
    );
  });

  it("no error of authentication shows the secret", () => {
    const exchange = {
      ownSystemTitle: clientTitle,
      peerSystemTitle: serverTitle,
      ownChallenge: make(1),
      peerChallenge: make(2),
    };
    const layer = new GcmLayer(crypto, 0, secrets.encryptionKey, secrets.authenticationKey);
    const errors = [];
    for (const mechanism of ["hls-md5", "hls-sha1", "hls-sha256"] as const) {
      const credentials = { mechanism, crypto, secret: new SecretKey(secrets.password) };
      const proof = proveHls(exchange, credentials);
      errors.push(...failures(() => verifyHls(exchange, proof, credentials)), credentials);
    }
    const gmac = { mechanism: "hls-gmac", layer, counter: new MemoryCounter() } as const;
    errors.push(...failures(() => verifyHls(exchange, proveHls(exchange, gmac), gmac)), gmac);
    expectNoSecret(errors);
  });

  it("this test finds a key that is shown", () => {
    for (const leak of [
      secrets.masterKey,
      { key: [...secrets.password] },
      toHex(secrets.dedicatedKey),
      new Error(text(secrets.password)),
    ])
      expect(() => expectNoSecret([leak])).toThrow();
  });

  it("no object that holds a key shows it", () => {
    const [client] = contexts();
    client.useDedicatedKey(secrets.dedicatedKey);
    client.protect(secrets.plaintext);
    const options: GeneralProtectionOptions = {
      crypto,
      suite: 1,
      encryptionKey: secrets.encryptionKey,
      authenticationKey: secrets.authenticationKey,
      masterKey: secrets.masterKey,
    };
    const keys = { encryptionKey: secrets.encryptionKey, authenticationKey: secrets.authenticationKey };
    const layer = new GcmLayer(crypto, 0, secrets.encryptionKey, secrets.authenticationKey);
    layer.mac({ securityControl: 0x10, systemTitle: clientTitle, invocationCounter: 1 }, secrets.plaintext);
    expectNoSecret([
      client,
      layer,
      crypto.aesKey(secrets.encryptionKey),
      new PushOpener({ crypto, keys: [keys] }),
      new GeneralProtection(options),
      Object.values(secrets).map((octets) => new SecretKey(octets)),
    ]);
  });
});
