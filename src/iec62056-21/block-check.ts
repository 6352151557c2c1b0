import crc16 from "crc/calculators/crc16";

/**
 * Block check character: exclusive-or of everything after STX or SOH up to and including ETX or EOT, seven bits
 * (ISO/IEC 1155, as clause 6.1 asks).
 */
export function blockCheck(bytes: Uint8Array): number {
  let check = 0;
  for (const octet of bytes) check ^= octet & 0x7f;
  return check;
}

/** The sum instead of the exclusive-or, as some meters send it (seen in Kamstrup 382). */
export function blockSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const octet of bytes) sum += octet & 0x7f;
  return sum & 0x7f;
}

/** CRC of a P1 telegram: CRC-16/ARC over everything from `/` to `!`, both included (DSMR 5.0.2 clause 6.2). */
export function telegramCheck(bytes: Uint8Array): number {
  return crc16(bytes, 0);
}
