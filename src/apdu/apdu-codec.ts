import { ByteReader, ByteWriter, DlmsError, dlmsError } from "../base/index.js";
import { type DecodeListener, partialOf, withPartial, withPath } from "../codec/index.js";
import type { Apdu } from "./apdu.js";
import { apduTypeOf, entryOfTag, entryOfType } from "./table.js";

/**
 * Decodes one whole APDU. Values stay encoded, as views on `bytes`; a value that ends its APDU (a normal GET response,
 * the body of a notification) is not looked through, so what is wrong inside comes out when it is decoded.
 * @throws DecodeError with `details.offset` and `details.path` of the fault.
 */
export function decodeApdu(bytes: Uint8Array, listener: DecodeListener = {}): Apdu {
  const reader = new ByteReader(bytes);
  const tag = reader.peek();
  if (tag === undefined) throw dlmsError("truncated", "an APDU has at least one octet", { layer: "apdu", offset: 0 });
  const entry = entryOfTag(tag);
  if (entry === undefined)
    throw dlmsError("malformed", `no APDU begins with ${tag.toString(16).toUpperCase().padStart(2, "0")}`, {
      layer: "apdu",
      offset: 0,
    });
  reader.advance(1);
  let apdu: Apdu | undefined;
  try {
    apdu = entry.codec.decode(reader, { ...listener, path: listener.onField === undefined ? noPath : [entry.type] });
    reader.expectEnd();
    return apdu;
  } catch (error) {
    throw withPath(apdu === undefined ? error : withPartial(error, apdu), "apdu", entry.type);
  }
}

/**
 * Encodes an APDU in its canonical form.
 * @throws UsageError `value-does-not-fit` or `invalid-argument`, with `details.path` of the field.
 */
export function encodeApdu(apdu: Apdu): Uint8Array {
  const entry = entryOfType(apdu.type);
  if (entry === undefined) throw dlmsError("invalid-argument", `no APDU is named "${apdu.type}"`, { layer: "apdu" });
  const writer = new ByteWriter();
  writer.u8(entry.tag);
  try {
    entry.codec.encode(writer, apdu);
  } catch (error) {
    throw withPath(error, "apdu", apdu.type);
  }
  return writer.finish();
}

/** What `inspectApdu` found. */
export type ApduInspection =
  | { readonly apdu: Apdu; readonly error?: never }
  /** `apdu` holds the fields read before the fault, if the tag at least was known. */
  | { readonly apdu?: PartialApdu; readonly error: DlmsError };

/** Some fields of an APDU. */
export interface PartialApdu {
  readonly type: Apdu["type"];
  readonly [field: string]: unknown;
}

/** Decodes for diagnosis: never throws for bad input, and gives what could be read before the fault. */
export function inspectApdu(bytes: Uint8Array, listener: DecodeListener = {}): ApduInspection {
  try {
    return { apdu: decodeApdu(bytes, listener) };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    const type = apduTypeOf(bytes[0] ?? -1);
    if (type === undefined) return { error };
    return { error, apdu: { ...(partialOf(error) as object | undefined), type } };
  }
}

/** Never written to: without a listener for fields no path is kept. */
const noPath: string[] = [];
