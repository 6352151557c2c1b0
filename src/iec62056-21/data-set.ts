import { dlmsError } from "../base/index.js";

/** One value of a data set, verbatim. */
export interface DataValue {
  readonly value: string;
  readonly unit?: string;
}

/** A reference and what stands in the brackets behind it (clause 5.4): `1.8.0(0036486*kWh)`. */
export interface DataSet {
  /** OBIS or EDIS code as sent: `1-0:1.8.0*255`, `1.8.0`, `F.F`, `C.1`. */
  readonly reference: string;
  readonly values: readonly DataValue[];
}

/** Far above any real read-out, far below what hurts. */
const mostDataSets = 20_000;

/**
 * The data sets of a data block or telegram. Values on a line without a reference belong to the set before; text that
 * is no data set (the closing `!`, counters behind it) is passed over.
 * @throws DecodeError `limit-exceeded` above 20,000 data sets.
 */
export function parseDataSets(text: string): DataSet[] {
  const sets: { reference: string; values: DataValue[] }[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("(", at);
    if (open === -1) break;
    const close = text.indexOf(")", open);
    if (close === -1) break;
    const reference = referenceBefore(text.slice(Math.max(at, open - 64), open));
    const value = splitUnit(text.slice(open + 1, close));
    const last = sets.at(-1);
    if (reference !== "") sets.push({ reference, values: [value] });
    else if (last !== undefined) last.values.push(value);
    if (sets.length > mostDataSets)
      throw dlmsError("limit-exceeded", `more than ${mostDataSets} data sets`, { layer: "iec62056-21", offset: at });
    at = close + 1;
  }
  return sets;
}

/** The data sets as lines, with CR LF behind each. */
export function formatDataSets(sets: readonly DataSet[]): string {
  return sets
    .map(({ reference, values }) => {
      const brackets = values.map(({ value, unit }) => `(${value}${unit === undefined ? "" : `*${unit}`})`);
      return `${reference}${brackets.join("")}\r\n`;
    })
    .join("");
}

function referenceBefore(text: string): string {
  const line = text.slice(Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"), text.lastIndexOf("\u0002")) + 1);
  return line.trim().replace(/^!/, "");
}

function splitUnit(text: string): DataValue {
  const star = text.lastIndexOf("*");
  return star === -1 ? { value: text } : { value: text.slice(0, star), unit: text.slice(star + 1) };
}
