import { dlmsError } from "../base/index.js";

/** An element of the subset of XML that the COSEMpdu form needs: elements, one attribute, text. */
export interface XmlElement {
  /** Without the prefix of its name space. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
  /** Octets of a text that XML cannot hold, in hexadecimal. */
  readonly hex?: string | undefined;
  /** The attribute `Name` or `Value`, by which other programs name a flag. */
  readonly label?: string | undefined;
}

const longestText = 16 * 1024 * 1024;
const deepest = 160;
const nameSpace = "http://www.dlms.com/COSEMpdu";
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function element(name: string, children: readonly XmlElement[] = [], text = "", hex?: string): XmlElement {
  return { name, children, text, hex };
}

/** The document of one element. */
export function writeXml(root: XmlElement): string {
  const lines = ['<?xml version="1.0" encoding="utf-8"?>'];
  writeElement(root, "", ` xmlns:x="${nameSpace}"`, lines);
  return `${lines.join("\n")}\n`;
}

function writeElement(node: XmlElement, indent: string, space: string, lines: string[]): void {
  const { children, hex, text } = node;
  const name = `x:${node.name}`;
  const open = `${indent}<${name}${space}${hex === undefined ? "" : ` hex="${hex}"`}`;
  if (children.length > 0) {
    lines.push(`${open}>`);
    for (const child of children) writeElement(child, `${indent}  `, "", lines);
    lines.push(`${indent}</${name}>`);
  } else lines.push(text === "" ? `${open} />` : `${open}>${escapeText(text)}</${name}>`);
}

function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#13;");
}

/** True when XML can hold the text as it stands. */
export function fitsXml(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f || (code >= 0xd800 && code < 0xe000) || code >= 0xfffe) return false;
  }
  return true;
}

/** The element as it is built. */
interface Open {
  readonly qualified: string;
  readonly children: XmlElement[];
  readonly hex: string | undefined;
  readonly label?: string | undefined;
  text: string;
}

const token =
  /<\?[^?]*\?>|<!--[^-]*(?:-[^-]+)*-->|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y;

/**
 * Reads a document of elements and text; comments are skipped. There are no document types, no entities but the five.
 * @throws DecodeError `malformed` or `limit-exceeded`.
 */
export function readXml(document: string): XmlElement {
  if (document.length > longestText)
    throw dlmsError("limit-exceeded", `more than ${longestText} characters of XML`, { layer: "apdu" });
  const top: Open = { qualified: "", children: [], hex: undefined, text: "" };
  const stack: Open[] = [top];
  token.lastIndex = document.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const found = token.exec(document);
    if (found === null) throw malformed("not an element, a comment or text", at);
    const [whole, closing, opening, attributes = "", empty] = found;
    const current = stack.at(-1) ?? top;
    if (opening !== undefined) {
      const child: Open = { qualified: opening, children: [], ...marksOf(attributes), text: "" };
      if (stack.length > deepest)
        throw dlmsError("limit-exceeded", `XML nested deeper than ${deepest}`, { layer: "apdu", offset: at });
      stack.push(child);
      if (empty === "/") close(stack);
    } else if (closing !== undefined) {
      if (stack.length === 1 || current.qualified !== closing) throw malformed("an end without its beginning", at);
      close(stack);
    } else if (!whole.startsWith("<")) current.text += unescapeText(whole, at);
  }
  const [root, another] = top.children;
  if (stack.length !== 1) throw malformed("an element without its end", document.length);
  if (root === undefined || another !== undefined || top.text.trim() !== "")
    throw malformed("not one element", document.length);
  return root;
}

function close(stack: Open[]): void {
  const done = stack.pop();
  const parent = stack.at(-1);
  if (done === undefined || parent === undefined) return;
  const { children, hex, label, text } = done;
  if (children.length > 0 && text.trim() !== "") throw malformed("text between elements", 0);
  parent.children.push({ ...element(done.qualified.replace(/^[\w.-]*:/, ""), children, text, hex), label });
}

function marksOf(attributes: string) {
  return {
    hex: /\shex\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1],
    label: /\s(?:Name|Value)\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1],
  };
}

function unescapeText(text: string, offset: number): string {
  return text.replace(/&([^;&]{0,8})(;?)/g, (_, name: string, end: string) => {
    const known = Object.hasOwn(entities, name) ? entities[name] : undefined;
    if (end === ";" && known !== undefined) return known;
    if (end === ";" && name === "#13") return "\r";
    throw malformed("an entity other than the five of XML", offset);
  });
}

export function malformed(what: string, offset?: number) {
  return dlmsError("malformed", `the XML holds ${what}`, { layer: "apdu", ...(offset !== undefined && { offset }) });
}
