/// <reference path="./node-forge.d.ts" />
import { p256, p384 } from "@noble/curves/nist.js";
import sha512 from "node-forge/lib/sha512.js";
import { DlmsError } from "../base/index.js";
import {
  checkPrivateKey,
  coordinateLength,
  invalidPrivateKey,
  invalidPublicKey,
  rawPublicKey,
} from "./argument-checks.js";
import { digestWith } from "./portable.js";
import type { CryptoProvider, Curve, EllipticCurves } from "./provider.js";

const curves = { "P-256": p256, "P-384": p384 };

/** P-256 and P-384 by @noble/curves, for platforms whose own cryptography is asynchronous. */
export const ellipticCurves: EllipticCurves = {
  generateKeyPair(curve) {
    const privateKey = curves[curve].utils.randomSecretKey();
    return { privateKey, publicKey: curves[curve].getPublicKey(privateKey, false).slice(1) };
  },
  publicKey(curve, privateKey) {
    checkPrivateKey(curve, privateKey);
    return guarded(invalidPrivateKey, curve, () => curves[curve].getPublicKey(privateKey, false).slice(1));
  },
  sign(curve, privateKey, message) {
    checkPrivateKey(curve, privateKey);
    return guarded(invalidPrivateKey, curve, () =>
      curves[curve].sign(message, privateKey, { prehash: true, lowS: false }).toCompactRawBytes(),
    );
  },
  verify(curve, publicKey, message, signature) {
    const point = uncompressed(curve, publicKey);
    if (signature.length !== 2 * coordinateLength[curve]) return false;
    guarded(invalidPublicKey, curve, () => curves[curve].ProjectivePoint.fromHex(point));
    return curves[curve].verify(signature, message, point, { prehash: true, lowS: false });
  },
  agree(curve, privateKey, peerPublicKey) {
    checkPrivateKey(curve, privateKey);
    const point = uncompressed(curve, peerPublicKey);
    guarded(invalidPublicKey, curve, () => curves[curve].ProjectivePoint.fromHex(point));
    return guarded(invalidPrivateKey, curve, () => curves[curve].getSharedSecret(privateKey, point, true).slice(1));
  },
};

/** The provider with elliptic curves and SHA-384: what suites 1 and 2 need. About 20 kB more in a browser bundle. */
export function withEllipticCurves(provider: CryptoProvider): CryptoProvider {
  if (provider.ellipticCurves !== undefined) return provider;
  return {
    ...provider,
    ellipticCurves,
    digest: (algorithm, octets) =>
      algorithm === "sha384" ? digestWith(sha512.sha384, octets) : provider.digest(algorithm, octets),
  };
}

function uncompressed(curve: Curve, publicKey: Uint8Array): Uint8Array {
  return Uint8Array.of(4, ...rawPublicKey(curve, publicKey));
}

function guarded<T>(fault: (curve: Curve) => Error, curve: Curve, task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw DlmsError.is(error) ? error : fault(curve);
  }
}
