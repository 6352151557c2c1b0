import { Certificate as CertificateSchema, id_kp_clientAuth, id_kp_serverAuth } from "@peculiar/asn1-x509";
import { equalBytes, toHex } from "../base/index.js";
import type { CryptoProvider, Curve } from "../crypto/contract.js";
import { checkDer, childrenOf, elementAt, fault, guarded, parseDer } from "./der.js";
import { type CertificateExtensions, type KeyUsageName, readExtensions } from "./extensions.js";
import { type CertifiedKey, certifiedKey, curvesOf, rawSignature, signingCurve, unsupported } from "./keys.js";
import { DistinguishedName } from "./names.js";
import { derOf, encodePem } from "./pem.js";
import { type SystemTitleSource, systemTitlesOf } from "./title.js";

/** What the key of a certificate is for: `certificate_type` of Security setup. */
export type CertificateUse = "digital-signature" | "key-agreement" | "tls";

const labels = ["CERTIFICATE", "X509 CERTIFICATE"];
const what = "a certificate";
const tlsPurposes = [id_kp_serverAuth, id_kp_clientAuth];
const anyPurpose = "2.5.29.37.0";
const contextVersion = 0xa0;

/** An X.509 certificate as it is; whether it is to be trusted a `TrustStore` says. */
export class Certificate {
  /** The whole, octet by octet as it came. */
  readonly der: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Contents octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** Milliseconds UTC, the first and the last of its validity. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: CertificateExtensions;
  /** 3 where it has extensions. */
  readonly version: number;
  /** System titles that the subject carries, by where they stand. */
  readonly systemTitles: ReadonlyMap<SystemTitleSource, Uint8Array>;
  /** Object identifier. */
  readonly signatureAlgorithm: string;
  readonly #tbs: Uint8Array;
  readonly #signature: Uint8Array;
  readonly #schema: CertificateSchema;
  #key: CertifiedKey | undefined;

  private constructor(der: Uint8Array) {
    checkDer(der, what);
    const schema = parseDer(der, CertificateSchema, what);
    const { tbsCertificate: tbs } = schema;
    const parts = partsOf(der);
    this.der = der;
    this.#schema = schema;
    this.#tbs = parts.tbs;
    this.#signature = new Uint8Array(schema.signatureValue);
    this.signatureAlgorithm = schema.signatureAlgorithm.algorithm;
    if (this.signatureAlgorithm !== tbs.signature.algorithm)
      throw fault("malformed", "a certificate that names two signature algorithms");
    this.version = tbs.version + 1;
    this.serialNumber = new Uint8Array(tbs.serialNumber);
    this.issuer = new DistinguishedName(parts.issuer);
    this.subject = new DistinguishedName(parts.subject);
    this.notBefore = instant(guarded(what, () => tbs.validity.notBefore.getTime()));
    this.notAfter = instant(guarded(what, () => tbs.validity.notAfter.getTime()));
    this.extensions = readExtensions(tbs.extensions ?? []);
    this.systemTitles = guarded(what, () => systemTitlesOf(this.subject, this.extensions.alternativeNames));
  }

  /**
   * One certificate: its DER, or PEM in text or octets that holds it, and perhaps others after it.
   * @throws DecodeError `malformed`, `truncated`, `trailing-bytes`, `limit-exceeded` for more than 16 KiB or 32 levels.
   * @throws UsageError `invalid-argument` for PEM without a certificate.
   */
  static parse(input: Uint8Array | string): Certificate {
    const [first] = derOf(input, labels);
    return new Certificate((first as Uint8Array).slice());
  }

  /** All certificates of a PEM file, or one of DER. Throws as `parse`. */
  static parseAll(input: Uint8Array | string): Certificate[] {
    return derOf(input, labels).map((der) => new Certificate(der.slice()));
  }

  /** x || y and curve. @throws SecurityError `certificate-algorithm-unsupported`, `invalid-public-key`. */
  get key(): CertifiedKey {
    this.#key ??= certifiedKey(this.#schema.tbsCertificate.subjectPublicKeyInfo);
    return this.#key;
  }

