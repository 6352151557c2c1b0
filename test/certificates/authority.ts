import { fromHex } from "../../src/base/index.js";
import {
  type Certificate,
  type CertificateContents,
  DistinguishedName,
  type Issuer,
  issueCertificate,
  signerOf,
} from "../../src/certificates/index.js";
import type { Curve, KeyPair } from "../../src/crypto/index.js";
import { defaultProvider as crypto } from "../../src/node/crypto.js";

const curves = crypto.ellipticCurves!;
export const day = 86_400_000;
export const now = Date.UTC(2030, 5, 1);
export { crypto };

/** An authority of the tests: its certificate, and what it issues. */
export class Authority {
  readonly pair: KeyPair;
  readonly certificate: Certificate;
  readonly issuer: Issuer;

  constructor(name: string, parent?: Authority, contents: Partial<CertificateContents> = {}, curve: Curve = "P-256") {
    this.pair = curves.generateKeyPair(curve);
    const key = { curve, octets: this.pair.publicKey };
    const subject = DistinguishedName.of(name);
    this.issuer = { name: subject, key, sign: signerOf(crypto, curve, this.pair.privateKey) };
    const all = { subject, key, use: "authority", notBefore: now - 100 * day, notAfter: now + 100 * day } as const;
    this.certificate = issueCertificate({ ...all, ...contents }, parent?.issuer ?? this.issuer, crypto);
  }

  /** A certificate of a system title, and its private key. */
  issue(title: string, contents: Partial<CertificateContents> = {}, curve: Curve = "P-256") {
    const pair = curves.generateKeyPair(curve);
    const all = {
      subject: DistinguishedName.of(title),
      key: { curve, octets: pair.publicKey },
      use: "digital-signature",
      notBefore: now - day,
      notAfter: now + day,
    } as const;
    return { pair, title: fromHex(title), certificate: issueCertificate({ ...all, ...contents }, this.issuer, crypto) };
  }
}
