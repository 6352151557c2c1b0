import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import type { ListenKeys } from "../../src/client/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { clientTitle, crypto, flipped, serverTitle } from "../security/helpers.js";
import { parties, header as toServer } from "../security/parties.js";
import { codes, eventsOf, pushes } from "./listen-helpers.js";

/** DataNotification of a register: code, value, scaler -1 and Wh. */
const push = fromHex("0F000000070002030906010001080 0FF060000303902020FFF161E".replace(" ", ""));
const packet = (apdu: Uint8Array) => encodePacket({ source: 1, destination: 16, apdu });
/** The meter pushes to us. */
const header = { ...toServer, originatorSystemTitle: serverTitle, recipientSystemTitle: clientTitle };
const octets = (key: unknown) => key as Uint8Array;

/** A meter, and what its head-end knows. */
function meterAndKeys(profile: "green-book" | "gbcs" = "green-book") {
  const { server: meter, options } = parties(1, { profile });
  const { client } = options;
  const { agreementPublicKey, signaturePublicKey } = client.party?.(serverTitle) ?? {};
  const keys: ListenKeys = {
    encryptionKey: octets(client.encryptionKey),
    authenticationKey: octets(client.authenticationKey),
    broadcastKey: octets(client.broadcastKey),
    general: {
      profile,
      systemTitle: clientTitle,
      masterKey: octets(client.masterKey),
      agreementPrivateKey: octets(client.agreementPrivateKey),
      agreementPublicKey: toHex(octets(agreementPublicKey)),
      signaturePublicKey: octets(signaturePublicKey),
    },
  };
  return { meter, keys };
}

const kinds = ["unicast", "broadcast", "wrapped", "one-pass", "static"] as const;

describe("pushes in general-ciphering and general-signing", () => {
  const { meter, keys } = meterAndKeys();
  const sources = {
    "a list": [keys],
    "keys by title": new Map([[toHex(serverTitle), keys]]),
    "a look-up": (title: Uint8Array | undefined) => (title && toHex(title) === toHex(serverTitle) ? keys : undefined),
  };
  const send = (kind: (typeof kinds)[number]) =>
    meter.cipher(push, { header, key: { kind }, protection: "authenticated-encrypted" });

  it.each(Object.entries(sources))("open under every kind of key of %s", async (_, source) => {
    for (const kind of kinds) {
      const events = await eventsOf([packet(send(kind))], { keys: source });
      expect(events, kind).toMatchObject([
        {
          type: "push",
          kind: "data-notification",
          systemTitle: serverTitle,
          protection: "authenticated-encrypted",
          authenticated: true,
          invocationCounter: expect.any(Number),
        },
      ]);
      expect(pushes(events)[0]?.objects.map(({ obis, value }) => `${obis} ${value}`)).toEqual([
        "1-0:1.8.0*255 1234.5 Wh",
      ]);
    }
  });

  it("open signed, and signed within ciphered", async () => {
    const signed = meter.sign(push, header);
    const ciphered = meter.cipher(signed, { header, key: { kind: "one-pass" }, protection: "encrypted" });
    const events = await eventsOf([packet(signed), packet(ciphered)], { keys: [keys] });
    expect(events).toMatchObject([
      { type: "push", authenticated: true, protection: "none", systemTitle: serverTitle },
      { type: "push", authenticated: true, protection: "encrypted", systemTitle: serverTitle },
    ]);
  });

  it("open from a meter that only signs, whose encryption key nobody has", async () => {
    const { general, ...rest } = keys;
    const only = { general: { signaturePublicKey: general?.signaturePublicKey ?? "" } };
    expect(rest).toHaveProperty("encryptionKey");
    expect(await eventsOf([packet(meter.sign(push, header))], { keys: [only] })).toMatchObject([
      { type: "push", authenticated: true },
    ]);
  });

  it("open with a private key that is kept elsewhere", async () => {
    const own = octets(keys.general?.agreementPrivateKey);
    const curves = crypto.ellipticCurves!;
    const agreementPrivateKey = {
      sign: () => Promise.reject(new Error("not asked for")),
      agree: async (curve: "P-256" | "P-384", publicKey: Uint8Array) => curves.agree(curve, own, publicKey),
    };
    const elsewhere = { ...keys, general: { ...keys.general, agreementPrivateKey } };
    for (const kind of ["one-pass", "static"] as const)
      expect(await eventsOf([packet(send(kind))], { keys: [elsewhere] }), kind).toMatchObject([{ type: "push" }]);
    const lost = { ...agreementPrivateKey, agree: () => Promise.reject(new Error("the card is out")) };
    const without = { ...keys, general: { ...keys.general, agreementPrivateKey: lost } };
    expect(codes(await eventsOf([packet(send("one-pass"))], { keys: [without] }))).toEqual(["private-key-failed"]);
  });
});

