/**
 * Every error code of the library, written once: which class carries it, and the sentence that says what to do.
 * A code never changes its meaning; adding one is adding a row to the section of its layer.
 */
export const errorCodes = {
  // usage: the caller's fault, nothing was sent
  "invalid-argument": { kind: "usage", advice: "Correct the argument named in the message." },
  "invalid-obis": { kind: "usage", advice: "Write the code as 1-0:1.8.0*255, 1-0:1.8.0 or 1.0.1.8.0.255." },
  "value-does-not-fit": { kind: "usage", advice: "Give a value of the type and range that the attribute has." },
  "wrong-state": { kind: "usage", advice: "Call this only in the state the message names." },
  "not-supported": {
    kind: "not-supported",
    advice: "The meter did not grant this service or access right; nothing was sent.",
  },
  // decoding: the octets received do not follow the standard
  truncated: { kind: "decode", advice: "Octets are missing: check the capture, the line, or the frame length." },
  malformed: { kind: "decode", advice: "The octets do not follow the standard: record the session and compare." },
  "limit-exceeded": { kind: "decode", advice: "The message claims more than the configured limit; raise it if right." },
  "trailing-bytes": { kind: "decode", advice: "There are octets after the end: two messages may be glued together." },
  // protocol: well-formed, but not allowed now
  "unexpected-message": { kind: "protocol", advice: "The peer broke the sequence: record the session and report it." },
  // transport
  "connection-lost": { kind: "transport", advice: "The line or socket closed: check cable, probe or network." },
  "connection-refused": { kind: "transport", advice: "Nothing answered at that address: check host, port and path." },
  timeout: { kind: "transport", advice: "No answer in time: check the line, the addresses and the baud rate." },
  aborted: { kind: "transport", advice: "The caller cancelled; what was delivered before stays valid." },
} as const satisfies Record<string, { readonly kind: ErrorKind; readonly advice: string }>;

/** The branch of the error family that a code belongs to. */
export type ErrorKind = "usage" | "not-supported" | "protocol" | "decode" | "security" | "refused" | "transport";

/** A stable, documented identifier of what went wrong. */
export type ErrorCode = keyof typeof errorCodes;
