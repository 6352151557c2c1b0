import { type ByteReader, dlmsError } from "../base/index.js";
import type { Codec } from "./codec.js";

/** Most octets of an INTEGER that a number holds exactly. */
const maximumIntegerOctets = 6;

/** Contents of an INTEGER: two's complement, at most six octets, written in the fewest. */
export const berInteger: Codec<number> = {
  encode(writer, value) {
    if (!Number.isInteger(value) || value < -(2 ** 47) || value >= 2 ** 47)
      throw dlmsError("value-does-not-fit", `${value} is not a whole number of at most 48 bits`, { layer: "codec" });
    let count = 1;
    while (value < -(2 ** (8 * count - 1)) || value >= 2 ** (8 * count - 1)) count++;
    for (let i = count - 1; i >= 0; i--) writer.u8(Math.floor(value / 256 ** i) & 0xff);
  },
  decode(reader) {
    const count = reader.remaining;
    if (count === 0 || count > maximumIntegerOctets)
      throw dlmsError("malformed", `an INTEGER of ${count} octets, 1 to ${maximumIntegerOctets} are understood`, {
        layer: "codec",
        offset: reader.offset,
      });
    let value = reader.i8();
    while (reader.remaining > 0) value = value * 256 + reader.u8();
    return value;
  },
};

/** Contents of a BIT STRING: the number of unused bits, then the octets. */
export const berBitString: Codec<{ readonly length: number; readonly bytes: Uint8Array }> = {
  encode(writer, { length, bytes }) {
    if (!Number.isInteger(length) || Math.ceil(length / 8) !== bytes.length)
      throw dlmsError("value-does-not-fit", `${bytes.length} octets do not hold a bit string of ${length}`, {
        layer: "codec",
      });
    writer.u8(8 * bytes.length - length).bytes(bytes);
  },
  decode(reader) {
    const offset = reader.offset;
    const unused = reader.u8();
    const bytes = reader.take(reader.remaining);
    if (unused > 7 || (unused > 0 && bytes.length === 0))
      throw dlmsError("malformed", `${unused} unused bits in ${bytes.length} octets`, { layer: "codec", offset });
    return { length: 8 * bytes.length - unused, bytes };
  },
};

/** Most octets of an OBJECT IDENTIFIER: those of DLMS have seven. */
const maximumIdentifierOctets = 64;

/** Contents of an OBJECT IDENTIFIER, in dotted form. */
export const objectIdentifier: Codec<string> = {
  encode(writer, value) {
    const arcs = value.split(".").map(Number);
    const [first = Number.NaN, second = Number.NaN, ...rest] = arcs;
    const valid = arcs.every((arc) => Number.isInteger(arc) && arc >= 0 && arc < 2 ** 42);
    if (!valid || first > 2 || Number.isNaN(second) || (first < 2 && second > 39))
      throw dlmsError("invalid-argument", `"${value}" is not an object identifier in dotted form`, { layer: "codec" });
    for (const arc of [40 * first + second, ...rest]) {
      let count = 1;
      while (arc >= 128 ** count) count++;
      for (let i = count - 1; i >= 0; i--) writer.u8((Math.floor(arc / 128 ** i) & 0x7f) | (i > 0 ? 0x80 : 0));
    }
  },
  decode(reader) {
    const offset = reader.offset;
    if (reader.remaining === 0 || reader.remaining > maximumIdentifierOctets)
      throw dlmsError("malformed", `an OBJECT IDENTIFIER of ${reader.remaining} octets`, { layer: "codec", offset });
    const head = readArc(reader);
    const first = Math.min(2, Math.floor(head / 40));
    const arcs = [first, head - 40 * first];
    while (reader.remaining > 0) arcs.push(readArc(reader));
    return arcs.join(".");
  },
};

function readArc(reader: ByteReader): number {
  const offset = reader.offset;
  let arc = 0;
  for (let count = 1; count <= 6; count++) {
    const octet = reader.u8();
    if (count === 1 && octet === 0x80) break;
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) return arc;
  }
  throw dlmsError("malformed", "a part of the object identifier is not minimal or has more than 42 bits", {
    layer: "codec",
    offset,
  });
}
