import { dlmsError } from "./errors.js";

const digits = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0").toUpperCase());

/** Upper-case hexadecimal text of the octets. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += digits[byte];
  return text;
}

/**
 * Octets of a hexadecimal text; white space and an `0x` in front are allowed.
 * @throws UsageError `invalid-argument` when the text is not whole octets of hexadecimal digits.
 */
export function fromHex(text: string): Uint8Array {
  const clean = text.replace(/\s+/g, "").replace(/^0x/i, "");
  if (clean.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(clean))
    throw dlmsError("invalid-argument", `not hexadecimal: ${clean.length} characters`, { layer: "codec" });
  const bytes = new Uint8Array(clean.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(clean.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
