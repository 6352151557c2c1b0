import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import {
  type CertificateContents,
  DeviceCertificates,
  partyKeysFrom,
  TrustStore,
} from "../../src/certificates/index.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import type { Curve } from "../../src/crypto/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { Authority, crypto, day, now } from "../certificates/authority.js";

const { systemTitle } = mockCredentials;
const [meterTitle, clientTitle] = [toHex(systemTitle), "4142430000000001"];
const expired = { notBefore: now - 9 * day, notAfter: now - day };
const refused = (code: string) => expect.objectContaining({ code });

interface Spoilt {
  readonly title?: string;
  readonly contents?: Partial<CertificateContents>;
}

/** Both ends know the root alone, and get each other's certificate in AARQ and AARE. */
async function bench(suite: 1 | 2, spoilt: { client?: Spoilt; meter?: Spoilt; sent?: Uint8Array } = {}) {
  const curve: Curve = suite === 2 ? "P-384" : "P-256";
  const root = new Authority("Root", undefined, {}, curve);
  const issue = (title: string, given: Spoilt = {}) => root.issue(given.title ?? title, given.contents, curve);
  const [client, meter] = [issue(clientTitle, spoilt.client), issue(meterTitle, spoilt.meter)];
  const held = new DeviceCertificates({
    crypto,
    curve,
    // A meter that shows another's certificate takes that for its own.
    systemTitle: fromHex(spoilt.meter?.title ?? meterTitle),
    roots: [root.certificate],
    now: () => now,
    certificates: [meter.certificate],
    keyPairs: { "digital-signature": meter.pair },
    presents: true,
  });
  const key = new Uint8Array(suite === 2 ? 32 : 16).fill(9);
  const keys = { suite, encryptionKey: key, authenticationKey: key } as const;
  const heard: string[] = [];
  const mock = new MockMeter({
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      {
        clientSap: 1,
        authentication: held.authentication,
        security: { ...keys, protection: "authenticated-encrypted", systemTitle },
      },
    ],
    observe: (_, event) => event.type === "rejected" && heard.push(event.error.code),
  });
  const trustStore = new TrustStore({ crypto, roots: [root.certificate] });
  const options: ConnectOptions = {
    client: 1,
    authentication: {
      mechanism: "hls-ecdsa",
      privateKey: client.pair.privateKey,
      certificate: spoilt.sent ?? client.certificate.der,
      party: partyKeysFrom({ certificates: [], trustStore, now: () => now }),
    },
    security: { ...keys, systemTitle: clientTitle },
  };
  return { heard, open: async () => connect(await mock.endpoint(), options) };
}

describe.each([1, 2] as const)("certificates sent along with the association, suite %i", (suite) => {
  it("let both ends in that know nothing but the root", async () => {
    const { open } = await bench(suite);
    await using meter = await open();
    expect((await meter.register("1-0:1.8.0").value.get()).unit.toString()).toBe("Wh");
  });

  it.each<[string, { client?: Spoilt; sent?: Uint8Array }]>([
    ["certificate-expired", { client: { contents: expired } }],
    ["certificate-wrong-title", { client: { title: "4142430000000009" } }],
    ["certificate-wrong-usage", { client: { contents: { use: "tls" } } }],
    ["malformed", { sent: fromHex("30020500") }],
    ["truncated", { sent: fromHex("308203E8") }],
  ])("%s: the meter refuses what the client sends, and does not tell why", async (code, spoilt) => {
    const { open, heard } = await bench(suite, spoilt);
    await expect(open()).rejects.toThrow(refused("authentication-refused"));
    expect(heard).toContain(code);
  });

  it.each<[string, Spoilt]>([
    ["certificate-expired", { contents: expired }],
    ["certificate-wrong-title", { title: "4D4D4D0000000009" }],
  ])("%s: the client refuses what the meter sends", async (code, meter) => {
    const { open } = await bench(suite, { meter });
    await expect(open()).rejects.toThrow(refused(code));
  });
});
