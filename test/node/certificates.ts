import { createHash, generateKeyPairSync } from "node:crypto";
import forge from "node-forge";

/** One key for all, since making one is what takes time. */
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the DER form, with colons as tools print it. */
  readonly fingerprint: string;
}

let serial = 1;

/** Makes a certificate; without an issuer it is an authority that signs itself. */
export function makeCertificate(
  commonName: string,
  issuer?: string,
  altNames: readonly object[] = [],
): TestCertificate {
  const made = forge.pki.createCertificate();
  made.publicKey = forge.pki.publicKeyFromPem(publicKey);
  made.serialNumber = (serial++).toString(16).padStart(2, "0");
  made.validity.notBefore = new Date(Date.now() - 86_400_000);
  made.validity.notAfter = new Date(Date.now() + 86_400_000);
  made.setSubject([{ name: "commonName", value: commonName }]);
  made.setIssuer([{ name: "commonName", value: issuer ?? commonName }]);
  const extensions: object[] = [{ name: "basicConstraints", cA: issuer === undefined, critical: true }];
  if (altNames.length > 0) extensions.push({ name: "subjectAltName", altNames });
  made.setExtensions(extensions);
  made.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  const der = Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(made)).getBytes(), "binary");
  const digest = createHash("sha256").update(der).digest("hex").toUpperCase();
  return {
    certificate: forge.pki.certificateToPem(made),
    key: privateKey,
    fingerprint: digest.match(/../g)!.join(":"),
  };
}
