import type { GeneralName } from "@peculiar/asn1-x509";
import { fromHex } from "../base/index.js";
import { childrenOf, elementAt } from "./der.js";
import { type DistinguishedName, uniqueIdentifierType } from "./names.js";

/**
 * Where a profile puts the system title of the subject:
 * - `common-name`: subject CN, 16 hexadecimal digits (IEC 62056-5-3, certificate profile);
 * - `hardware-module-name`: subjectAltName, hwSerialNum of a hardwareModuleName (RFC 4108), as Great Britain has it;
 * - `unique-identifier`: subject x500UniqueIdentifier, of organisations in Great Britain.
 */
export type SystemTitleSource = "common-name" | "hardware-module-name" | "unique-identifier";

const titleLength = 8;
const hardwareModuleName = "1.3.6.1.5.5.7.8.4";
const [sequenceTag, octetStringTag, bitStringTag, explicitTag] = [0x30, 0x04, 0x03, 0xa0];

/** The system titles that a subject carries, by where they stand. */
export function systemTitlesOf(
  subject: DistinguishedName,
  alternativeNames: readonly GeneralName[],
): ReadonlyMap<SystemTitleSource, Uint8Array> {
  const titles = new Map<SystemTitleSource, Uint8Array>();
  const { commonName } = subject;
  if (commonName !== undefined && /^[0-9A-Fa-f]{16}$/.test(commonName)) titles.set("common-name", fromHex(commonName));
  for (const { otherName } of alternativeNames) {
    if (otherName?.typeId !== hardwareModuleName) continue;
    const serial = hardwareSerial(new Uint8Array(otherName.value));
    if (serial?.length === titleLength) titles.set("hardware-module-name", serial);
  }
  for (const { anyValue } of subject.values(uniqueIdentifierType)) {
    const octets = anyValue === undefined ? undefined : bitStringOctets(new Uint8Array(anyValue));
    if (octets?.length === titleLength) titles.set("unique-identifier", octets);
  }
  return titles;
}

/** hwSerialNum of HardwareModuleName ::= SEQUENCE { hwType OBJECT IDENTIFIER, hwSerialNum OCTET STRING }. */
function hardwareSerial(octets: Uint8Array): Uint8Array | undefined {
  const what = "hardwareModuleName";
  if (octets.length === 0) return undefined;
  let element = elementAt(octets, 0, octets.length, what);
  if (element.tag === explicitTag) element = elementAt(octets, element.contents, element.end, what);
  if (element.tag !== sequenceTag) return undefined;
  const serial = childrenOf(octets, element, what)[1];
  return serial?.tag === octetStringTag ? octets.slice(serial.contents, serial.end) : undefined;
}

function bitStringOctets(octets: Uint8Array): Uint8Array | undefined {
  const element = elementAt(octets, 0, octets.length, "x500UniqueIdentifier");
  // The first octet counts the bits that are not used.
  if (element.tag !== bitStringTag || octets[element.contents] !== 0) return undefined;
  return octets.slice(element.contents + 1, element.end);
}
