import { CertificationRequest } from "@peculiar/asn1-csr";
import { dlmsError } from "../base/index.js";
import type { CryptoProvider, Curve } from "../crypto/contract.js";
import { checkDer, childrenOf, elementAt, fault, guarded, parseDer } from "./der.js";
import { type CertifiedKey, certifiedKey, curvesOf, rawSignature, signingCurve, unsupported } from "./keys.js";
import { DistinguishedName } from "./names.js";
import { derOf, encodePem } from "./pem.js";
import { systemTitlesOf } from "./title.js";

const labels = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
const what = "a certificate signing request";

/** A certificate signing request of PKCS #10 (RFC 2986): a public key, a name, and the signature by that key. */
export class CertificateSigningRequest {
  /** The whole, octet by octet as it came. */
  readonly der: Uint8Array;
  readonly subject: DistinguishedName;
  /** x || y and curve. */
  readonly key: CertifiedKey;
  readonly #info: Uint8Array;
  readonly #schema: CertificationRequest;

  private constructor(der: Uint8Array) {
    checkDer(der, what);
    const schema = parseDer(der, CertificationRequest, what);
    const [info] = childrenOf(der, elementAt(der, 0, der.length, what), what);
    const subject = info === undefined ? undefined : childrenOf(der, info, what)[1];
    if (info === undefined || subject === undefined) throw fault("malformed", `${what} without contents`);
    this.der = der;
    this.#schema = schema;
    this.#info = der.subarray(info.start, info.end);
    this.subject = new DistinguishedName(der.subarray(subject.start, subject.end));
    this.key = certifiedKey(schema.certificationRequestInfo.subjectPKInfo);
  }

  /**
   * A request: its DER, or PEM in text or octets.
   * @throws DecodeError `malformed`, `truncated`, `trailing-bytes`, `limit-exceeded`.
   * @throws SecurityError `certificate-algorithm-unsupported`, `invalid-public-key` for a key of another kind.
   * @throws UsageError `invalid-argument` for PEM without a request.
   */
  static parse(input: Uint8Array | string): CertificateSigningRequest {
    const [first] = derOf(input, labels);
    return new CertificateSigningRequest((first as Uint8Array).slice());
  }

  get publicKey(): Uint8Array {
    return this.key.octets;
  }

  get curve(): Curve {
    return this.key.curve;
  }

  /** Eight octets, of a common name of 16 hexadecimal digits. */
  get systemTitle(): Uint8Array | undefined {
    return guarded(what, () => systemTitlesOf(this.subject, [])).get("common-name");
  }

  /**
   * Checks that whoever asks holds the private key.
   * @throws SecurityError `certificate-signature-invalid`, `certificate-algorithm-unsupported`, `invalid-public-key`.
   */
  verify(crypto: CryptoProvider): void {
    const { algorithm } = this.#schema.signatureAlgorithm;
    const curve = signingCurve(algorithm);
    if (curve === undefined) throw unsupported(`a signature by ${algorithm}`);
    const raw = curve === this.curve ? rawSignature(curve, new Uint8Array(this.#schema.signature)) : undefined;
    if (raw === undefined || !curvesOf(crypto).verify(curve, this.publicKey, this.#info, raw))
      throw dlmsError(
        "certificate-signature-invalid",
        `the signature of the request for ${this.subject} does not hold`,
        {
          layer: "certificates",
        },
      );
  }

  toPem(): string {
    return encodePem("CERTIFICATE REQUEST", this.der);
  }
}
