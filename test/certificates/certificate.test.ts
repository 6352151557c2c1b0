import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { Certificate, CertificateSigningRequest, DistinguishedName } from "../../src/certificates/index.js";
import { portableProvider, withEllipticCurves } from "../../src/crypto/index.js";
import { Authority, crypto, day, now } from "./authority.js";
import { openssl } from "./openssl.js";

const portable = withEllipticCurves(portableProvider);
const certificates = Object.entries(openssl).filter(([name]) => !name.startsWith("request"));

describe("certificates of OpenSSL", () => {
  it.each(certificates)("%s: reads what node:crypto reads", (_, pem) => {
    const ours = Certificate.parse(pem);
    const theirs = new X509Certificate(pem);
    expect(toHex(ours.serialNumber).replace(/^0+/, "")).toBe(theirs.serialNumber.replace(/^0+/, ""));
    expect(ours.notBefore).toBe(Date.parse(theirs.validFrom));
    expect(ours.notAfter).toBe(Date.parse(theirs.validTo));
    expect(ours.isAuthority).toBe(theirs.ca);
    expect(Buffer.from(ours.der).equals(theirs.raw)).toBe(true);
    expect(new X509Certificate(ours.toPem()).fingerprint256).toBe(theirs.fingerprint256);
    // OpenSSL writes an attribute a line; an empty name is undefined.
    expect(ours.subject.toString()).toBe((theirs.subject ?? "").split("\n").join(", "));
    expect(ours.issuer.toString()).toBe(theirs.issuer.split("\n").join(", "));
  });

  it.each(["root", "sub", "sig", "root384", "sig384", "mixed"] as const)("%s: gives the public key", (name) => {
    const ours = Certificate.parse(openssl[name]);
    const { x, y, crv } = new X509Certificate(openssl[name]).publicKey.export({ format: "jwk" });
    expect(ours.curve).toBe(crv);
    expect(Buffer.from(ours.publicKey)).toEqual(
      Buffer.concat([Buffer.from(x as string, "base64url"), Buffer.from(y as string, "base64url")]),
    );
  });

  it("says what keys are for", () => {
    const uses = (name: keyof typeof openssl) => Certificate.parse(openssl[name]).uses;
    expect(uses("sig")).toEqual(["digital-signature", "tls"]);
    expect(uses("ka")).toEqual(["key-agreement"]);
    expect(uses("tls")).toEqual(["tls"]);
    expect(uses("root")).toEqual([]);
    expect([...(Certificate.parse(openssl.sub).keyUsage ?? [])]).toEqual(["key-cert-sign", "crl-sign"]);
    expect(Certificate.parse(openssl.sub).extensions.pathLength).toBe(0);
  });

  it("finds system titles in the common name and in the hardware module name", () => {
    expect(toHex(Certificate.parse(openssl.sig).systemTitle!)).toBe("4D4D4D0000BC614E");
    const british = Certificate.parse(openssl.gb);
    expect(british.subject.toString()).toBe("");
    expect([...british.systemTitles.keys()]).toEqual(["hardware-module-name"]);
    expect(toHex(british.systemTitle!)).toBe("90B3D51F30000002");
    expect(Certificate.parse(openssl.root).systemTitle).toBeUndefined();
  });

  it.each([crypto, portable])("holds signatures by both providers ($name)", (provider) => {
    const [root, sub, sig, root384, sig384, mixed] = (
      ["root", "sub", "sig", "root384", "sig384", "mixed"] as const
    ).map((name) => Certificate.parse(openssl[name])) as [
      Certificate,
      Certificate,
      Certificate,
      Certificate,
      Certificate,
      Certificate,
    ];
    expect(sub.isSignedBy(root.key, provider)).toBe(true);
    expect(sig.isSignedBy(sub.key, provider)).toBe(true);
    expect(sig.isSignedBy(root.key, provider)).toBe(false);
    expect(sig384.isSignedBy(root384.key, provider)).toBe(true);
    expect(mixed.isSignedBy(root384.key, provider)).toBe(true);
  });

  it("reads several of one file, and PEM as octets", () => {
    const file = `A bundle\n${openssl.root}\nand\n${openssl.sub}`;
    expect(Certificate.parseAll(file).map(({ subject }) => subject.commonName)).toEqual([
      "Example Root",
      "Example Device CA",
    ]);
    expect(Certificate.parse(new TextEncoder().encode(openssl.sig)).subject.toString()).toBe("CN=4D4D4D0000BC614E");
  });
});

describe("certificates of ours", () => {
  it.each(["P-256", "P-384"] as const)("%s: are taken by node:crypto, chain and key", (curve) => {
    const root = new Authority("Root", undefined, {}, curve);
    const { certificate, pair } = root.issue("4D4D4D0000000001", {}, curve);
    const [theirs, issuer] = [certificate, root.certificate].map(({ der }) => new X509Certificate(der)) as [
      X509Certificate,
      X509Certificate,
    ];
    expect(theirs.verify(issuer.publicKey)).toBe(true);
    expect(theirs.checkIssued(issuer)).toBe(true);
    expect(issuer.verify(issuer.publicKey)).toBe(true);
    expect(issuer.ca).toBe(true);
    expect(theirs.subject).toBe("CN=4D4D4D0000000001");
    expect(Date.parse(theirs.validTo)).toBe(now + day);
    expect(certificate.publicKey).toEqual(pair.publicKey);
  });

  it("have names whose separators and controls are shown", () => {
    expect(DistinguishedName.of("a, CN=b\n", { O: "Ütility" }).toString()).toBe("O=Ütility, CN=a\\, CN\\=b\\u{a}");
  });

  it("count the serial number as a positive one", () => {
    const { certificate } = new Authority("Root").issue("4D4D4D0000000001", { serialNumber: Uint8Array.of(0xff, 1) });
    expect(toHex(certificate.serialNumber)).toBe("7F01");
  });
});

describe("signing requests", () => {
  it.each(["request", "request384"] as const)("%s of OpenSSL: signature, name and key", (name) => {
    const request = CertificateSigningRequest.parse(openssl[name]);
    for (const provider of [crypto, portable]) request.verify(provider);
    const certificate = Certificate.parse(name === "request" ? openssl.sig : openssl.sig384);
    expect(request.publicKey).toEqual(certificate.publicKey);
    expect(request.systemTitle).toEqual(certificate.systemTitle);
    expect(CertificateSigningRequest.parse(request.toPem()).der).toEqual(request.der);
  });

  it("certificate-signature-invalid: another name under the same signature", () => {
    const { der } = CertificateSigningRequest.parse(openssl.request);
    const text = Buffer.from(der).toString("latin1").replace("4D4D4D0000BC614E", "4D4D4D0000BC614F");
    const forged = CertificateSigningRequest.parse(Uint8Array.from(Buffer.from(text, "latin1")));
    expect(() => forged.verify(crypto)).toThrow(expect.objectContaining({ code: "certificate-signature-invalid" }));
  });
});
