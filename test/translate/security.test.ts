import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { SecurityContext } from "../../src/security/index.js";
import { type Json, renderMessages, type TranslateKeys, translate } from "../../src/translate/index.js";
import { block, cut, lines, notification } from "./helpers.js";

const encryptionKey = fromHex("000102030405060708090A0B0C0D0E0F");
const authenticationKey = fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
const clientTitle = fromHex("4D4D4D0000BC614E");
const serverTitle = fromHex("4D4D4D0000000001");
const dedicatedKey = fromHex("00112233445566778899AABBCCDDEEFF");
const keys: TranslateKeys = { encryptionKey, authenticationKey };

/** Green Book, example of a glo-get-request: authenticated and encrypted. */
const gloGet = fromHex("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B");
/** Green Book, example of an AARQ with low-level security and a ciphered initiate-request that names a dedicated key. */
const aarq = fromHex(
  "6066A109060760857405080103A60A04084D4D4D0000BC614E8A0207808B0760857405080201AC0A80083132333435363738BE34" +
    "0432213030012345678013 02FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855",
);

const context = (
  own: Uint8Array,
  peer: Uint8Array,
  protection: "authenticated" | "encrypted" | "authenticated-encrypted",
) =>
  new SecurityContext({
    crypto: defaultProvider,
    suite: 0,
    protection,
    encryptionKey,
    authenticationKey,
    systemTitle: own,
    peerSystemTitle: peer,
  });
const server = context(serverTitle, clientTitle, "authenticated-encrypted");

describe("ciphered APDUs", () => {
  it("open with a title that is given", () => {
    const [message] = translate(gloGet, { ...keys, systemTitles: [serverTitle, clientTitle] });
    expect(message).toMatchObject({
      apdu: {
        type: "glo-get-request",
        apdu: { type: "get-request", attribute: { classId: 8, obis: "0-0:1.0.0*255" } },
      },
      security: {
        systemTitle: "4D4D4D0000BC614E",
        securityControl: "30",
        invocationCounter: 0x01234567,
        authenticated: true,
        plaintext: "C0010000080000010000FF0200",
      },
      error: null,
    });
  });

  it("open with titles and dedicated keys learnt from the association", () => {
    const client = context(clientTitle, serverTitle, "authenticated-encrypted");
    client.useDedicatedKey(dedicatedKey);
    const request = client.protect(fromHex("C001C100010000600100FF0200"));
    const messages = translate(lines(aarq, gloGet, request), keys);
    expect(messages.map(({ error }) => error)).toEqual([null, null, null]);
    expect(messages[0]?.apdu).toMatchObject({
      userInformation: {
        type: "glo-initiate-request",
        security: { authenticated: true },
        apdu: { type: "initiate-request", dedicatedKey: "(16 octets, not shown)" },
      },
    });
    expect(messages[2]).toMatchObject({
      apdu: { type: "ded-get-request" },
      security: { key: "dedicated", authenticated: true },
    });
  });

  it("open inside a general block transfer", () => {
    const sealed = server.protect(notification, { form: "general" });
    const parts = cut(sealed, 30);
    const messages = translate(lines(...parts.map((part, i) => block(i + 1, i === parts.length - 1, part))), keys);
    expect(messages).toMatchObject([
      {
        apdu: { type: "general-glo-ciphering", apdu: { type: "data-notification" } },
        security: { authenticated: true },
        error: null,
      },
    ]);
  });

  it.each([
    ["with the encryption key alone, unverified", "authenticated-encrypted", { encryptionKey }, null],
    ["encrypted only", "encrypted", keys, null],
    ["authenticated only, without any key", "authenticated", {}, null],
    ["authenticated only", "authenticated", keys, true],
  ] as const)("open %s", (_, protection, some, authenticated) => {
    const sealed = context(serverTitle, clientTitle, protection).protect(notification, { form: "general" });
    expect(translate(sealed, some)).toMatchObject([
      {
        apdu: { apdu: { type: "data-notification" } },
        security: { authenticated, plaintext: toHex(notification) },
        error: null,
      },
    ]);
  });
});

