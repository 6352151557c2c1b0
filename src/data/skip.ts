import { type ByteReader, dlmsError } from "../base/index.js";
import { readLength } from "../codec/index.js";
import { skipTypeDescription } from "./type-description.js";
import { badTag, bitLength, byteLength, compactArray, elementCount, readCount, sizeOfTag } from "./type-table.js";

/**
 * Passes over one encoded value without building it: for cutting an APDU into parts. Time grows with the octets
 * alone, whatever the nesting.
 * @throws DecodeError `truncated` or `malformed`.
 */
export function skipData(reader: ByteReader): void {
  // Nesting needs no stack: all that matters is how many values are still to come.
  for (let pending = 1; pending > 0; pending--) {
    const at = reader.offset;
    const tag = reader.u8();
    const size = sizeOfTag[tag] as number;
    if (size >= 0) reader.advance(size);
    else if (size === byteLength) reader.advance(readLength(reader));
    else if (size === elementCount) {
      pending += readCount(reader);
      if (pending - 1 > reader.remaining)
        throw dlmsError("truncated", `${pending - 1} values announced, ${reader.remaining} octets are left`, {
          layer: "data",
          offset: at,
        });
    } else if (size === bitLength) reader.advance(Math.ceil(readLength(reader) / 8));
    else if (size === compactArray) {
      skipTypeDescription(reader);
      reader.advance(readLength(reader));
    } else throw badTag(tag, at);
  }
}
