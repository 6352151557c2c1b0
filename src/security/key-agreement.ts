import { concatBytes } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { SuiteId } from "./control.js";
import { agree, curveOf, deriveKey, openEphemeralKey } from "./key-derivation.js";
import { SecretKey } from "./secret-key.js";
import { ellipticCurvesOf } from "./suites.js";

/** An ephemeral key pair of C(2e, 0s): its public half travels with a signature over key_id || public key. */
export interface EphemeralPair {
  readonly privateKey: SecretKey;
  /** x and y. */
  readonly publicKey: Uint8Array;
}

/** System titles of the two ends of key_agreement: the client is party U, whoever asks, and the meter party V. */
export interface AgreementTitles {
  readonly client: Uint8Array;
  readonly meter: Uint8Array;
}

/** Draws the ephemeral key pair of one end. @throws UsageError `invalid-argument` for suite 0. */
export function ephemeralPair(crypto: CryptoProvider, suite: SuiteId): EphemeralPair {
  const { privateKey, publicKey } = ellipticCurvesOf(crypto).generateKeyPair(curveOf(suite));
  const secret = new SecretKey(privateKey);
  privateKey.fill(0);
  return { privateKey: secret, publicKey };
}

/** What is signed of an ephemeral key in key_agreement of Security setup (class 64): the key_id, one octet, before it. */
export const signedPart = (keyId: number, publicKey: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(keyId), publicKey);

/**
 * The ephemeral public key in key_data of the other end, taken after its signature held.
 * @throws SecurityError `signature-invalid`, `invalid-public-key`; DecodeError `malformed` for another length.
 */
export function openKeyData(
  crypto: CryptoProvider,
  suite: SuiteId,
  keyId: number,
  keyData: Uint8Array,
  signerPublicKey: Uint8Array,
): Uint8Array {
  return openEphemeralKey(crypto, suite, keyData, signerPublicKey, Uint8Array.of(keyId));
}

/** The key that both ends come to; the private key is overwritten. @throws SecurityError `invalid-public-key`. */
export function agreedKey(
  crypto: CryptoProvider,
  suite: SuiteId,
  own: EphemeralPair,
  peerPublicKey: Uint8Array,
  titles: AgreementTitles,
): SecretKey {
  const secret = agree(crypto, suite, own.privateKey, peerPublicKey);
  try {
    return secret.use((z) => deriveKey(crypto, suite, z, { originator: titles.client, recipient: titles.meter }));
  } finally {
    secret.destroy();
    own.privateKey.destroy();
  }
}
