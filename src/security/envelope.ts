import { ByteReader, dlmsError } from "../base/index.js";
import { lengthSize, readLength } from "../codec/index.js";
import { generalTags, serviceForm } from "./ciphered-tags.js";
import { systemTitleLength } from "./suites.js";

/** A ciphered APDU cut at its fields. The arrays are views on the input. */
export interface Envelope {
  readonly tag: number;
  /** The dedicated key is meant. */
  readonly dedicated: boolean;
  /** Tag that the content must have; undefined where the general form leaves it open. */
  readonly plainTag: number | undefined;
  /** As carried; undefined in the service-specific forms and when the general form has an empty one. */
  readonly systemTitle: Uint8Array | undefined;
  readonly securityControl: number;
  readonly invocationCounter: number;
  /** What follows the security header: ciphered or plain octets, and the tag when there is one. */
  readonly body: Uint8Array;
}

/** Octets of security control and invocation counter. */
export const securityHeaderLength = 5;

/** True for the tags of glo-, ded-, general-glo- and general-ded-ciphering. */
export function isCipheredTag(tag: number): boolean {
  return tag === generalTags.gloCiphering || tag === generalTags.dedCiphering || serviceForm(tag) !== undefined;
}

/**
 * Cuts a glo-, ded-, general-glo- or general-ded-ciphering APDU at its fields, without any key.
 * @throws DecodeError `truncated`, `trailing-bytes`, `malformed`.
 * @throws ProtocolError `unexpected-message` for another APDU.
 */
export function readEnvelope(apdu: Uint8Array): Envelope {
  const reader = new ByteReader(apdu);
  const tag = reader.u8();
  const service = serviceForm(tag);
  let systemTitle: Uint8Array | undefined;
  if (service === undefined) {
    if (tag !== generalTags.gloCiphering && tag !== generalTags.dedCiphering)
      throw dlmsError("unexpected-message", `tag ${tag.toString(16)} is no ciphered APDU`, { layer: "security" });
    systemTitle = readSystemTitle(reader);
  }
  const length = readLength(reader);
  if (length < securityHeaderLength)
    throw dlmsError("truncated", `${length} octets are too few for the security header`, {
      layer: "security",
      offset: reader.offset,
    });
  const end = reader.offset + length;
  const securityControl = reader.u8();
  const invocationCounter = reader.u32();
  const body = reader.take(length - securityHeaderLength);
  if (end !== apdu.length) reader.expectEnd();
  return {
    tag,
    dedicated: service === undefined ? tag === generalTags.dedCiphering : service.dedicated,
    plainTag: service?.plainTag,
    systemTitle,
    securityControl,
    invocationCounter,
    body,
  };
}

/** Builds such an APDU; `authenticationTag` is empty when there is none. */
export function writeEnvelope(
  tag: number,
  systemTitle: Uint8Array | undefined,
  securityControl: number,
  invocationCounter: number,
  body: Uint8Array,
  authenticationTag: Uint8Array,
): Uint8Array {
  const length = securityHeaderLength + body.length + authenticationTag.length;
  const titleSize = systemTitle === undefined ? 0 : 1 + systemTitle.length;
  const apdu = new Uint8Array(1 + titleSize + lengthSize(length) + length);
  let at = 0;
  apdu[at++] = tag;
  if (systemTitle !== undefined) {
    apdu[at++] = systemTitle.length;
    apdu.set(systemTitle, at);
    at += systemTitle.length;
  }
  at = putLength(apdu, at, length);
  apdu[at++] = securityControl;
  new DataView(apdu.buffer).setUint32(at, invocationCounter);
  apdu.set(body, at + 4);
  apdu.set(authenticationTag, at + 4 + body.length);
  return apdu;
}

function readSystemTitle(reader: ByteReader): Uint8Array | undefined {
  const at = reader.offset;
  const length = readLength(reader);
  if (length !== 0 && length !== systemTitleLength)
    throw dlmsError("malformed", `a system title has ${systemTitleLength} octets or none, not ${length}`, {
      layer: "security",
      offset: at,
    });
  return length === 0 ? undefined : reader.take(length);
}

function putLength(into: Uint8Array, at: number, length: number): number {
  const size = lengthSize(length);
  if (size === 1) into[at] = length;
  else {
    into[at] = 0x80 | (size - 1);
    for (let i = size - 1, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) into[at + i] = rest & 0xff;
  }
  return at + size;
}
