import { type ByteReader, dlmsError } from "../base/index.js";
import type { Codec } from "./codec.js";
import { readLength, writeLength } from "./length.js";

function checkRange(value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum)
    throw dlmsError("value-does-not-fit", `${value} is not a whole number from ${minimum} to ${maximum}`, {
      layer: "codec",
    });
}

/** Unsigned8. */
export const unsigned8: Codec<number> = {
  encode(writer, value) {
    checkRange(value, 0, 0xff);
    writer.u8(value);
  },
  decode: (reader) => reader.u8(),
};

/** Integer8. */
export const integer8: Codec<number> = {
  encode(writer, value) {
    checkRange(value, -0x80, 0x7f);
    writer.u8(value & 0xff);
  },
  decode: (reader) => reader.i8(),
};

/** Unsigned16. */
export const unsigned16: Codec<number> = {
  encode(writer, value) {
    checkRange(value, 0, 0xffff);
    writer.u16(value);
  },
  decode: (reader) => reader.u16(),
};

/** Unsigned32. */
export const unsigned32: Codec<number> = {
  encode(writer, value) {
    checkRange(value, 0, 0xffffffff);
    writer.u32(value);
  },
  decode: (reader) => reader.u32(),
};

/** BOOLEAN: zero is false, anything else true; written as 00 or 01. */
export const boolean: Codec<boolean> = {
  encode(writer, value) {
    writer.u8(value ? 1 : 0);
  },
  decode: (reader) => reader.u8() !== 0,
};

/** OCTET STRING of a fixed length, without a length in front. */
export function fixedOctets(length: number): Codec<Uint8Array> {
  return {
    encode(writer, value) {
      if (value.length !== length)
        throw dlmsError("value-does-not-fit", `${length} octets are needed, ${value.length} given`, { layer: "codec" });
      writer.bytes(value);
    },
    decode: (reader) => reader.take(length),
  };
}

/** OCTET STRING with its length in front. A view on the input. */
export const octetString: Codec<Uint8Array> = {
  encode(writer, value) {
    writeLength(writer, value.length);
    writer.bytes(value);
  },
  decode: readOctetString,
};

/** Everything up to the end. A view on the input. */
export const remainder: Codec<Uint8Array> = {
  encode(writer, value) {
    writer.bytes(value);
  },
  decode: (reader) => reader.take(reader.remaining),
};

function readOctetString(reader: ByteReader): Uint8Array {
  return reader.take(readLength(reader));
}
