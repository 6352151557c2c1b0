/**
 * What the layers above and those who write a provider need: no implementation. Other folders import values from
 * here, not from the index: bundlers put all that an index reaches into one chunk, and node-forge must not be loaded
 * on Node.
 */
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
