import { type ByteReader, type ByteWriter, dlmsError } from "../base/index.js";
import { writeLength } from "../codec/index.js";
import { badTag, maximumDepth, readCount, tooDeep, typeOfTag } from "./type-table.js";
import { dataTags, type TypeDescription } from "./types.js";

/** Reads the description of the elements of a compact array (IEC 62056-5-3, TypeDescription). */
export function readTypeDescription(reader: ByteReader, depth = 0): TypeDescription {
  const at = reader.offset;
  if (depth > maximumDepth) throw tooDeep(at);
  const tag = reader.u8();
  const type = typeOfTag[tag];
  if (type === undefined || type === "compact-array") throw badTag(tag, at);
  if (type === "array") return { type, count: reader.u16(), element: readTypeDescription(reader, depth + 1) };
  if (type !== "structure") return { type };
  const elements: TypeDescription[] = [];
  for (let left = readCount(reader); left > 0; left--) elements.push(readTypeDescription(reader, depth + 1));
  return { type, elements };
}

/** Passes over a description without building it. */
export function skipTypeDescription(reader: ByteReader): void {
  for (let pending = 1; pending > 0; pending--) {
    const at = reader.offset;
    const tag = reader.u8();
    if (tag === dataTags.structure) pending += readCount(reader);
    else if (tag === dataTags.array) {
      reader.advance(2);
      pending++;
    } else if (typeOfTag[tag] === undefined || tag === dataTags["compact-array"]) throw badTag(tag, at);
  }
}

/** @throws UsageError `value-does-not-fit` when the count of an array is above 65,535. */
export function writeTypeDescription(writer: ByteWriter, description: TypeDescription): void {
  writer.u8(dataTags[description.type]);
  if (description.type === "array") {
    if (!(Number.isInteger(description.count) && description.count >= 0 && description.count <= 0xffff))
      throw dlmsError("value-does-not-fit", `${description.count} is not a count of 0 to 65535`, { layer: "data" });
    writeTypeDescription(writer.u16(description.count), description.element);
  } else if (description.type === "structure") {
    writeLength(writer, description.elements.length);
    for (const element of description.elements) writeTypeDescription(writer, element);
  }
}
