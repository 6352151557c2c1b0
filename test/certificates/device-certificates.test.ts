import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { DeviceCertificates, type DeviceCertificatesOptions, issueCertificate } from "../../src/certificates/index.js";
import { Authority, crypto, day, now } from "./authority.js";

const title = "4D4D4D0000000001";
const root = new Authority("Root");
const refused = (code: string) => expect.objectContaining({ code });
const device = (more: Partial<DeviceCertificatesOptions> = {}) =>
  new DeviceCertificates({
    crypto,
    curve: "P-256",
    systemTitle: fromHex(title),
    roots: [root.certificate],
    now: () => now,
    ...more,
  });

describe("certificates of a device", () => {
  it("certificate-unknown: a request and an authentication without a key pair", () => {
    const empty = device();
    expect(() => empty.signingRequest("digital-signature")).toThrow(refused("certificate-unknown"));
    expect(() => empty.authentication.privateKey).toThrow(refused("certificate-unknown"));
    expect(empty.party(fromHex(title))).toBeUndefined();
  });

  it("shows no private key: not inspected, not as JSON", () => {
    const { pair, certificate } = root.issue(title);
    const held = device({ certificates: [certificate], keyPairs: { "digital-signature": pair } });
    const shown = [held, held.authentication].map(
      (object) => inspect(object, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(object),
    );
    const secret = [...pair.privateKey];
    for (const text of shown) {
      expect(text.replace(/\D+/g, ",")).not.toContain(secret.slice(0, 4).join(","));
      expect(text).not.toContain(JSON.stringify(pair.privateKey).slice(1, 30));
      expect(text.toUpperCase()).not.toContain(toHex(pair.privateKey).slice(0, 8));
    }
  });

  it("makes requests on the curve of its suite", () => {
    const suite2 = device({ curve: "P-384" });
    suite2.generateKeyPair("key-agreement");
    const request = suite2.signingRequest("key-agreement");
    request.verify(crypto);
    expect([request.curve, request.subject.toString()]).toEqual(["P-384", `CN=${title}`]);
    expect(suite2.keyPair("key-agreement")).toBeUndefined();
  });

  it("replaces a certificate of the same party for the same use", () => {
    const held = device();
    const [old, renewed] = [root.issue("4142430000000001"), root.issue("4142430000000001")];
    held.import(old.certificate.der);
    held.import(renewed.certificate.der);
    held.import(renewed.certificate.der);
    expect(held.list().map(({ certificate }) => certificate)).toEqual([
      root.certificate,
      expect.objectContaining({ der: renewed.certificate.der }),
    ]);
    expect(held.party(fromHex("4142430000000001"))?.signaturePublicKey).toEqual(renewed.pair.publicKey);
  });

  it("certificate-store-full: nothing changes, not even the key pair", () => {
    const held = device({ capacity: 2 });
    held.import(root.issue("4142430000000001").certificate.der);
    held.generateKeyPair("digital-signature");
    const contents = { ...held.signingRequest("digital-signature"), notBefore: now - day, notAfter: now + day };
    const own = issueCertificate({ ...contents, use: "digital-signature" }, root.issuer, crypto);
    expect(() => held.import(own.der)).toThrow(refused("certificate-store-full"));
    expect(held.keyPair("digital-signature")).toBeUndefined();
    held.remove({ entity: "client", use: "digital-signature", systemTitle: fromHex("4142430000000001") });
    held.import(own.der);
    expect(held.keyPair("digital-signature")?.publicKey).toEqual(own.publicKey);
  });

  it("finds serial numbers with and without a zero in front", () => {
    const held = device();
    const { certificate } = root.issue("4142430000000001", { serialNumber: Uint8Array.of(0, 0x11) });
    held.import(certificate.der);
    for (const digits of [[...certificate.serialNumber], [0, ...certificate.serialNumber]])
      expect(held.export({ serialNumber: Uint8Array.from(digits), issuer: root.issuer.name.der }).der).toEqual(
        certificate.der,
      );
  });

  it("refuses what is not good, by name", () => {
    const held = device();
    const bad = (der: Uint8Array, code: string) => expect(() => held.import(der)).toThrow(refused(code));
    bad(root.certificate.der, "certificate-untrusted");
    bad(new Authority("Foreign").certificate.der, "certificate-untrusted");
    bad(
      new Authority("Old CA", root, { notBefore: now - 9 * day, notAfter: now - day }).certificate.der,
      "certificate-expired",
    );
    bad(root.issue("4142430000000001", { notAfter: now - day / 2 }).certificate.der, "certificate-expired");
    bad(root.issue(title).certificate.der, "certificate-wrong-key");
    bad(Uint8Array.of(0x30, 0x03, 0x02, 0x01), "truncated");
    const strong = new Authority("Root 384", undefined, {}, "P-384");
    const other = device({ roots: [strong.certificate] });
    const p384 = strong.issue("4142430000000001", {}, "P-384").certificate.der;
    expect(() => other.import(p384)).toThrow(refused("certificate-wrong-usage"));
    expect(held.list()).toHaveLength(1);
  });
});
