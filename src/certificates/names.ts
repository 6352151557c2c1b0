import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";
import { toHex } from "../base/index.js";
import { parseDer, serialize } from "./der.js";

/** Short names of attributes (RFC 4514, and what the profiles of meters use). */
const attributeNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.45": "x500UniqueIdentifier",
  "2.5.4.46": "dnQualifier",
  "0.9.2342.19200300.100.1.25": "DC",
};
const commonNameType = "2.5.4.3";
export const uniqueIdentifierType = "2.5.4.45";

/** A distinguished name: as text, as on the wire, and by attribute. */
export class DistinguishedName {
  /** DER, octet by octet as it came. */
  readonly der: Uint8Array;
  readonly #name: Name;

  constructor(der: Uint8Array) {
    this.der = der;
    this.#name = parseDer(der, Name, "a distinguished name");
  }

  /** A name of a common name, and further attributes by short name or object identifier. */
  static of(commonName: string, more: Readonly<Record<string, string>> = {}): DistinguishedName {
    const types = new Map(Object.entries(attributeNames).map(([type, name]) => [name, type]));
    const attribute = (type: string, text: string) =>
      new RelativeDistinguishedName([
        new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) }),
      ]);
    const rows = Object.entries(more).map(([name, text]) => attribute(types.get(name) ?? name, text));
    return new DistinguishedName(serialize(new Name([...rows, attribute(commonNameType, commonName)])));
  }

  get commonName(): string | undefined {
    const [value] = this.values(commonNameType);
    return value?.anyValue === undefined ? value?.toString() : undefined;
  }

  /** Values of an attribute, by its object identifier. */
  values(type: string): AttributeValue[] {
    return this.#name.flatMap((relative) => relative.filter((entry) => entry.type === type).map(({ value }) => value));
  }

  /** Attributes in the order of the encoding, as `O=Utility, CN=Root`. */
  toString(): string {
    return this.#name
      .map((relative) =>
        relative.map(({ type, value }) => `${attributeNames[type] ?? type}=${textOf(value)}`).join("+"),
      )
      .join(", ");
  }
}

/** Control characters and separators are shown so that one name cannot pass for another. */
function textOf(value: AttributeValue): string {
  if (value.anyValue !== undefined) return `#${toHex(new Uint8Array(value.anyValue))}`;
  return value
    .toString()
    .replace(/[\\,+="<>;]/g, (character) => `\\${character}`)
    .replace(/[^\x20-\x7e\u00a1-\u024f]/g, (character) =>
      Array.from(character, (unit) => `\\u{${(unit.codePointAt(0) as number).toString(16)}}`).join(""),
    );
}
