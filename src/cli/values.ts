import { toHex } from "../base/index.js";
import { Obis, Quantity } from "../cosem/index.js";
import { CosemDateTime, dataTags } from "../data/index.js";

/** A value for people: quantities with their unit, dates readable, structures as JSON. */
export function valueText(value: unknown): string {
  if (value instanceof Quantity || value instanceof CosemDateTime || value instanceof Obis) return value.toString();
  if (value instanceof Uint8Array) return octetsText(value);
  if (typeof value === "string") return value;
  if (isSimpleData(value)) return valueText(value.value);
  return JSON.stringify(jsonValue(value));
}

/** A value for JSON: 64-bit numbers as text, octets in hexadecimal, quantities as value and unit. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Obis) return value.toString();
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, entry]) => [String(key), jsonValue(entry)]));
  if (value instanceof Quantity || value instanceof CosemDateTime) return value.toJSON();
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, jsonValue(entry)]));
}

/** COSEM Data of one value: its type tells a person nothing. */
function isSimpleData(value: unknown): value is { readonly value: unknown } {
  if (typeof value !== "object" || value === null || !("type" in value) || !("value" in value)) return false;
  return String(value.type) in dataTags && !Array.isArray(value.value);
}

/** Octets as text where all of them are printable, with the hexadecimal beside it. */
function octetsText(octets: Uint8Array): string {
  const printable = octets.length > 0 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  return printable ? `"${String.fromCharCode(...octets)}" (${toHex(octets)})` : toHex(octets);
}
