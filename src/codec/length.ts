import { type ByteReader, type ByteWriter, dlmsError } from "../base/index.js";

/**
 * Length of a variable part, the same in A-XDR and in BER (definite form): one octet below 128, else 80 + count.
 * @throws DecodeError `malformed` for the indefinite form or more than four length octets.
 */
export function readLength(reader: ByteReader): number {
  const at = reader.offset;
  const first = reader.u8();
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0 || count > 4)
    throw dlmsError("malformed", `length octet ${first.toString(16)} is not a definite length of 1 to 4 octets`, {
      layer: "codec",
      offset: at,
    });
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + reader.u8();
  return length;
}

/** Writes the shortest form. */
export function writeLength(writer: ByteWriter, length: number): void {
  if (length < 0x80) writer.u8(length);
  else if (length < 0x100) writer.u8(0x81).u8(length);
  else if (length < 0x10000) writer.u8(0x82).u16(length);
  else if (length < 0x1000000)
    writer
      .u8(0x83)
      .u8(length >>> 16)
      .u16(length & 0xffff);
  else writer.u8(0x84).u32(length);
}

/** Octets that `writeLength` takes. */
export function lengthSize(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x1000000 ? 4 : 5;
}
