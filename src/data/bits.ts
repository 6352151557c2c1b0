import { dlmsError } from "../base/index.js";
import type { BitString } from "./types.js";

/**
 * The bit string of a text of 0 and 1; bit 0 comes first.
 * @throws UsageError `invalid-argument` for any other character.
 */
export function bitString(text: string): BitString {
  if (!/^[01]*$/.test(text))
    throw dlmsError("invalid-argument", "a bit string is written with 0 and 1", { layer: "data" });
  const bytes = new Uint8Array(Math.ceil(text.length / 8));
  for (let i = 0; i < text.length; i++)
    if (text[i] === "1") bytes[i >> 3] = (bytes[i >> 3] as number) | (0x80 >> (i & 7));
  return { length: text.length, bytes };
}

/** Text of 0 and 1, bit 0 first. */
export function bitText(bits: BitString): string {
  let text = "";
  for (let i = 0; i < bits.length; i++) text += bitAt(bits, i) ? "1" : "0";
  return text;
}

/** True when bit `index` (0 is the first) is set; false past the end. */
export function bitAt(bits: BitString, index: number): boolean {
  return index < bits.length && (((bits.bytes[index >> 3] ?? 0) << (index & 7)) & 0x80) !== 0;
}
