import { DlmsError, dlmsError, type ErrorCode } from "../base/index.js";

/** What the operating system's error codes mean to us; a row a code. */
const meanings: Readonly<Record<string, { readonly code: ErrorCode; readonly says: string }>> = {
  ECONNREFUSED: { code: "connection-refused", says: "nothing listens there" },
  EHOSTUNREACH: { code: "connection-refused", says: "the host cannot be reached" },
  ENETUNREACH: { code: "connection-refused", says: "the network cannot be reached" },
  EADDRNOTAVAIL: { code: "connection-refused", says: "the address is not available" },
  ETIMEDOUT: { code: "timeout", says: "no answer in time" },
  ENOTFOUND: { code: "host-not-found", says: "the host name is unknown" },
  EAI_AGAIN: { code: "host-not-found", says: "the name server does not answer" },
  ECONNRESET: { code: "connection-lost", says: "the peer cut the connection" },
  EPIPE: { code: "connection-lost", says: "the peer closed the connection" },
  ECONNABORTED: { code: "connection-lost", says: "the connection was cut" },
  EIO: { code: "connection-lost", says: "the device is gone" },
  ENOENT: { code: "port-not-found", says: "there is no such port" },
  ENXIO: { code: "port-not-found", says: "there is no device behind it" },
  ENODEV: { code: "port-not-found", says: "there is no device behind it" },
  EACCES: { code: "permission-denied", says: "permission denied" },
  EPERM: { code: "permission-denied", says: "permission denied" },
  EBUSY: { code: "port-busy", says: "it is in use" },
  EADDRINUSE: { code: "port-busy", says: "the port is in use" },
};

/** How the serial port's driver tells the same in words, for it gives no codes. */
const words: readonly (readonly [RegExp, keyof typeof meanings])[] = [
  [/no such file|file not found/i, "ENOENT"],
  [/permission denied|access denied/i, "EACCES"],
  [/cannot lock|resource busy|temporarily unavailable/i, "EBUSY"],
  [/input\/output error/i, "EIO"],
  [/no such device|inappropriate ioctl/i, "ENODEV"],
];

/**
 * The error of our family for one of the operating system's.
 * @param what what was tried, as `opening serial /dev/ttyUSB0`
 */
export function systemError(error: unknown, what: string): DlmsError {
  if (DlmsError.is(error)) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message ?? error);
  const name = typeof code === "string" ? code : words.find(([pattern]) => pattern.test(text))?.[1];
  const meaning = name === undefined ? undefined : meanings[name];
  if (meaning === undefined)
    return dlmsError("connection-lost", `${what}: ${text}`, { layer: "transport", cause: error });
  return dlmsError(meaning.code, `${what}: ${meaning.says}`, {
    layer: "transport",
    cause: error,
    retryable: meaning.code === "connection-lost" || meaning.code === "timeout",
  });
}

/** The error of a cancelled opening. */
export function abortedError(what: string, reason: unknown): DlmsError {
  return dlmsError("aborted", `${what} was cancelled`, { layer: "transport", cause: reason });
}

/** The error of a line that is not open. */
export function notOpenError(name: string): DlmsError {
  return dlmsError("connection-lost", `${name} is not open`, { layer: "transport" });
}
