/** Values of attributes and methods to COSEM Data and back, by the table of the class. */
import { dlmsError } from "../base/index.js";
import type { Data } from "../data/index.js";
import {
  type AnyAttribute,
  type AnyMethod,
  type AttributeSpec,
  type InterfaceClass,
  logicalNameAttribute,
  type MethodSpec,
} from "./define.js";
import { atPath, type ValueType } from "./value-type.js";

/** Name of an attribute of a class, the logical name included. */
export type AttributeName<C extends InterfaceClass> = (keyof C["attributes"] & string) | "logicalName";

/** What an attribute holds; a scaled one its raw Data (`Quantity.fromData` adds scaler and unit). */
export type AttributeValue<C extends InterfaceClass, Name> = Name extends keyof C["attributes"]
  ? C["attributes"][Name] extends AttributeSpec<infer T>
    ? T
    : Data
  : unknown;

/** What a method takes. */
export type MethodParameter<C extends InterfaceClass, Name extends keyof C["methods"]> =
  C["methods"][Name] extends MethodSpec<infer P, unknown> ? P : never;

/** A row of a class table with its name. */
export interface Named<Spec> {
  readonly name: string;
  readonly spec: Spec;
}

/** The attribute with this number; undefined when the table does not know it. */
export function attributeById(table: InterfaceClass, id: number): Named<AnyAttribute> | undefined {
  if (id === 1) return { name: "logicalName", spec: logicalNameAttribute as AnyAttribute };
  for (const [name, spec] of Object.entries(table.attributes)) if (spec.id === id) return { name, spec };
  return undefined;
}

/** The method with this number; undefined when the table does not know it. */
export function methodById(table: InterfaceClass, id: number): Named<AnyMethod> | undefined {
  for (const [name, spec] of Object.entries(table.methods)) if (spec.id === id) return { name, spec };
  return undefined;
}

/** @throws UsageError `invalid-argument` when the class has no attribute of this name. */
export function attributeNamed(table: InterfaceClass, name: string): AnyAttribute {
  if (name === "logicalName") return logicalNameAttribute as AnyAttribute;
  const spec = Object.hasOwn(table.attributes, name) ? table.attributes[name] : undefined;
  if (!spec) throw noSuch(table, "attribute", name);
  return spec;
}

/** @throws UsageError `invalid-argument` when the class has no method of this name. */
export function methodNamed(table: InterfaceClass, name: string): AnyMethod {
  const spec = Object.hasOwn(table.methods, name) ? table.methods[name] : undefined;
  if (!spec) throw noSuch(table, "method", name);
  return spec;
}

/**
 * The value of an attribute from its Data.
 * @throws DecodeError `unexpected-type`; the path names class, attribute and field.
 */
export function decodeAttribute<C extends InterfaceClass, Name extends AttributeName<C>>(
  table: C,
  name: Name,
  data: Data,
): AttributeValue<C, Name> {
  const type = attributeNamed(table, name).type as ValueType<AttributeValue<C, Name>>;
  return atPath(`${table.name}.${name}`, () => type.decode(data));
}

/**
 * The Data of an attribute from its value.
 * @throws UsageError `value-does-not-fit`; the path names class, attribute and field.
 */
export function encodeAttribute<C extends InterfaceClass, Name extends AttributeName<C>>(
  table: C,
  name: Name,
  value: AttributeValue<C, Name>,
): Data {
  const type = attributeNamed(table, name).type as ValueType<AttributeValue<C, Name>>;
  return atPath(`${table.name}.${name}`, () => type.encode(value));
}

/** @throws UsageError `value-does-not-fit` */
export function encodeParameter<C extends InterfaceClass, Name extends keyof C["methods"] & string>(
  table: C,
  name: Name,
  value: MethodParameter<C, Name>,
): Data {
  const { parameter } = methodNamed(table, name);
  return atPath(`${table.name}.${name}`, () => (parameter as ValueType<unknown>).encode(value));
}

/** What a method was given, for the meter's side. @throws DecodeError `unexpected-type` */
export function decodeParameter<C extends InterfaceClass, Name extends keyof C["methods"] & string>(
  table: C,
  name: Name,
  data: Data,
): MethodParameter<C, Name> {
  const parameter = methodNamed(table, name).parameter as ValueType<unknown>;
  return atPath(`${table.name}.${name}`, () => parameter.decode(data)) as MethodParameter<C, Name>;
}

/** Short name of an attribute of an object (IEC 62056-6-2, short name referencing). */
export function attributeShortName(baseName: number, attributeId: number): number {
  return baseName + 8 * (attributeId - 1);
}

/** Short name of a method; undefined when the offset of the class is not known. */
export function methodShortName(
  table: { readonly methodOffset?: number | undefined },
  baseName: number,
  methodId: number,
): number | undefined {
  return table.methodOffset === undefined ? undefined : baseName + table.methodOffset + 8 * (methodId - 1);
}

function noSuch(table: InterfaceClass, what: string, name: string) {
  return dlmsError("invalid-argument", `class ${table.name} (${table.id}) has no ${what} ${name}`, { layer: "cosem" });
}
