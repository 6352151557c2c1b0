import { type ConformanceBit, conformanceBits, conformanceOf, nameIn } from "../apdu/index.js";
import { equalBytes, fromHex, toHex } from "../base/index.js";
import { type BitString, bitString, bitText } from "../data/index.js";
import { element, malformed, type XmlElement } from "./xml-text.js";

/** What stands inside an element. */
export type Content = Omit<XmlElement, "name">;

/** How a value is written inside an element, and read from it. */
export interface Notation {
  write(value: unknown): Content;
  read(content: Content): unknown;
}

/** A property, its element and how its value is written; `aliases` are names that other programs write. */
export interface FieldRow {
  readonly key: string;
  readonly name: string;
  readonly notation: Notation;
  readonly optional?: boolean;
  readonly aliases?: readonly string[];
}

type Values = { readonly [key: string]: unknown };

/** A value whose text alone says it. */
export function textual(write: (value: never) => string, read: (text: string) => unknown): Notation {
  return {
    write: (value) => element("", [], write(value as never)),
    read({ children, text }) {
      if (children.length > 0) throw malformed("elements where a value belongs");
      return read(text.trim());
    },
  };
}

/** A decimal number. */
export const decimal = textual((value: number) => String(value), readDecimal);
/** Octets in hexadecimal. */
export const hexadecimal = textual(toHex, readHex);
export const truth = textual((value: boolean) => (value ? "true" : "false"), readTruth);
/** Bits, the first in front; unused bits that are not zero are kept beside them. */
export const bits: Notation = {
  write(value) {
    const given = value as BitString;
    const text = bitText(given);
    const isPlain = equalBytes(bitString(text).bytes, given.bytes);
    return element("", [], text, isPlain ? undefined : toHex(given.bytes));
  },
  read({ children, hex, text }) {
    if (children.length > 0) throw malformed("elements where bits belong");
    const value = readBits(text.trim());
    return hex === undefined ? value : { ...value, bytes: readHex(hex) };
  },
};
/** A block of 24 bits, bit 0 first. Read also as names of bits: in a text, or each in an element of its own (Gurux). */
export const conformance: Notation = {
  write: (value) => element("", [], (value as number).toString(2).padStart(24, "0")),
  read({ children, text }) {
    const names = children.map((child) => expectName(child, "ConformanceBit").label ?? "");
    const digits = text.trim();
    if (children.length === 0 && /^[01]{24}$/.test(digits)) return Number.parseInt(digits, 2);
    return conformanceOf([...names, ...digits.split(/\s+/).filter((name) => name !== "")].map(conformanceBit));
  },
};

/** A bit by its name, however its words are joined. */
function conformanceBit(name: string): ConformanceBit {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
  const found = (Object.keys(conformanceBits) as ConformanceBit[]).find((bit) => plain(bit) === plain(name));
  if (found === undefined) throw malformed("a conformance that is neither 24 bits nor names of them");
  return found;
}

/** ObjectName, which is an Integer16: base names from 0x8000 on are negative. Read without a sign too. */
export const objectName = textual(
  (value: number) => String(value >= 0x8000 ? value - 0x10000 : value),
  (text) => {
    const number = readDecimal(text);
    return number < 0 && number >= -0x8000 ? number + 0x10000 : number;
  },
);

export function readDecimal(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw malformed("something else where a number belongs");
  return Number(text);
}

export function readHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(digits))
    throw malformed("something else where hexadecimal belongs");
  return fromHex(digits);
}

export function readTruth(text: string): boolean {
  if (/^(?:true|1)$/i.test(text)) return true;
  if (/^(?:false|0)$/i.test(text)) return false;
  throw malformed("something else where true or false belongs");
}

export function readBits(text: string): BitString {
  if (!/^[01]*$/.test(text)) throw malformed("something else where bits belong");
  return bitString(text);
}

/** A number by its name in the table; one without a name in decimal. */
export function named(table: Readonly<Record<string, number>>): Notation {
  return textual(
    (value: number) => nameIn(table, value) ?? String(value),
    (text) => (Object.hasOwn(table, text) ? table[text] : readDecimal(text)),
  );
}

