import { describe, expect, it } from "vitest";
import { encodeApdu, encodeGeneralHeader } from "../../src/apdu/index.js";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import type { CryptoProvider } from "../../src/crypto/index.js";
import { GcmLayer } from "../../src/security/index.js";
import { isSound, type Message, type TranslateKeys, translate } from "../../src/translate/index.js";
import { clientTitle, crypto, flipped, getRequest, getResponse, providers, serverTitle } from "../security/helpers.js";
import { empty, header, parties } from "../security/parties.js";

const octets = (key: unknown) => key as Uint8Array;

/** What an engineer holds who has the server's keys and the client's public ones. */
function keysOf({ client, server }: ReturnType<typeof parties>["options"]): TranslateKeys {
  const { agreementPublicKey, signaturePublicKey } = client.party?.(clientTitle) ?? {};
  const other = client.party?.(serverTitle) ?? {};
  return {
    encryptionKey: octets(server.encryptionKey),
    broadcastKey: octets(server.broadcastKey),
    authenticationKey: octets(server.authenticationKey),
    masterKey: octets(server.masterKey),
    agreementPrivateKeys: [octets(server.agreementPrivateKey)],
    agreementPublicKeys: [octets(agreementPublicKey)],
    signerPublicKeys: [octets(signaturePublicKey), octets(other.signaturePublicKey)],
  };
}

const without = (keys: TranslateKeys, ...names: (keyof TranslateKeys)[]): TranslateKeys =>
  Object.fromEntries(Object.entries(keys).filter(([name]) => !names.includes(name as keyof TranslateKeys)));

const kinds = ["unicast", "broadcast", "wrapped", "one-pass", "static"] as const;
const answer = { ...header, originatorSystemTitle: serverTitle, recipientSystemTitle: clientTitle };
const signatures = (message: unknown): unknown[] =>
  typeof message !== "object" || message === null
    ? []
    : Object.entries(message).flatMap(([key, value]) => (key === "signature" ? [value] : signatures(value)));
const authentications = (message: unknown): unknown[] =>
  typeof message !== "object" || message === null
    ? []
    : Object.entries(message).flatMap(([key, value]) => (key === "authenticated" ? [value] : authentications(value)));
const only = (messages: readonly Message[]): Message => {
  expect(messages).toHaveLength(1);
  return messages[0] as Message;
};

/** Every `step`th bit changed in turn: nothing of it may pass as checked. */
function refusesBits(message: Uint8Array, keys: TranslateKeys, provider: CryptoProvider, step = 1): void {
  for (let bit = 0; bit < message.length * 8; bit += step) {
    const changed = translate(flipped(message, bit >> 3, 1 << (bit & 7)), keys, provider);
    expect(isSound(changed), `bit ${bit}`).toBe(false);
  }
}

describe.each(providers)("general-ciphering explained, with $name", (provider) => {
  it.each([1, 2] as const)("suite %s: every kind of key, in either direction", (suite) => {
    const { client, server, options } = parties(suite, {}, provider);
    const keys = keysOf(options);
    for (const kind of kinds)
      for (const protection of ["authenticated", "authenticated-encrypted"] as const) {
        const sent = client.cipher(getRequest, { header, key: { kind }, protection });
        expect(only(translate(sent, keys, provider))).toMatchObject({
          apdu: { type: "general-ciphering", apdu: { type: "get-request" } },
          security: {
            systemTitle: toHex(clientTitle),
            key: kind === "one-pass" || kind === "static" ? "agreed" : kind,
            suite,
            authenticated: true,
            ...(kind === "one-pass" && { keySignature: "valid" }),
            plaintext: toHex(getRequest),
          },
          error: null,
        });
        // The originator's own private key agrees on the same static key; an ephemeral one is gone.
        if (kind === "one-pass") continue;
        const back = server.cipher(getResponse, { header: answer, key: { kind }, protection });
        expect(only(translate(back, keys, provider))).toMatchObject({
          apdu: { apdu: { type: "get-response" } },
          security: { authenticated: true },
          error: null,
        });
      }
  });

  it("a broker's layer around what the parties signed and ciphered", () => {
    const { client, options } = parties(1, {}, provider);
    const keys = keysOf(options);
    const signed = client.sign(getRequest, header);
    const inner = client.cipher(signed, { header, key: { kind: "one-pass" }, protection: "authenticated-encrypted" });
    const outer = client.cipher(client.sign(inner, header), {
      header,
      key: { kind: "static" },
      protection: "authenticated",
    });
    const message = only(translate(outer, keys, provider));
    expect(message.error).toBeNull();
    expect(signatures(message)).toEqual(["valid", "valid"]);
    expect(authentications(message)).toEqual([true, true]);
    expect(JSON.stringify(message)).toContain('"type":"get-request"');
    refusesBits(outer, keys, provider, provider === crypto ? 19 : 211);
  });

  it.each(kinds)("no flipped bit passes: %s", (kind) => {
    const { client, options } = parties(1, {}, provider);
    const sent = client.cipher(getRequest, { header, key: { kind }, protection: "authenticated" });
    refusesBits(sent, keysOf(options), provider, provider === crypto ? 7 : 61);
  });

  it("no flipped bit passes: signed", () => {
    const { client, options } = parties(1, {}, provider);
    refusesBits(client.sign(getRequest, header), keysOf(options), provider, provider === crypto ? 7 : 61);
  });
});

