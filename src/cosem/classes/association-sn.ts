/** Association SN (class 12): what a client sees of a logical device by short names. */
import { type AccessModes, attributeMode, methodMode } from "../access-rights.js";
import { array, mapped, optional, sharedType, structure } from "../composite-types.js";
import { attribute, defineClass, extendClass, fixed, method, query } from "../define.js";
import { anyData, int8, int16, logicalName, uint8, uint16 } from "../simple-types.js";
import { attributeReference, octets, user } from "./records.js";

/** A base name: sent as a signed long, counted from 0 to 65535. */
const baseName = /* @__PURE__ */ mapped(
  int16,
  "base-name",
  (value) => value & 0xffff,
  (name) => (name << 16) >> 16,
);

const object = /* @__PURE__ */ structure({ baseName, classId: uint16, version: uint8, logicalName });

const accessRights = (modes: AccessModes) =>
  array(
    structure({
      baseName,
      attributeAccess: array(
        structure({ attributeId: int8, accessMode: attributeMode(modes), accessSelectors: optional(array(int8)) }),
      ),
      methodAccess: array(structure({ methodId: int8, accessMode: methodMode(modes) })),
    }),
  );

const enumeratedRights = /* @__PURE__ */ sharedType(() => accessRights("enumerated"));
const rightsInBits = /* @__PURE__ */ sharedType(() => accessRights("bits"));

/** Association SN, version 0. The parameters of its queries are not settled among the sources and stay Data. */
export const AssociationSnV0 = /* @__PURE__ */ defineClass(() => ({
  id: 12,
  version: 0,
  name: "associationSn",
  attributes: {
    /** The objects that this association shows. */
    objectList: fixed(2, array(object)),
  },
  methods: {
    getlistByClassid: query(1, anyData, anyData),
    getobjByLogicalname: query(2, anyData, anyData),
    readByLogicalname: query(3, anyData, anyData),
    getAttributesAndServices: query(4, anyData, anyData),
    changeLlsSecret: method(5, octets),
    changeHlsSecret: method(6, octets),
    getHlsChallenge: query(7, anyData, anyData),
    replyToHlsChallenge: query(8, octets, octets),
  },
  methodOffset: 0x20,
}));

/** Association SN, version 1: access rights. */
export const AssociationSnV1 = /* @__PURE__ */ defineClass(() => ({
  id: 12,
  version: 1,
  name: "associationSn",
  attributes: {
    /** The objects that this association shows. */
    objectList: fixed(2, array(object)),
    /** What may be done with them. */
    accessRightsList: fixed(3, enumeratedRights),
  },
  methods: {
    /** Values of attributes given by logical names. */
    readByLogicalname: query(3, array(attributeReference), array(anyData)),
    changeSecret: method(5, octets),
    /** Pass 3 and 4 of high level authentication. */
    replyToHlsAuthentication: query(8, octets, octets),
  },
  methodOffset: 0x20,
}));

/** Association SN, version 2: the security setup. */
export const AssociationSnV2 = /* @__PURE__ */ extendClass(AssociationSnV1, () => ({
  version: 2,
  attributes: { securitySetupReference: fixed(4, logicalName) },
  methodOffset: 0x20,
}));

/** Association SN, version 3: users of the client. */
export const AssociationSnV3 = /* @__PURE__ */ extendClass(AssociationSnV2, () => ({
  version: 3,
  attributes: { userList: fixed(5, array(user)), currentUser: attribute(6, user) },
  methods: { addUser: method(9, user), removeUser: method(10, user) },
  methodOffset: 0x20,
}));

/** Association SN, version 4: access modes are bits. */
export const AssociationSn = /* @__PURE__ */ extendClass(AssociationSnV3, () => ({
  version: 4,
  attributes: {
    /** What may be done with the objects. */
    accessRightsList: fixed(3, rightsInBits),
  },
  methodOffset: 0x20,
}));
