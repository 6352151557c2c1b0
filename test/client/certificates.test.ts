import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import {
  type Certificate,
  type CertificateContents,
  DeviceCertificates,
  issueCertificate,
  meterCertificates,
  partyKeysFrom,
  TrustStore,
} from "../../src/certificates/index.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { defaultProvider as crypto } from "../../src/node/crypto.js";
import { Authority, day, now } from "../certificates/authority.js";

const root = new Authority("Example Root");
const issuing = new Authority("Example CA", root);
const stranger = new Authority("Foreign Root");
const title = toHex(mockCredentials.systemTitle);
const clientTitle = "4142430000000001";
const trustStore = new TrustStore({ crypto, roots: [root.certificate], intermediates: [issuing.certificate] });
const refused = (code: string) => expect.objectContaining({ code });

/** A meter of suite 1 with HLS-ECDSA, its certificates, and a client that knows both by certificates alone. */
async function bench(client = issuing.issue(clientTitle), meter = issuing.issue(title)) {
  const held = new DeviceCertificates({
    crypto,
    curve: "P-256",
    systemTitle: mockCredentials.systemTitle,
    roots: [root.certificate],
    now: () => now,
    certificates: [issuing.certificate, meter.certificate, client.certificate],
    keyPairs: { "digital-signature": meter.pair },
  });
  const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
  const keys = { suite: 1, encryptionKey, authenticationKey } as const;
  const heard: string[] = [];
  const mock = new MockMeter({
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      {
        clientSap: 1,
        authentication: held.authentication,
        security: { ...keys, protection: "authenticated-encrypted", systemTitle, certificates: held },
      },
    ],
    observe: (_, event) => event.type === "rejected" && heard.push(event.error.code),
  });
  let certificates: readonly Certificate[] = [meter.certificate];
  const endpoint = await mock.endpoint();
  const options: ConnectOptions = {
    client: 1,
    authentication: {
      mechanism: "hls-ecdsa",
      privateKey: client.pair.privateKey,
      party: partyKeysFrom({ certificates: () => certificates, trustStore, now: () => now }),
    },
    security: { ...keys, systemTitle: clientTitle },
  };
  return {
    held,
    heard,
    mock,
    connect: () => connect(endpoint, options),
    trust: (...given: readonly Certificate[]) => {
      certificates = given;
    },
  };
}

describe("HLS-ECDSA by certificates", () => {
  it("lets both ends in whose certificates lead to the root", async () => {
    const { connect: open, mock } = await bench();
    await using meter = await open();
    expect((await meter.register("1-0:1.8.0").value.get()).unit.toString()).toBe("Wh");
    await mock.close();
  });

  const spoilt: readonly [string, Partial<CertificateContents>, Authority][] = [
    ["certificate-expired", { notBefore: now - 9 * day, notAfter: now - day }, issuing],
    ["certificate-not-yet-valid", { notBefore: now + day, notAfter: now + 2 * day }, issuing],
    ["certificate-untrusted", {}, stranger],
    ["certificate-wrong-usage", { use: "tls" }, issuing],
  ];

  it.each(spoilt)("%s: the client refuses the meter's certificate", async (code, contents, authority) => {
    const { connect: open } = await bench(undefined, authority.issue(title, contents));
    await expect(open()).rejects.toThrow(refused(code));
  });

  it.each(spoilt)(
    "%s: the meter refuses the client's certificate, and does not tell why",
    async (code, contents, by) => {
      const { connect: open, heard } = await bench(by.issue(clientTitle, contents));
      await expect(open()).rejects.toMatchObject({
        name: "RefusedError",
        message: expect.not.stringContaining("certificate"),
      });
      expect(heard).toContain(code);
    },
  );

  it("key-unknown: no certificate of that meter, at the client; of that client, at the meter", async () => {
    const { connect: open, trust } = await bench();
    trust(issuing.issue("4D4D4D0000000009").certificate);
    await expect(open()).rejects.toThrow(refused("key-unknown"));
    const other = await bench(issuing.issue("4D4D4D0000000009"));
    await expect(other.connect()).rejects.toThrow(refused("authentication-refused"));
    expect(other.heard).toContain("key-unknown");
  });

  it("hls-authentication-failed: another key of the same title, in good standing", async () => {
    const { connect: open, trust } = await bench();
    trust(issuing.issue(title).certificate);
    await expect(open()).rejects.toThrow(refused("hls-authentication-failed"));
  });
});

