import { toHex } from "../base/index.js";
import {
  type BitString,
  type Data,
  type DataType,
  dataTags,
  decodeData,
  encodeData,
  type TypeDescription,
} from "../data/index.js";
import {
  bits as bitNotation,
  type Content,
  type Notation,
  onlyChild,
  readDecimal,
  readHex,
  readTruth,
} from "./xml-notation.js";
import { element, fitsXml, malformed, type XmlElement } from "./xml-text.js";

/** Encoded Data: one element named after its type. */
export const encodedData: Notation = {
  write: (value) => element("", [dataElement(decodeData(value as Uint8Array))]),
  read: (content) => encodeData(dataOf(onlyChild(content))),
};

const floatSizes = { float32: 4, float64: 8 } as const;

function dataElement(data: Data): XmlElement {
  const { type } = data;
  switch (type) {
    case "null-data":
    case "dont-care":
      return element(type);
    case "array":
    case "structure":
      return element(type, data.value.map(dataElement));
    case "boolean":
      // An octet other than 0 and 1 is kept beside the value.
      return element(
        type,
        [],
        String(data.value),
        data.octet === undefined ? undefined : toHex(Uint8Array.of(data.octet)),
      );
    case "bit-string":
      return { ...bitNotation.write(data.value), name: type };
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return element(type, [], toHex(data.value));
    case "float32":
    case "float64":
      return element(type, [], toHex(encodeData(data).subarray(1)));
    case "visible-string":
    case "utf8-string":
      return textElement(data);
    case "compact-array":
      return element(type, [
        element("contents-description", [descriptionElement(data.description)]),
        element("array-contents", [], toHex(data.contents)),
      ]);
    default:
      return element(type, [], String(data.value));
  }
}

function textElement(data: Extract<Data, { type: "visible-string" | "utf8-string" }>): XmlElement {
  const { bytes, type, value } = data;
  if (bytes === undefined && fitsXml(value)) return element(type, [], value);
  const encoded = encodeData(data);
  const first = encoded[1] ?? 0;
  return element(type, [], "", toHex(encoded.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f))));
}

function dataOf(node: XmlElement): Data {
  const type = typeOf(node);
  if (type === "array" || type === "structure") {
    if (node.text.trim() !== "") throw malformed("text where elements belong");
    return { type, value: node.children.map(dataOf) };
  }
  if (type === "compact-array") return compactOf(node);
  if (node.children.length > 0) throw malformed(`elements inside <${type}>`);
  return simpleOf(type, node);
}

function simpleOf(type: Exclude<DataType, "array" | "structure" | "compact-array">, node: Content): Data {
  const text = node.text.trim();
  switch (type) {
    case "null-data":
    case "dont-care":
      if (text !== "") throw malformed(`contents inside <${type}>`);
      return { type };
    case "boolean": {
      const [octet] = node.hex === undefined ? [] : readHex(node.hex);
      return { type, value: readTruth(text), ...(octet !== undefined && { octet }) };
    }
    case "bit-string":
      return { type, value: bitNotation.read(node) as BitString };
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return { type, value: readHex(text) };
    case "float32":
    case "float64": {
      const octets = readHex(text);
      if (octets.length !== floatSizes[type]) throw malformed(`a ${type} that is not of ${floatSizes[type]} octets`);
      return decodeData(Uint8Array.of(dataTags[type], ...octets));
    }
    case "visible-string":
    case "utf8-string":
      return node.hex === undefined ? { type, value: node.text } : { type, value: "", bytes: readHex(node.hex) };
    case "long64":
    case "long64-unsigned":
      if (!/^-?\d{1,20}$/.test(text)) throw malformed("something else where a number belongs");
      return { type, value: BigInt(text) };
    default:
      return { type, value: readDecimal(text) };
  }
}

function compactOf({ children }: XmlElement): Data {
  const [description, contents, another] = children;
  const isWhole = description?.name === "contents-description" && contents?.name === "array-contents";
  if (!isWhole || another !== undefined) throw malformed("a compact array without its description or contents");
  return {
    type: "compact-array",
    // Other programs leave out the element of a structure around its several types.
    description:
      description.children.length > 1
        ? { type: "structure", elements: description.children.map(descriptionOf) }
        : descriptionOf(onlyChild(description)),
    contents: readHex(contents.text),
  };
}

function descriptionElement(description: TypeDescription): XmlElement {
  const { type } = description;
  if (type === "structure") return element(type, description.elements.map(descriptionElement));
  if (type !== "array") return element(type);
  return element(type, [
    element("number-of-elements", [], String(description.count)),
    element("type-description", [descriptionElement(description.element)]),
  ]);
}

function descriptionOf(node: XmlElement): TypeDescription {
  const type = typeOf(node);
  if (type === "compact-array") throw malformed("a compact array inside another");
  if (type === "structure") return { type, elements: node.children.map(descriptionOf) };
  if (type !== "array") {
    if (node.children.length > 0 || node.text.trim() !== "") throw malformed("contents inside a type");
    return { type };
  }
  const [count, inner, another] = node.children;
  if (count?.name !== "number-of-elements" || inner?.name !== "type-description" || another !== undefined)
    throw malformed("an array type without its number or type of elements");
  return { type, count: readDecimal(count.text.trim()), element: descriptionOf(onlyChild(inner)) };
}

function typeOf({ name }: XmlElement): DataType {
  if (!Object.hasOwn(dataTags, name)) throw malformed(`<${name}>, which is no type of COSEM Data`);
  return name as DataType;
}
