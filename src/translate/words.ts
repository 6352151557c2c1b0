import { DlmsError } from "../base/index.js";
import { ClassRegistry, classVersions, describeObis, Obis, unitName, unitText } from "../cosem/index.js";
import type { Json } from "./types.js";

/** Words for people, in the tree alone: what the tables of classes, codes and units say of numbers. */

/** Words for a field, from its own value and those beside it. */
export function fieldWords(name: string, value: unknown, fields: Json): string | undefined {
  if (typeof value === "string") return name === "obis" ? obisWords(value) : undefined;
  if (typeof value !== "number") return undefined;
  const { classId } = fields;
  if (name === "classId") return className(value);
  if (name === "attributeId" && typeof classId === "number") return attributeName(classId, value);
  if (name === "methodId" && typeof classId === "number") return methodName(classId, value);
  if (name === "vaaName") return value === logicalNames ? "logical names" : `${baseName(value)}, short names`;
  return name === "name" ? baseName(value) : undefined;
}

/** The text that stands beside COSEM Data, with the meaning of an OBIS code. */
export function dataWords(text: string): string {
  const meaning = obisPattern.test(text) ? obisWords(text) : undefined;
  return meaning === undefined ? text : `${text}, ${meaning}`;
}

/** Words for the elements of a structure that names an attribute (class, logical name, attribute, ...), else none. */
export function referenceWords(elements: readonly Json[]): readonly (string | undefined)[] {
  const [classId, name, attribute] = elements;
  const isReference =
    elements.length >= 4 &&
    elements.length <= 6 &&
    classId?.["type"] === "long-unsigned" &&
    name?.["type"] === "octet-string" &&
    String(name["value"]).length === 12 &&
    attribute?.["type"] === "integer";
  if (!isReference) return [];
  const id = classId["value"] as number;
  return [className(id), undefined, attributeName(id, attribute["value"] as number)];
}

/** The unit of scal_unit_type in words, as `V`. */
export function unitWords(code: number): string | undefined {
  const text = unitText(unitName(code));
  return text === "" ? undefined : text;
}

const logicalNames = 7;
const obisPattern = /^\d+-\d+:\d+\.\d+\.\d+\*\d+$/;
const baseName = (value: number) => value.toString(16).toUpperCase().padStart(4, "0");
const spaced = (name: string) => name.replace(/[A-Z0-9]+/g, (part) => ` ${part.toLowerCase()}`).trim();

let registry: ClassRegistry | undefined;
function classes(): ClassRegistry {
  registry ??= new ClassRegistry(classVersions);
  return registry;
}

function className(id: number): string | undefined {
  const table = classes().newest(id);
  return table && spaced(table.name);
}

function attributeName(classId: number, id: number): string | undefined {
  if (id === 0) return "all attributes";
  if (id === 1) return "logical name";
  const rows = Object.entries(classes().newest(classId)?.attributes ?? {});
  const found = rows.find(([, row]) => row.id === id);
  return found && spaced(found[0]);
}

function methodName(classId: number, id: number): string | undefined {
  const rows = Object.entries(classes().newest(classId)?.methods ?? {});
  const found = rows.find(([, row]) => row.id === id);
  return found && spaced(found[0]);
}

function obisWords(text: string): string | undefined {
  try {
    return describeObis(Obis.parse(text));
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
}
