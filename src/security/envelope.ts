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

/** Where the fields of a ciphered APDU lie: the form for the hot path, which makes no views. */
export interface EnvelopeFields {
  readonly tag: number;
  readonly dedicated: boolean;
  readonly plainTag: number | undefined;
  /** Where the eight octets of the system title begin, 0 when there are none. */
  readonly titleAt: number;
  readonly securityControl: number;
  readonly invocationCounter: number;
  readonly bodyAt: number;
}

/**
 * Cuts a glo-, ded-, general-glo- or general-ded-ciphering APDU at its fields, without any key.
 * @throws DecodeError `truncated`, `trailing-bytes`, `malformed`.
 * @throws ProtocolError `unexpected-message` for another APDU.
 */
export function readEnvelope(apdu: Uint8Array): Envelope {
  const { tag, dedicated, plainTag, titleAt, securityControl, invocationCounter, bodyAt } = readEnvelopeFields(apdu);
  const systemTitle = titleAt === 0 ? undefined : apdu.subarray(titleAt, titleAt + systemTitleLength);
  return { tag, dedicated, plainTag, systemTitle, securityControl, invocationCounter, body: apdu.subarray(bodyAt) };
}

/** As `readEnvelope`. */
export function readEnvelopeFields(apdu: Uint8Array): EnvelopeFields {
  const tag = apdu[0] ?? 0;
  const service = serviceForm(tag);
  let at = 1;
  let titleAt = 0;
  if (service === undefined) {
    if (tag !== generalTags.gloCiphering && tag !== generalTags.dedCiphering)
      throw dlmsError("unexpected-message", `tag ${tag.toString(16)} is no ciphered APDU`, { layer: "security" });
    const titleLength = apdu[at++];
    if (titleLength !== 0 && titleLength !== systemTitleLength) throw titleFault(titleLength);
    if (titleLength !== 0) titleAt = at;
    at += titleLength;
  }
  let length = apdu[at++] ?? 0xff;
  if (length === 0x82 && at + 2 < apdu.length) {
    // The form that nearly all long messages have, without a reader.
    length = ((apdu[at] as number) << 8) | (apdu[at + 1] as number);
    at += 2;
  } else if (length >= 0x80) {
    const reader = new ByteReader(apdu, at - 1);
    length = readLength(reader);
    at = reader.offset;
  }
  if (length !== apdu.length - at || length < securityHeaderLength) throw lengthFault(length, apdu.length - at, at);
  const invocationCounter =
    (((apdu[at + 1] as number) << 24) |
      ((apdu[at + 2] as number) << 16) |
      ((apdu[at + 3] as number) << 8) |
      (apdu[at + 4] as number)) >>>
    0;
  return {
    tag,
    dedicated: service === undefined ? tag === generalTags.dedCiphering : service.dedicated,
    plainTag: service?.plainTag,
    titleAt,
    securityControl: apdu[at] as number,
    invocationCounter,
    bodyAt: at + securityHeaderLength,
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

function titleFault(length: number | undefined) {
  if (length === undefined)
    return dlmsError("truncated", "the APDU ends before its system title", { layer: "security" });
  return dlmsError("malformed", `a system title has ${systemTitleLength} octets or none, not ${length}`, {
    layer: "security",
    offset: 1,
  });
}

function lengthFault(length: number, left: number, offset: number) {
  const details = { layer: "security", offset } as const;
  if (length > left) return dlmsError("truncated", `the APDU claims ${length} octets, ${left} are left`, details);
  if (length < left) return dlmsError("trailing-bytes", `${left - length} octets after the end of the APDU`, details);
  return dlmsError("truncated", `${length} octets are too few for the security header`, details);
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
