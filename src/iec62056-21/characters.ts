/** Control characters and line settings of IEC 62056-21 (direct local data exchange). */
export const control = {
  SOH: 0x01,
  STX: 0x02,
  ETX: 0x03,
  EOT: 0x04,
  ACK: 0x06,
  LF: 0x0a,
  CR: 0x0d,
  NAK: 0x15,
} as const;

/** The line of every message up to the hand-over: seven bits, even parity, one stop bit (clause 5). */
export const sevenEvenOne = { dataBits: 7, parity: "even", stopBits: 1 } as const;
/** The line of HDLC after a mode E hand-over (annex E). */
export const eightNoneOne = { dataBits: 8, parity: "none", stopBits: 1 } as const;

/**
 * The octets without their parity bit. A line set to eight bits delivers seven-bit characters with the parity on top;
 * on a line that is set right this changes nothing.
 */
export function stripParity(bytes: Uint8Array): Uint8Array {
  return bytes.map((octet) => octet & 0x7f);
}

/** The text as octets, one a character; only for texts of this protocol, which are ASCII. */
export function fromAscii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** One character an octet, nothing refused: telegrams in the field hold stray octets. */
export function toAscii(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}
