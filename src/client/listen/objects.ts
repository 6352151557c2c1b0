import { DlmsError } from "../../base/index.js";
import { numberOf, Obis, Quantity, type ScalerUnit, type UnitName, unitName } from "../../cosem/index.js";
import { CosemDateTime, type Data } from "../../data/index.js";
import type { DataSet } from "../../iec62056-21/index.js";
import type { PushedObject, PushObjectName } from "./events.js";

/**
 * Names the values of a push: by the list that the user gives where it has as many elements, by the push object list
 * that comes inside (an element that is a list of object definitions), or by the OBIS codes among the values.
 */
export function nameObjects(body: Data, names?: readonly PushObjectName[]): PushedObject[] {
  const items = itemsOf(body);
  const given = names === undefined ? undefined : zip(items, names);
  return given ?? byInnerList(items) ?? byObis(body);
}

/** The objects of a telegram: a data set each. */
export function telegramObjects(dataSets: readonly DataSet[]): PushedObject[] {
  return dataSets.map(({ reference, values }) => {
    const { value = "", unit } = values.at(-1) ?? {};
    const obis = obisOf(reference);
    const data: Data = { type: "visible-string", value };
    return { ...(obis && { obis }), value: telegramQuantity(value, unit) ?? data, data };
  });
}

/** Value of a number with its unit as telegrams write it: power of ten and unit of the standard's table. */
const telegramUnits: Readonly<Record<string, readonly [number, UnitName]>> = {
  Wh: [0, "Wh"],
  kWh: [3, "Wh"],
  MWh: [6, "Wh"],
  W: [0, "W"],
  kW: [3, "W"],
  varh: [0, "varh"],
  kvarh: [3, "varh"],
  var: [0, "var"],
  kvar: [3, "var"],
  VAh: [0, "VAh"],
  kVAh: [3, "VAh"],
  VA: [0, "VA"],
  kVA: [3, "VA"],
  V: [0, "V"],
  A: [0, "A"],
  Hz: [0, "Hz"],
  m3: [0, "m³"],
  MJ: [6, "J"],
  GJ: [9, "J"],
  s: [0, "s"],
};

