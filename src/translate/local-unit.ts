import { DlmsError } from "../base/index.js";
import {
  decodeLocalMessage,
  type LocalMessage,
  parseDataSets,
  parseTelegram,
  stripParity,
  type Telegram,
} from "../iec62056-21/index.js";

/** A message of IEC 62056-21, a telegram, or the data sets of one without its frame. */
export type LocalUnit =
  | { readonly kind: "local"; readonly message: LocalMessage; readonly size: number }
  | { readonly kind: "telegram"; readonly telegram: Telegram; readonly size: number; readonly closed: boolean }
  | { readonly kind: "data-sets"; readonly text: string; readonly size: number }
  /** A block whose end is not there. */
  | { readonly kind: "incomplete"; readonly of: "iec62056-21"; readonly needed: number };

const [soh, stx, etx, eot, ack, nak, cr, lf] = [0x01, 0x02, 0x03, 0x04, 0x06, 0x15, 0x0d, 0x0a];
const slash = 0x2f;
const question = 0x3f;

/**
 * The characters of a piece without the parity bits on top; undefined unless every octet has even parity, some have the
 * bit set, and a message begins there.
 */
export function withoutParity(piece: Uint8Array): Uint8Array | undefined {
  if (!piece.some((octet) => octet > 0x7f) || !piece.every(hasEvenParity)) return undefined;
  const plain = stripParity(piece);
  return matchLocal(plain, 0, false) === undefined ? undefined : plain;
}

/** Looks for such a message at `at`. Data sets without a frame make up a piece of their own. */
export function matchLocal(bytes: Uint8Array, at: number, fresh: boolean): LocalUnit | undefined {
  const end = endOf(bytes, at);
  if (end === "incomplete") return { kind: "incomplete", of: "iec62056-21", needed: 0 };
  if (end === undefined) return fresh && at === 0 ? matchText(bytes, at) : undefined;
  if (bytes[at] === slash && bytes[at + 1] !== question) {
    const telegram = matchTelegram(bytes, at, end);
    if (telegram !== undefined) return telegram;
  }
  try {
    return { kind: "local", message: decodeLocalMessage(bytes.subarray(at, end)), size: end - at };
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
}

/** Where the message that begins at `at` ends; undefined when none begins there. */
function endOf(bytes: Uint8Array, at: number): number | "incomplete" | undefined {
  const first = bytes[at];
  const rest = bytes.length - at;
  if (first === slash) return lineEnd(bytes, at);
  if (first === nak) return rest === 1 ? at + 1 : undefined;
  if (first === ack) {
    if (rest === 1) return at + 1;
    const isSelect = rest >= 6 && isOption(bytes, at) && bytes[at + 4] === cr && bytes[at + 5] === lf;
    return isSelect ? at + 6 : undefined;
  }
  if (first !== stx && first !== soh) return undefined;
  if (first === soh && !isCommand(bytes, at)) return undefined;
  for (let i = at + 1; i < bytes.length; i++) {
    const octet = bytes[i] as number;
    if (octet === etx || octet === eot) return i + 1 < bytes.length ? i + 2 : "incomplete";
    if (!isTextual(octet) && !(first === soh && octet === stx)) return undefined;
  }
  return rest > 8 ? "incomplete" : undefined;
}

function isOption(bytes: Uint8Array, at: number): boolean {
  return bytes.subarray(at + 1, at + 4).every((octet) => octet >= 0x30 && octet <= 0x5a);
}

/** P, R, W, B or E and a digit (clause 6.3.3). */
function isCommand(bytes: Uint8Array, at: number): boolean {
  const digit = bytes[at + 2] ?? 0;
  return [0x50, 0x52, 0x57, 0x42, 0x45].includes(bytes[at + 1] ?? 0) && digit >= 0x30 && digit <= 0x39;
}

function isTextual(octet: number): boolean {
  return (octet >= 0x20 && octet < 0x7f) || octet === cr || octet === lf || octet === 9;
}

/** An identification has 16 characters behind its head; some meters send more. */
const longestLine = 128;

function lineEnd(bytes: Uint8Array, at: number): number | undefined {
  for (let i = at; i < bytes.length && i < at + longestLine; i++) {
    if (bytes[i] === lf) return i + 1 - at > 4 ? i + 1 : undefined;
    if (!isTextual(bytes[i] as number)) return undefined;
  }
  return bytes.length - at > 4 && bytes.length - at <= longestLine ? bytes.length : undefined;
}

/** An identification line that data sets follow without STX: a telegram up to its `!` and check. */
function matchTelegram(bytes: Uint8Array, at: number, end: number): LocalUnit | undefined {
  let to = end;
  let closed = false;
  while (to < bytes.length && isTextual(bytes[to] as number)) {
    const isClosing = bytes[to] === 0x21 && (bytes[to - 1] === lf || bytes[to - 1] === cr || bytes[to - 1] === 0x29);
    if (bytes[to] === slash && bytes[to - 1] === lf) break;
    to++;
    if (!isClosing) continue;
    closed = true;
    const next = bytes.indexOf(lf, to);
    to = next === -1 || next - to > 8 ? Math.min(bytes.length, to + closingDigits(bytes, to)) : next + 1;
    break;
  }
  try {
    const telegram = parseTelegram(bytes.subarray(at, to));
    return telegram.dataSets.length === 0 ? undefined : { kind: "telegram", telegram, size: to - at, closed };
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
}

/** Digits of a CRC, and a line end, behind the `!`. */
function closingDigits(bytes: Uint8Array, at: number): number {
  let count = 0;
  while (count < 6 && /[0-9A-Fa-f\r\n]/.test(String.fromCharCode(bytes[at + count] ?? 0))) count++;
  return count;
}

/** Data sets as text, whose frame the capture does not have. */
function matchText(bytes: Uint8Array, at: number): LocalUnit | undefined {
  let to = at;
  while (to < bytes.length && isTextual(bytes[to] as number)) to++;
  if (to - at < 5 || to !== bytes.length) return undefined;
  const text = String.fromCharCode(...bytes.subarray(at, Math.min(to, at + 65_536)));
  return parseDataSets(text).length === 0 ? undefined : { kind: "data-sets", text, size: to - at };
}

function hasEvenParity(octet: number): boolean {
  const halves = octet ^ (octet >> 4);
  const quarters = halves ^ (halves >> 2);
  return ((quarters ^ (quarters >> 1)) & 1) === 0;
}