/** An object identifier: its last number where it is one of `arc`, else dotted. */
export function identifierUnder(arc: string): Notation {
  return textual(
    (value: string) =>
      value.startsWith(arc) && /^\d+$/.test(value.slice(arc.length)) ? value.slice(arc.length) : value,
    (text) => {
      if (!/^\d+(?:\.\d+)*$/.test(text)) throw malformed("something else where an object identifier belongs");
      return text.includes(".") ? text : `${arc}${text}`;
    },
  );
}

/** An object: an element for each property, in this order. */
export function fields(...rows: readonly FieldRow[]): Notation {
  return {
    write: (value) => element("", writeRows(rows, value as Values)),
    read: ({ children }) => readRows(rows, children),
  };
}

/** Elements of one name, one for each item. */
export function items(name: string, notation: Notation): Notation {
  return {
    write: (value) =>
      element(
        "",
        (value as readonly unknown[]).map((item) => ({ ...notation.write(item), name })),
      ),
    read: ({ children }) => children.map((child) => notation.read(expectName(child, name))),
  };
}

/** One of several elements, told apart by name; `choice` is kept under its own property. */
export function oneOf(forms: Readonly<Record<string, readonly [name: string, notation: Notation]>>): Notation {
  return {
    write(value) {
      const { choice } = value as { readonly choice: string };
      const [name, notation] = forms[choice] ?? ["", nothing];
      return element("", [{ ...notation.write(value), name }]);
    },
    read(content) {
      const child = onlyChild(content);
      for (const [choice, [name, notation]] of Object.entries(forms))
        if (child.name === name) return { choice, ...(notation.read(child) as object) };
      throw malformed(`<${child.name}>, which is none of the choices here`);
    },
  };
}

/** An object of one property, written as the property alone. */
export function wrapped(key: string, notation: Notation): Notation {
  return {
    write: (value) => notation.write((value as Values)[key]),
    read: (content) => ({ [key]: notation.read(content) }),
  };
}

/** An element without contents. */
export const nothing: Notation = {
  write: () => element(""),
  read({ children, text }) {
    if (children.length > 0 || text.trim() !== "") throw malformed("contents where none belong");
    return {};
  },
};

/** A row of `fields`; the element's name is the property's in the standard's spelling, if no other is given. */
export function row(key: string, notation: Notation, name = kebab(key), ...aliases: readonly string[]): FieldRow {
  return { key, name, notation, aliases };
}

/** A row that may be absent. */
export function option(key: string, notation: Notation, name = kebab(key), ...aliases: readonly string[]): FieldRow {
  return { key, name, notation, aliases, optional: true };
}

/** A row whose element holds further properties of the same object. */
export function group(name: string, ...rows: readonly FieldRow[]): FieldRow {
  return { key: whole, name, notation: fields(...rows) };
}

/** A row whose notation takes several properties of the same object. */
export function joined(name: string, notation: Notation): FieldRow {
  return { key: whole, name, notation };
}

/** Key of a row that stands for the object itself. */
const whole = "";

export function onlyChild({ children, text }: Content): XmlElement {
  const [child, another] = children;
  if (child === undefined || another !== undefined || text.trim() !== "")
    throw malformed("not one element where one belongs");
  return child;
}

function expectName(child: XmlElement, name: string): XmlElement {
  if (child.name.toLowerCase() !== name.toLowerCase()) throw malformed(`<${child.name}> where <${name}> belongs`);
  return child;
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function writeRows(rows: readonly FieldRow[], value: Values): XmlElement[] {
  return rows.flatMap(({ key, name, notation }) =>
    key === whole
      ? [{ ...notation.write(value), name }]
      : value[key] === undefined
        ? []
        : [{ ...notation.write(value[key]), name }],
  );
}

function readRows(rows: readonly FieldRow[], children: readonly XmlElement[]): Values {
  const values: Record<string, unknown> = {};
  let at = 0;
  for (const { aliases = [], key, name, notation, optional } of rows) {
    const child = children[at];
    if (child !== undefined && (child.name === name || aliases.includes(child.name))) {
      if (key === whole) Object.assign(values, notation.read(child));
      else values[key] = notation.read(child);
      at += 1;
    } else if (!optional) throw malformed(`no <${name}> where it belongs`);
  }
  const rest = children[at];
  if (rest !== undefined) throw malformed(`<${rest.name}> where it does not belong`);
  return values;
}
