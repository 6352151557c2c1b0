import type { AttributeReference, MethodReference, ShortNames } from "../association/index.js";
import { type DlmsError, dlmsError, toHex } from "../base/index.js";
import {
  AssociationSn,
  attributeShortName,
  type InterfaceClass,
  type ListedObject,
  methodOffset,
  methodShortName,
  Obis,
  ObjectList,
} from "../cosem/index.js";
import { type Data, decodeData } from "../data/index.js";

/** Base name of the current association, fixed by the standard. */
const currentAssociation = 0xfa00;
const currentName = Uint8Array.of(0, 0, 40, 0, 0, 255);
/** Short names are a multiple of eight, and the last one of an object must not run over the end. */
const highestName = 0xfff8;
/** access_rights_list came with version 1 of Association SN. */
const firstWithRights = 1;

/** object_list of the current association. */
export const objectListBySn: AttributeReference = {
  classId: AssociationSn.id,
  instanceId: currentName,
  attributeId: AssociationSn.attributes.objectList.id,
};

/** access_rights_list of the current association. */
export const accessRightsBySn: AttributeReference = {
  ...objectListBySn,
  attributeId: AssociationSn.attributes.accessRightsList.id,
};

/** The logical name of the current association: every meter has it, and its value is known. */
export const associationNameBySn: AttributeReference = { ...objectListBySn, attributeId: 1 };

type Reference = AttributeReference | MethodReference;

/**
 * Short names of a meter's objects: base names from the object list of its Association SN, and within an object what
 * the tables of the classes say. Before the list is read it knows the current association alone.
 */
export class ShortNameTable implements ShortNames {
  readonly #objects = new Map<string, ListedObject>();
  /** Offsets of methods by the user's own tables. */
  readonly #offsets = new Map<string, number>();
  #list: Data | undefined;

  /**
   * Takes the object_list, encoded.
   * @throws DecodeError when it is none.
   */
  learn(objectList: Uint8Array): void {
    this.#list = decodeData(objectList);
    this.#objects.clear();
    for (const object of ObjectList.fromAssociationSn(this.#list, undefined, 0)) {
      const key = keyOf(object.classId, object.obis.octets);
      if (!this.#objects.has(key)) this.#objects.set(key, object);
    }
  }

  /** Takes where the methods of a class begin from a table, a manufacturer's own for instance. */
  learnClass(table: InterfaceClass): void {
    if (table.methodOffset !== undefined) this.#offsets.set(`${table.id}/${table.version}`, table.methodOffset);
  }

  /** True when the association has an access_rights_list. */
  get hasAccessRights(): boolean {
    return this.version >= firstWithRights;
  }

  /** The objects, with the rights of an access_rights_list where there is one. @throws DecodeError. */
  objects(accessRights: Uint8Array | undefined): ObjectList {
    if (this.#list === undefined) return new ObjectList([]);
    const rights = accessRights === undefined ? undefined : decodeData(accessRights);
    return ObjectList.fromAssociationSn(this.#list, rights, this.version);
  }

  nameOf(reference: Reference): number | undefined {
    const { classId, instanceId } = reference;
    const object = this.#objects.get(keyOf(classId, instanceId));
    const baseName = object?.baseName ?? (isCurrentAssociation(reference) ? currentAssociation : undefined);
    if (baseName === undefined) return undefined;
    const name =
      "methodId" in reference
        ? this.#methodName(classId, object?.version ?? 0, baseName, reference.methodId)
        : reference.attributeId > 0
          ? attributeShortName(baseName, reference.attributeId)
          : undefined;
    return name !== undefined && name <= highestName ? name : undefined;
  }

  /** A client is never asked by short name. */
  targetOf(): undefined {
    return undefined;
  }

  /** The attribute that a short name stands for; undefined when it is that of no object known. */
  attributeOf(name: number): AttributeReference | undefined {
    let nearest: ListedObject | undefined;
    for (const object of this.#objects.values()) {
      const { baseName } = object;
      if (baseName === undefined || baseName > name) continue;
      if (nearest?.baseName === undefined || baseName > nearest.baseName) nearest = object;
    }
    const steps = nearest?.baseName === undefined ? Number.NaN : (name - nearest.baseName) / 8;
    if (nearest === undefined || !Number.isInteger(steps)) return undefined;
    return { classId: nearest.classId, instanceId: nearest.obis.octets, attributeId: steps + 1 };
  }

  /** Why an attribute or method cannot be named; undefined when it can. */
  missing(reference: Reference): DlmsError | undefined {
    if (this.nameOf(reference) !== undefined) return undefined;
    const { classId, instanceId } = reference;
    const obis = Obis.fromOctets(instanceId).toString();
    const object = this.#objects.get(keyOf(classId, instanceId));
    const part = "methodId" in reference ? `method ${reference.methodId}` : `attribute ${reference.attributeId}`;
    const others = [...this.#objects.values()].filter((one) => toHex(one.obis.octets) === toHex(instanceId));
    const listed = others.map((one) => one.classId).join(", ");
    const why =
      object !== undefined
        ? `${part} of ${obis} has no short name that is known for class ${classId} version ${object.version}`
        : others.length > 0
          ? `${obis} has no short name as class ${classId}: the meter lists it as class ${listed}`
          : `${obis} (class ${classId}) has no short name: it is not in the meter's object list`;
    return dlmsError("not-supported", why, { layer: "client", reason: "no-short-name" });
  }

  /** Version of the Association SN. */
  get version(): number {
    for (const { classId, version, baseName } of this.#objects.values())
      if (classId === AssociationSn.id && baseName === currentAssociation) return version;
    return this.#objects.get(keyOf(AssociationSn.id, currentName))?.version ?? 0;
  }

  #methodName(classId: number, version: number, baseName: number, methodId: number): number | undefined {
    const offset = this.#offsets.get(`${classId}/${version}`) ?? methodOffset(classId, version);
    return methodShortName({ methodOffset: offset }, baseName, methodId);
  }
}

function isCurrentAssociation({ classId, instanceId }: Reference): boolean {
  return classId === AssociationSn.id && toHex(instanceId) === toHex(currentName);
}

const keyOf = (classId: number, instanceId: Uint8Array) => `${classId}/${toHex(instanceId)}`;
