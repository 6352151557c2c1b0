import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { deriveKey } from "../../src/security/index.js";
import { code, flipped, providers } from "../security/helpers.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

const folder = process.env["DLMS_CORPUS"];
const load = (family: string): Vector[] =>
  folder === undefined || !existsSync(join(folder, `${family}.json`))
    ? []
    : (JSON.parse(readFileSync(join(folder, `${family}.json`), "utf8")) as Vector[]);
const vectors = [...load("crypto-kat"), ...load("general-ciphering-signing")];
const ofKind = (kind: string) => vectors.filter((vector) => vector.kind === kind);

describe.runIf(folder !== undefined).each(providers)("known answers of the corpus with $name", (crypto) => {
  const curves = crypto.ellipticCurves!;
  const curveFor = (privateKey: string) => (privateKey.length === 64 ? "P-256" : "P-384");
  const octets = ({ keys, expected }: Vector, name: string) => fromHex(String(keys[name] ?? expected[name]));

  it("AES-GCM, with the tag cut to twelve octets", () => {
    for (const vector of ofKind("aes-gcm")) {
      const key = crypto.aesKey(octets(vector, "key"));
      const [iv, aad, plain] = [octets(vector, "iv"), octets(vector, "aad"), fromHex(vector.hex)];
      const sealed = key.encrypt(iv, aad, plain);
      expect(toHex(sealed.ciphertext), vector.id).toBe(vector.expected["ciphertext"]);
      expect(toHex(sealed.tag)).toBe(String(vector.expected["tag16"]).slice(0, 24));
      expect(toHex(key.decrypt(iv, aad, sealed.ciphertext, sealed.tag) ?? new Uint8Array())).toBe(vector.hex);
      expect(key.decrypt(iv, aad, sealed.ciphertext, flipped(sealed.tag, -1))).toBeUndefined();
      expect(key.decrypt(iv, flipped(aad, 0), sealed.ciphertext, sealed.tag)).toBeUndefined();
    }
    expect(ofKind("aes-gcm")).not.toHaveLength(0);
  });

  it("AES key wrap, both ways", () => {
    for (const vector of ofKind("aes-key-wrap")) {
      const kek = crypto.aesKey(octets(vector, "kek"));
      const wrapped = kek.wrap(octets(vector, "keyData"));
      expect(toHex(wrapped), vector.id).toBe(vector.expected["wrapped"]);
      expect(toHex(kek.unwrap(wrapped) ?? new Uint8Array())).toBe(vector.keys["keyData"]);
      for (const at of [0, 8, -1]) expect(kek.unwrap(flipped(wrapped, at))).toBeUndefined();
    }
    expect(ofKind("aes-key-wrap").length).toBeGreaterThan(1);
  });

  it("ECDSA: signatures, public keys of private ones, and what is altered", () => {
    for (const vector of ofKind("ecdsa")) {
      const { hex, id, keys } = vector;
      const curve = curveFor(keys["privateKey"] ?? "");
      const message = hex === "" ? new TextEncoder().encode(keys["messageAscii"]) : fromHex(hex);
      const [publicKey, signature] = [octets(vector, "publicKey"), octets(vector, "signature")];
      expect(toHex(curves.publicKey(curve, octets(vector, "privateKey"))), id).toBe(
        toHex(publicKey).slice(-curves.publicKey(curve, octets(vector, "privateKey")).length * 2),
      );
      expect(curves.verify(curve, publicKey, message, signature), id).toBe(true);
      expect(curves.verify(curve, publicKey, flipped(message, 0), signature)).toBe(false);
      for (const at of [0, -1]) expect(curves.verify(curve, publicKey, message, flipped(signature, at))).toBe(false);
      const made = curves.sign(curve, octets(vector, "privateKey"), message);
      expect(curves.verify(curve, publicKey, message, made)).toBe(true);
    }
    expect(ofKind("ecdsa").length).toBeGreaterThan(2);
  });

  it("ECDH, and points that are not on the curve", () => {
    for (const vector of ofKind("ecdh")) {
      const [own, peer] = [octets(vector, "privateKey"), octets(vector, "peerPublicKey")];
      expect(toHex(curves.agree("P-256", own, peer)), vector.id).toBe(vector.expected["sharedSecretZ"]);
      expect(() => curves.agree("P-256", own, flipped(peer, -1))).toThrow(code("invalid-public-key"));
      expect(() => curves.agree("P-256", own, flipped(peer, 0))).toThrow(code("invalid-public-key"));
    }
    expect(ofKind("ecdh")).not.toHaveLength(0);
  });

  it("the Green Book's one-pass key, from either end", () => {
    for (const vector of ofKind("key-agreement")) {
      const z = curves.agree(
        "P-256",
        octets(vector, "ephemeralPrivateKeyClient"),
        octets(vector, "staticPublicKeyServer"),
      );
      expect(toHex(z), vector.id).toBe(vector.expected["sharedSecretZ"]);
      const same = curves.agree("P-256", octets(vector, "staticPrivateKeyServer"), fromHex(vector.hex));
      expect(toHex(same)).toBe(toHex(z));
      const titles = {
        originator: octets(vector, "systemTitleClient"),
        recipient: octets(vector, "systemTitleServer"),
      };
      expect(deriveKey(crypto, 1, z, titles).use(toHex)).toBe(vector.expected["encryptionKey"]);
    }
    expect(ofKind("key-agreement")).not.toHaveLength(0);
  });

  it("the secrets and keys of GBCS messages", () => {
    const agreed = vectors.filter(({ keys }) => "derivedKey" in keys && "keyAgreementPublicKey" in keys);
    for (const vector of agreed) {
      const own = octets(vector, "keyAgreementPrivateKey");
      const z = curves.agree("P-256", own, octets(vector, "keyAgreementPublicKey"));
      expect(toHex(z), vector.id).toBe(vector.keys["sharedSecretZ"]);
      const info = octets(vector, "kdfOtherInfo");
      const nonceEnd = 16 + (info[15] ?? 0);
      const key = deriveKey(crypto, 1, z, {
        algorithmId: info.subarray(0, 7),
        originator: info.subarray(7, 15),
        transactionId: info.subarray(16, nonceEnd),
        recipient: info.subarray(nonceEnd),
      });
      expect(key.use(toHex), vector.id).toBe(vector.keys["derivedKey"]);
    }
    expect(agreed.length).toBeGreaterThan(10);
  });
});
describe.runIf(folder === undefined)("known answers of the corpus", () => {
  it("are not here", () => expect(vectors).toEqual([]));
});
