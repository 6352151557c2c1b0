import { type ByteWriter, dlmsError } from "../base/index.js";
import type { Codec } from "../codec/index.js";
import { skipData } from "../data/index.js";

function writeView(writer: ByteWriter, value: Uint8Array): void {
  if (value.length === 0) throw dlmsError("invalid-argument", "encoded Data is at least one octet", { layer: "apdu" });
  writer.bytes(value);
}

/** One encoded Data value, as a view on the input: whoever knows the type decodes it. */
export const dataView: Codec<Uint8Array> = {
  encode: writeView,
  decode(reader) {
    const start = reader.offset;
    skipData(reader);
    return reader.bytes.subarray(start, reader.offset);
  },
};

/**
 * Encoded Data that fills the rest of the APDU. It is not looked through here, since it may be long and is about to be
 * decoded anyway: what follows the value, or is missing of it, comes out then.
 */
export const finalDataView: Codec<Uint8Array> = {
  encode: writeView,
  decode(reader) {
    if (reader.remaining === 0)
      throw dlmsError("truncated", "the value is missing", { layer: "apdu", offset: reader.offset });
    return reader.take(reader.remaining);
  },
};
