import type { ConformanceBit } from "../apdu/index.js";
import { DlmsError } from "../base/index.js";
import { AssociationLn, type ListedObject, Obis, type ObisLike, ObjectList } from "../cosem/index.js";
import { array, decodeData, encodeData, octets, structure, u16 } from "../data/index.js";
import type { ObjectSource } from "./object-source.js";
import type { ReadOptions } from "./profile-source.js";

/** Which part of an object list is wanted: objects of some classes, or some objects. */
export type ObjectSelection =
  | { readonly classes: readonly number[] }
  | { readonly objects: readonly { readonly classId: number; readonly obis: ObisLike }[] };

/** Selectors of the object_list of an Association LN (IEC 62056-6-2): class_list and object_id_list. */
const selectors = { classes: 2, objects: 3 } as const;
const currentAssociation = { classId: AssociationLn.id, obis: Obis.parse("0-0:40.0.0*255") };
const objectList = {
  classId: AssociationLn.id,
  instanceId: currentAssociation.obis.octets,
  attributeId: AssociationLn.attributes.objectList.id,
};

/** True for the objects that were asked for. */
export function isSelected(selection: ObjectSelection): (object: ListedObject) => boolean {
  if ("classes" in selection) return ({ classId }) => selection.classes.includes(classId);
  const wanted = new Set(selection.objects.map(({ classId, obis }) => `${classId} ${Obis.from(obis).toHex()}`));
  return ({ classId, obis }) => wanted.has(`${classId} ${obis.toHex()}`);
}

/**
 * Part of the object list by selective access; undefined where the meter does not grant or takes it, and the whole
 * list is to be read.
 * @throws TransportError; DecodeError.
 */
export async function selectedObjects(
  source: ObjectSource,
  selection: ObjectSelection,
  options: ReadOptions,
): Promise<ObjectList | undefined> {
  const needed: ConformanceBit = "selective-access";
  if (!source.negotiated.conformance.has(needed)) return undefined;
  try {
    const encoded = await source.getEncoded(objectList, accessOf(selection), options);
    // The association itself is asked for too: what the access modes mean depends on its version.
    return new ObjectList([...ObjectList.fromAssociationLn(decodeData(encoded))].filter(isSelected(selection)));
  } catch (error) {
    if (!DlmsError.is(error) || error.code !== "access-refused") throw error;
    source.notice("object-selection-refused", `the meter gives its object list as a whole alone: ${error.message}`);
    return undefined;
  }
}

function accessOf(selection: ObjectSelection) {
  if ("classes" in selection) {
    const classes = new Set([...selection.classes, currentAssociation.classId]);
    return { selector: selectors.classes, parameters: encodeData(array(...[...classes].map((id) => u16(id)))) };
  }
  const objects = [...selection.objects, currentAssociation].map(({ classId, obis }) =>
    structure(u16(classId), octets(Obis.from(obis).octets)),
  );
  return { selector: selectors.objects, parameters: encodeData(array(...objects)) };
}
