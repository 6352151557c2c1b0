import { type ByteReader, dlmsError } from "../base/index.js";
import { readLength } from "../codec/index.js";
import { type DataType, dataTags } from "./types.js";

/** Deepest nesting of arrays and structures that is decoded; real objects stay below 10. */
export const maximumDepth = 64;

/** Name of each tag; undefined where the standard has none. */
export const typeOfTag: readonly (DataType | undefined)[] = (() => {
  const names: (DataType | undefined)[] = new Array(256).fill(undefined);
  for (const [name, tag] of Object.entries(dataTags)) names[tag] = name as DataType;
  return names;
})();

/** Octets of the contents for each tag: fixed, or one of the marks below. Read by the loops that only skip. */
export const sizeOfTag: Int8Array = (() => {
  const sizes = new Int8Array(256).fill(-1);
  const fixed: readonly (readonly [number, readonly DataType[]])[] = [
    [0, ["null-data", "dont-care"]],
    [1, ["boolean", "bcd", "integer", "unsigned", "enum", "delta-integer", "delta-unsigned"]],
    [2, ["long", "long-unsigned", "delta-long", "delta-long-unsigned"]],
    [4, ["double-long", "double-long-unsigned", "float32", "delta-double-long", "delta-double-long-unsigned", "time"]],
    [5, ["date"]],
    [8, ["long64", "long64-unsigned", "float64"]],
    [12, ["date-time"]],
    [-2, ["octet-string", "visible-string", "utf8-string"]],
    [-3, ["bit-string"]],
    [-4, ["array", "structure"]],
    [-5, ["compact-array"]],
  ];
  for (const [size, types] of fixed) for (const type of types) sizes[dataTags[type]] = size;
  return sizes;
})();

/** Marks of `sizeOfTag` for tags whose size is not fixed. */
export const unknownTag = -1;
export const byteLength = -2;
export const bitLength = -3;
export const elementCount = -4;
export const compactArray = -5;

/** Reads a count of elements; each takes at least one octet, so more than what is left cannot be. */
export function readCount(reader: ByteReader): number {
  const at = reader.offset;
  const count = readLength(reader);
  if (count > reader.remaining)
    throw dlmsError("truncated", `${count} elements announced, ${reader.remaining} octets are left`, {
      layer: "data",
      offset: at,
    });
  return count;
}

/** The error for a tag that is not one of COSEM Data. */
export function badTag(tag: number, offset: number) {
  return dlmsError("malformed", `${tag} is not a tag of COSEM Data`, { layer: "data", offset });
}

/** The error for nesting beyond `maximumDepth`. */
export function tooDeep(offset: number) {
  return dlmsError("limit-exceeded", `data nested deeper than ${maximumDepth} levels`, { layer: "data", offset });
}
