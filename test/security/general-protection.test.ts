import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import {
  agree,
  deriveKey,
  GeneralProtection,
  type GeneralProtectionOptions,
  openEphemeralKey,
  SecretKey,
} from "../../src/security/index.js";
import { clientTitle, code, crypto, flipped, getRequest, providers, serverTitle } from "./helpers.js";
import { empty, header, master, parties } from "./parties.js";

const kinds = ["unicast", "broadcast", "wrapped", "one-pass", "static"] as const;

describe.each(providers)("general protection with $name", (provider) => {
  it.each([1, 2] as const)("suite %s: what one end ciphers the other opens, under each kind of key", (suite) => {
    const { client, server } = parties(suite, {}, provider);
    for (const kind of kinds)
      for (const protection of ["authenticated", "authenticated-encrypted"] as const) {
        const message = client.cipher(getRequest, { header, key: { kind }, protection });
        const opened = server.open(message);
        expect(opened).toMatchObject({ ...header, kind: "general-ciphering", authenticated: true, protection });
        expect(toHex(opened.apdu)).toBe(toHex(getRequest));
        expect(() => server.open(message)).toThrow(code("counter-repeated"));
      }
  });

  it("signs, and ciphers what was signed; a broker's layer goes around both", () => {
    const { client, server } = parties(1, {}, provider);
    const signed = client.sign(getRequest, header);
    const ciphered = client.cipher(signed, {
      header,
      key: { kind: "one-pass" },
      protection: "authenticated-encrypted",
    });
    const outer = client.cipher(client.sign(ciphered, header), {
      header,
      key: { kind: "static" },
      protection: "authenticated",
    });
    const layers = server.openAll(outer);
    expect(layers.map(({ kind }) => kind)).toEqual([
      "general-ciphering",
      "general-signing",
      "general-ciphering",
      "general-signing",
    ]);
    expect(layers.map(({ signature }) => signature)).toEqual([undefined, "valid", undefined, "valid"]);
    expect(toHex(layers[3]!.apdu)).toBe(toHex(getRequest));
  });

  it("derives the key of the Green Book's C(1e, 1s) example from either end", () => {
    const z = agree(
      provider,
      1,
      new SecretKey(fromHex("AAD3FD0732E991CF52A74C66C1F2827DDC53522A2E0A169D7C4FFCC0FB5D6A4D")),
      fromHex(
        "C323C2BD45711DE4688637D919F92E9DB8FB2DFC213A88D21C9DC8DCBA917D8170511DE1BADB360D50058F794B0960AE11FA28D392CFF907A62D13E3357B1DC0",
      ),
    );
    const key = z.use((octets) => {
      expect(toHex(octets)).toBe("0D4385BA0DD756CBCAB9887EB538396EE8F090A14C1079B4359F115B977F4615");
      return deriveKey(provider, 1, octets, { originator: clientTitle, recipient: serverTitle });
    });
    expect(key.use(toHex)).toBe("59A71FD81C929A86A99438DA17A66C05");
  });

  it("checks the signature of the example's ephemeral key", () => {
    const data = fromHex(
      "C323C2BD45711DE4688637D919F92E9DB8FB2DFC213A88D21C9DC8DCBA917D8170511DE1BADB360D50058F794B0960AE11FA28D392CFF907A62D13E3357B1DC0" +
        "B51BE089D0B682863B2217201E73A1A9031968A9B4121DCBC3281A69739AF87429F5B3AC5471E7B6A04A2C0F2F8A25FD772A317DF97FC5463FEAC248EB8AB8BE",
    );
    const signer = fromHex(
      "BAAFFDE06A8CB1C9DAE8D94023C601DBBB249254BA22EDD827E820BCA2BCC64362FBB83D86A82B87BB8B7161D2AAB5521911A946B97A284A90F7785CD9047D25",
    );
    expect(openEphemeralKey(provider, 1, data, signer)).toEqual(data.subarray(0, 64));
    for (const at of [0, 63, 64, 127])
      expect(() => openEphemeralKey(provider, 1, flipped(data, at), signer)).toThrow(code("signature-invalid"));
    expect(() => openEphemeralKey(provider, 1, data.subarray(1), signer)).toThrow(code("malformed"));
  });
});

