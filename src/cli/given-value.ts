import { fromHex } from "../base/index.js";
import { Obis, typeText, type ValueType } from "../cosem/index.js";
import { bitString, CosemDateTime, type Data, type DataType, dataTags, encodeData } from "../data/index.js";
import { invalid } from "./link-options.js";

/** A value that does not become the Data wanted. */
class Unfit extends Error {}

/**
 * The Data that a value on the command line stands for: JSON or plain text read as the type of the class table, or
 * Data written out as `{"type": "unsigned", "value": 5}`. `present` is the type to take where the table leaves it open.
 * @throws UsageError `invalid-argument`, `value-does-not-fit`.
 */
export function givenData(text: string, type: ValueType<unknown>, present?: Data): Data {
  const given = jsonOf(text);
  try {
    const data = isData(given) ? explicit(given) : typed(given, type, present);
    type.decode(data);
    encodeData(data);
    return data;
  } catch (error) {
    const why = error instanceof Error && error.message !== "" ? `: ${error.message}` : "";
    throw invalid(
      `${text} is not a value of this type${why}`,
      `It takes ${typeText(type)}; or write Data, as {"type":"unsigned","value":5}.`,
    );
  }
}

/** Data written out, for classes that no table tells of. @throws UsageError `invalid-argument`. */
export function explicitData(text: string): Data {
  const given = jsonOf(text);
  try {
    if (isData(given)) {
      const data = explicit(given);
      encodeData(data);
      return data;
    }
  } catch (error) {
    throw invalid(`${text} is no Data: ${error instanceof Error ? error.message : ""}`, explicitAdvice);
  }
  throw invalid(`${text} has no type, and no class table tells it`, explicitAdvice);
}

const explicitAdvice = 'Write Data, as {"type":"unsigned","value":5}.';

/** Numbers that JSON would round stay text. */
function jsonOf(text: string): unknown {
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface Written {
  readonly type: DataType;
  readonly value?: unknown;
}

function isData(given: unknown): given is Written {
  if (typeof given !== "object" || given === null || !("type" in given)) return false;
  return typeof given.type === "string" && Object.hasOwn(dataTags, given.type);
}

function explicit({ type, value }: Written): Data {
  if (type === "array" || type === "structure") {
    if (!Array.isArray(value)) throw new Unfit(`${type} takes a list`);
    return {
      type,
      value: value.map((item: unknown) => {
        if (isData(item)) return explicit(item);
        throw new Unfit(`each item of ${type} is written as Data`);
      }),
    };
  }
  return simple(value, type);
}

function typed(given: unknown, type: ValueType<unknown>, present: Data | undefined): Data {
  if (isData(given)) return explicit(given);
  if (type.kind === "any") {
    if (present === undefined || present.type === "array" || present.type === "structure")
      throw new Unfit("the class leaves its type open");
    return simple(given, present.type);
  }
  if (type.kind === "choice") return firstFit(given, type.options ?? [], present);
  if (type.kind === "structure" && type.fields) return fieldsOf(given, type.fields);
  if (type.kind === "array" && type.element) return elementsOf(given, type.element);
  const named = typeof given === "string" && Object.hasOwn(type.names ?? {}, given) ? type.names?.[given] : undefined;
  return simple(named ?? given, type.kind, type.meaning);
}

function firstFit(given: unknown, options: readonly ValueType<unknown>[], present: Data | undefined): Data {
  for (const option of options) {
    try {
      const data = typed(given, option, present);
      option.decode(data);
      encodeData(data);
      return data;
    } catch {
      // The next one may take it.
    }
  }
  throw new Unfit("no alternative takes it");
}

function elementsOf(given: unknown, element: ValueType<unknown>): Data {
  if (!Array.isArray(given)) throw new Unfit("a list is wanted");
  return { type: "array", value: given.map((item: unknown) => typed(item, element, undefined)) };
}

/** A structure from an object by field names, or from a list in their order. */
function fieldsOf(given: unknown, fields: Readonly<Record<string, ValueType<unknown>>>): Data {
  const names = Object.keys(fields);
  if (typeof given !== "object" || given === null) throw new Unfit(`fields ${names.join(", ")} are wanted`);
  const strange = Array.isArray(given) ? [] : Object.keys(given).filter((name) => !names.includes(name));
  if (strange.length > 0) throw new Unfit(`there is no field ${strange.join(", ")}`);
  if (Array.isArray(given) && given.length !== names.length) throw new Unfit(`${names.length} fields are wanted`);
  const values = Array.isArray(given) ? given : names.map((name) => (given as Record<string, unknown>)[name]);
  return {
    type: "structure",
    value: Object.entries(fields).map(([name, field], i) => {
      const value: unknown = values[i];
      if (value === undefined) throw new Unfit(`field ${name} is missing`);
      return typed(value, field, undefined);
    }),
  };
}

function simple(given: unknown, type: DataType | "choice" | "any", meaning?: string): Data {
  switch (type) {
    case "null-data":
    case "dont-care":
      if (given === null || given === undefined) return { type };
      throw new Unfit(`${type} takes no value`);
    case "boolean":
      return { type, value: booleanOf(given) };
    case "long64":
    case "long64-unsigned":
      return { type, value: BigInt(wholeOf(given)) };
    case "float32":
    case "float64":
      return { type, value: numberOf(given) };
    case "bit-string":
      return { type, value: bitString(textOf(given)) };
    case "octet-string":
      return { type, value: octetsOf(textOf(given), meaning) };
    case "date-time":
    case "date":
    case "time":
      return { type, value: octetsOf(textOf(given), type) };
    case "visible-string":
    case "utf8-string":
      return { type, value: textOf(given) };
    case "array":
    case "structure":
    case "compact-array":
    case "choice":
    case "any":
      throw new Unfit("its items have no type");
    default:
      return { type, value: Number(wholeOf(given)) };
  }
}

function booleanOf(given: unknown): boolean {
  if (given === true || given === 1 || given === "on") return true;
  if (given === false || given === 0 || given === "off") return false;
  throw new Unfit("true or false is wanted");
}

function wholeOf(given: unknown): string {
  const text = String(given);
  if ((typeof given === "number" || typeof given === "string") && /^-?\d+$/.test(text)) return text;
  throw new Unfit("a whole number is wanted");
}

function numberOf(given: unknown): number {
  const value = typeof given === "number" || (typeof given === "string" && given !== "") ? Number(given) : Number.NaN;
  if (Number.isNaN(value)) throw new Unfit("a number is wanted");
  return value;
}

function textOf(given: unknown): string {
  if (typeof given === "string" || typeof given === "number") return String(given);
  throw new Unfit("text is wanted");
}

/** Octets in hexadecimal; names and times also as people write them; `text:` before text that is meant as such. */
function octetsOf(given: string, meaning: string | undefined): Uint8Array {
  if (given.startsWith("text:")) return new TextEncoder().encode(given.slice(5));
  if (meaning === "logical-name") return Obis.parse(given).octets;
  if (/^([0-9a-f]{2})*$/i.test(given)) return fromHex(given);
  if (meaning === "date-time" && isoTime.test(given)) return dateTimeOctets(given);
  throw new Unfit('hexadecimal octets are wanted, or text after "text:"');
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|([+-])(\d\d):(\d\d))$/;

function dateTimeOctets(given: string): Uint8Array {
  const [, , , , sign = "+", hours = "0", minutes = "0"] = isoTime.exec(given) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return CosemDateTime.fromDate(new Date(given), { utcOffsetMinutes: offset }).octets;
}
