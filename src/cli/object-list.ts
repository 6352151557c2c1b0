import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PushObjectName } from "../client/index.js";
import { Obis, Unit, type UnitName } from "../cosem/index.js";
import { invalid } from "./link-options.js";

const advice = "It is a list of obis, or of { obis, classId, attributeId, scaler, unit }, in the order of the values.";

/**
 * Names of the values of a push, from a file: YAML or JSON, an element for each value in their order.
 * @throws UsageError `invalid-argument`, `invalid-obis`.
 */
export function loadObjectNames(file: string): PushObjectName[] {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch {
    throw invalid(`${file} cannot be read as YAML or JSON`, advice);
  }
  if (!Array.isArray(content)) throw invalid(`${file} holds no list`, advice);
  return content.map((element, at) => nameOf(element, `element ${at + 1} of ${file}`));
}

function nameOf(element: unknown, what: string): PushObjectName {
  if (typeof element === "string") return { obis: Obis.parse(element) };
  if (typeof element !== "object" || element === null) throw invalid(`${what} names nothing`, advice);
  const { obis, classId, attributeId, scaler, unit, ...rest } = element as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid(`${what} has ${unknown}, which means nothing here`, advice);
  if (typeof obis !== "string") throw invalid(`${what} has no obis`, advice);
  const numbers = Object.entries({ classId, attributeId }).filter(([, value]) => value !== undefined);
  for (const [name, value] of numbers)
    if (!Number.isInteger(value)) throw invalid(`${what}: ${name} is no whole number`, advice);
  return { obis: Obis.parse(obis), ...Object.fromEntries(numbers), ...scalerUnitOf(scaler, unit, what) };
}

function scalerUnitOf(scaler: unknown = 0, unit: unknown, what: string): Pick<PushObjectName, "scalerUnit"> {
  if (unit === undefined) return {};
  if (typeof unit !== "string" || !Object.hasOwn(Unit, unit) || !Number.isInteger(scaler))
    throw invalid(
      `${what}: scaler or unit is none`,
      "A unit is written as Wh, W, V, A, m³; a scaler is a power of ten.",
    );
  return { scalerUnit: { scaler: scaler as number, unit: unit as UnitName } };
}
