/** Digests that the security suites and the authentication mechanisms name. */
export type DigestAlgorithm = "md5" | "sha1" | "sha256" | "sha384";

/** Curves of suite 1 (P-256, with SHA-256) and suite 2 (P-384, with SHA-384). */
export type Curve = "P-256" | "P-384";

/** Result of encrypting: as many octets as the plaintext had, and the tag of 12 octets. */
export interface Sealed {
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Octets of the authentication tag that every suite uses (IEC 62056-5-3, 5.3.7: t = 96 bits). */
export const tagLength = 12;

/**
 * An AES key made ready for use. It shows nothing of itself in logs or JSON.
 * All `iv` have 12 octets. Results are the caller's own; arguments may be reused after the call.
 */
export interface AesKey {
  readonly bits: 128 | 192 | 256;
  /** AES-GCM. */
  encrypt(iv: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Sealed;
  /** AES-GCM; undefined when the tag does not hold, and then nothing of the plaintext leaves. */
  decrypt(iv: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array | undefined;
  /** What AES-GCM encrypts or decrypts to, without tag: for messages that are encrypted only. */
  cryptUnverified(iv: Uint8Array, octets: Uint8Array): Uint8Array;
  /** GMAC: the tag over `additionalData` alone. */
  mac(iv: Uint8Array, additionalData: Uint8Array): Uint8Array;
  /** RFC 3394 key wrap of 16 octets or more, a multiple of 8. */
  wrap(key: Uint8Array): Uint8Array;
  /** RFC 3394; undefined when the integrity check fails. */
  unwrap(wrapped: Uint8Array): Uint8Array | undefined;
}

/** A key pair as raw octets: the private scalar, and x || y of the public point (64 or 96 octets). */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * ECDSA and ECDH (ECC CDH). Public keys are x || y; a leading 04 is accepted. Signatures are r || s.
 * @throws SecurityError `invalid-public-key` for a point that is not on the curve.
 */
export interface EllipticCurves {
  generateKeyPair(curve: Curve): KeyPair;
  publicKey(curve: Curve, privateKey: Uint8Array): Uint8Array;
  /** Signs the digest that belongs to the curve (SHA-256 with P-256, SHA-384 with P-384) of `message`. */
  sign(curve: Curve, privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(curve: Curve, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** The shared secret Z: the x coordinate of the common point. */
  agree(curve: Curve, privateKey: Uint8Array, peerPublicKey: Uint8Array): Uint8Array;
}

/** The cryptography that this library is given. Synchronous: protocol machines have no promises. */
export interface CryptoProvider {
  readonly name: string;
  /** Random octets of cryptographic quality. */
  randomBytes(length: number): Uint8Array;
  /**
   * Makes a key ready. The octets are copied where the implementation keeps them.
   * @throws UsageError `invalid-key` unless it has 16, 24 or 32 octets.
   */
  aesKey(octets: Uint8Array): AesKey;
  digest(algorithm: DigestAlgorithm, octets: Uint8Array): Uint8Array;
  /** Left out by providers that are kept small: see `withEllipticCurves`. */
  readonly ellipticCurves?: EllipticCurves;
}
