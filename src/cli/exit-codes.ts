import { DlmsError, type ErrorKind, errorCodes } from "../base/index.js";

/** What the command says to the shell. */
export const exitCodes = {
  done: 0,
  /** The meter refused. */
  refused: 1,
  usage: 2,
  link: 3,
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

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (!DlmsError.is(error)) return exitCodes.defect;
  if (error.code === "aborted") return exitCodes.cancelled;
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
