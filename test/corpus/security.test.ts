import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { GeneralProtection, type GeneralProtectionOptions, PushOpener } from "../../src/security/index.js";
import { code, flipped, providers } from "../security/helpers.js";

interface Vector {
  readonly id: string;
  readonly hex: string | readonly string[];
  readonly keys: Record<string, string>;
  readonly expected: unknown;
}
interface Ciphered {
  readonly octets: Uint8Array;
  readonly control: string;
  readonly counter: number;
  readonly plaintext?: string;
  readonly text?: string;
}

const folder = process.env["DLMS_CORPUS"];
const load = (family: string): Vector[] =>
  folder === undefined || !existsSync(join(folder, `${family}.json`))
    ? []
    : (JSON.parse(readFileSync(join(folder, `${family}.json`), "utf8")) as Vector[]);

/** Every ciphered APDU whose octets the expectation states, in its order. */
function ciphered(vector: Vector): Ciphered[] {
  const found: Ciphered[] = [];
  const walk = (node: unknown, whole?: string): void => {
    if (Array.isArray(node)) for (const item of node) walk(item, whole);
    else if (typeof node === "object" && node !== null) {
      const fields = node as Record<string, unknown>;
      const hex = [fields["hex"], fields["apduHex"], whole].find((one) => typeof one === "string") as
        | string
        | undefined;
      if (typeof fields["securityControl"] === "string" && hex !== undefined)
        found.push({
          octets: fromHex(hex),
          control: fields["securityControl"],
          counter: Number(fields["invocationCounter"]),
          ...(typeof fields["plaintextHex"] === "string" ? { plaintext: fields["plaintextHex"] } : {}),
          ...(typeof fields["plaintextAscii"] === "string" ? { text: fields["plaintextAscii"] } : {}),
        });
      for (const value of Object.values(fields)) walk(value, hex);
    }
  };
  walk(vector.expected, typeof vector.hex === "string" ? vector.hex : undefined);
  return found;
}

const opener = (crypto: (typeof providers)[number], { keys }: Vector, systemTitle?: Uint8Array) =>
  new PushOpener({
    crypto,
    keys: [
      {
        encryptionKey: fromHex(keys["encryptionKey"] as string),
        ...(keys["authenticationKey"] === undefined ? {} : { authenticationKey: fromHex(keys["authenticationKey"]) }),
        ...(systemTitle === undefined ? {} : { systemTitle }),
      },
    ],
    verify: "if-key",
    content: "any",
    replayProtection: false,
  });

describe.runIf(folder !== undefined).each(providers)("corpus, opened with $name", (crypto) => {
  it.each(["push-encrypted", "p1-encrypted", "push-udp-wrapper"])("%s", (family) => {
    let opened = 0;
    for (const vector of load(family))
      for (const message of ciphered(vector)) {
        const result = opener(crypto, vector).open(message.octets);
        if (message.plaintext !== undefined) expect(toHex(result.apdu), vector.id).toBe(message.plaintext);
        if (message.text !== undefined) expect(String.fromCharCode(...result.apdu), vector.id).toBe(message.text);
        expect(result.invocationCounter).toBe(message.counter);
        expect(result.securityControl).toBe(Number.parseInt(message.control, 16));
        const tagged = (Number.parseInt(message.control, 16) & 0x10) !== 0 && "authenticationKey" in vector.keys;
        expect(result.authenticated, vector.id).toBe(tagged);
        if (tagged)
          for (const at of [-1, -13, 20])
            expect(() => opener(crypto, vector).open(flipped(message.octets, at))).toThrow(
              code("authentication-failed"),
            );
        opened++;
      }
    expect(opened).toBeGreaterThan(1);
  });

  it.each(["tcp-wrapper-sessions", "apdu-sessions"])("%s", (family) => {
    let opened = 0;
    for (const vector of load(family)) {
      if (vector.keys?.["encryptionKey"] === undefined) continue;
      const titles = titlesIn(vector);
      for (const message of ciphered(vector)) {
        if (message.plaintext === undefined || !/^(2|C[89ABCDEF]|DB)/.test(toHex(message.octets))) continue;
        const results = titles.flatMap((title) => {
          try {
            return [opener(crypto, vector, title).open(message.octets)];
          } catch {
            return [];
          }
        });
        expect(
          results.map((result) => toHex(result.apdu)),
          `${vector.id} ${message.counter}`,
        ).toContain(message.plaintext);
        opened++;
      }
    }
    if (family === "tcp-wrapper-sessions") expect(opened).toBeGreaterThan(20);
  });
});

