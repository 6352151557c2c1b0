/** Association LN (class 15): what a client sees of a logical device by logical names, and how it got in. */
import { type AccessModes, attributeMode, type MethodAccess, methodMode } from "../access-rights.js";
import { array, choice, nothing, optional, sharedType, structure } from "../composite-types.js";
import { attribute, defineClass, extendClass, fixed, method, query, selective } from "../define.js";
import { AssociationStatus } from "../enumerations.js";
import { bitStringOf, enumOf, int8, logicalName, octetString, uint8, uint16 } from "../simple-types.js";
import type { ValueType } from "../value-type.js";
import { objectReference, octets, user } from "./records.js";

/** One object of the object list, with the rights that this association has. */
const element = (modes: AccessModes, methodModes: ValueType<MethodAccess>) =>
  structure({
    classId: uint16,
    version: uint8,
    logicalName,
    accessRights: structure({
      attributeAccess: array(
        structure({ attributeId: int8, accessMode: attributeMode(modes), accessSelectors: optional(array(int8)) }),
      ),
      methodAccess: array(structure({ methodId: int8, accessMode: methodModes })),
    }),
  });

const elementV0 = /* @__PURE__ */ sharedType(() => element("enumerated", methodMode("enumerated", "boolean")));
const elementV1 = /* @__PURE__ */ sharedType(() => element("enumerated", methodMode("enumerated")));
const elementV3 = /* @__PURE__ */ sharedType(() => element("bits", methodMode("bits")));

type Element = typeof elementV0;

/** All objects, those of some classes, some objects, or one. */
const objectList = (type: Element) =>
  selective(fixed(2, array(type)), { 1: nothing, 2: array(uint16), 3: array(objectReference), 4: objectReference });

/** An object identifier as octets of BER, or arc by arc. */
const contextName = /* @__PURE__ */ sharedType(() =>
  choice(
    octetString(7),
    structure({
      jointIsoCtt: uint8,
      country: uint8,
      countryName: uint16,
      identifiedOrganization: uint8,
      dlmsUa: uint8,
      element: uint8,
      id: uint8,
    }),
  ),
);

/** Association LN, version 0: methods are allowed or not. */
export const AssociationLnV0 = /* @__PURE__ */ defineClass(() => ({
  id: 15,
  version: 0,
  name: "associationLn",
  attributes: {
    /** The objects that this association shows, with its access rights. */
    objectList: objectList(elementV0),
    /** The addresses of client and server. */
    associatedPartnersId: attribute(3, structure({ clientSap: int8, serverSap: uint16 })),
    /** Name of the application context: logical or short names, ciphered or not. */
    applicationContextName: attribute(4, contextName),
    /** What was negotiated: services, sizes, version. */
    xDlmsContextInfo: attribute(
      5,
      structure({
        conformance: bitStringOf(24),
        maxReceivePduSize: uint16,
        maxSendPduSize: uint16,
        dlmsVersionNumber: uint8,
        qualityOfService: int8,
        cypheringInfo: octets,
      }),
    ),
    /** Name of the authentication mechanism. */
    authenticationMechanismName: attribute(6, contextName),
    /** The secret of low level authentication; can mostly be written only. */
    secret: attribute(7, octets),
    associationStatus: attribute(8, enumOf(AssociationStatus)),
  },
  methods: {
    /** Pass 3 and 4 of high level authentication. */
    replyToHlsAuthentication: query(1, octets, octets),
    /** Changes the secret of high level authentication. */
    changeHlsSecret: method(2, octets),
    addObject: method(3, elementV0),
    removeObject: method(4, elementV0),
  },
  methodOffset: 0x60,
}));

/** Association LN, version 1: access modes with authentication, and the security setup. */
export const AssociationLnV1 = /* @__PURE__ */ extendClass(AssociationLnV0, () => ({
  version: 1,
  attributes: {
    /** The objects that this association shows, with its access rights. */
    objectList: objectList(elementV1),
    /** The security setup object that holds here. */
    securitySetupReference: fixed(9, logicalName),
  },
  methods: { addObject: method(3, elementV1), removeObject: method(4, elementV1) },
}));

/** Association LN, version 2: users of the client. */
export const AssociationLnV2 = /* @__PURE__ */ extendClass(AssociationLnV1, () => ({
  version: 2,
  attributes: {
    /** The users that may associate; empty when users are not told apart. */
    userList: fixed(10, array(user)),
    currentUser: attribute(11, user),
  },
  methods: { addUser: method(5, user), removeUser: method(6, user) },
}));

/** Association LN, version 3: access modes are bits that tell the protection of requests and responses. */
export const AssociationLn = /* @__PURE__ */ extendClass(AssociationLnV2, () => ({
  version: 3,
  attributes: {
    /** The objects that this association shows, with its access rights. */
    objectList: objectList(elementV3),
  },
  methods: { addObject: method(3, elementV3), removeObject: method(4, elementV3) },
}));
