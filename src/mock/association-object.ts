import { array, type Data, enumeration, i8, nullData, octets, structure, u8, u16 } from "../data/index.js";
import { type AttributeAccess, attributeAccess, type MockObject, methodAccess, type RequestContext } from "./object.js";

const accessMode: Readonly<Record<AttributeAccess, number>> = { none: 0, read: 1, write: 2, "read-write": 3 };

/** What the association objects of a meter tell of one client. */
export interface AssociationDescription {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly ciphering: boolean;
  /** Number of the authentication mechanism, 0 to 7. */
  readonly mechanismId: number;
  readonly maxPduSize: number;
  /** The 24 conformance bits. */
  readonly conformance: Data;
  readonly securitySetup: Uint8Array;
}

/**
 * The current Association LN (class 15, version 1): what it tells depends on who asks. Method 1 is carried out by the
 * association itself and stands here for the object list.
 */
export function associationObject(
  logicalName: Uint8Array,
  describe: (clientSap: number) => AssociationDescription,
): MockObject {
  const described = (tell: (association: AssociationDescription) => Data) => ({
    get: ({ clientSap }: RequestContext) => tell(describe(clientSap)),
  });
  const attributes: MockObject["attributes"] = new Map([
    [1, { get: () => octets(logicalName) }],
    [2, { get: objectList }],
    [3, described(({ clientSap, serverSap }) => structure(i8(clientSap), u16(serverSap)))],
    [4, described(({ ciphering }) => objectIdentifier(1, ciphering ? 3 : 1))],
    [
      5,
      described(({ conformance, maxPduSize }) =>
        structure(conformance, u16(maxPduSize), u16(maxPduSize), u8(6), i8(0), octets(new Uint8Array())),
      ),
    ],
    [6, described(({ mechanismId }) => objectIdentifier(2, mechanismId))],
    [8, { get: () => enumeration(2) }],
    [9, described(({ securitySetup }) => octets(securitySetup))],
  ]);
  return { classId: 15, version: 1, logicalName, attributes, methods: new Map([[1, () => undefined]]) };
}

/** 2.16.756.5.8.x.y: application context names (1) and mechanism names (2), in the structure form of the class. */
function objectIdentifier(arc: number, id: number): Data {
  return structure(u8(2), u8(16), u16(756), u8(5), u8(8), u8(arc), u8(id));
}

function objectList(context: RequestContext): Data {
  return array(
    ...context.device.visibleTo(context.clientSap).map((object) => {
      const attributeRights = [...object.attributes].map(([id, attribute]) =>
        structure(
          i8(id),
          enumeration(accessMode[attributeAccess(object, context.clientSap, id)]),
          attribute.selectors === undefined ? nullData : array(...attribute.selectors.map((selector) => i8(selector))),
        ),
      );
      const methodRights = [...object.methods.keys()].map((id) =>
        structure(i8(id), enumeration(methodAccess(object, context.clientSap, id) ? 1 : 0)),
      );
      const rights = structure(array(...attributeRights), array(...methodRights));
      return structure(u16(object.classId), u8(object.version), octets(object.logicalName), rights);
    }),
  );
}

/** SAP assignment (class 17): the logical devices behind this address. */
export function sapAssignmentObject(
  logicalName: Uint8Array,
  devices: readonly { sap: number; name: Uint8Array }[],
): MockObject {
  const list = array(...devices.map(({ sap, name }) => structure(u16(sap), octets(name))));
  return {
    classId: 17,
    version: 0,
    logicalName,
    attributes: new Map([
      [1, { get: () => octets(logicalName) }],
      [2, { get: () => list }],
    ]),
    methods: new Map(),
  };
}

/** A Data object (class 1) whose value is computed at each read. */
export function dataObject(logicalName: Uint8Array, value: (context: RequestContext) => Data): MockObject {
  return {
    classId: 1,
    version: 0,
    logicalName,
    attributes: new Map([
      [1, { get: () => octets(logicalName) }],
      [2, { get: value }],
    ]),
    methods: new Map(),
  };
}

/** A Register (class 3); `unit` is the number of the unit in the standard's table. */
export function registerObject(
  logicalName: Uint8Array,
  scaler: number,
  unit: number,
  value: (context: RequestContext) => Data,
): MockObject {
  return {
    classId: 3,
    version: 0,
    logicalName,
    attributes: new Map([
      [1, { get: () => octets(logicalName) }],
      [2, { get: value }],
      [3, { get: () => structure(i8(scaler), enumeration(unit)) }],
    ]),
    methods: new Map(),
  };
}

/** An Extended register (class 4): a register with a status and the time of capture. */
export function extendedRegisterObject(
  logicalName: Uint8Array,
  scaler: number,
  unit: number,
  value: (context: RequestContext) => Data,
  captureTime: (context: RequestContext) => Data,
): MockObject {
  const base = registerObject(logicalName, scaler, unit, value);
  return {
    ...base,
    classId: 4,
    attributes: new Map([...base.attributes, [4, { get: () => u8(0) }], [5, { get: captureTime }]]),
    methods: new Map([[1, () => undefined]]),
  };
}