describe("general protection refuses", () => {
  const request = { header, key: { kind: "one-pass" }, protection: "authenticated-encrypted" } as const;

  it("every flipped bit of a ciphered and of a signed message", () => {
    const { client, server } = parties(1, { replayProtection: false });
    const ciphered = client.cipher(getRequest, { ...request, key: { kind: "wrapped" } });
    const signed = client.sign(getRequest, header);
    for (const message of [ciphered, signed]) {
      expect(toHex(server.open(message).apdu)).toBe(toHex(getRequest));
      for (let bit = 8; bit < 8 * message.length; bit += message === signed ? 5 : 1)
        expect(() => server.open(flipped(message, bit >> 3, 1 << (bit & 7)))).toThrow(
          expect.objectContaining({ layer: expect.any(String) }),
        );
    }
  });
  it("an ephemeral key that another party signed", () => {
    const { client, options } = parties(1);
    const other = parties(1).options.server;
    const server = new GeneralProtection({ ...options.server, party: other.party! });
    expect(() => server.open(client.cipher(getRequest, request))).toThrow(code("signature-invalid"));
  });
  it("a message for another recipient", () => {
    const { client } = parties(1);
    const message = client.cipher(getRequest, { ...request, key: { kind: "unicast" } });
    expect(() => client.open(message)).toThrow(code("wrong-system-title"));
    expect(() => client.open(client.sign(getRequest, header))).toThrow(code("wrong-system-title"));
  });
  it("less protection than required, security control 00 among it, unless that is allowed", () => {
    const { client, options, server } = parties(1);
    for (const protection of ["none", "encrypted"] as const) {
      const message = client.cipher(getRequest, { header, key: { kind: "unicast" }, protection });
      expect(() => server.open(message)).toThrow(code("weaker-than-policy"));
      const lenient = new GeneralProtection({ ...options.server, requires: "none" });
      expect(lenient.open(message)).toMatchObject({ protection, authenticated: false, apdu: getRequest });
    }
  });
  it("another suite, compression, keys that are not known", () => {
    const { client, options } = parties(1);
    const message = client.cipher(getRequest, { header, key: { kind: "unicast" }, protection: "authenticated" });
    const at = message.length - getRequest.length - 12 - 5;
    const server = (changes: Partial<GeneralProtectionOptions>) =>
      new GeneralProtection({ ...options.server, ...changes });
    expect(() => server({}).open(flipped(message, at, 0x80))).toThrow(code("compression-unsupported"));
    expect(() => server({}).open(flipped(message, at, 0x03))).toThrow(code("wrong-security-suite"));
    const { encryptionKey: _, masterKey: __, party: ___, ...without } = options.server;
    const poor = new GeneralProtection(without);
    for (const kind of ["unicast", "wrapped", "one-pass", "static"] as const)
      expect(() => poor.open(client.cipher(getRequest, { ...request, key: { kind } }))).toThrow(code("key-unknown"));
    expect(() => poor.open(client.sign(getRequest, header))).toThrow(code("key-unknown"));
    const wrongKek = server({ masterKey: master });
    expect(() => wrongKek.open(client.cipher(getRequest, { ...request, key: { kind: "wrapped" } }))).toThrow(
      code("key-unwrap-failed"),
    );
  });
  it("a lasting key without a counter, and agreement in suite 0", () => {
    const { options } = parties(1);
    const { counter: _, ...without } = options.client;
    const request0 = { header, key: { kind: "unicast" }, protection: "authenticated" } as const;
    expect(() => new GeneralProtection(without).cipher(getRequest, request0)).toThrow(code("invalid-argument"));
    expect(() => deriveKey(crypto, 0, empty, { originator: clientTitle, recipient: serverTitle })).toThrow(
      code("invalid-argument"),
    );
  });
  it("layers without end", () => {
    const { client, server } = parties(1);
    let message = getRequest;
    for (let depth = 0; depth < 7; depth++) message = client.sign(message, header);
    expect(() => server.openAll(message)).toThrow(code("limit-exceeded"));
  });
  it("a missing signature unless it may stay unchecked", () => {
    const { client, options, server } = parties(1);
    const signed = client.sign(getRequest, header);
    const unsigned = signed.subarray(0, signed.length - 65);
    expect(() => server.open(unsigned)).toThrow(code("signature-invalid"));
    const lenient = new GeneralProtection({ ...options.server, verify: "off" });
    expect(lenient.open(unsigned)).toMatchObject({ signature: "unchecked", apdu: getRequest });
  });
  it("a GBCS signature taken off, unless a MAC that holds is around it", () => {
    const { client, options } = parties(1);
    const gbcs = (own: GeneralProtectionOptions) => new GeneralProtection({ ...own, profile: "gbcs" });
    const signed = client.sign(getRequest, header);
    const unsigned = Uint8Array.of(...signed.subarray(0, signed.length - 65), 0);
    const server = gbcs(options.server);
    for (const stripped of [unsigned, unsigned.subarray(0, unsigned.length - 1)])
      expect(() => server.openAll(stripped)).toThrow(code("signature-invalid"));
    const layers = server.openAll(gbcs(options.client).cipherGbcs(unsigned));
    expect(layers.map(({ authenticated, signature }) => [authenticated, signature])).toEqual([
      [true, undefined],
      [false, "unchecked"],
    ]);
  });
  it("the GBCS profile where it was not chosen, and the other way about", () => {
    const { client, options, server } = parties(1);
    const gbcs = (own: GeneralProtectionOptions) => new GeneralProtection({ ...own, profile: "gbcs" });
    const signed = client.sign(getRequest, header);
    const message = gbcs(options.client).cipherGbcs(signed);
    expect(toHex(gbcs(options.server).open(message).apdu)).toBe(toHex(signed));
    expect(() => server.open(message)).toThrow(code("system-title-unknown"));
    expect(() => gbcs(options.server).open(client.cipher(signed, request))).toThrow();
    expect(() => gbcs(options.server).open(flipped(message, -1))).toThrow(code("authentication-failed"));
    const again = gbcs(options.client);
    again.cipherGbcs(signed);
    expect(() => again.cipherGbcs(signed)).toThrow(code("counter-repeated"));
  });
  it("nothing, but counts on, when a transaction-id is used again for a static key", () => {
    const { client, server } = parties(1);
    const again = { header, key: { kind: "static" }, protection: "authenticated" } as const;
    expect([1, 2, 3].map(() => server.open(client.cipher(getRequest, again)).invocationCounter)).toEqual([0, 1, 2]);
  });
});
