// Every form that an APDU takes, from the tables of the codecs.
import { requestSpecification, responseSpecification } from "../../src/apdu/access.js";
import { readResult } from "../../src/apdu/read.js";
import { apduTags, entryOfType } from "../../src/apdu/table.js";
import { variableAccessSpecification } from "../../src/apdu/variable-access.js";
import { writeResult } from "../../src/apdu/write.js";

/** The choices inside an APDU that make forms of a service, and under which field they stand. */
const inner: Readonly<Record<string, { readonly field: string; readonly choices: readonly string[] }>> = {
  // The last of the choices belongs to Write.
  "read-request": {
    field: "variables",
    choices: variableAccessSpecification.choices.filter((name) => name !== "write-data-block-access"),
  },
  "read-response": { field: "results", choices: readResult.choices },
  // Blocks are asked for by Read, and its own blocks are named so.
  "write-request": {
    field: "variables",
    choices: variableAccessSpecification.choices.filter((name) => !/^block|^read/.test(name)),
  },
  "write-response": { field: "results", choices: writeResult.choices },
  "access-request": { field: "specifications", choices: requestSpecification.choices },
  "access-response": { field: "results", choices: responseSpecification.choices },
};

/** Names of all forms: the APDU, and its choice where it has several. */
export const allForms: readonly string[] = Object.keys(apduTags).flatMap((type) => {
  const codec = entryOfType(type)?.codec;
  const choices = inner[type]?.choices ?? (codec && "choices" in codec ? (codec.choices as readonly string[]) : []);
  return choices.length === 0 ? [type] : choices.map((choice) => `${type}/${choice}`);
});

/** The forms found in an APDU, decoded or translated, and in the APDUs within it. */
export function formsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(formsIn);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  const { type, choice } = value as { type?: unknown; choice?: unknown };
  const own: string[] = [];
  if (typeof type === "string" && type in apduTags) {
    const items = inner[type] && (value as Record<string, unknown>)[inner[type].field];
    if (Array.isArray(items)) own.push(...items.map((item: { choice: string }) => `${type}/${item.choice}`));
    else own.push(typeof choice === "string" ? `${type}/${choice}` : type);
  }
  return [...own.filter((form) => allForms.includes(form)), ...Object.values(value).flatMap(formsIn)];
}

/** Whose a form is to send. */
export const senderOf = (form: string): "client" | "meter" | "both" => {
  const [type = ""] = form.split("/");
  if (/^(general-|gateway-)/.test(type)) return "both";
  if (
    /^(aare|rlre)$|-response$|^data-notification$|^event-|^(glo|ded)-event|information-report|service-error/.test(type)
  )
    return "meter";
  return "client";
};

/** Forms that no end sends: before a dedicated key is agreed on, or where the standard wants the plain APDU. */
export const neverSent: ReadonlySet<string> = new Set([
  "ded-initiate-request",
  "ded-initiate-response",
  "glo-confirmed-service-error",
  "ded-confirmed-service-error",
]);

/** Forms that the ASN.1 of xDLMS has: ACSE, gateway prefixes and the confirmation of pushes stand elsewhere; the sessions here have no keys for two. */
export const formsByPeer: readonly string[] = allForms.filter(
  (form) =>
    !neverSent.has(form) &&
    !/^(aarq|aare|rlrq|rlre|gateway-.*|data-notification-confirm|general-ciphering|general-signing)$/.test(form),
);
