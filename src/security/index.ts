// Whoever sets up an association gives its cryptography too.
export type { CryptoProvider, Curve } from "../crypto/contract.js";
export { SecurityContext } from "./context.js";
export {
  covers,
  decodeSecurityControl,
  encodeSecurityControl,
  type Protection,
  protectionOf,
  type SecurityControl,
  type SuiteId,
} from "./control.js";
export { type CounterSource, counterLimit, MemoryCounter, ReservedCounter } from "./counter.js";
export {
  type CounterRecovery,
  counterRecordName,
  defaultJumpLimit,
  type InvocationCounterStore,
  keyFingerprint,
  memoryCounterStore,
  recoverCounter,
  reserveFrom,
} from "./counter-store.js";
export {
  checkLayers,
  type DataLayer,
  type DataLayerHeader,
  type DataLayerKind,
  type DataLayerRequest,
  openData,
  protectData,
  strengthOf,
} from "./data-protection.js";
export { type Envelope, isCipheredTag, readEnvelope, writeEnvelope } from "./envelope.js";
export { controlOctet, GcmLayer, type OpenedOctets, type ProtectedOctets, type SecurityHeader } from "./gcm-layer.js";
export type {
  GeneralCipher,
  GeneralKey,
  GeneralLayers,
  GeneralProtectionKeys,
  GeneralProtector,
  ProtectedAssociation,
} from "./general-layers.js";
export type {
  GeneralCipheringRequest,
  GeneralKeyChoice,
  GeneralOpened,
  GeneralProtectionOptions,
  PartyKeys,
  SharedKeys,
} from "./general-options.js";
export { GeneralProtection } from "./general-protection.js";
export { type GeneralPushKeys, GeneralPushOpener, originatorOf } from "./general-push.js";
export { generalProtection } from "./general-session.js";
export {
  checkChallenge,
  createChallenge,
  type HlsCredentials,
  type HlsEcdsa,
  type HlsExchange,
  type HlsGmac,
  type HlsManufacturer,
  type HlsMechanism,
  type HlsSecret,
  proveHls,
  provingHls,
  verifyHls,
  verifyingHls,
} from "./hls.js";
export {
  type AgreementTitles,
  agreedKey,
  type EphemeralPair,
  ephemeralPair,
  openKeyData,
  signedPart,
} from "./key-agreement.js";
export { agree, type DerivationInfo, deriveKey, openEphemeralKey } from "./key-derivation.js";
export {
  isTitleOf,
  type KeyStore,
  keyStoreChanged,
  type MeterSecrets,
  memoryKeyStore,
  type PendingSecrets,
  type SecretName,
  secretNames,
  settled,
} from "./key-store.js";
export { unwrapKey, wrapKey } from "./key-wrap.js";
export type {
  KeyReplacement,
  KeySet,
  ProtectOptions,
  SecurityContextOptions,
  UnprotectedApdu,
  Verify,
} from "./options.js";
export { openPolicy, type PolicyRule, policyOf, policyOfCode, type SecurityPolicy } from "./policy.js";
export {
  isKeySource,
  type KeyOperation,
  type KeyTask,
  keyFailure,
  type PrivateKey,
  type PrivateKeySource,
  runNow,
} from "./private-key.js";
export {
  cipheringOf,
  coversBits,
  fullCiphering,
  noProtection,
  type ProtectionBits,
  type ProtectionLike,
  protectionBits,
  protectionText,
  stronger,
  weaker,
} from "./protection-bits.js";
export { type PushKeys, PushOpener, type PushOpenerOptions } from "./push.js";
export { type ReplayGuard, RisingGuard, WindowGuard } from "./replay-guard.js";
export { SecretKey } from "./secret-key.js";
export { type SecuritySuite, securitySuites, systemTitleLength } from "./suites.js";
