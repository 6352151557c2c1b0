import type { AttributeReference, DataResult, SecurityPolicy } from "../association/index.js";
import { DlmsError, dlmsError } from "../base/index.js";
import { AssociationLnV1, AssociationSnV2, numberOf, SecuritySetup } from "../cosem/index.js";
import { decodeData } from "../data/index.js";
import { policyOfCode } from "../security/index.js";

/** Reads one attribute. */
export type ReadAttribute = (attribute: AttributeReference) => Promise<DataResult>;

const currentAssociation = Uint8Array.of(0, 0, 40, 0, 0, 255);
/** The security setup that associations of early versions stand on, which do not name one. */
const firstSetup = Uint8Array.of(0, 0, 43, 0, 0, 255);
const nameLength = 6;

/**
 * The security policy in force: that of the Security setup which the association names.
 * @throws DlmsError when the meter does not tell it in a form that can be read.
 */
export async function readPolicy(read: ReadAttribute, byShortName: boolean): Promise<SecurityPolicy> {
  const instanceId = await setupOf(read, byShortName ? AssociationSnV2 : AssociationLnV1);
  const { id } = SecuritySetup.attributes.securityPolicy;
  const told = await read({ classId: SecuritySetup.id, instanceId, attributeId: id });
  const code = told.ok ? numberOf(decodeData(told.data)) : undefined;
  if (typeof code === "number") return policyOfCode(code);
  throw dlmsError("unexpected-type", "the meter does not tell its security policy as a number", {
    layer: "client",
    expected: "an enumeration",
  });
}

async function setupOf(read: ReadAttribute, association: typeof AssociationLnV1 | typeof AssociationSnV2) {
  const { id: attributeId } = association.attributes.securitySetupReference;
  const named = await read({ classId: association.id, instanceId: currentAssociation, attributeId });
  const name = named.ok ? decodeData(named.data) : undefined;
  return name?.type === "octet-string" && name.value.length === nameLength ? name.value : firstSetup;
}

/** The notice of a policy that cannot be read: the one that was configured stays. */
export function policyUnreadable(error: unknown) {
  const why = DlmsError.is(error) ? error.message : "it was not told";
  return {
    type: "notice",
    name: "policy-unreadable",
    message: `the meter's security policy could not be read (${why}): protection stays as configured`,
  } as const;
}
