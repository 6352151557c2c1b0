import type { SelectiveAccess } from "../association/index.js";
import {
  type AnyMethod,
  type AttributeValue,
  attributeNamed,
  decodeAttribute,
  decodeParameter,
  encodeAttribute,
  type InterfaceClass,
  type MethodParameter,
  type MethodSpec,
  methodNamed,
  Obis,
  type ObisLike,
  type ValueType,
} from "../cosem/index.js";
import { type Data, i8 } from "../data/index.js";
import type { AttributeAccess, MockAttribute, MockMethod, MockObject, RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";

type Names<C extends InterfaceClass> = keyof C["attributes"] & string;

/** A value of an attribute, or what computes it at each read. */
export type ValueSource<T> = T | ((context: RequestContext) => T);

/** Values by the names of the class table. An attribute that is left out does not exist in this object. */
export type ObjectValues<C extends InterfaceClass> = {
  readonly [Name in Names<C>]?: ValueSource<AttributeValue<C, Name>>;
};

/** What a method returns where the table gives it a result. */
type MethodResult<Spec> = Spec extends MethodSpec<unknown, infer Result> ? Result : unknown;

/** What an object does beyond holding values. All throw `Refusal` to refuse. */
export interface ObjectBehaviours<C extends InterfaceClass> {
  /** Attributes that may be written: `true` keeps what was written, a function does what it does. */
  readonly set?: {
    readonly [Name in Names<C>]?: true | ((value: AttributeValue<C, Name>, context: RequestContext) => void);
  };
  /** Selective access by attribute; without it a selector is refused. */
  readonly select?: {
    readonly [Name in Names<C>]?: (access: SelectiveAccess, context: RequestContext) => Data | Uint8Array;
  };
  /** Selectors offered, where they are fewer than those of the table. */
  readonly selectors?: { readonly [Name in Names<C>]?: readonly number[] };
  /** Attributes that give their value encoded, where there is much to send. */
  readonly encoded?: { readonly [Name in Names<C>]?: (context: RequestContext) => Uint8Array };
  /** Attributes that exist and are never read. */
  readonly hidden?: readonly Names<C>[];
  readonly methods?: {
    readonly [Name in keyof C["methods"] & string]?: (
      parameter: MethodParameter<C, Name>,
      context: RequestContext,
    ) => MethodResult<C["methods"][Name]>;
  };
  readonly access?: (clientSap: number, attribute: Names<C> | "logicalName") => AttributeAccess;
}

/** An object made from a class table. */
export interface TableObject<C extends InterfaceClass> extends MockObject {
  readonly table: C;
  /**
   * Gives an attribute another value.
   * @throws UsageError `value-does-not-fit`, `invalid-argument` for a name that the class does not have.
   */
  put<Name extends Names<C>>(name: Name, value: ValueSource<AttributeValue<C, Name>>): void;
}

/**
 * An object of the mock meter from the table of its class, the standard's or a manufacturer's own: values are
 * checked and encoded by the table, what clients write is decoded by it.
 * @throws UsageError `value-does-not-fit`, `invalid-obis`, `invalid-argument` for names that the class does not have.
 */
export function object<C extends InterfaceClass>(
  table: C,
  name: ObisLike,
  values: ObjectValues<C>,
  behaviours: ObjectBehaviours<C> = {},
): TableObject<C> {
  const obis = Obis.from(name);
  const holder = new Holder(table, values);
  const given = [...Object.keys(values), ...Object.keys(behaviours.encoded ?? {}), ...(behaviours.hidden ?? [])];
  const rows = [...new Set(given)].map((attribute) => ({ attribute, spec: attributeNamed(table, attribute) }));
  rows.sort((a, b) => a.spec.id - b.spec.id);
  const attributes = new Map<number, MockAttribute>([
    [1, { name: "logicalName", static: true, get: () => ({ type: "octet-string", value: obis.octets }) }],
  ]);
  for (const { attribute, spec } of rows) attributes.set(spec.id, attributeOf(table, attribute, holder, behaviours));
  const methods = new Map<number, MockMethod>();
  for (const [method, run] of Object.entries(behaviours.methods ?? {}))
    methods.set(methodNamed(table, method).id, methodOf(table, method, run as AnyRun));
  const nameOf = new Map(rows.map(({ attribute, spec }) => [spec.id, attribute]));
  const { access } = behaviours;
  return {
    table,
    classId: table.id,
    version: table.version,
    logicalName: obis.octets,
    attributes,
    methods,
    ...(access && {
      access: (clientSap: number, id: number) => access(clientSap, (nameOf.get(id) ?? "logicalName") as Names<C>),
    }),
    put: (attribute, value) => holder.put(attribute, value),
  };
}

type AnyRun = (parameter: unknown, context: RequestContext) => unknown;

/** Encoded values of the attributes; those that are computed are encoded when they are read. */
class Holder {
  readonly #table: InterfaceClass;
  readonly #values = new Map<string, Data | ((context: RequestContext) => Data)>();

  constructor(table: InterfaceClass, values: Readonly<Record<string, unknown>>) {
    this.#table = table;
    for (const [name, value] of Object.entries(values)) this.put(name, value);
  }

  put(name: string, value: unknown): void {
    attributeNamed(this.#table, name);
    const encode = (plain: unknown) => encodeAttribute(this.#table, name, plain as never);
    if (typeof value !== "function") this.#values.set(name, encode(value));
    else this.#values.set(name, (context) => encode((value as (context: RequestContext) => unknown)(context)));
  }

  get(name: string, context: RequestContext): Data {
    const value = this.#values.get(name);
    if (value === undefined) throw new Refusal(accessResult.objectUnavailable);
    return typeof value === "function" ? value(context) : value;
  }

  /** What a client wrote, decoded; an attribute of any type keeps the type that it has. */
  written(name: string, data: Data, context: RequestContext): unknown {
    const { type } = attributeNamed(this.#table, name);
    const value = decodeAttribute(this.#table, name, data);
    if (type.kind === "any" && this.#values.has(name) && this.get(name, context).type !== data.type)
      throw new Refusal(accessResult.typeUnmatched);
    return value;
  }
}

function attributeOf<C extends InterfaceClass>(
  table: C,
  name: string,
  holder: Holder,
  behaviours: ObjectBehaviours<C>,
): MockAttribute {
  const spec = attributeNamed(table, name);
  const own = <T>(of: Readonly<Record<string, T | undefined>> | undefined) =>
    of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
  const encoded = own(behaviours.encoded as Readonly<Record<string, (context: RequestContext) => Uint8Array>>);
  const write = own(behaviours.set as Readonly<Record<string, true | AnyRun>> | undefined);
  const select = own(
    behaviours.select as Readonly<Record<string, (access: SelectiveAccess, context: RequestContext) => Data>>,
  );
  const ofTable = "selectors" in spec && spec.selectors !== undefined ? Object.keys(spec.selectors).map(Number) : [];
  const selectors = own(behaviours.selectors as Readonly<Record<string, readonly number[]>>) ?? ofTable;
  const isHidden = (behaviours.hidden as readonly string[] | undefined)?.includes(name) === true;
  return {
    name,
    static: spec.static,
    ...(isHidden && { hidden: true }),
    get: encoded ?? ((context) => holder.get(name, context)),
    ...(write !== undefined && {
      set: (data: Data, context: RequestContext) => {
        const value = holder.written(name, data, context);
        if (write === true) holder.put(name, value);
        else write(value, context);
      },
    }),
    ...(select !== undefined && selectors.length > 0 && { select, selectors }),
  };
}

function methodOf(table: InterfaceClass, name: string, run: AnyRun): MockMethod {
  const spec: AnyMethod = methodNamed(table, name);
  return (data, context) => {
    const returned = run(decodeParameter(table, name, data ?? i8(0)), context);
    const result = spec.result as ValueType<unknown> | undefined;
    return result === undefined || returned === undefined ? undefined : result.encode(returned);
  };
}