describe("general-ciphering with some of the keys", () => {
  const { client, options } = parties(1);
  const keys = keysOf(options);
  const send = (kind: (typeof kinds)[number], protection: "authenticated" | "authenticated-encrypted") =>
    client.cipher(getRequest, { header, key: { kind }, protection });

  it("none at all: what is not ciphered can be read, unchecked", () => {
    expect(only(translate(send("wrapped", "authenticated")))).toMatchObject({
      apdu: { apdu: { type: "get-request" } },
      security: { authenticated: null },
      error: null,
    });
    expect(only(translate(send("wrapped", "authenticated-encrypted")))).toMatchObject({
      security: { authenticated: null },
      error: { code: "key-unknown" },
    });
  });

  it("keys that do not fit are an error, also where the content can be read", () => {
    const other: TranslateKeys = { ...keys, masterKey: new Uint8Array(16), encryptionKey: new Uint8Array(16) };
    for (const protection of ["authenticated", "authenticated-encrypted"] as const) {
      const message = only(translate(send("wrapped", protection), other));
      expect(message.error?.code).toMatch(/^(key-unwrap-failed|authentication-failed)$/);
      expect(authentications(message)).not.toContain(true);
      expect(message.apdu).not.toHaveProperty("apdu");
    }
  });

  it("without the authentication key it opens unchecked", () => {
    for (const kind of kinds)
      expect(
        only(translate(send(kind, "authenticated-encrypted"), without(keys, "authenticationKey"))),
        kind,
      ).toMatchObject({ apdu: { apdu: { type: "get-request" } }, security: { authenticated: null }, error: null });
  });

  it("without the signer's key the ephemeral key stays unchecked; another's is an error", () => {
    const sent = send("one-pass", "authenticated-encrypted");
    expect(only(translate(sent, without(keys, "signerPublicKeys")))).toMatchObject({
      security: { authenticated: true, keySignature: "unchecked" },
      error: null,
    });
    const [, second] = keys.signerPublicKeys ?? [];
    expect(only(translate(sent, { ...keys, signerPublicKeys: [octets(second)] }))).toMatchObject({
      security: { authenticated: false, keySignature: "invalid" },
      error: { code: "signature-invalid" },
    });
  });

  it("opens with the key of the message itself", () => {
    const messageKey = new Uint8Array(16).fill(9);
    const protection = { ...options.client, encryptionKey: messageKey };
    const sent = parties(1, protection).client.cipher(getRequest, {
      header,
      key: { kind: "unicast" },
      protection: "authenticated-encrypted",
    });
    // Under another key-info than the identified one: key-info is not authenticated.
    const at = 1 + 9 + 9 + 9 + 1 + 1;
    expect(toHex(sent.subarray(at, at + 3))).toBe("010000");
    const wrapped = Uint8Array.from([...sent.subarray(0, at), ...fromHex("01010000"), ...sent.subarray(at + 3)]);
    const given = { messageKeys: [messageKey], authenticationKey: octets(options.client.authenticationKey) };
    expect(only(translate(wrapped, given))).toMatchObject({ security: { authenticated: true }, error: null });
  });

  it("takes the parties from the association where the header leaves them out", () => {
    const bare = { ...header, originatorSystemTitle: empty, recipientSystemTitle: empty };
    const { encryptionKey, authenticationKey } = options.client;
    const layer = new GcmLayer(crypto, 1, octets(encryptionKey), octets(authenticationKey));
    const sealed = { securityControl: 0x31, systemTitle: clientTitle, invocationCounter: 5 };
    const { body, tag } = layer.seal(sealed, getRequest, encodeGeneralHeader(bare));
    const content = concatBytes(fromHex("3100000005"), body, tag);
    const sent = encodeApdu({
      type: "general-ciphering",
      ...bare,
      keyInfo: { choice: "identified-key", keyId: 0 },
      content,
    });
    expect(only(translate(sent, keys))).toMatchObject({ error: { code: "key-unknown" } });
    for (const systemTitles of [[clientTitle], [serverTitle, clientTitle]])
      expect(only(translate(sent, { ...keys, systemTitles }))).toMatchObject({
        security: { authenticated: true },
        error: null,
      });
  });

  it("names compression, an unknown suite, and takes security control 00 as what it is", () => {
    const plain = (control: number) =>
      encodeApdu({
        type: "general-ciphering",
        ...header,
        keyInfo: { choice: "identified-key", keyId: 0 },
        content: concatBytes(Uint8Array.of(control, 0, 0, 0, 1), getRequest),
      });
    expect(only(translate(plain(0xb1), keys)).error).toMatchObject({ code: "compression-unsupported" });
    expect(only(translate(plain(0x33), keys)).error).toMatchObject({ code: "not-supported" });
    expect(only(translate(plain(0x01), keys))).toMatchObject({
      security: { protection: "none", authenticated: null },
      apdu: { apdu: { type: "get-request" } },
      error: null,
    });
  });
});

