import { fromHex } from "../base/index.js";

/** Longest input that is explained; a day of traffic is far shorter. */
export const longestInput = 64 * 1024 * 1024;

/**
 * Cuts the input into the pieces that its writer kept apart: the lines of a hexadecimal text, or the octets as a whole.
 * A line may begin with a direction (`tx`, `rx`, `<`, `>`) and end with a comment behind `#`.
 */
export function piecesOf(input: Uint8Array | string): Uint8Array[] {
  const text = typeof input === "string" ? input : asciiText(input);
  if (text !== undefined) {
    const pieces = hexLines(text);
    if (pieces !== undefined) return pieces;
  }
  const octets = typeof input === "string" ? Uint8Array.from(input, (c) => c.charCodeAt(0) & 0xff) : input;
  return octets.length === 0 ? [] : [octets];
}

function hexLines(text: string): Uint8Array[] | undefined {
  const lines = text.split(/[\r\n]+/).map(cleanLine);
  if (!lines.every((line) => /^[0-9A-Fa-f]*$/.test(line))) return undefined;
  const whole = lines.filter((line) => line !== "");
  if (whole.every((line) => line.length % 2 === 0)) return whole.map(fromHex);
  // Lines cut between the two digits of an octet: only the whole text can be right.
  const joined = whole.join("");
  return joined.length % 2 === 0 ? [fromHex(joined)] : undefined;
}

function cleanLine(line: string): string {
  return line
    .replace(/#.*$/, "")
    .replace(/^\s*(?:tx|rx|->|<-|[<>])[\s:]*/i, "")
    .replace(/0x/gi, "")
    .replace(/[\s:,;-]+/g, "");
}

function asciiText(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    const part = bytes.subarray(at, at + 8192);
    for (const octet of part)
      if (octet > 0x7e || (octet < 0x20 && octet !== 9 && octet !== 10 && octet !== 13)) return undefined;
    text += String.fromCharCode(...part);
  }
  return text;
}
