import { conformanceOf } from "../apdu/index.js";
import type { Conformance, SelectiveAccess } from "../association/index.js";
import {
  type AccessModes,
  AssociationLn,
  AssociationLnV1,
  AssociationLnV2,
  attributeAccess as attributeRight,
  encodeAttribute,
  methodAccess as methodRight,
  Obis,
  SapAssignment,
  type ValueOf,
  type ValueType,
} from "../cosem/index.js";
import { bitString, type Data, decodeData } from "../data/index.js";
import { attributeMode, type MockObject, methodMode, type RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

/** What the association objects of a meter tell of one client. */
export interface AssociationDescription {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly ciphering: boolean;
  /** Number of the authentication mechanism, 0 to 7. */
  readonly mechanismId: number;
  /** Largest APDU that the meter takes. */
  readonly maxPduSize: number;
  /** What the meter grants this client where no association tells what was agreed on. */
  readonly conformance: Conformance;
  /** Six octets. */
  readonly securitySetup: Uint8Array;
  /** Users of this client by their ids; added and removed by clients. */
  readonly users?: Map<number, string>;
  /** Takes another password for the next association; false where this client has none. */
  readonly changePassword?: (password: Uint8Array) => boolean;
  /** The same for the secret of high level security. */
  readonly changeHlsSecret?: (secret: Uint8Array) => boolean;
}

type Element = ValueOf<typeof AssociationLnV1.attributes.objectList.type>[number];

/**
 * The current Association LN (class 15; version 3 where access modes are `bits`, else 1, or 2 with users): what it tells
 * depends on who asks. Its secret is never read. Method 1 is carried out by the association itself and stands here for
 * the object list.
 */
export function associationObject(
  logicalName: Uint8Array,
  describe: (clientSap: number) => AssociationDescription,
  { modes = "enumerated", withUsers = false }: { readonly modes?: AccessModes; readonly withUsers?: boolean } = {},
): MockObject {
  // The two differ in what an access mode means, and in the users of the client.
  const table = modes === "bits" ? (AssociationLn as unknown as typeof AssociationLnV1) : AssociationLnV1;
  const listed = (context: RequestContext) => objectList(context, modes);
  const described =
    <T>(tell: (association: AssociationDescription, context: RequestContext) => T) =>
    (context: RequestContext) =>
      tell(describe(context.clientSap), context);
  const values = {
    objectList: listed,
    associatedPartnersId: described(({ clientSap, serverSap }) => ({
      clientSap: (clientSap << 24) >> 24,
      serverSap,
    })),
    applicationContextName: described(({ ciphering }) => objectIdentifier(1, ciphering ? 3 : 1)),
    xDlmsContextInfo: described(({ conformance, maxPduSize }, { negotiated }) => ({
      conformance: conformanceBits(negotiated?.conformance ?? conformance),
      maxReceivePduSize: maxPduSize,
      maxSendPduSize: negotiated?.peerMaxPduSize ?? maxPduSize,
      dlmsVersionNumber: 6,
      qualityOfService: 0,
      cypheringInfo: new Uint8Array(),
    })),
    authenticationMechanismName: described(({ mechanismId }) => objectIdentifier(2, mechanismId)),
    associationStatus: "associated",
    securitySetupReference: described(({ securitySetup }) => Obis.fromOctets(securitySetup)),
  } as const;
  const methods = {
    replyToHlsAuthentication: (): never => {
      throw new Refusal(accessResult.readWriteDenied);
    },
    changeHlsSecret: (secret: Uint8Array, { clientSap }: RequestContext) =>
      changed(describe(clientSap).changeHlsSecret, secret),
  };
  const behaviours = {
    hidden: ["secret"],
    set: {
      secret: (password: Uint8Array, { clientSap }: RequestContext) =>
        changed(describe(clientSap).changePassword, password),
    },
    select: {
      objectList: (access: SelectiveAccess, context: RequestContext) => selectObjects(access, listed(context), table),
    },
  } as const;
  const obis = Obis.fromOctets(logicalName);
  if (!withUsers) return object(table, obis, values, { ...behaviours, methods });
  const usersOf = ({ clientSap }: RequestContext) => describe(clientSap).users ?? new Map<number, string>();
  const userList = (context: RequestContext) =>
    [...usersOf(context)].map(([userId, userName]) => ({ userId, userName }));
  const currentUser = (context: RequestContext) => {
    const userId = context.negotiated?.userId ?? 0;
    return { userId, userName: usersOf(context).get(userId) ?? "" };
  };
  return object(
    modes === "bits" ? (AssociationLn as unknown as typeof AssociationLnV2) : AssociationLnV2,
    obis,
    { ...values, userList, currentUser },
    {
      ...behaviours,
      methods: {
        ...methods,
        addUser: ({ userId, userName }, context) => void usersOf(context).set(userId, userName),
        removeUser: ({ userId }, context) => {
          if (!usersOf(context).delete(userId)) throw new Refusal(accessResult.objectUndefined);
        },
      },
    },
  );
}

function changed(change: ((secret: Uint8Array) => boolean) | undefined, secret: Uint8Array): void {
  if (secret.length === 0 || change?.(secret) !== true) throw new Refusal(accessResult.readWriteDenied);
}

/** 2.16.756.5.8.x.y: application context names (1) and mechanism names (2), in the structure form of the class. */
function objectIdentifier(element: number, id: number) {
  return {
    jointIsoCtt: 2,
    country: 16,
    countryName: 756,
    identifiedOrganization: 5,
    dlmsUa: 8,
    element,
    id,
  };
}

function conformanceBits(conformance: Conformance) {
  return bitString(conformanceOf(conformance).toString(2).padStart(24, "0"));
}

function objectList({ device, clientSap }: RequestContext, modes: AccessModes): readonly Element[] {
  return device.visibleTo(clientSap).map((listed) => element(listed, clientSap, modes));
}

function element(listed: MockObject, clientSap: number, modes: AccessModes): Element {
  return {
    classId: listed.classId,
    version: listed.version,
    logicalName: Obis.fromOctets(listed.logicalName),
    accessRights: listedRights(listed, clientSap, modes),
  };
}

/** The rights of a client to an object, for either form of object list. */
export function listedRights(listed: MockObject, clientSap: number, modes: AccessModes) {
  // Without protection the numbers of earlier versions are the bits of later ones.
  const shown = modes === "bits" ? 0xff : 0b11;
  return {
    attributeAccess: [...listed.attributes].map(([attributeId, { selectors }]) => ({
      attributeId,
      accessMode: attributeRight(attributeMode(listed, clientSap, attributeId) & shown, modes),
      accessSelectors: selectors === undefined ? undefined : [...selectors],
    })),
    methodAccess: [...listed.methods.keys()].map((methodId) => ({
      methodId,
      accessMode: methodRight(methodMode(listed, clientSap, methodId) & shown, modes),
    })),
  };
}

/** Selective access to the object list: 1 all, 2 of these classes, 3 these objects, 4 this object. */
function selectObjects(
  { selector, parameters }: SelectiveAccess,
  all: readonly Element[],
  table: typeof AssociationLnV1,
): Data {
  const types: Readonly<Record<number, ValueType<unknown>>> = table.attributes.objectList.selectors ?? {};
  const given = types[selector]?.decode(decodeData(parameters));
  if (types[selector] === undefined) throw new Refusal(accessResult.scopeOfAccessViolated);
  const is = (wanted: unknown) => {
    const { classId, logicalName } = wanted as { readonly classId: number; readonly logicalName: Obis };
    return (one: Element) => one.classId === classId && one.logicalName.equals(logicalName);
  };
  const chosen = (one: Element) => {
    if (selector === 2) return (given as readonly number[]).includes(one.classId);
    if (selector === 3) return (given as readonly unknown[]).some((wanted) => is(wanted)(one));
    return selector === 1 || is(given)(one);
  };
  return encodeAttribute(table, "objectList", all.filter(chosen));
}

/** SAP assignment (class 17): the logical devices behind this address. */
export function sapAssignmentObject(
  logicalName: Uint8Array,
  devices: readonly { readonly sap: number; readonly name: Uint8Array }[],
): MockObject {
  return object(SapAssignment, Obis.fromOctets(logicalName), {
    sapAssignmentList: devices.map(({ sap, name }) => ({ sap, logicalDeviceName: name })),
  });
}
