import { dlmsError } from "../base/index.js";
import { derLimits, fault } from "./der.js";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Map(Array.from(alphabet, (character, value) => [character, value]));
/** No bundle of authorities is longer. */
const longestText = 4 << 20;
const mostBlocks = 256;

/** PEM of one object (RFC 7468). */
export function encodePem(label: string, der: Uint8Array): string {
  let text = "";
  for (let at = 0; at < der.length; at += 3) {
    const group = der.subarray(at, at + 3);
    const [a = 0, b = 0, c = 0] = group;
    const bits = (a << 16) | (b << 8) | c;
    for (let i = 0; i < 4; i++) text += i > group.length ? "=" : alphabet[(bits >> (18 - 6 * i)) & 0x3f];
  }
  const lines = text.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * DER of each object with one of the labels; other text and objects are passed over.
 * @throws DecodeError `malformed`, `limit-exceeded`.
 */
export function decodePem(text: string, labels: readonly string[]): Uint8Array[] {
  if (text.length > longestText) throw fault("limit-exceeded", `PEM of ${text.length} characters`);
  const found: Uint8Array[] = [];
  for (const label of labels) {
    const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
    for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + 1)) {
      const stop = text.indexOf(end, at);
      if (stop === -1) throw fault("malformed", `a ${label} in PEM has no end`);
      if (found.length >= mostBlocks) throw fault("limit-exceeded", `PEM with more than ${mostBlocks} objects`);
      found.push(fromBase64(text.slice(at + begin.length, stop)));
    }
  }
  return found;
}

/**
 * DER of what was given as DER, or as PEM in text or octets.
 * @throws UsageError `invalid-argument` when PEM holds nothing with these labels. DecodeError as `decodePem`.
 */
export function derOf(input: Uint8Array | string, labels: readonly string[]): Uint8Array[] {
  // DER of a SEQUENCE begins with 30; PEM with a dash or words.
  if (typeof input !== "string" && input[0] === 0x30) return [input];
  const found = decodePem(typeof input === "string" ? input : asText(input), labels);
  if (found.length === 0)
    throw dlmsError("invalid-argument", `neither DER nor PEM with a ${labels[0]}`, { layer: "certificates" });
  return found;
}

function asText(octets: Uint8Array): string {
  if (octets.length > longestText) throw fault("limit-exceeded", `PEM of ${octets.length} octets`);
  let text = "";
  for (let at = 0; at < octets.length; at += 4096)
    text += String.fromCharCode(...octets.subarray(at, Math.min(at + 4096, octets.length)));
  return text;
}

function fromBase64(text: string): Uint8Array {
  const clean = text.replace(/\s+/g, "").replace(/={1,2}$/, "");
  const length = Math.floor((clean.length * 3) / 4);
  if (length > derLimits.octets) throw fault("limit-exceeded", `an object of ${length} octets in PEM`);
  if (clean.length % 4 === 1) throw fault("malformed", "Base64 that ends within an octet");
  const octets = new Uint8Array(length);
  let [bits, have, at] = [0, 0, 0];
  for (const character of clean) {
    const value = values.get(character);
    if (value === undefined) throw fault("malformed", "a character that is not Base64");
    bits = ((bits << 6) | value) & 0xffff;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    octets[at++] = (bits >> have) & 0xff;
  }
  return octets;
}
