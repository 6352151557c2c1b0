/** What an association shows: its objects by class, version and name, with the rights to each attribute and method. */
import { DlmsError } from "../base/index.js";
import type { Data } from "../data/index.js";
import {
  type AccessModes,
  type AttributeAccess,
  attributeMode,
  type MethodAccess,
  methodMode,
} from "./access-rights.js";
import { array, mapped, optional, structure } from "./composite-types.js";
import { Obis, type ObisLike } from "./obis.js";
import { int8, int16, logicalName, uint8, uint16 } from "./simple-types.js";
import { unexpectedType, type ValueOf } from "./value-type.js";

/** The right to one attribute, with the selectors of selective access that it takes. */
export interface ListedAttribute extends AttributeAccess {
  /** Empty where the list names none, which does not mean that there are none. */
  readonly selectors: readonly number[];
}

/** One object of the list. */
export interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly obis: Obis;
  /** Short name of attribute 1, in an association by short names. */
  readonly baseName?: number;
  /** Rights by attribute number; undefined where the meter gives none or they cannot be read. */
  readonly attributes: ReadonlyMap<number, ListedAttribute> | undefined;
  /** Rights by method number; undefined as above. */
  readonly methods: ReadonlyMap<number, MethodAccess> | undefined;
}

const attributeRights = (modes: AccessModes) =>
  array(structure({ attributeId: int8, accessMode: attributeMode(modes), accessSelectors: optional(array(int8)) }));
const methodRights = (modes: AccessModes) => array(structure({ methodId: int8, accessMode: methodMode(modes) }));

const associationLn = 15;
const newestEnumeratedLn = 2;
const newestEnumeratedSn = 3;

/** The objects of an association. */
export class ObjectList implements Iterable<ListedObject> {
  readonly #objects: readonly ListedObject[];
  readonly #byName = new Map<string, ListedObject[]>();

  constructor(objects: readonly ListedObject[]) {
    this.#objects = objects;
    for (const object of objects) {
      const key = object.obis.toHex();
      const same = this.#byName.get(key);
      if (same) same.push(object);
      else this.#byName.set(key, [object]);
    }
  }

  /**
   * From the object_list of an Association LN. What its access modes mean depends on the version of the association,
   * which is taken from the list itself when left out. Rights in a form of a meter's own leave the object without.
   * @throws DecodeError `unexpected-type` when it is no list of objects.
   */
  static fromAssociationLn(data: Data, version?: number): ObjectList {
    const elements = listOf(data);
    const known = version ?? versionOfAssociation(elements);
    const modes: AccessModes = known > newestEnumeratedLn ? "bits" : "enumerated";
    return new ObjectList(elements.map((element) => objectOfLn(element, modes)));
  }

  /**
   * From the object_list and, where it has one, the access_rights_list of an Association SN.
   * @throws DecodeError `unexpected-type` when they are no such lists.
   */
  static fromAssociationSn(objects: Data, rights: Data | undefined, version: number): ObjectList {
    const modes: AccessModes = version > newestEnumeratedSn ? "bits" : "enumerated";
    const rightsByBaseName = new Map(
      rights === undefined
        ? []
        : snRights(modes)
            .decode(rights)
            .map((entry) => [entry.baseName, entry] as const),
    );
    return new ObjectList(
      snObjects.decode(objects).map(({ baseName, classId, version: classVersion, logicalName: obis }) => {
        const entry = rightsByBaseName.get(baseName);
        return {
          classId,
          version: classVersion,
          obis,
          baseName,
          attributes: entry && attributeMap(entry.attributeAccess),
          methods: entry && methodMap(entry.methodAccess),
        };
      }),
    );
  }

  get length(): number {
    return this.#objects.length;
  }

  [Symbol.iterator](): Iterator<ListedObject> {
    return this.#objects[Symbol.iterator]();
  }

  /** The object of this name, and of this class where several share the name. */
  find(obis: ObisLike, classId?: number): ListedObject | undefined {
    const same = this.#byName.get(Obis.from(obis).toHex());
    return classId === undefined ? same?.[0] : same?.find((object) => object.classId === classId);
  }

  /** All objects of a class. */
  ofClass(classId: number): readonly ListedObject[] {
    return this.#objects.filter((object) => object.classId === classId);
  }
}

function listOf(data: Data): readonly Data[] {
  if (data.type !== "array") throw unexpectedType(data, "array of objects");
  return data.value;
}

const namedElement = (element: Data) => {
  if (element.type !== "structure" || element.value.length < 3) throw unexpectedType(element, "structure of 4");
  const [classId, version, name, rights] = element.value as [Data, Data, Data, Data?];
  return { classId: uint16.decode(classId), version: uint8.decode(version), obis: logicalName.decode(name), rights };
};

function versionOfAssociation(elements: readonly Data[]): number {
  const versions = elements.map(namedElement).filter(({ classId }) => classId === associationLn);
  const current = versions.find(({ obis }) => obis.equals("0-0:40.0.0*255")) ?? versions[0];
  return current?.version ?? 0;
}

function objectOfLn(element: Data, modes: AccessModes): ListedObject {
  const { rights, ...object } = namedElement(element);
  const lists = rights?.type === "structure" ? rights.value : [];
  return {
    ...object,
    attributes: ifReadable(lists[0], (list) => attributeMap(attributeRights(modes).decode(list))),
    methods: ifReadable(lists[1], (list) => methodMap(methodRights(modes).decode(list))),
  };
}

/** Rights that cannot be read are unknown; the object can still be asked. */
function ifReadable<T>(data: Data | undefined, read: (data: Data) => T): T | undefined {
  try {
    return data && read(data);
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
}

function attributeMap(list: ValueOf<ReturnType<typeof attributeRights>>): ReadonlyMap<number, ListedAttribute> {
  return new Map(
    list.map(({ attributeId, accessMode, accessSelectors }) => [
      attributeId,
      { ...accessMode, selectors: accessSelectors ?? [] },
    ]),
  );
}

function methodMap(list: ValueOf<ReturnType<typeof methodRights>>): ReadonlyMap<number, MethodAccess> {
  return new Map(list.map(({ methodId, accessMode }) => [methodId, accessMode]));
}

const baseName = /* @__PURE__ */ mapped(
  int16,
  "base-name",
  (value) => value & 0xffff,
  (name) => (name << 16) >> 16,
);
const snObjects = /* @__PURE__ */ array(
  /* @__PURE__ */ structure({ baseName, classId: uint16, version: uint8, logicalName }),
);
const snRights = (modes: AccessModes) =>
  array(structure({ baseName, attributeAccess: attributeRights(modes), methodAccess: methodRights(modes) }));
