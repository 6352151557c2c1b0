import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { agree, deriveKey, GeneralProtection, SecretKey } from "../../src/security/index.js";
import { providers } from "../security/helpers.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

const folder = process.env["DLMS_CORPUS"];
const file = folder === undefined ? "" : join(folder, "general-ciphering-signing.json");
const family = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Vector[]) : [];
const find = (id: string): Vector => {
  const found = family.find((vector) => vector.id === id);
  if (found === undefined) throw new Error(`the corpus has no ${id}`);
  return found;
};
const key = ({ keys }: Vector, name: string) => fromHex(keys[name] ?? "");
/** The printed tag of that example holds for no additional data: all before it is compared. */
const printedTag = 12;

describe.runIf(family.length > 0).each(providers)("general protection made again with $name", (crypto) => {
  const curves = crypto.ellipticCurves;
  if (curves === undefined) throw new Error("the provider has elliptic curves");

  it("GBCS: every message with a MAC, octet for octet from what it protects", () => {
    let made = 0;
    for (const vector of family.filter(({ id, keys }) => id.startsWith("gbcs") && "keyAgreementPrivateKey" in keys)) {
      const options = {
        crypto,
        suite: 1,
        profile: "gbcs",
        agreementPrivateKey: key(vector, "keyAgreementPrivateKey"),
        // The secret is the same from both ends: here we stand at the originator's.
        party: () => ({ agreementPublicKey: key(vector, "keyAgreementPublicKey") }),
      } as const;
      const [outer] = new GeneralProtection({ ...options, verify: "if-key" }).openAll(fromHex(vector.hex));
      if (outer === undefined) throw new Error(`${vector.id} has no layer`);
      expect(toHex(new GeneralProtection(options).cipherGbcs(outer.apdu)), vector.id).toBe(vector.hex);
      made++;
    }
    expect(made).toBeGreaterThan(15);
  });

  it("Green Book, C(1e, 1s): secret and key from both ends", () => {
    const vector = find("gb-one-pass-client-to-server");
    const parties = { originator: key(vector, "systemTitleClient"), recipient: key(vector, "systemTitleServer") };
    for (const [own, peer] of [
      ["ephemeralPrivateKeyClient", "staticPublicKeyServer"],
      ["staticPrivateKeyServer", "ephemeralPublicKeyClient"],
    ] as const) {
      const z = agree(crypto, 1, new SecretKey(key(vector, own)), key(vector, peer));
      z.use((octets) => {
        expect(toHex(octets)).toBe(vector.expected["sharedSecretZ"]);
        const made = deriveKey(crypto, 1, octets, parties);
        made.use((derived) => expect(toHex(derived)).toBe(vector.expected["encryptionKey"]));
      });
    }
  });

  it("Green Book, general-ciphering with a one-pass key: octet for octet, but for the tag that holds nowhere", () => {
    const vector = find("gb-general-ciphering-one-pass");
    const { keyCipheredData } = vector.expected["keyInfo"] as { readonly keyCipheredData: string };
    const keyData = fromHex(keyCipheredData);
    // The ephemeral key and its random signature are those of the book.
    const fixed = {
      ...crypto,
      ellipticCurves: {
        ...curves,
        generateKeyPair: () => ({
          privateKey: key(vector, "ephemeralPrivateKeyClient"),
          publicKey: keyData.slice(0, 64),
        }),
        sign: () => keyData.slice(64),
      },
    };
    const sender = new GeneralProtection({
      crypto: { ...fixed, name: crypto.name },
      suite: 1,
      authenticationKey: key(vector, "authenticationKey"),
      signaturePrivateKey: new Uint8Array(32).fill(1),
      party: () => ({ agreementPublicKey: curves.publicKey("P-256", key(vector, "staticPrivateKeyServer")) }),
    });
    const made = sender.cipher(fromHex(vector.expected["plaintextHex"] as string), {
      header: {
        transactionId: fromHex(vector.expected["transactionId"] as string),
        originatorSystemTitle: fromHex(vector.expected["originatorSystemTitle"] as string),
        recipientSystemTitle: fromHex(vector.expected["recipientSystemTitle"] as string),
        dateTime: new Uint8Array(),
        otherInformation: new Uint8Array(),
      },
      key: { kind: "one-pass" },
      protection: "authenticated-encrypted",
    });
    const printed = fromHex(vector.hex);
    expect(toHex(made.subarray(0, -printedTag))).toBe(toHex(printed.subarray(0, -printedTag)));
    expect(made).toHaveLength(printed.length);
  });

  it("signatures of the book: the key pair belongs together, ours over the same octets hold, altered octets do not", () => {
    for (const vector of family.filter(({ kind }) => kind === "ecdsa")) {
      const curve = key(vector, "privateKey").length === 32 ? "P-256" : "P-384";
      const octets = fromHex(vector.hex);
      const publicKey = curves.publicKey(curve, key(vector, "privateKey"));
      expect(toHex(publicKey)).toBe(vector.keys["publicKey"]);
      const signature = curves.sign(curve, key(vector, "privateKey"), octets);
      expect(curves.verify(curve, publicKey, octets, signature)).toBe(true);
      octets[3] = (octets[3] ?? 0) ^ 1;
      expect(curves.verify(curve, publicKey, octets, signature)).toBe(false);
    }
  });
});