describe("the profile of Great Britain", () => {
  const { client, options } = parties(1, { profile: "gbcs" });
  const keys = without(keysOf(options), "encryptionKey", "authenticationKey", "broadcastKey", "masterKey");
  const message = client.cipherGbcs(client.sign(getRequest, header));
  const unsigned = client.cipherGbcs(
    encodeApdu({
      type: "general-signing",
      ...header,
      transactionId: fromHex("0102030405060709"),
      content: getRequest,
      signature: empty,
    }),
  );

  it("is told by its header, and may be named", () => {
    for (const profile of [{}, { profile: "gbcs" }] as const) {
      const explained = only(translate(message, { ...keys, ...profile }));
      expect(explained).toMatchObject({ security: { profile: "gbcs", authenticated: true }, error: null });
      expect(signatures(explained)).toEqual(["valid"]);
    }
    refusesBits(message, keys, crypto, 3);
  });

  it("leaves the signature out under a tag that holds, and only there", () => {
    const explained = only(translate(unsigned, keys));
    expect(explained).toMatchObject({ security: { authenticated: true }, error: null });
    expect(signatures(explained)).toEqual(["unchecked"]);
    const bare = unsigned.subarray(unsigned.indexOf(0xdf), unsigned.length - 12);
    expect(only(translate(bare, keys)).error).toMatchObject({ code: "signature-invalid" });
  });

  it("is not taken where the Green Book's rules were named", () => {
    const explained = only(translate(message, { ...keys, profile: "green-book" }));
    expect(explained.error).not.toBeNull();
    expect(authentications(explained)).not.toContain(true);
  });

  it("is not told by a header that is not quite its own", () => {
    const counted = message.slice();
    counted[message.indexOf(0x11) + 4] = 1;
    const explained = only(translate(counted, keys));
    expect(explained.security).not.toHaveProperty("profile");
    expect(explained.error).not.toBeNull();
  });
});

