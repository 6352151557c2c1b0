import { dlmsError } from "../base/index.js";
import { type Curve, tagLength } from "./provider.js";

const ivLength = 12;

/** Octets of a coordinate, and of a private key. */
export const coordinateLength: Record<Curve, number> = { "P-256": 32, "P-384": 48 };

/** @throws UsageError `invalid-key` unless the key has 16, 24 or 32 octets. */
export function checkAesKey(octets: Uint8Array): 128 | 192 | 256 {
  if (octets.length === 16) return 128;
  if (octets.length === 24) return 192;
  if (octets.length === 32) return 256;
  throw dlmsError("invalid-key", `an AES key has 16, 24 or 32 octets, not ${octets.length}`, { layer: "security" });
}

/** @throws UsageError `invalid-argument` unless it has 12 octets. */
export function checkIv(iv: Uint8Array): void {
  if (iv.length !== ivLength)
    throw dlmsError("invalid-argument", `an initialization vector has ${ivLength} octets, not ${iv.length}`, {
      layer: "security",
    });
}

/** @throws SecurityError `truncated-tag` unless it has 12 octets. */
export function checkTag(tag: Uint8Array): void {
  if (tag.length !== tagLength)
    throw dlmsError("truncated-tag", `the tag has ${tag.length} octets instead of ${tagLength}`, { layer: "security" });
}

/** @throws UsageError `invalid-argument` unless it is two or more blocks of eight octets. */
export function checkWrapInput(key: Uint8Array): void {
  if (key.length < 16 || key.length % 8 !== 0)
    throw dlmsError("invalid-argument", `key wrap takes a multiple of 8 octets from 16 up, not ${key.length}`, {
      layer: "security",
    });
}

/** True when wrapped key data has a length that key wrap can give. */
export function isWrappedLength(wrapped: Uint8Array): boolean {
  return wrapped.length >= 24 && wrapped.length % 8 === 0;
}

/**
 * x || y of a public key given so or with the leading 04 of an uncompressed point.
 * @throws SecurityError `invalid-public-key` for another length.
 */
export function rawPublicKey(curve: Curve, publicKey: Uint8Array): Uint8Array {
  const length = 2 * coordinateLength[curve];
  if (publicKey.length === length) return publicKey;
  if (publicKey.length === length + 1 && publicKey[0] === 4) return publicKey.subarray(1);
  throw invalidPublicKey(curve);
}

/** The error for octets that are not a point of the curve. */
export function invalidPublicKey(curve: Curve) {
  return dlmsError("invalid-public-key", `the octets are not a point of ${curve}`, { layer: "security" });
}

/** @throws UsageError `invalid-key` when the length is not that of the curve. */
export function checkPrivateKey(curve: Curve, privateKey: Uint8Array): void {
  if (privateKey.length !== coordinateLength[curve]) throw invalidPrivateKey(curve);
}

/** The error for a private key of a wrong length or range. */
export function invalidPrivateKey(curve: Curve) {
  return dlmsError("invalid-key", `not a private key of ${curve}: ${coordinateLength[curve]} octets in range`, {
    layer: "security",
  });
}
