import { Quantity } from "../cosem/index.js";
import { dataTags } from "../data/index.js";
import { fieldOffset } from "./offsets.js";
import type { Json, Message } from "./types.js";
import { dataWords, fieldWords, referenceWords, unitWords } from "./words.js";

/** Messages as a tree for people: a line a field, with its offset where it is known, in words, dates and units. */
export function renderMessages(messages: readonly Message[]): string {
  return messages.map((message, index) => new Tree().message(message, index + 1)).join("\n");
}

/** Width of the column of offsets. */
const offsetWidth = 8;

class Tree {
  readonly #lines: string[] = [];

  message({ layers, noise, security, apdu, notices = [], error }: Message, number: number): string {
    this.#lines.push(`message ${number}`);
    if (noise !== undefined) this.#line(1, `noise ${noise}`);
    for (const { type, offset, ...fields } of layers) {
      this.#line(1, type, offset);
      this.#fields(fields, 2);
    }
    if (security !== undefined) {
      this.#line(1, "security");
      this.#fields(security, 2);
    }
    if (apdu !== null) this.#field("apdu", apdu, 1);
    for (const notice of notices) this.#line(1, `note: ${notice}`);
    if (error !== null)
      this.#line(1, `ERROR ${error.code}: ${error.message}${error.offset === null ? "" : ` (offset ${error.offset})`}`);
    return `${this.#lines.join("\n")}\n`;
  }

  /** A line; offsets of layers count from the begin of the input, those of fields (with +) from that of their APDU. */
  #line(depth: number, text: string, offset?: number | string): void {
    const at = offset === undefined ? "" : String(offset);
    this.#lines.push(`${at.padStart(offsetWidth)}  ${"  ".repeat(depth - 1)}${text}`.trimEnd());
  }

  #fields(fields: Json, depth: number, apdu?: Json): void {
    for (const [name, value] of Object.entries(fields)) {
      if (name.endsWith("Text") && name.slice(0, -4) in fields) continue;
      const offset = apdu && fieldOffset(apdu, name);
      const text = fields[`${name}Text`] ?? fieldWords(name, value, fields);
      this.#field(name, value, depth, text, offset === undefined ? undefined : `+${offset}`);
    }
  }

  #field(name: string, value: unknown, depth: number, text?: unknown, offset?: string): void {
    if (value === null || typeof value !== "object") {
      this.#line(depth, `${name}: ${value ?? "none"}${text === undefined ? "" : ` (${text})`}`, offset);
    } else if (Array.isArray(value)) {
      this.#line(depth, `${name}${value.length === 0 ? ": none" : ""}`, offset);
      for (const [i, item] of value.entries()) this.#field(`[${i}]`, item, depth + 1);
    } else this.#object(name, value as Json, depth, offset);
  }

  #object(name: string, value: Json, depth: number, offset?: string): void {
    const { type, ...fields } = value;
    const isData = typeof type === "string" && Object.hasOwn(dataTags, type) && "value" in fields;
    if (isData) return this.#data(name, value, depth, offset);
    this.#line(depth, `${name}${type === undefined ? "" : `: ${type}`}`, offset);
    this.#fields(fields, depth + 1, value);
  }

  /** COSEM Data; a number that a scaler and a unit follow is shown as what it means, too. */
  #data(name: string, { type, value, text }: Json, depth: number, offset?: string, meaning = ""): void {
    const words = text === undefined ? meaning : ` (${dataWords(String(text))})`;
    if (!Array.isArray(value)) return this.#line(depth, `${name}: ${type} ${value ?? ""}${words}`, offset);
    this.#line(depth, `${name}: ${type} of ${value.length}${meaning}`, offset);
    const items = value as Json[];
    const meanings = type === "structure" ? elementWords(items) : [];
    for (const [i, item] of items.entries())
      this.#data(`[${i}]`, item, depth + 1, undefined, meanings[i] ?? meaningOf(item, items[i + 1]));
  }
}

/** What the elements of a structure mean by their places: the unit after a scaler, a reference to an attribute. */
function elementWords(elements: readonly Json[]): readonly (string | undefined)[] {
  const scale = scalerUnit({ type: "structure", value: elements });
  const words = scale ? [undefined, unitWords(scale.unit)] : referenceWords(elements);
  return words.map((word) => (word === undefined ? undefined : ` (${word})`));
}

/** ` = 230.4 V` for a number before its scaler and unit; nothing otherwise. */
function meaningOf(item: Json, next: Json | undefined): string {
  const scale = scalerUnit(next);
  if (scale === undefined || !/long|integer|unsigned|float/.test(String(item["type"]))) return "";
  const { type, value } = item as { type: string; value: number | string };
  const raw = /64/.test(type) && type.startsWith("long") ? BigInt(value) : Number(value);
  return ` = ${Quantity.of(raw, scale.scaler, scale.unit)}`;
}

/** scal_unit_type: a structure of integer and enum. */
function scalerUnit(data: Json | undefined): { scaler: number; unit: number } | undefined {
  if (data?.["type"] !== "structure") return undefined;
  const elements = data["value"] as Json[];
  if (elements.length !== 2) return undefined;
  const [scaler, unit] = elements;
  if (scaler?.["type"] !== "integer" || unit?.["type"] !== "enum") return undefined;
  return { scaler: scaler["value"] as number, unit: unit["value"] as number };
}
