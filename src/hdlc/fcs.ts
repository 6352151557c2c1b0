import crc16kermit from "crc/calculators/crc16kermit";

/**
 * Check sequence of HDLC: X-25, that is CRC-16/KERMIT seeded with FFFF and inverted; 906E for "123456789". It is sent
 * low octet first (ISO/IEC 13239, IEC 62056-46 clause 6.4.3.3).
 */
export function checkSequence(bytes: Uint8Array): number {
  return crc16kermit(bytes, 0xffff) ^ 0xffff;
}

/** True when the two octets behind `end` are the check sequence of the octets from `start` to `end`. */
export function checkHolds(bytes: Uint8Array, start: number, end: number): boolean {
  const check = checkSequence(bytes.subarray(start, end));
  return bytes[end] === (check & 0xff) && bytes[end + 1] === check >> 8;
}

/** What the register holds after octets that end with their own check sequence, if none was spoilt. */
const goodRegister = 0xf0b8;

/** The register after the octets; `register` is that of the octets before them, if there were any. */
export function runRegister(bytes: Uint8Array, register = 0xffff): number {
  return crc16kermit(bytes, register);
}

/** True when the octets that ran through the register ended with their check sequence. */
export function isGoodRegister(register: number): boolean {
  return register === goodRegister;
}
