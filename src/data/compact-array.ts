import { ByteReader, ByteWriter, dlmsError } from "../base/index.js";
import { readSimpleData } from "./decode.js";
import { writeContents } from "./encode.js";
import { bitLength, sizeOfTag } from "./type-table.js";
import { type Data, dataTags, type TypeDescription } from "./types.js";

/** A description made ready for walking: elements without contents are left out, fixed sizes are summed up. */
export interface CompactShape {
  /** Octets of the contents where that is fixed, else -1. */
  readonly fixed: number;
  /** Tag of a simple type whose size is not fixed. */
  readonly tag: number;
  /** Shapes of the elements of a structure of no fixed size, in order. */
  readonly elements: readonly CompactShape[];
  /** Elements of an array of no fixed size, each of shape `elements[0]`. */
  readonly count: number;
}

/** @throws DecodeError `malformed` for an array of elements that have no contents. */
export function compactShape(description: TypeDescription): CompactShape {
  const tag = dataTags[description.type];
  if (description.type === "array") {
    const element = compactShape(description.element);
    if (element.fixed === 0 && description.count > 0)
      throw dlmsError("malformed", "a compact array describes an array of nothing", { layer: "data" });
    const fixed = element.fixed < 0 && description.count > 0 ? -1 : description.count * Math.max(0, element.fixed);
    return { fixed, tag, elements: [element], count: description.count };
  }
  if (description.type !== "structure") {
    const size = sizeOfTag[tag] as number;
    return { fixed: size < 0 ? -1 : size, tag, elements: [], count: 0 };
  }
  const elements = description.elements.map(compactShape).filter((shape) => shape.fixed !== 0);
  const fixed = elements.some((shape) => shape.fixed < 0) ? -1 : elements.reduce((sum, shape) => sum + shape.fixed, 0);
  return { fixed, tag, elements, count: 0 };
}

/** Octets after the length of a value without fixed size, from that length. */
export function contentSize(tag: number, length: number): number {
  return sizeOfTag[tag] === bitLength ? Math.ceil(length / 8) : length;
}

/**
 * The elements of a compact array as ordinary values (IEC 62056-6-2, compact-array).
 * @throws DecodeError `truncated` or `malformed` when the contents are not whole elements, `limit-exceeded` when they
 *   would blow up to far more values than there are octets.
 */
export function expandCompactArray(data: Extract<Data, { type: "compact-array" }>): Data[] {
  const { fixed } = compactShape(data.description);
  if (fixed === 0 && data.contents.length > 0)
    throw dlmsError("malformed", "a compact array of nothing has contents", { layer: "data" });
  const reader = new ByteReader(data.contents);
  const budget = compactBudget(2048, data.contents.length);
  const elements: Data[] = [];
  while (reader.remaining > 0) elements.push(readCompactElement(reader, data.description, budget));
  return elements;
}

/** What may still be made of a compact array: a value costs 1, a collection 10. */
export interface CompactBudget {
  left: number;
}

/** A budget that any sensible array of `octets` keeps, and one that describes mostly nothing does not. */
export function compactBudget(base: number, octets: number): CompactBudget {
  return { left: base + 24 * octets };
}

/** Reads one element; `budget` bounds the values made. */
export function readCompactElement(reader: ByteReader, description: TypeDescription, budget: CompactBudget): Data {
  budget.left -= description.type === "array" || description.type === "structure" ? 10 : 1;
  if (budget.left < 0)
    throw dlmsError("limit-exceeded", "a compact array holds far more values than octets", {
      layer: "data",
      offset: reader.offset,
    });
  if (description.type === "array") {
    const value: Data[] = [];
    for (let left = description.count; left > 0; left--)
      value.push(readCompactElement(reader, description.element, budget));
    return { type: "array", value };
  }
  if (description.type === "structure")
    return {
      type: "structure",
      value: description.elements.map((element) => readCompactElement(reader, element, budget)),
    };
  return readSimpleData(reader, description.type);
}

/**
 * A compact array of the elements, all of which must have the shape of the description.
 * @throws UsageError `value-does-not-fit` when one has not.
 */
export function compactArray(description: TypeDescription, elements: readonly Data[]): Data {
  const writer = new ByteWriter(256);
  for (const element of elements) writeElement(writer, description, element);
  return { type: "compact-array", description, contents: writer.finish() };
}

function writeElement(writer: ByteWriter, description: TypeDescription, data: Data): void {
  if (data.type !== description.type)
    throw dlmsError("value-does-not-fit", `${data.type} where the description has ${description.type}`, {
      layer: "data",
    });
  if (data.type === "array" || data.type === "structure") {
    const count = description.type === "array" ? description.count : elementsOf(description).length;
    if (data.value.length !== count)
      throw dlmsError("value-does-not-fit", `${data.value.length} elements where the description has ${count}`, {
        layer: "data",
      });
    for (const [i, element] of data.value.entries()) writeElement(writer, elementOf(description, i), element);
  } else writeContents(writer, data as Parameters<typeof writeContents>[1]);
}

function elementsOf(description: TypeDescription): readonly TypeDescription[] {
  return description.type === "structure" ? description.elements : [];
}

function elementOf(description: TypeDescription, index: number): TypeDescription {
  if (description.type === "array") return description.element;
  return elementsOf(description)[index] ?? { type: "null-data" };
}
