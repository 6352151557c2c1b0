import type { ShortNames } from "../association/index.js";
import { toHex } from "../base/index.js";
import { attributeShortName, methodOffset, methodShortName } from "../cosem/index.js";
import type { MockObject } from "./object.js";

/** Base name of the current association, fixed by the standard. */
const currentAssociation = 0xfa00;
const firstBaseName = 0x0100;
/** Names from here on are the standard's for special purposes. */
const reserved = 0xf000;
/** Attributes and methods stand eight apart. */
const step = 8;

type Target = NonNullable<ReturnType<ShortNames["targetOf"]>>;

/**
 * Short names of a meter's objects: base names one after the other in the order of the objects, within an object what
 * the class tables say. An object keeps its base name once it has one; methods of a class whose offset is not known
 * have no short name.
 */
export class BaseNames implements ShortNames {
  readonly #objects: () => Iterable<MockObject>;
  readonly #baseNames = new Map<string, number>();
  readonly #targets = new Map<number, Target>();
  readonly #names = new Map<string, number>();
  readonly #known = new WeakSet<MockObject>();
  #next = firstBaseName;

  /** `objects` is asked again for each name that is not known: objects may be added to a meter. */
  constructor(objects: () => Iterable<MockObject>) {
    this.#objects = objects;
  }

  /** Base name of an object; undefined when there is no room left for it. */
  baseNameOf(object: MockObject): number | undefined {
    this.#update();
    return this.#baseNames.get(keyOf(object.classId, object.logicalName));
  }

  nameOf(reference: Parameters<ShortNames["nameOf"]>[0]): number | undefined {
    this.#update();
    return this.#names.get(referenceKey(reference));
  }

  targetOf(name: number): Target | undefined {
    this.#update();
    return this.#targets.get(name);
  }

  #update(): void {
    for (const object of this.#objects()) {
      if (this.#known.has(object)) continue;
      this.#known.add(object);
      const key = keyOf(object.classId, object.logicalName);
      const baseName = this.#baseNames.get(key) ?? this.#assign(object);
      if (baseName === undefined) continue;
      this.#baseNames.set(key, baseName);
      this.#name(object, baseName);
    }
  }

  #assign(object: MockObject): number | undefined {
    if (object.classId === associationSn) return currentAssociation;
    const size = Math.max(...[...namesOf(object, 0)].map(([name]) => name), 0) + step;
    if (this.#next + size > reserved) return undefined;
    const baseName = this.#next;
    this.#next += size;
    return baseName;
  }

  #name(object: MockObject, baseName: number): void {
    for (const [name, target] of namesOf(object, baseName)) {
      this.#targets.set(name, target);
      for (const reference of [target.attribute, target.method])
        if (reference !== undefined) this.#names.set(referenceKey(reference), name);
    }
  }
}

const associationSn = 12;

function* namesOf(object: MockObject, baseName: number): Generator<[number, Target]> {
  const { classId, version, logicalName: instanceId } = object;
  for (const attributeId of object.attributes.keys())
    yield [attributeShortName(baseName, attributeId), { attribute: { classId, instanceId, attributeId } }];
  const table = { methodOffset: offsetOf(object) ?? methodOffset(classId, version) };
  for (const methodId of object.methods.keys()) {
    const name = methodShortName(table, baseName, methodId);
    if (name !== undefined) yield [name, { method: { classId, instanceId, methodId } }];
  }
}

/** Of a manufacturer's own class, whose table came with the object. */
function offsetOf(object: MockObject & { readonly table?: { readonly methodOffset?: number } }): number | undefined {
  return object.table?.methodOffset;
}

function referenceKey(reference: Parameters<ShortNames["nameOf"]>[0]): string {
  const part = "methodId" in reference ? `method ${reference.methodId}` : `attribute ${reference.attributeId}`;
  return `${keyOf(reference.classId, reference.instanceId)}/${part}`;
}

const keyOf = (classId: number, instanceId: Uint8Array) => `${classId}/${toHex(instanceId)}`;
