/**
 * The types that attributes and methods have in the class tables (IEC 62056-6-2, common data types): each turns a
 * COSEM value into one of the language and back. What is received may differ in the width of an integer or in the tag
 * of a date-time, as meters do; what is sent has the type of the table.
 */
import { DlmsError, dlmsError } from "../base/index.js";
import type { Data, DataType } from "../data/index.js";

/** A type of a class table. */
export interface ValueType<T> {
  /** What is sent: a type of COSEM Data, `choice` of several, or `any`. */
  readonly kind: DataType | "choice" | "any";
  /** What the octets or the number mean, where the type alone does not tell. */
  readonly meaning?: string;
  /** Octets of a string, or bits of a bit-string, where that is fixed. */
  readonly size?: number;
  /** Names of an enumeration. */
  readonly names?: Readonly<Record<string, number>>;
  /** Fields of a structure, in order. */
  readonly fields?: Readonly<Record<string, ValueType<unknown>>>;
  /** Element of an array. */
  readonly element?: ValueType<unknown>;
  /** Alternatives of a choice. */
  readonly options?: readonly ValueType<unknown>[];
  /** @throws DecodeError `unexpected-type` with the path of the field. */
  decode(data: Data): T;
  /** @throws UsageError `value-does-not-fit` with the path of the field. */
  encode(value: T): Data;
}

/** Type of the values of a `ValueType`. */
export type ValueOf<Type> = Type extends ValueType<infer T> ? T : never;

/** The type as the standard writes it: `structure{scaler: integer, unit: enum}`. */
export function typeText(type: ValueType<unknown>): string {
  const { kind, fields, element, options } = type;
  if (fields)
    return `structure{${Object.entries(fields)
      .map(([name, field]) => `${name}: ${typeText(field)}`)
      .join(", ")}}`;
  if (kind === "array" && element) return `array of ${typeText(element)}`;
  if (options) return `choice{${options.map(typeText).join(" | ")}}`;
  const size = type.size === undefined ? "" : `(${type.size})`;
  return type.meaning === undefined ? kind + size : `${kind}${size}[${type.meaning}]`;
}

/** The error for a value of another type than the table says. */
export function unexpectedType(data: Data, expected: string) {
  return dlmsError("unexpected-type", `${data.type} where ${expected} was expected`, { layer: "cosem", expected });
}

/** The error for a value that the caller gives and the type cannot hold. */
export function doesNotFit(value: unknown, type: string) {
  const shown = typeof value === "object" || typeof value === "string" ? typeof value : String(value);
  return dlmsError("value-does-not-fit", `${shown} does not fit ${type}`, { layer: "cosem", expected: type });
}

/** Runs `work`; an error of ours that leaves it has `step` put before its path. */
export function atPath<R>(step: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    const inner = error.details.path;
    const path = inner === undefined ? step : `${step}${inner.startsWith("[") ? "" : "."}${inner}`;
    throw dlmsError(error.code, error.message, { ...error.details, path });
  }
}
