import type { LineSettings } from "./transport.js";

/** What a receiver does with a character whose parity is wrong. A lost stop bit always loses the character. */
export type ParityErrorPolicy = "deliver" | "drop" | "zero";

/** True when a receiver with settings `b` understands every character sent with settings `a`. */
export function sameLine(a: LineSettings, b: LineSettings): boolean {
  return a.baudRate === b.baudRate && a.dataBits === b.dataBits && a.parity === b.parity && a.stopBits === b.stopBits;
}

/**
 * What a receiver set to `rx` makes of octets sent back to back with the settings `tx`: the characters are laid out as
 * levels on a wire and sampled in the middle of the receiver's bits, so that wrong parity, word length or speed give
 * the garbage they give in the field.
 */
export function receiveCharacters(
  bytes: Uint8Array,
  tx: LineSettings,
  rx: LineSettings,
  parityErrors: ParityErrorPolicy = "deliver",
): Uint8Array {
  if (sameLine(tx, rx)) return tx.dataBits === 8 ? bytes : bytes.map((byte) => byte & 0x7f);
  return sample(wireLevels(bytes, tx), tx.baudRate / rx.baudRate, rx, parityErrors);
}

/** The even or odd parity bit of the low `dataBits` bits. */
export function parityBit(byte: number, dataBits: number, parity: "even" | "odd"): 0 | 1 {
  let ones = parity === "odd" ? 1 : 0;
  for (let bit = 0; bit < dataBits; bit++) ones ^= (byte >> bit) & 1;
  return ones === 1 ? 1 : 0;
}

/** One entry a bit time of the sender: start, data with the lowest first, parity, stop; 1 is the idle level. */
function wireLevels(bytes: Uint8Array, tx: LineSettings): number[] {
  const levels: number[] = [];
  for (const byte of bytes) {
    levels.push(0);
    for (let bit = 0; bit < tx.dataBits; bit++) levels.push((byte >> bit) & 1);
    if (tx.parity !== "none") levels.push(parityBit(byte, tx.dataBits, tx.parity));
    for (let stop = 0; stop < tx.stopBits; stop++) levels.push(1);
  }
  return levels;
}

/** @param step the sender's bits that pass in one bit of the receiver. */
function sample(levels: number[], step: number, rx: LineSettings, parityErrors: ParityErrorPolicy): Uint8Array {
  const level = (time: number) => levels[Math.floor(time)] ?? 1;
  const received: number[] = [];
  let at = 0;
  for (;;) {
    const start = fallingEdge(levels, at);
    if (start === undefined) return Uint8Array.from(received);
    let middle = start + 1.5 * step;
    let byte = 0;
    for (let bit = 0; bit < rx.dataBits; bit++, middle += step) byte |= level(middle) << bit;
    let parityHeld = true;
    if (rx.parity !== "none") {
      parityHeld = level(middle) === parityBit(byte, rx.dataBits, rx.parity);
      middle += step;
    }
    if (level(middle) === 1) {
      if (parityHeld || parityErrors === "deliver") received.push(byte);
      else if (parityErrors === "zero") received.push(0);
    }
    at = middle;
  }
}

/** Where the line falls next, at or after `from`; at the very start the line was idle before. */
function fallingEdge(levels: number[], from: number): number | undefined {
  const first = Math.ceil(from);
  for (let at = first; at < levels.length; at++) if (levels[at] === 0 && (at === 0 || levels[at - 1] === 1)) return at;
  return undefined;
}
