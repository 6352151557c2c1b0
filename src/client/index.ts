export type {
  AccessInvoke,
  AccessOperation,
  AccessRead,
  AccessResults,
  AccessWrite,
  TypedOperations,
} from "./access.js";
export {
  afterBroadcast,
  type BroadcastTarget,
  type Completion,
  type CompletionResult,
} from "./after-broadcast.js";
export { Broadcast, type BroadcastOptions, type BroadcastSecurity, broadcast } from "./broadcast.js";
export { connect } from "./connect.js";
export {
  ProtectedAttributes,
  type ProtectedDataOptions,
  type ProtectedItem,
  protectedData,
  type WantedLayer,
} from "./data-protection.js";
export {
  type Dialect,
  type DialectName,
  type DialectSet,
  dialectFor,
  dialects,
  type MeterIdentity,
  type Tolerance,
  tolerances,
} from "./dialects/index.js";
export type { GatewayAddress } from "./gateway.js";
export { broadcastImage, type CompletedImage, completeImage, type ImageToTransfer } from "./image-transfer.js";
export * from "./keys/index.js";
export * from "./listen/index.js";
export type { Meter } from "./meter.js";
export type { ObjectSelection } from "./object-list.js";
export type {
  AssociateOptions,
  AuthenticationOptions,
  ConnectOptions,
  CounterRecoveryOptions,
  HdlcOptions,
  KeyLike,
  PreEstablishedOptions,
  ReassociationOptions,
  SecretLike,
  SecurityOptions,
  ServerAddress,
  StoredConnectOptions,
  StoredKeysOptions,
  Timeouts,
} from "./options.js";
export { Profile, ProfileRows } from "./profile.js";
export type {
  ProfileCheckpoint,
  ProfileForm,
  ProfileInfo,
  ProfileOptions,
  ProfileProgress,
  ProfileTime,
  RowsOptions,
} from "./profile-options.js";
export { type CellOrigin, ProfileRow, type ProfileValue } from "./profile-row.js";
export type { ProfileSource, ReadOptions, ValuePart } from "./profile-source.js";
export type { RawObject } from "./raw-object.js";
export type { ReadResult, ReadResults } from "./read-all.js";
export { type ReadOut, type ReadOutOptions, readOut } from "./read-out.js";
export {
  type RecordedChallenge,
  type RecordedCounter,
  type RecordedGap,
  type RecordedOctets,
  type RecordingEntry,
  type RecordingSink,
  type RecordingStart,
  readRecording,
} from "./recording.js";
export { type ReplayEndpoint, replay } from "./replay.js";
export type { SessionStatistics } from "./statistics.js";
export type {
  SessionState,
  TraceDetail,
  TraceEvent,
  TraceLayer,
  TraceMoment,
  TraceSink,
  TraceTarget,
} from "./trace.js";
