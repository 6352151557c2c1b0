import type { ServiceRequest } from "../association/index.js";
import { type ListedObject, Obis, type ObjectList } from "../cosem/index.js";
import { noProtection, type ProtectionBits, protectionBits, stronger } from "../security/index.js";
import type { RequestHow } from "./association-driver.js";

type Demand = { readonly request: ProtectionBits; readonly response: ProtectionBits };

/**
 * How a request is carried out by one who knows the rights: as wished, and at least as they demand. A list is protected
 * as the strongest of its items (IEC 62056-6-2, access_mode of Association LN version 3).
 */
export function asRightsDemand(rights: ObjectList, request: ServiceRequest, how: RequestHow): RequestHow {
  let asked = protectionBits(how.protection ?? "none");
  let answered = how.responseProtection === undefined ? asked : protectionBits(how.responseProtection);
  for (const demand of demandsOf(rights, request)) {
    asked = stronger(asked, demand.request);
    answered = stronger(answered, demand.response);
  }
  if (asked === noProtection && answered === noProtection) return how;
  return { ...how, protection: asked, responseProtection: answered };
}

function* demandsOf(rights: ObjectList, { items }: ServiceRequest): Generator<Demand> {
  for (const item of items) {
    const reference = "method" in item ? item.method : item.attribute;
    const listed = rights.find(Obis.fromOctets(reference.instanceId), reference.classId);
    if (listed === undefined) continue;
    if ("methodId" in reference) {
      const right = listed.methods?.get(reference.methodId);
      if (right !== undefined) yield right;
    } else yield* attributeDemands(listed, reference.attributeId);
  }
}

/** Attribute 0 stands for all. */
function attributeDemands(listed: ListedObject, attributeId: number): Iterable<Demand> {
  if (attributeId === 0) return listed.attributes?.values() ?? [];
  const right = listed.attributes?.get(attributeId);
  return right === undefined ? [] : [right];
}
