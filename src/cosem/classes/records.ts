/** Structures that several classes share. */
import { array, choice, nothing, sharedType, structure } from "../composite-types.js";
import { KeyInfoType, ProtectionType, RestrictionType } from "../enumerations.js";
import type { ScalerUnit } from "../quantity.js";
import {
  anyData,
  dateTime,
  enumOf,
  int8,
  logicalName,
  octetString,
  uint8,
  uint16,
  uint32,
  visibleString,
} from "../simple-types.js";
import { Unit } from "../unit.js";
import type { ValueType } from "../value-type.js";

/** An octet string of any length. */
export const octets = /* @__PURE__ */ octetString();

/** Decimal exponent and physical unit. */
export const scalerUnit = /* @__PURE__ */ sharedType(
  (): ValueType<ScalerUnit> => structure({ scaler: int8, unit: enumOf(Unit) }),
);

/** An object: class and logical name. */
export const objectReference = /* @__PURE__ */ structure({ classId: uint16, logicalName });

/** An attribute of an object. */
export const attributeReference = /* @__PURE__ */ structure({ classId: uint16, logicalName, attributeIndex: int8 });

/** A captured attribute, or a part of one (`dataIndex`; 0 is the whole). */
export const captureObject = /* @__PURE__ */ structure({
  classId: uint16,
  logicalName,
  attributeIndex: int8,
  dataIndex: uint16,
});

/** A script to execute. */
export const scriptReference = /* @__PURE__ */ structure({ scriptLogicalName: logicalName, scriptSelector: uint16 });

/** From when to when. */
export const timeWindow = /* @__PURE__ */ structure({ startTime: dateTime, endTime: dateTime });

/** A user of the client. */
export const user = /* @__PURE__ */ structure({ userId: uint8, userName: visibleString });

/** Which part of a captured or pushed profile is meant. */
export const restriction = /* @__PURE__ */ sharedType(() =>
  structure({
    restrictionType: enumOf(RestrictionType),
    restrictionValue: choice(
      nothing,
      structure({ fromDate: octets, toDate: octets }),
      structure({ fromEntry: uint32, toEntry: uint32 }),
    ),
  }),
);

/** A captured attribute of which only a part may be meant. */
export const restrictedCapture = /* @__PURE__ */ structure({
  classId: uint16,
  logicalName,
  attributeIndex: int8,
  dataIndex: uint16,
  restriction,
});

/** How data are protected. What describes the key depends on its kind; sources differ, so it stays Data. */
export const protectionParameters = /* @__PURE__ */ sharedType(() =>
  array(
    structure({
      protectionType: enumOf(ProtectionType),
      protectionOptions: structure({
        transactionId: octets,
        originatorSystemTitle: octets,
        recipientSystemTitle: octets,
        otherInformation: octets,
        keyInfo: structure({ keyInfoType: enumOf(KeyInfoType), keyInfoOptions: anyData }),
      }),
    }),
  ),
);