function telegramQuantity(text: string, unit = ""): Quantity | undefined {
  const known = Object.hasOwn(telegramUnits, unit) ? telegramUnits[unit] : undefined;
  const match = /^(-?\d{1,30})(?:\.(\d{1,20}))?$/.exec(text);
  if (known === undefined || match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  const raw = BigInt(whole + fraction);
  const small = raw >= Number.MIN_SAFE_INTEGER && raw <= Number.MAX_SAFE_INTEGER;
  return Quantity.of(small ? Number(raw) : raw, known[0] - fraction.length, known[1]);
}

function itemsOf(body: Data): readonly Data[] {
  return body.type === "structure" || body.type === "array" ? body.value : [body];
}

/** Undefined when the list does not fit. */
function zip(items: readonly Data[], names: readonly PushObjectName[]): PushedObject[] | undefined {
  if (items.length !== names.length) return undefined;
  return withSiblingUnits(items.map((data, i) => named(data, names[i] as PushObjectName)));
}

/** Attribute that holds scaler and unit, by class: Register, Extended register, Demand register. */
const scalerUnitAttributes: ReadonlyMap<number, number> = new Map([
  [3, 3],
  [4, 3],
  [5, 4],
]);

/** Scaler and unit may be pushed beside the number that they belong to, as an attribute of the same object. */
function withSiblingUnits(objects: PushedObject[]): PushedObject[] {
  const units = new Map<string, ScalerUnit>();
  for (const { obis, classId = 0, attributeId, data } of objects) {
    const scalerUnit = attributeId === scalerUnitAttributes.get(classId) ? scalerUnitOf(data) : undefined;
    if (scalerUnit !== undefined) units.set(String(obis), scalerUnit);
  }
  if (units.size === 0) return objects;
  return objects.map((object) => {
    const { obis, classId = 0, attributeId = 0, value, data } = object;
    const isNumber = value === data && attributeId >= 2 && attributeId < (scalerUnitAttributes.get(classId) ?? 0);
    return isNumber ? { ...object, value: valueFrom(data, units.get(String(obis)), false) } : object;
  });
}

function named(data: Data, { obis, classId, attributeId, scalerUnit }: PushObjectName): PushedObject {
  const code = typeof obis === "string" ? Obis.parse(obis) : obis;
  return {
    obis: code,
    ...(classId !== undefined && { classId }),
    ...(attributeId !== undefined && { attributeId }),
    value: valueFrom(data, scalerUnit, isClock(code) || (classId === 8 && attributeId === 2)),
    data,
  };
}

/** A push setup that sends its own list along has it as the first value; it names itself as well. */
function byInnerList(items: readonly Data[]): PushedObject[] | undefined {
  const [first, ...others] = items;
  if (first?.type !== "array" && first?.type !== "structure") return undefined;
  const names = first.value.map(definitionOf);
  if (names.length === 0 || !names.every((name) => name !== undefined)) return undefined;
  return zip(items, names) ?? zip(others, names);
}

/** Class, logical name, attribute, data index (Push setup, push_object_list). */
function definitionOf(data: Data): PushObjectName | undefined {
  if (data.type !== "structure" || data.value.length < 4) return undefined;
  const [classId, name, attribute] = data.value;
  const obis = logicalName(name);
  if (classId?.type !== "long-unsigned" || obis === undefined || attribute?.type !== "integer") return undefined;
  return { classId: classId.value, obis, attributeId: attribute.value };
}

/**
 * Lists of a code, a value and perhaps scaler and unit, be they structures of their own or all in a row. What stands
 * before the first code, or in a list without codes, has no name.
 */
function byObis(body: Data): PushedObject[] {
  const items = itemsOf(body);
  const objects: PushedObject[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Data;
    const obis = logicalName(item);
    const value = items[at + 1];
    if (obis !== undefined && value !== undefined) {
      const scalerUnit = scalerUnitOf(items[at + 2]);
      objects.push({ obis, value: valueFrom(value, scalerUnit, isClock(obis)), data: value });
      at += scalerUnit === undefined ? 1 : 2;
    } else if (isNamed(item)) objects.push(...byObis(item));
    else objects.push({ value: valueFrom(item, undefined, false), data: item });
  }
  return objects;
}

/** A structure that begins with a code, or a list of such. */
function isNamed(data: Data): data is Extract<Data, { readonly type: "array" | "structure" }> {
  if (data.type !== "structure" && data.type !== "array") return false;
  const [first, second] = data.value;
  if (first === undefined) return false;
  return (logicalName(first) !== undefined && second !== undefined) || isNamed(first);
}

function logicalName(data: Data | undefined): Obis | undefined {
  return data?.type === "octet-string" && data.value.length === 6 ? Obis.fromOctets(data.value) : undefined;
}

function scalerUnitOf(data: Data | undefined): ScalerUnit | undefined {
  if (data?.type !== "structure" || data.value.length !== 2) return undefined;
  const [scaler, unit] = data.value;
  if (scaler?.type !== "integer" || unit?.type !== "enum") return undefined;
  return { scaler: scaler.value, unit: unitName(unit.value) };
}

function valueFrom(data: Data, scalerUnit: ScalerUnit | undefined, isTime: boolean): PushedObject["value"] {
  if (scalerUnit !== undefined && numberOf(data) !== undefined) return Quantity.fromData(data, scalerUnit);
  const octets = data.type === "date-time" || (isTime && data.type === "octet-string") ? data.value : undefined;
  return octets?.length === 12 ? CosemDateTime.fromOctets(octets) : data;
}

/** The clock, whatever its channel, and the time of the meter as some lists name it. */
function isClock({ a, c, d }: Obis): boolean {
  return a === 0 && c === 1 && d === 0;
}

function obisOf(reference: string): Obis | undefined {
  try {
    return Obis.parse(reference);
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
}
