export {
  checkAesKey,
  checkIv,
  checkPrivateKey,
  checkTag,
  checkWrapInput,
  coordinateLength,
  invalidPrivateKey,
  invalidPublicKey,
  isWrappedLength,
  rawPublicKey,
} from "./argument-checks.js";
export { ellipticCurves, withEllipticCurves } from "./elliptic.js";
export { portableProvider } from "./portable.js";
export {
  type AesKey,
  type CryptoProvider,
  type Curve,
  type DigestAlgorithm,
  type EllipticCurves,
  type KeyPair,
  type Sealed,
  tagLength,
} from "./provider.js";
