import { DlmsError } from "../base/index.js";
import { octetsOf } from "./offsets.js";
import type { Json, Message } from "./types.js";
import { apduToXml } from "./xml-apdu.js";

/**
 * The APDUs of explained messages as XML documents, one after the other; what was opened or stood inside follows its
 * document as a comment, without dedicated keys. A message without a whole APDU gives a comment that says why.
 */
export function messagesToXml(messages: readonly Message[]): string {
  return messages.map(messageToXml).join("");
}

function messageToXml({ apdu, error }: Message): string {
  const bytes = apdu === null ? undefined : octetsOf(apdu);
  const problem = error === null ? "" : comment(`${error.code}: ${error.message}`);
  if (apdu === null || bytes === undefined) return problem;
  try {
    return `${apduToXml(bytes)}${insideOf(apdu).map(comment).join("")}${problem}`;
  } catch (cause) {
    if (DlmsError.is(cause)) return problem === "" ? comment(`${cause.code}: ${cause.message}`) : problem;
    throw cause;
  }
}

/** Documents of the APDUs that stand inside an explained one. */
function insideOf(apdu: Json): string[] {
  return Object.values(apdu).flatMap((value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    const bytes = octetsOf(value as Json);
    if (bytes === undefined) return [];
    const document = apduToXml(bytes)
      .replace(/^<\?[^\n]*\n/, "")
      .replace(/(<x:dedicated-key>)[^<]*/, "$1not shown");
    return [document, ...insideOf(value as Json)];
  });
}

function comment(text: string): string {
  return `<!--\n${text.trimEnd().replace(/-(?=-)/g, "- ")}\n-->\n`;
}
