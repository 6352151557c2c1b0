import { decodeControl } from "./control.js";

/** Bits of the third octet of an FRMR (ISO/IEC 13239 clause 5.5.3.4.2). */
const reasons = {
  1: "the control field is not known or not allowed",
  2: "the frame must not have an information field",
  4: "the information field is too long",
  8: "N(R) is no number that was sent",
} as const;

/** What an FRMR says, in words. */
export function rejectText(information: Uint8Array): string {
  const [control, , bits = 0] = information;
  if (control === undefined) return "no reason given";
  const words = Object.entries(reasons).flatMap(([bit, text]) => (bits & Number(bit) ? [text] : []));
  return `${decodeControl(control).type.toUpperCase()}: ${words.join(", ") || "no reason given"}`;
}
