import { type ErrorCode, type ErrorKind, errorCodes } from "./error-codes.js";

/** The layer that noticed the fault. */
export type Layer =
  | "client"
  | "cosem"
  | "association"
  | "apdu"
  | "security"
  | "certificates"
  | "data"
  | "codec"
  | "hdlc"
  | "wrapper"
  | "iec62056-21"
  | "mbus"
  | "transport"
  | "store"
  | "mock"
  | "cli";

/** What an error carries beside its sentence. Octets given here must never be secrets or deciphered content. */
export interface ErrorDetails {
  readonly layer: Layer;
  /** What to do; the code's own sentence when left out. */
  readonly advice?: string;
  readonly cause?: unknown;
  /** The octets that were sent, where they help. */
  readonly sent?: Uint8Array;
  /** The octets that were received, where they help. */
  readonly received?: Uint8Array;
  readonly expected?: string;
  /** Position of the fault in `received`. */
  readonly offset?: number;
  /** Path of the field, as `get-response.data[3].unit`. */
  readonly path?: string;
  /** Name of the phase in which a time-out struck, its length, and the like. */
  readonly phase?: string;
  readonly timeoutMs?: number;
  /** True when the same call may succeed if made again, and making it again does no harm. */
  readonly retryable?: boolean;
  /** True when a write or action may or may not have happened. */
  readonly outcomeUnknown?: boolean;
  /** The number in the standard's own table (data-access-result, reason of a rejection), where there is one. */
  readonly reason?: string;
}

const brand = Symbol.for("dlms-cosem.error");

/**
 * Root of every error this library throws on purpose. Anything else that escapes is a defect of ours.
 * `code` is stable; `message` is for people and may change.
 */
export class DlmsError extends Error {
  readonly code: ErrorCode;
  readonly layer: Layer;
  /** One sentence on what to do. */
  readonly advice: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.layer = details.layer;
    this.advice = details.advice ?? errorCodes[code].advice;
    this.details = details;
    Object.defineProperty(this, brand, { value: true });
  }

  get retryable(): boolean {
    return this.details.retryable ?? false;
  }

  /** True when a write or action may have happened although no answer told so. */
  get outcomeUnknown(): boolean {
    return this.details.outcomeUnknown ?? false;
  }

  /** Recognises errors of this family, also those of another copy of the package. */
  static is(error: unknown): error is DlmsError {
    return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[brand] === true;
  }
}

/** The caller's fault: a bad argument, a wrong state, a value that does not fit. Nothing was sent. */
export class UsageError extends DlmsError {}
/** Conformance or access rights forbid it; nothing was sent. */
export class NotSupportedError extends UsageError {}
/** The peer broke the rules. */
export class ProtocolError extends DlmsError {}
/** Octets that do not follow the standard; `details` has offset and path. */
export class DecodeError extends ProtocolError {}
/** Decipherment, authentication, replay or downgrade. */
export class SecurityError extends DlmsError {}
/** The meter said no, legally. */
export class RefusedError extends DlmsError {}
/** The line: lost, silent or cancelled. */
export class TransportError extends DlmsError {}

const classes = {
  usage: UsageError,
  "not-supported": NotSupportedError,
  protocol: ProtocolError,
  decode: DecodeError,
  security: SecurityError,
  refused: RefusedError,
  transport: TransportError,
} as const satisfies Record<ErrorKind, typeof DlmsError>;

type ErrorOf<C extends ErrorCode> = InstanceType<(typeof classes)[(typeof errorCodes)[C]["kind"]]>;

/** Makes the error of the class that the table gives for `code`. */
export function dlmsError<C extends ErrorCode>(code: C, message: string, details: ErrorDetails): ErrorOf<C> {
  return new classes[errorCodes[code].kind](code, message, details) as ErrorOf<C>;
}
