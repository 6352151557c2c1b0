/**
 * Interface classes as tables (IEC 62056-6-2): one table a class and version, from which handles, codec, mock meter,
 * translator and documentation are derived. A table of a manufacturer's own class is written the same way.
 */
import type { Data } from "../data/index.js";
import type { Obis } from "./obis.js";
import { anyData, logicalName, noParameter } from "./simple-types.js";
import type { ValueType } from "./value-type.js";

/** One attribute of a class. */
export interface AttributeSpec<T> {
  readonly kind: "attribute";
  /** Number in the class, 2 upwards; 1 is the logical name. */
  readonly id: number;
  readonly type: ValueType<T>;
  /** True when configuration alone changes it, so that it may be kept; false when measuring does. */
  readonly static: boolean;
  /** Selective access: selector to the type of its parameters. */
  readonly selectors?: Readonly<Record<number, ValueType<unknown>>>;
}

/** An attribute whose number gets its meaning from a scaler_unit attribute of the same object. */
export interface ScaledSpec {
  readonly kind: "scaled";
  readonly id: number;
  readonly type: ValueType<Data>;
  readonly static: boolean;
  /** Name of the attribute with scaler and unit. */
  readonly scaledBy: string;
}

/** One method of a class. */
export interface MethodSpec<Parameter, Result> {
  readonly kind: "method";
  /** Number in the class, 1 upwards. */
  readonly id: number;
  readonly parameter: ValueType<Parameter>;
  /** Type of what it returns; undefined when it returns nothing. */
  readonly result: ValueType<Result> | undefined;
  /** True when invoking it twice does what once does, so that a lost answer may be asked for again. */
  readonly repeatable: boolean;
}

/** A specification of an attribute, whatever its type. */
export type AnyAttribute = AttributeSpec<unknown> | ScaledSpec;
export type AnyMethod = MethodSpec<unknown, unknown>;

/** The table of one version of an interface class. */
export interface InterfaceClass {
  readonly id: number;
  readonly version: number;
  /** Name in camel case, as `profileGeneric`. */
  readonly name: string;
  /** All but attribute 1, the logical name, which every class has. */
  readonly attributes: Readonly<Record<string, AnyAttribute>>;
  readonly methods: Readonly<Record<string, AnyMethod>>;
  /** Short-name offset of method 1 from the base name; undefined where the standard's table is not known here. */
  readonly methodOffset?: number;
}

type Attributes = Readonly<Record<string, AnyAttribute>>;
type Methods = Readonly<Record<string, AnyMethod>>;

/** The table of a class, with the exact types of its rows. */
export interface ClassTable<A extends Attributes, M extends Methods> extends InterfaceClass {
  readonly attributes: A;
  readonly methods: M;
}

/** What `defineClass` is given; `methods` may be left out. */
export interface ClassDefinition<A extends Attributes, M extends Methods> {
  readonly id: number;
  readonly version: number;
  readonly name: string;
  readonly attributes: A;
  readonly methods?: M;
  readonly methodOffset?: number;
}

type Given<A extends Attributes, M extends Methods> = ClassDefinition<A, M> | (() => ClassDefinition<A, M>);

/**
 * Makes the table of a class. The definition may stand in a function: marked pure, a table that is not used then
 * leaves a bundle with all that it calls.
 */
export function defineClass<A extends Attributes, M extends Methods = Record<never, never>>(
  definition: Given<A, M>,
): ClassTable<A, M> {
  const given = typeof definition === "function" ? definition() : definition;
  return { ...given, methods: given.methods ?? ({} as M) };
}

/** Attributes or methods of a table with those that a later version adds or changes. */
type Extended<Base, More> = Omit<Base, keyof More> & More;

/** A later version of a class: the table before with what was added or changed. */
export function extendClass<
  A extends Attributes,
  M extends Methods,
  B extends Attributes = Record<never, never>,
  N extends Methods = Record<never, never>,
>(
  base: ClassTable<A, M>,
  more: () => {
    readonly version: number;
    readonly name?: string;
    readonly attributes?: B;
    readonly methods?: N;
    readonly methodOffset?: number;
  },
): ClassTable<Extended<A, B>, Extended<M, N>> {
  const { attributes, methods, ...rest } = more();
  return {
    id: base.id,
    name: base.name,
    ...rest,
    attributes: { ...base.attributes, ...attributes } as unknown as Extended<A, B>,
    methods: { ...base.methods, ...methods } as unknown as Extended<M, N>,
  };
}

/** An attribute that measuring or events change. */
export function attribute<T>(id: number, type: ValueType<T>): AttributeSpec<T> {
  return { kind: "attribute", id, type, static: false };
}

/** An attribute that only configuration changes. */
export function fixed<T>(id: number, type: ValueType<T>): AttributeSpec<T> {
  return { kind: "attribute", id, type, static: true };
}

/** The same attribute, read in part where the caller wants it: selector to type of the parameters. */
export function selective<T>(
  spec: AttributeSpec<T>,
  selectors: Readonly<Record<number, ValueType<unknown>>>,
): AttributeSpec<T> {
  return { ...spec, selectors };
}

/** A measured value; `scaledBy` names the attribute with its scaler and unit. */
export function scaled(id: number, scaledBy: string): ScaledSpec {
  return { kind: "scaled", id, type: anyData, static: false, scaledBy };
}

/** A method without a parameter (integer 0 is sent). */
export function action(id: number): MethodSpec<void, void> {
  return { kind: "method", id, parameter: noParameter, result: undefined, repeatable: false };
}

/** A method with a parameter. */
export function method<P>(id: number, parameter: ValueType<P>): MethodSpec<P, void> {
  return { kind: "method", id, parameter, result: undefined, repeatable: false };
}

/** A method that returns something. */
export function query<P, R>(id: number, parameter: ValueType<P>, result: ValueType<R>): MethodSpec<P, R> {
  return { kind: "method", id, parameter, result, repeatable: false };
}

/** The same method, marked as one that may be invoked again when the answer was lost. */
export function repeatable<P, R>(spec: MethodSpec<P, R>): MethodSpec<P, R> {
  return { ...spec, repeatable: true };
}

/** Attribute 1 of every class. */
export const logicalNameAttribute: AttributeSpec<Obis> = {
  kind: "attribute",
  id: 1,
  type: logicalName,
  static: true,
};