  /** x || y of the public key. Throws as `key`. */
  get publicKey(): Uint8Array {
    return this.key.octets;
  }

  /** Throws as `key`. */
  get curve(): Curve {
    return this.key.curve;
  }

  /** Eight octets, from the first place that has one: common name, hardware module name, unique identifier. */
  get systemTitle(): Uint8Array | undefined {
    return this.systemTitles.values().next().value;
  }

  get keyUsage(): ReadonlySet<KeyUsageName> | undefined {
    return this.extensions.keyUsage;
  }

  get isAuthority(): boolean {
    return this.extensions.isAuthority;
  }

  get isSelfIssued(): boolean {
    return equalBytes(this.issuer.der, this.subject.der);
  }

  /** What the key may be used for, by keyUsage and extKeyUsage. */
  get uses(): readonly CertificateUse[] {
    const all: readonly CertificateUse[] = ["digital-signature", "key-agreement", "tls"];
    return all.filter((use) => this.allows(use));
  }

  /**
   * Whether the key is for this: `digital-signature` and `key-agreement` want their bit of keyUsage and no extKeyUsage
   * that is for something else; `tls` wants the bit for signatures where there are bits, and the purpose where there are purposes.
   */
  allows(use: CertificateUse): boolean {
    const { keyUsage, extendedKeyUsage: purposes } = this.extensions;
    if (this.isAuthority) return false;
    if (use === "tls") {
      const bits = keyUsage === undefined || keyUsage.has("digital-signature");
      return bits && (purposes === undefined || [...tlsPurposes, anyPurpose].some((purpose) => purposes.has(purpose)));
    }
    return keyUsage?.has(use) === true && (purposes === undefined || purposes.has(anyPurpose));
  }

  /**
   * True when the holder of this key signed the certificate.
   * @throws SecurityError `certificate-algorithm-unsupported` when it is signed otherwise than the suites have it,
   * `invalid-public-key`.
   */
  isSignedBy(key: CertifiedKey, crypto: CryptoProvider): boolean {
    const curve = signingCurve(this.signatureAlgorithm);
    if (curve === undefined) throw unsupported(`a signature by ${this.signatureAlgorithm}`);
    if (curve !== key.curve) throw unsupported(`a signature by a key on ${key.curve} with the digest for ${curve}`);
    const raw = rawSignature(curve, this.#signature);
    return raw !== undefined && curvesOf(crypto).verify(curve, key.octets, this.#tbs, raw);
  }

  /** True for the same octets. */
  equals(other: Certificate): boolean {
    return equalBytes(this.der, other.der);
  }

  toPem(): string {
    return encodePem("CERTIFICATE", this.der);
  }

  /** One line for people: subject, serial number, validity. */
  toString(): string {
    const day = (time: number) => new Date(time).toISOString().slice(0, 10);
    return `${this.subject} (serial ${toHex(this.serialNumber)}, ${day(this.notBefore)} to ${day(this.notAfter)})`;
  }
}

/** Octets as they stand: what was signed, and the names. */
function partsOf(der: Uint8Array) {
  const [tbs] = childrenOf(der, elementAt(der, 0, der.length, what), what);
  if (tbs === undefined) throw fault("malformed", "a certificate without contents");
  const fields = childrenOf(der, tbs, what);
  const skip = fields[0]?.tag === contextVersion ? 1 : 0;
  const part = (index: number) => {
    const field = fields[index + skip];
    if (field === undefined) throw fault("malformed", "a certificate that lacks a field");
    return der.subarray(field.start, field.end);
  };
  return { tbs: der.subarray(tbs.start, tbs.end), issuer: part(2), subject: part(4) };
}

function instant(date: Date): number {
  const time = date.getTime();
  if (Number.isNaN(time)) throw fault("malformed", "a validity that is no time");
  return time;
}
