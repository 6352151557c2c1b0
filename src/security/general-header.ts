import type { GeneralHeader } from "../apdu/index.js";
import { ByteReader, type ByteWriter, dlmsError } from "../base/index.js";
import { readLength, writeLength } from "../codec/index.js";
import { generalTags } from "./ciphered-tags.js";

/** A header with the very octets that carried it: those are authenticated and signed, not what they mean. */
export interface ReceivedHeader extends GeneralHeader {
  /** From the length of transaction-id to the end of other-information. */
  readonly octets: Uint8Array;
}

const empty = new Uint8Array(0);

/** All fields empty, as the GBCS profile has them around what it authenticates. */
export const emptyHeader: GeneralHeader = {
  transactionId: empty,
  originatorSystemTitle: empty,
  recipientSystemTitle: empty,
  dateTime: empty,
  otherInformation: empty,
};

/**
 * Reads the five fields and leaves the reader behind them.
 * @throws DecodeError `truncated`, `malformed`.
 */
export function readGeneralHeader(reader: ByteReader): ReceivedHeader {
  const start = reader.offset;
  const field = () => reader.take(readLength(reader));
  const header = {
    transactionId: field(),
    originatorSystemTitle: field(),
    recipientSystemTitle: field(),
    dateTime: field(),
    otherInformation: field(),
  };
  return { ...header, octets: reader.bytes.subarray(start, reader.offset) };
}

/** An octet string with its length. */
export function putOctets(writer: ByteWriter, octets: Uint8Array): void {
  writeLength(writer, octets.length);
  writer.bytes(octets);
}

/** The header of the general-signing APDU inside, which names the parties where the outer header is empty (GBCS). @throws ProtocolError `unexpected-message`. */
export function innerHeader(apdu: Uint8Array): ReceivedHeader {
  if (apdu[0] !== generalTags.signing)
    throw dlmsError("unexpected-message", "no general-signing APDU inside, as the GBCS profile has", {
      layer: "security",
    });
  return readGeneralHeader(new ByteReader(apdu, 1));
}
