import { concatBytes, dlmsError } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { SuiteId } from "./control.js";
import { SecretKey } from "./secret-key.js";
import { ellipticCurvesOf, securitySuites } from "./suites.js";

/** What a derived key is bound to (IEC 62056-5-3, key derivation function: OtherInfo). */
export interface DerivationInfo {
  /** System title of party U: whoever sent the message, client or meter. */
  readonly originator: Uint8Array;
  /** System title of party V. */
  readonly recipient: Uint8Array;
  /** Transaction-id, for the scheme C(0e, 2s) alone: its nonce of party U. */
  readonly transactionId?: Uint8Array;
  /** AlgorithmID, where a profile has its own. Default: the suite's. */
  readonly algorithmId?: Uint8Array;
}

/**
 * A symmetric key from a shared secret: single-step KDF of NIST SP 800-56A with the suite's digest over
 * 00000001 || Z || AlgorithmID || party U || party V, cut to the suite's key length.
 * @throws UsageError `invalid-argument` for suite 0, which has no key agreement.
 */
export function deriveKey(crypto: CryptoProvider, suite: SuiteId, z: Uint8Array, info: DerivationInfo): SecretKey {
  const { digest, keyLength } = securitySuites[suite];
  const algorithmId = info.algorithmId ?? securitySuites[suite].algorithmId;
  if (digest === undefined || algorithmId === undefined) throw noAgreement(suite);
  const nonce = info.transactionId === undefined ? new Uint8Array(0) : lengthAndOctets(info.transactionId);
  const input = concatBytes(Uint8Array.of(0, 0, 0, 1), z, algorithmId, info.originator, nonce, info.recipient);
  const material = crypto.digest(digest, input);
  const key = new SecretKey(material.subarray(0, keyLength));
  material.fill(0);
  input.fill(0);
  return key;
}

/**
 * The ephemeral public key of a received C(1e, 1s) message, its signature checked before anything is done with it.
 * `prefix` is what is signed before the key: nothing there, the key_id in key_agreement. Without a signer's key it is
 * taken unchecked.
 * @throws SecurityError `signature-invalid`, `invalid-public-key`; DecodeError `malformed` for another length.
 */
export function openEphemeralKey(
  crypto: CryptoProvider,
  suite: SuiteId,
  keyData: Uint8Array,
  signerPublicKey: Uint8Array | undefined,
  prefix: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const curve = curveOf(suite);
  const length = curve === "P-256" ? 64 : 96;
  if (keyData.length !== 2 * length)
    throw dlmsError(
      "malformed",
      `an ephemeral key with its signature has ${2 * length} octets, not ${keyData.length}`,
      {
        layer: "security",
      },
    );
  const publicKey = keyData.subarray(0, length);
  if (
    signerPublicKey !== undefined &&
    !ellipticCurvesOf(crypto).verify(curve, signerPublicKey, concatBytes(prefix, publicKey), keyData.subarray(length))
  )
    throw dlmsError("signature-invalid", "the signature of the ephemeral public key does not hold", {
      layer: "security",
    });
  return publicKey;
}

/** The shared secret Z of ECC CDH, as a secret. */
export function agree(crypto: CryptoProvider, suite: SuiteId, privateKey: SecretKey, publicKey: Uint8Array): SecretKey {
  const z = privateKey.use((key) => ellipticCurvesOf(crypto).agree(curveOf(suite), key, publicKey));
  const secret = new SecretKey(z);
  z.fill(0);
  return secret;
}

/** @throws UsageError `invalid-argument` for suite 0. */
export function curveOf(suite: SuiteId) {
  const { curve } = securitySuites[suite];
  if (curve === undefined) throw noAgreement(suite);
  return curve;
}

function lengthAndOctets(octets: Uint8Array): Uint8Array {
  if (octets.length > 0x7f)
    throw dlmsError("limit-exceeded", "the transaction-id has more than 127 octets", { layer: "security" });
  return concatBytes(Uint8Array.of(octets.length), octets);
}

function noAgreement(suite: SuiteId) {
  return dlmsError("invalid-argument", `security suite ${suite} has neither key agreement nor signatures`, {
    layer: "security",
  });
}