describe("certificates in the meter", () => {
  const options = { crypto, trustStore, systemTitle: mockCredentials.systemTitle, now: () => now };

  it("lists them, and exports each by serial number and by whose it is", async () => {
    const { connect: open } = await bench();
    await using meter = await open();
    const certificates = meterCertificates(meter, options);
    const rows = await certificates.list();
    expect(rows.map(({ entity, use, subjectText }) => [entity, use, subjectText])).toEqual([
      ["certification-authority", "other", "CN=Example Root"],
      ["certification-authority", "other", "CN=Example CA"],
      ["server", "digital-signature", `CN=${title}`],
      ["client", "digital-signature", `CN=${clientTitle}`],
    ]);
    for (const row of rows) expect(String((await certificates.export(row)).subject)).toBe(row.subjectText);
    const own = { entity: "server", use: "digital-signature", systemTitle: mockCredentials.systemTitle } as const;
    expect((await certificates.export(own)).systemTitle).toEqual(mockCredentials.systemTitle);
    const none = { ...own, systemTitle: fromHex("4D4D4D0000000009") };
    await expect(certificates.export(none)).rejects.toThrow(refused("access-refused"));
  });

  it("renews a key pair: the old one serves until the certificate is there, the next association takes the new one", async () => {
    const { connect: open, trust, held } = await bench();
    const first = await open();
    const certificates = meterCertificates(first, options);
    const before = held.keyPair("digital-signature");
    const issued = await certificates.renew("digital-signature", (request) => {
      expect(held.keyPair("digital-signature")).toBe(before);
      const validity = { notBefore: now - day, notAfter: now + day };
      return issueCertificate({ ...request, use: "digital-signature", ...validity }, issuing.issuer, crypto);
    });
    expect(held.keyPair("digital-signature")?.publicKey).toEqual(issued.publicKey);
    expect((await certificates.list()).filter(({ entity }) => entity === "server")).toHaveLength(1);
    await first.close();
    await expect(open()).rejects.toThrow(refused("hls-authentication-failed"));
    trust(issued);
    await using again = await open();
    expect(again.state).toBe("associated");
  });

  it("imports and removes the certificate of a client; the roots stay", async () => {
    const { connect: open } = await bench();
    await using meter = await open();
    const certificates = meterCertificates(meter, options);
    const third = issuing.issue("5448490000000001").certificate;
    await certificates.import(third);
    const name = { serialNumber: third.serialNumber, issuer: third.issuer.der };
    expect((await certificates.export(name)).equals(third)).toBe(true);
    await certificates.remove(name);
    await expect(certificates.remove(name)).rejects.toThrow(refused("access-refused"));
    const anchor = { serialNumber: root.certificate.serialNumber, issuer: root.certificate.issuer.der };
    await expect(certificates.remove(anchor)).rejects.toThrow(refused("access-refused"));
  });

  it("sends nothing that the trust store refuses; the meter refuses it by itself too", async () => {
    const { connect: open } = await bench();
    await using meter = await open();
    const foreign = stranger.issue("5448490000000001").certificate;
    await expect(meterCertificates(meter, options).import(foreign)).rejects.toThrow(refused("certificate-untrusted"));
    const { trustStore: _, ...blind } = options;
    const unchecked = meterCertificates(meter, blind);
    const wrongKey = issuing.issue(title).certificate;
    for (const certificate of [foreign, stranger.certificate, root.certificate, wrongKey])
      await expect(unchecked.import(certificate)).rejects.toThrow(refused("access-refused"));
    expect(await unchecked.list()).toHaveLength(4);
  });

  it("certificate-wrong-key, -wrong-usage, -wrong-title: what was issued is not what was asked for", async () => {
    const { connect: open } = await bench();
    await using meter = await open();
    const certificates = meterCertificates(meter, options);
    const validity = { notBefore: now - day, notAfter: now + day };
    const renew = (contents: Partial<CertificateContents>) =>
      certificates.renew("key-agreement", (request) =>
        issueCertificate({ ...request, use: "key-agreement", ...validity, ...contents }, issuing.issuer, crypto),
      );
    await expect(renew({ key: root.issuer.key })).rejects.toThrow(refused("certificate-wrong-key"));
    await expect(renew({ use: "digital-signature" })).rejects.toThrow(refused("certificate-wrong-usage"));
    await expect(renew({ subject: root.issuer.name })).rejects.toThrow(refused("certificate-wrong-title"));
    await expect(
      meterCertificates(meter, { ...options, systemTitle: fromHex(clientTitle) }).signingRequest("digital-signature"),
    ).rejects.toThrow(refused("certificate-wrong-title"));
  });
});
