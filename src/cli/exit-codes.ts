import { DlmsError, type ErrorKind, errorCodes } from "../base/index.js";

/** What the command says to the shell. */
export const exitCodes = {
  done: 0,
  /** The meter refused what was asked. */
  refused: 1,
  usage: 2,
  link: 3,
  /** Keys, passwords, signatures: also where the meter did not take ours. */
  security: 4,
  /** Data not understood, or incomplete; what was read is printed. */
  data: 5,
  /** A defect of ours. */
  defect: 70,
  cancelled: 130,
} as const;

const byKind: Readonly<Record<ErrorKind, number>> = {
  usage: exitCodes.usage,
  "not-supported": exitCodes.refused,
  protocol: exitCodes.data,
  decode: exitCodes.data,
  security: exitCodes.security,
  refused: exitCodes.refused,
  transport: exitCodes.link,
};

/** By these a meter tells that it could not take a key or counter of ours. */
const securityReasons = /deciphering-error|invocation-counter-error|authentication/;

/** A password, proof or key of ours was refused, which the meter tells in several ways. */
const isRefusedKey = ({ code, details }: DlmsError): boolean =>
  code === "authentication-refused" ||
  ((code === "association-rejected" || code === "request-refused") && securityReasons.test(details.reason ?? ""));

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (!DlmsError.is(error)) return exitCodes.defect;
  if (error.code === "aborted") return exitCodes.cancelled;
  if (isRefusedKey(error)) return exitCodes.security;
  // Whatever went wrong, the shell must not take it for a refusal.
  if (error.outcomeUnknown) return exitCodes.link;
  // An error of another copy of the package may have a code that this one does not know.
  const row: { readonly kind: ErrorKind } | undefined = errorCodes[error.code];
  return row === undefined ? exitCodes.defect : byKind[row.kind];
}

const outcomeUnknownText = "Outcome unknown: the meter may have carried it out. Read it before trying again.";

/** What is printed for an error: the message, what to do, and the code to search for. */
export function errorText(error: unknown): string {
  if (!DlmsError.is(error)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `dlms: internal error, please report it\n${stack}\n`;
  }
  const unknown = error.outcomeUnknown ? `      ${outcomeUnknownText}\n` : "";
  return `dlms: ${error.message}\n${unknown}      ${error.advice} [${error.code}]\n`;
}