describe("what must not open", () => {
  const sealed = server.protect(notification, { form: "general" });
  it("a changed tag: the octets are shown, unverified, and not explained", () => {
    const changed = sealed.slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    const [message] = translate(changed, keys);
    expect(message).toMatchObject({
      security: { authenticated: false, plaintext: toHex(notification) },
      error: { code: "authentication-failed" },
    });
    expect(message?.apdu).not.toHaveProperty("apdu");
  });

  it("a content moved under the tag of another service", () => {
    const moved = concatBytes(Uint8Array.of(0xc9), gloGet.subarray(1));
    const [message] = translate(moved, { ...keys, systemTitles: [clientTitle] });
    expect(message).toMatchObject({ security: { authenticated: false }, error: { code: "unexpected-message" } });
    expect(message?.apdu).not.toHaveProperty("apdu");
  });

  it.each([
    ["another key", sealed, { ...keys, encryptionKey: dedicatedKey }, "authentication-failed", false],
    ["another key, unverified", sealed, { encryptionKey: dedicatedKey }, "wrong-key", null],
    ["no key", sealed, {}, "key-unknown", null],
    ["no title", gloGet, keys, "key-unknown", null],
    ["a key of the wrong length", sealed, { encryptionKey: fromHex("00") }, "key-unknown", null],
  ] as const)("%s", (_, octets, some, code, authenticated) => {
    const [message] = translate(octets, some);
    expect(message).toMatchObject({ security: { authenticated }, error: { code } });
    expect(message?.security).not.toHaveProperty("plaintext");
    expect(message?.apdu).not.toHaveProperty("apdu");
  });

  it.each([
    ["a suite that does not exist", "DB084D4D4D0000000001 05 3F00000001", "not-supported"],
    ["compressed content", "DB084D4D4D0000000001 05 B000000001", "compression-unsupported"],
    ["no whole header", "DB084D4D4D0000000001 02 3000", "truncated"],
    ["no whole tag", "DB084D4D4D0000000001 07 30000000010000", "truncated-tag"],
  ])("%s", (_, hex, code) => {
    expect(translate(fromHex(hex), keys)[0]).toMatchObject({ error: { code } });
  });
});

describe("secrets", () => {
  it("given as keys, and passwords in the traffic, are not shown", () => {
    const given = { ...keys, dedicatedKeys: [dedicatedKey], systemTitles: [serverTitle] };
    const messages = translate(lines(aarq, gloGet), given);
    const shown = JSON.stringify(messages) + renderMessages(messages);
    for (const secret of [encryptionKey, authenticationKey, fromHex("3132333435363738")])
      expect(shown).not.toContain(toHex(secret));
    const association = messages[0]?.apdu as Json;
    expect(association["callingAuthenticationValue"]).toEqual({ choice: "charstring", value: "(8 octets, not shown)" });
  });
});

describe("a ciphered telegram", () => {
  it("opens to its data sets", () => {
    const text = "/XYZ5\\METER\r\n\r\n1-0:1.8.0(000123.4*kWh)\r\n!\r\n";
    const telegram = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const header = { securityControl: 0x30, systemTitle: serverTitle, invocationCounter: 7 };
    const iv = concatBytes(serverTitle, fromHex("00000007"));
    const { ciphertext, tag } = defaultProvider
      .aesKey(encryptionKey)
      .encrypt(iv, concatBytes(fromHex("30"), authenticationKey), telegram);
    const content = concatBytes(Uint8Array.of(header.securityControl), fromHex("00000007"), ciphertext, tag);
    const apdu = concatBytes(fromHex("DB08"), serverTitle, Uint8Array.of(content.length), content);
    expect(translate(apdu, keys)).toMatchObject([
      {
        layers: [
          {
            type: "p1",
            manufacturer: "XYZ",
            dataSets: [{ reference: "1-0:1.8.0", values: [{ value: "000123.4", unit: "kWh" }] }],
          },
        ],
        apdu: { type: "general-glo-ciphering" },
        security: { authenticated: true },
        error: null,
      },
    ]);
  });
});
