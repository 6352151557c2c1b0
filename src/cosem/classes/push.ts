/** Class Push setup (IEC 62056-6-2): what the meter sends unasked, where to, and when. */
import { array, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed } from "../define.js";
import { PushMessage, PushOperation, PushTransport } from "../enumerations.js";
import { anyData, enumOf, int8, logicalName, taggedDateTime, uint8, uint16, uint32 } from "../simple-types.js";
import { captureObject, octets, protectionParameters, restrictedCapture, restriction, timeWindow } from "./records.js";

/** Push setup, version 0. */
export const PushSetupV0 = /* @__PURE__ */ defineClass(() => ({
  id: 40,
  version: 0,
  name: "pushSetup",
  attributes: {
    pushObjectList: fixed(2, array(captureObject)),
    sendDestinationAndMethod: fixed(
      3,
      structure({ transportService: enumOf(PushTransport), destination: octets, message: enumOf(PushMessage) }),
    ),
    communicationWindow: fixed(4, array(timeWindow)),
    randomisationStartInterval: fixed(5, uint16),
    numberOfRetries: fixed(6, uint8),
    repetitionDelay: fixed(7, uint16),
  },
  methods: {
    push: action(1),
  },
  methodOffset: 0x38,
}));

/** Push setup, version 1. */
export const PushSetupV1 = /* @__PURE__ */ extendClass(PushSetupV0, () => ({
  version: 1,
  attributes: {
    pushObjectList: fixed(2, array(restrictedCapture)),
    portReference: fixed(8, logicalName),
    pushClientSap: fixed(9, int8),
    pushProtectionParameters: fixed(10, protectionParameters),
  },
}));

/** Push setup, version 2. */
export const PushSetupV2 = /* @__PURE__ */ extendClass(PushSetupV1, () => ({
  version: 2,
  attributes: {
    pushObjectList: fixed(
      2,
      array(
        structure({
          classId: uint16,
          logicalName,
          attributeIndex: int8,
          dataIndex: uint16,
          restriction,
          columns: array(captureObject),
        }),
      ),
    ),
    repetitionDelay: fixed(
      7,
      structure({ repetitionDelayMin: uint16, repetitionDelayExponent: uint16, repetitionDelayMax: uint16 }),
    ),
    pushOperationMethod: fixed(11, enumOf(PushOperation)),
    confirmationParameters: fixed(
      12,
      structure({ confirmationStartDate: taggedDateTime, confirmationInterval: uint32 }),
    ),
    lastConfirmationDateTime: attribute(13, taggedDateTime),
  },
  methods: {
    reset: action(2),
  },
}));

/** Push setup, version 3. */
export const PushSetup = /* @__PURE__ */ extendClass(PushSetupV2, () => ({
  version: 3,
  attributes: {
    pushObjectList: fixed(2, anyData),
    sendDestinationAndMethod: fixed(3, anyData),
    repetitionDelay: fixed(7, anyData),
    pushProtectionParameters: fixed(10, anyData),
    confirmationParameters: fixed(12, anyData),
  },
}));
