import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { OctetString } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate as CertificateSchema,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  SubjectKeyIdentifier,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import type { CryptoProvider } from "../crypto/contract.js";
import { Certificate, type CertificateUse } from "./certificate.js";
import { parseDer, serialize } from "./der.js";
import {
  buffer,
  type CertifiedKey,
  checkPoint,
  curvesOf,
  derSignature,
  publicKeyInfo,
  signatureAlgorithm,
} from "./keys.js";
import type { DistinguishedName } from "./names.js";
import { CertificateSigningRequest } from "./signing-request.js";

/** Signs octets with a private key that may be anywhere; r || s. */
export type Signer = (octets: Uint8Array) => Uint8Array;

/** A signer of a private key in memory. */
export function signerOf(crypto: CryptoProvider, curve: CertifiedKey["curve"], privateKey: Uint8Array): Signer {
  return (octets) => curvesOf(crypto).sign(curve, privateKey, octets);
}

/** A request for a certificate, signed by the key it asks for. */
export function createSigningRequest(
  subject: DistinguishedName,
  key: CertifiedKey,
  sign: Signer,
): CertificateSigningRequest {
  const info = new CertificationRequestInfo({
    subject: parseDer(subject.der, Name, "a subject"),
    subjectPKInfo: publicKeyInfo(key),
    attributes: new Attributes(),
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signatureAlgorithm(key.curve),
    signature: buffer(derSignature(sign(serialize(info)))),
  });
  return CertificateSigningRequest.parse(serialize(request));
}

/** What a certificate is to say. */
export interface CertificateContents {
  readonly subject: DistinguishedName;
  readonly key: CertifiedKey;
  /** What the key is for, or `authority` for a key that signs certificates. */
  readonly use: CertificateUse | "authority";
  /** Milliseconds UTC; whole seconds count. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Up to 20 octets, a positive number; 16 random ones when left out. */
  readonly serialNumber?: Uint8Array;
  /** Of an authority: how many others may stand below it. */
  readonly pathLength?: number;
}

/** Who signs: an authority's certificate, or its name and key where it signs its own. */
export interface Issuer {
  readonly name: DistinguishedName;
  readonly key: CertifiedKey;
  readonly sign: Signer;
}

/**
 * Makes a certificate as IEC 62056-5-3 has its fields. It is meant for tests, mock meters and small set-ups: keeping an
 * authority's key safe, and revoking, are not its business.
 * @throws SecurityError `invalid-public-key` for a key that is not on its curve.
 */
export function issueCertificate(contents: CertificateContents, issuer: Issuer, crypto: CryptoProvider): Certificate {
  checkPoint(crypto, contents.key);
  const algorithm = signatureAlgorithm(issuer.key.curve);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: buffer(positive(contents.serialNumber ?? crypto.randomBytes(16))),
    signature: algorithm,
    issuer: parseDer(issuer.name.der, Name, "an issuer"),
    validity: new Validity({ notBefore: time(contents.notBefore), notAfter: time(contents.notAfter) }),
    subject: parseDer(contents.subject.der, Name, "a subject"),
    subjectPublicKeyInfo: publicKeyInfo(contents.key),
    extensions: extensionsOf(contents, issuer, crypto),
  });
  const certificate = new CertificateSchema({
    tbsCertificate: tbs,
    signatureAlgorithm: algorithm,
    signatureValue: buffer(derSignature(issuer.sign(serialize(tbs)))),
  });
  return Certificate.parse(serialize(certificate));
}

function extensionsOf(contents: CertificateContents, issuer: Issuer, crypto: CryptoProvider): Extensions {
  const { key, use, pathLength } = contents;
  const extension = (extnID: string, critical: boolean, value: unknown) =>
    new Extension({ extnID, critical, extnValue: new OctetString(buffer(serialize(value))) });
  const authority = use === "authority";
  const pathLenConstraint = authority && pathLength !== undefined ? { pathLenConstraint: pathLength } : {};
  return new Extensions([
    // Some take any certificate with this extension for an authority's.
    ...(authority
      ? [extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true, ...pathLenConstraint }))]
      : []),
    extension(id_ce_keyUsage, true, new KeyUsage(usageFlags[use])),
    ...(use === "tls"
      ? [extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_serverAuth, id_kp_clientAuth]))]
      : []),
    extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier(key, crypto))),
    extension(
      id_ce_authorityKeyIdentifier,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuer.key, crypto)) }),
    ),
  ]);
}

/** Bits of keyUsage by what the key is for (IEC 62056-5-3, key usage extension). */
const usageFlags = {
  "digital-signature": KeyUsageFlags.digitalSignature,
  "key-agreement": KeyUsageFlags.keyAgreement,
  tls: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement,
  authority: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
} as const satisfies Record<CertificateContents["use"], number>;

/** SHA-1 of the point: method 1 of RFC 5280, 4.2.1.2. It names a key and protects nothing. */
function keyIdentifier({ octets }: CertifiedKey, crypto: CryptoProvider): ArrayBuffer {
  return buffer(crypto.digest("sha1", Uint8Array.of(4, ...octets)));
}

function positive(serialNumber: Uint8Array): Uint8Array {
  const octets = serialNumber.slice();
  if (octets.length > 0) octets[0] = ((octets[0] as number) & 0x7f) | 0x01;
  return octets;
}

function time(at: number): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}
