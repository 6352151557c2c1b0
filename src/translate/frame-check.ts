const table = Uint16Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0x8408 : value >> 1;
  return value;
});

/** CRC-16/X-25 over a part of the octets. */
export function frameCheck(bytes: Uint8Array, from: number, to: number): number {
  let check = 0xffff;
  for (let i = from; i < to; i++) check = (check >> 8) ^ (table[(check ^ (bytes[i] as number)) & 0xff] as number);
  return check ^ 0xffff;
}