describe("pushes in general-ciphering and general-signing are refused", () => {
  const { meter, keys } = meterAndKeys();
  const request = { header, key: { kind: "one-pass" }, protection: "authenticated-encrypted" } as const;
  const refusal = async (apdu: Uint8Array, options: Parameters<typeof eventsOf>[1] = { keys: [keys] }) =>
    codes(await eventsOf([packet(apdu)], options));

  it("changed in any octet", async () => {
    const message = meter.cipher(meter.sign(push, header), request);
    expect(message.length).toBeGreaterThan(40 * 7);
    const changed = Array.from({ length: 40 }, (_, i) => packet(flipped(message, 1 + i * 7)));
    const events = await eventsOf(changed, { keys: [keys] });
    expect(events.map(({ type }, i) => `${i} ${type}`)).toEqual(events.map((_, i) => `${i} rejected`));
    expect(events).toHaveLength(40);
  });

  it("a second time", async () => {
    for (const kind of kinds) {
      const message = packet(meter.cipher(push, { ...request, key: { kind } }));
      const events = await eventsOf([message, message], { keys: [keys] });
      expect(
        events.map(({ type }) => type),
        kind,
      ).toEqual(["push", "rejected"]);
      expect(codes(events).at(-1)).toBe("counter-repeated");
    }
  });

  it("from a stranger, to another, or with a signature of somebody else", async () => {
    expect(await refusal(meter.cipher(push, request), { keys: new Map() })).toEqual(["key-unknown"]);
    const other = { ...request, header: { ...header, recipientSystemTitle: fromHex("4D4D4D0000000009") } };
    expect(await refusal(meter.cipher(push, { ...other, key: { kind: "wrapped" } }))).toEqual(["wrong-system-title"]);
    const stranger = meterAndKeys().meter;
    expect(await refusal(stranger.sign(push, header))).toEqual(["signature-invalid"]);
    expect(await refusal(stranger.cipher(push, request))).toEqual(["signature-invalid"]);
  });

  it("ciphered, but neither tagged nor signed", async () => {
    const message = meter.cipher(push, { ...request, protection: "encrypted" });
    expect(await refusal(message)).toEqual(["weaker-than-policy"]);
    expect(await eventsOf([packet(message)], { keys: [keys], verify: "off" })).toMatchObject([
      { type: "push", authenticated: false },
    ]);
  });

  it("of a suite that the keys are not for, or compressed", async () => {
    const suite2 = meter.cipher(push, { ...request, key: { kind: "unicast" } });
    const at = suite2.indexOf(0x31);
    const claimed = Uint8Array.from(suite2);
    claimed[at] = 0x32;
    expect(await refusal(claimed)).toEqual(["wrong-security-suite"]);
    claimed[at] = 0xb1;
    expect(await refusal(claimed)).toEqual(["compression-unsupported"]);
  });

  it("in layers without end", async () => {
    let signed: Uint8Array = push;
    for (let i = 0; i < 30; i++) signed = meter.sign(signed, header);
    expect(await refusal(signed)).toEqual(["limit-exceeded"]);
  });
});

describe("pushes of Great Britain", () => {
  it("open where the profile is named, and only there", async () => {
    const { meter, keys } = meterAndKeys("gbcs");
    const message = packet(meter.cipherGbcs(meter.sign(push, header)));
    expect(await eventsOf([message], { keys: new Map([[toHex(serverTitle), keys]]) })).toMatchObject([
      { type: "push", systemTitle: serverTitle, authenticated: true, protection: "authenticated" },
    ]);
    const elsewhere = { ...keys, general: { ...keys.general, profile: "green-book" as const } };
    expect(codes(await eventsOf([message], { keys: [elsewhere] }))).toHaveLength(1);
  });
});
