/** The browser-safe face of the library: client, classes, OBIS codes, values, errors. */

export { type Apdu, type ApduType, decodeApdu, encodeApdu } from "./apdu/index.js";
export type { Negotiated, Notification } from "./association/index.js";
export {
  type AbortSignalLike,
  DecodeError,
  DlmsError,
  type ErrorCode,
  type ErrorDetails,
  fromHex,
  type Layer,
  NotSupportedError,
  ProtocolError,
  RefusedError,
  SecurityError,
  TransportError,
  toHex,
  UsageError,
} from "./base/index.js";
export * from "./client/index.js";
export {
  type AttributeHandle,
  action,
  attribute,
  type CallOptions,
  type Classes,
  ClassRegistry,
  type CoreClasses,
  defineClass,
  fixed,
  type GetOptions,
  type InterfaceClass,
  type ListedObject,
  type MethodHandle,
  method,
  Obis,
  type ObisLike,
  type ObisText,
  type ObjectHandle,
  ObjectList,
  Quantity,
  query,
  repeatable,
  type ScaledHandle,
  type ScalerUnit,
  type Selection,
  scaled,
  selective,
  standardClasses,
  type WriteCallOptions,
} from "./cosem/index.js";
export {
  CosemDateTime,
  type Data,
  type DataType,
  decodeData,
  encodeData,
} from "./data/index.js";
export {
  type InvocationCounterStore,
  type KeyStore,
  type MeterSecrets,
  memoryCounterStore,
  memoryKeyStore,
  type PendingSecrets,
  type PolicyRule,
  type Protection,
  type ProtectionBits,
  type ProtectionLike,
  SecretKey,
  type SecretName,
} from "./security/index.js";
export { type Endpoint, type MemoryPairOptions, memoryLink, memoryPair, type Transport } from "./transport/index.js";