interface Signed extends Vector {
  readonly kind: string;
  readonly hex: string;
}

describe.runIf(folder !== undefined).each(providers)("corpus of general protection with $name", (crypto) => {
  const family = load("general-ciphering-signing") as Signed[];
  const optional = <K extends string>(name: K, hex: string | undefined): { [key in K]?: Uint8Array } =>
    hex === undefined ? {} : ({ [name]: fromHex(hex) } as { [key in K]: Uint8Array });
  const protection = ({ id, keys }: Signed, changes: Partial<GeneralProtectionOptions> = {}) =>
    new GeneralProtection({
      crypto,
      suite: 1,
      profile: id.startsWith("gbcs") ? "gbcs" : "green-book",
      ...optional("agreementPrivateKey", keys["keyAgreementPrivateKey"] ?? keys["staticPrivateKeyServer"]),
      ...optional("authenticationKey", keys["authenticationKey"]),
      party: () => ({
        ...optional("signaturePublicKey", keys["signerPublicKey"] ?? keys["clientSigningPublicKey"]),
        ...optional("agreementPublicKey", keys["keyAgreementPublicKey"]),
      }),
      verify: keys["signerPublicKey"] === undefined ? "if-key" : "required",
      ...changes,
    });

  it("GBCS messages: every MAC and signature holds, and no altered one", () => {
    let checked = 0;
    for (const vector of family.filter(({ id, kind }) => id.startsWith("gbcs") && kind === "apdu")) {
      const octets = fromHex(vector.hex);
      const layers = protection(vector).openAll(octets);
      const { keys } = vector;
      expect(
        layers.some(({ authenticated }) => authenticated),
        vector.id,
      ).toBe("keyAgreementPrivateKey" in keys);
      expect(
        layers.some(({ signature }) => signature === "valid"),
        vector.id,
      ).toBe("signerPublicKey" in keys);
      if ("keyAgreementPrivateKey" in keys || "signerPublicKey" in keys)
        for (const at of [-1, -20, -90]) {
          if (octets.length + at < 40) continue;
          expect(() => protection(vector).openAll(flipped(octets, at)), vector.id).toThrow();
          checked++;
        }
    }
    expect(checked).toBeGreaterThan(50);
  });

  it("the Green Book's one-pass message opens; its printed tag is known not to hold", () => {
    const vector = family.find(({ id }) => id === "gb-general-ciphering-one-pass") as Signed;
    const opened = protection(vector, { verify: "off" }).open(fromHex(vector.hex));
    expect(toHex(opened.apdu)).toBe((vector.expected as { plaintextHex: string }).plaintextHex);
    expect(() => protection(vector, { verify: "required" }).open(fromHex(vector.hex))).toThrow(
      code("authentication-failed"),
    );
  });

  it("primitives: agreement, derivation, signatures, key wrap", () => {
    for (const { id, keys, hex, expected } of family.filter(({ kind }) => kind === "ecdsa")) {
      const curve = (keys["privateKey"] as string).length === 64 ? "P-256" : "P-384";
      const signature = fromHex((expected as { signature: string }).signature);
      const key = fromHex(keys["publicKey"] as string);
      expect(crypto.ellipticCurves?.verify(curve, key, fromHex(hex), signature), id).toBe(true);
      expect(crypto.ellipticCurves?.verify(curve, key, fromHex(hex), flipped(signature, 5)), id).toBe(false);
    }
    for (const { keys, hex, expected } of load("crypto-kat").filter((one) => (one as Signed).kind === "aes-key-wrap"))
      expect(toHex(crypto.aesKey(fromHex(keys["kek"] as string)).wrap(fromHex(hex as string)))).toBe(
        (expected as { wrapped: string }).wrapped,
      );
  });
});

/** AP titles that the association announces: A6 or A4, 0A, 04, 08. */
function titlesIn(vector: Vector): Uint8Array[] {
  const all = (typeof vector.hex === "string" ? [vector.hex] : vector.hex).join(" ");
  const titles = [...all.matchAll(/A[46]0A0408([0-9A-F]{16})/g)].map((match) => fromHex(match[1] as string));
  for (const name of ["clientSystemTitle", "systemTitle"])
    if (vector.keys[name] !== undefined) titles.push(fromHex(vector.keys[name]));
  return titles;
}
