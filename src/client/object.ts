import type { MethodReference } from "../association/index.js";
import {
  type AnyAttribute,
  type AnyMethod,
  attributeNamed,
  encodeParameter,
  type InterfaceClass,
  type MethodHandle,
  type Obis,
  type ObjectHandle,
  type ValueType,
  type WriteCallOptions,
} from "../cosem/index.js";
import { decodeData, encodeData } from "../data/index.js";
import { Attribute, ScaledAttribute } from "./attribute.js";
import type { ObjectSource } from "./object-source.js";

/** What an object handle knows; everything else is on the prototype that its class has once. */
interface Known {
  readonly source: ObjectSource;
  readonly table: InterfaceClass;
  readonly obis: Obis;
}

const known = new WeakMap<object, Known>();
const prototypes = new WeakMap<InterfaceClass, object>();

/** A handle for one object: getters of its class table, made when they are asked for. Does no I/O. */
export function objectHandle<C extends InterfaceClass>(source: ObjectSource, table: C, obis: Obis): ObjectHandle<C> {
  const handle = Object.create(prototypeOf(table)) as ObjectHandle<C>;
  known.set(handle, { source, table, obis });
  return handle;
}

function prototypeOf(table: InterfaceClass): object {
  const made = prototypes.get(table);
  if (made !== undefined) return made;
  const prototype = {};
  define(prototype, "logicalName", (self) => attributeOf(self, "logicalName"));
  for (const name of Object.keys(table.attributes)) define(prototype, name, (self) => attributeOf(self, name));
  for (const [name, spec] of Object.entries(table.methods))
    define(prototype, name, (self) => methodOf(self, name, spec));
  prototypes.set(table, prototype);
  return prototype;
}

function define(prototype: object, name: string, make: (self: Known) => unknown): void {
  Object.defineProperty(prototype, name, {
    enumerable: true,
    get(this: object) {
      const self = known.get(this);
      return self === undefined ? undefined : make(self);
    },
  });
}

function attributeOf({ source, table, obis }: Known, name: string): unknown {
  const spec: AnyAttribute = attributeNamed(table, name);
  if (spec.kind === "scaled") return new ScaledAttribute(source, table, obis, name, spec, spec.scaledBy);
  return new Attribute(source, table, obis, name, spec);
}

function methodOf({ source, table, obis }: Known, name: string, spec: AnyMethod): MethodHandle<unknown, unknown> {
  const invoke = async (parameter: unknown, options?: WriteCallOptions) => {
    const method: MethodReference = { classId: table.id, instanceId: obis.octets, methodId: spec.id };
    const encoded = encodeData(encodeParameter(table, name, parameter as never));
    const result = spec.result as ValueType<unknown> | undefined;
    const returned = await source.invoke(method, encoded, {
      ...options,
      retry: spec.repeatable,
      table,
      returnsNothing: result === undefined,
    });
    return result === undefined || returned === undefined ? undefined : result.decode(decodeData(returned));
  };
  // Without an answer there is no result, whatever the table says of the method.
  return invoke as MethodHandle<unknown, unknown>;
}
