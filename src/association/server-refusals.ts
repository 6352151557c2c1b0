import { encodeApdu, exceptionServiceErrors, exceptionStateErrors } from "../apdu/index.js";
import type { DlmsError } from "../base/index.js";

type StateError = keyof typeof exceptionStateErrors;
type ServiceError = keyof typeof exceptionServiceErrors;

/** An exception-response, encoded. */
export function exceptionTo(state: StateError, service: ServiceError, invocationCounter?: number): Uint8Array {
  return encodeApdu({
    type: "exception-response",
    stateError: exceptionStateErrors[state],
    serviceError: exceptionServiceErrors[service],
    ...(invocationCounter !== undefined && { invocationCounter }),
  });
}

/**
 * The exception-response for something received that was not accepted. It goes unprotected, since the client may
 * have other keys, and tells no more than the standard's codes.
 */
export function refusalCodes(error: DlmsError, lastCounter = -1): Uint8Array {
  switch (error.code) {
    case "counter-repeated":
    case "counter-lowered":
      return exceptionTo("service-not-allowed", "invocation-counter-error", lastCounter + 1);
    case "weaker-than-policy":
      return exceptionTo("service-not-allowed", "operation-not-possible");
    case "limit-exceeded":
      return exceptionTo("service-not-allowed", "pdu-too-long");
    case "not-supported":
      return exceptionTo("service-not-allowed", "service-not-supported");
    default:
      return error.layer === "security" || error.code === "key-unknown"
        ? exceptionTo("service-not-allowed", "deciphering-error")
        : exceptionTo("service-unknown", "other-reason");
  }
}

/** Tags that a client opens with; to anything else no exception-response is given, lest two ends answer each other. */
export function isRequestTag(tag: number | undefined): boolean {
  if (tag === undefined) return false;
  return requestTags.has(tag) || (tag >= 0xc0 && tag <= 0xc3 && tag !== 0xc2) || (tag & 0xf7) === 0xd9;
}

const requestTags: ReadonlySet<number> = new Set([
  // read, write, and their glo and ded forms
  0x05, 0x06, 0x25, 0x26, 0x45, 0x46,
  // glo and ded get, set, action
  0xc8, 0xc9, 0xcb, 0xd0, 0xd1, 0xd3,
  // access, general ciphering, general signing
  0xd9, 0xdb, 0xdc, 0xdd, 0xdf, 0xe0,
]);
