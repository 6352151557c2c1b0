export type { AbortSignalLike } from "./abort.js";
export { concatBytes, constantTimeEqual, equalBytes } from "./bytes.js";
export type { Connection, Link, LinkCommand, LinkEvent, Notice } from "./connection.js";
export { type ErrorCode, type ErrorKind, errorCodes } from "./error-codes.js";
export {
  DecodeError,
  DlmsError,
  dlmsError,
  type ErrorDetails,
  type Layer,
  NotSupportedError,
  ProtocolError,
  RefusedError,
  SecurityError,
  TransportError,
  UsageError,
} from "./errors.js";
export { fromHex, toHex } from "./hex.js";
export { defineMachine, type Machine, type TransitionTable } from "./machine.js";
export { ByteReader } from "./reader.js";
export { ByteWriter } from "./writer.js";