describe("hostile general-ciphering and general-signing", () => {
  const { client, options } = parties(1);
  const keys = keysOf(options);
  const agreed = (keyCipheredData: Uint8Array) =>
    encodeApdu({
      type: "general-ciphering",
      ...header,
      keyInfo: { choice: "agreed-key", keyParameters: Uint8Array.of(1), keyCipheredData },
      content: concatBytes(fromHex("3100000001"), new Uint8Array(40)),
    });

  it.each(providers)("points that are on no curve are refused, signed or not, by $name", (provider) => {
    const signing = octets(options.client.signaturePrivateKey);
    const points = [new Uint8Array(64), new Uint8Array(64).fill(0xff), new Uint8Array(64).fill(1)];
    for (const point of points) {
      const signature = provider.ellipticCurves!.sign("P-256", signing, point);
      const sent = agreed(concatBytes(point, signature));
      const message = only(translate(sent, without(keys, "encryptionKey"), provider));
      expect(message).toMatchObject({ error: { code: "invalid-public-key" } });
      expect(only(translate(sent, without(keys, "encryptionKey", "signerPublicKeys"), provider)).error).toMatchObject({
        code: "invalid-public-key",
      });
    }
  });

  it.each(providers)("key data and signatures of a wrong length, by $name", (provider) => {
    for (const length of [0, 1, 63, 64, 127, 129, 192, 60_000])
      expect(only(translate(agreed(new Uint8Array(length)), keys, provider)).error, String(length)).not.toBeNull();
    const signed = client.sign(getRequest, header);
    for (const length of [0, 1, 63, 65, 96, 60_000]) {
      const content = getRequest;
      const odd = encodeApdu({ type: "general-signing", ...header, content, signature: new Uint8Array(length) });
      const message = only(translate(odd, keys, provider));
      expect(message.error, String(length)).toMatchObject({ code: "signature-invalid" });
      expect(signatures(message)).toEqual(["invalid"]);
    }
    expect(only(translate(signed, keys, provider)).error).toBeNull();
  });

  it.each(["transactionId", "dateTime", "otherInformation"] as const)("%s of 64 kB, in bounded time", (field) => {
    const huge = { ...header, [field]: new Uint8Array(65_535).fill(0xdd) };
    const sent = client.cipher(getRequest, { header: huge, key: { kind: "unicast" }, protection: "authenticated" });
    expect(only(translate(sent, keys))).toMatchObject({ security: { authenticated: true }, error: null });
    expect(isSound(translate(client.sign(getRequest, huge), keys))).toBe(true);
    if (field !== "transactionId") return;
    const agreedId = encodeApdu({
      type: "general-ciphering",
      ...huge,
      keyInfo: { choice: "agreed-key", keyParameters: Uint8Array.of(2), keyCipheredData: empty },
      content: concatBytes(fromHex("3100000001"), new Uint8Array(40)),
    });
    expect(only(translate(agreedId, without(keys, "encryptionKey"))).error).toMatchObject({ code: "limit-exceeded" });
  });

  it("a content that begins like a telegram and is none", () => {
    for (const content of ["2F00", "2F58595A350D0A", "2FFF"].map(fromHex))
      expect(only(translate(client.sign(content, header), keys)).error).not.toBeNull();
  });

  it("layers without end: looked into to a depth, and then refused by name", () => {
    let signed: Uint8Array = getRequest;
    for (let i = 0; i < 40; i++) signed = client.sign(signed, header);
    expect(only(translate(signed, keys)).error).toMatchObject({ code: "limit-exceeded" });
    let ciphered: Uint8Array = getRequest;
    const protection = "authenticated-encrypted";
    for (let i = 0; i < 40; i++) ciphered = client.cipher(ciphered, { header, key: { kind: "unicast" }, protection });
    expect(only(translate(ciphered, keys)).error).toMatchObject({ code: "limit-exceeded" });
  });

  it.each([
    ["a length of four octets beyond the end", "DF 84FFFFFFFF"],
    ["a length with its sign bit", "DF 8480000000"],
    ["a length of 126 octets", `DF FE${"FF".repeat(126)}`],
    ["an indefinite length", "DD 80 0102 0000"],
    ["a content longer than what is there", "DD 00 00 00 00 00 00 7F 31"],
    ["a key-info of no choice", "DD 00 00 00 00 00 01 09 00 05 3100000000"],
    ["key parameters of many octets", "DD 00 00 00 00 00 01 02 03 010101 00 05 3100000000"],
  ])("%s", (_, hex) => {
    for (const provider of providers) expect(isSound(translate(fromHex(hex), keys, provider))).toBe(false);
  });
});
