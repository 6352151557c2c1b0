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
