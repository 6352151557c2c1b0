import { dlmsError } from "../base/index.js";
import type { CryptoProvider, Curve, DigestAlgorithm, EllipticCurves } from "../crypto/contract.js";
import type { SuiteId } from "./control.js";
import type { SecretKey } from "./secret-key.js";

/** What a security suite is made of (IEC 62056-5-3, security suites). All use AES-GCM with tags of 12 octets. */
export interface SecuritySuite {
  /** Octets of every symmetric key: encryption, authentication, master, dedicated. */
  readonly keyLength: 16 | 32;
  /** Curve of signature and key agreement, and the digest of both. */
  readonly curve?: Curve;
  readonly digest?: DigestAlgorithm;
  /** AlgorithmID of the key derivation: the object identifier of the cipher whose key is derived, less its tag and length. */
  readonly algorithmId?: Uint8Array;
  readonly compression: boolean;
}

export const securitySuites: Record<SuiteId, SecuritySuite> = {
  0: { keyLength: 16, compression: false },
  1: {
    keyLength: 16,
    curve: "P-256",
    digest: "sha256",
    algorithmId: Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x03, 0x00),
    compression: true,
  },
  2: {
    keyLength: 32,
    curve: "P-384",
    digest: "sha384",
    algorithmId: Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x03, 0x01),
    compression: true,
  },
};

export const systemTitleLength = 8;

/** @throws UsageError `invalid-key` unless the key has the suite's length. */
export function checkSuiteKey(suite: SuiteId, name: string, key: SecretKey): void {
  const { keyLength } = securitySuites[suite];
  if (key.length !== keyLength)
    throw dlmsError("invalid-key", `${name} has ${key.length} octets; suite ${suite} takes ${keyLength}`, {
      layer: "security",
    });
}

/** @throws UsageError `invalid-argument` unless it has eight octets. */
export function checkSystemTitle(title: Uint8Array): void {
  if (title.length !== systemTitleLength)
    throw dlmsError("invalid-argument", `a system title has ${systemTitleLength} octets, not ${title.length}`, {
      layer: "security",
    });
}

/** @throws UsageError `elliptic-curves-missing` when the provider has none. */
export function ellipticCurvesOf(crypto: CryptoProvider): EllipticCurves {
  if (crypto.ellipticCurves === undefined)
    throw dlmsError("elliptic-curves-missing", `the crypto provider "${crypto.name}" has no elliptic curves`, {
      layer: "security",
    });
  return crypto.ellipticCurves;
}
