/** Classes of local ports, modems and telephone lines (IEC 62056-6-2). */
import { array, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed } from "../define.js";
import { AutoConnectMode, CallType, LineSpeed } from "../enumerations.js";
import {
  anyData,
  enumeration,
  enumOf,
  int8,
  logicalName,
  octetString,
  uint8,
  uint16,
  uint32,
} from "../simple-types.js";
import { octets, timeWindow } from "./records.js";

/** IEC local port setup, version 0. */
export const IecLocalPortSetupV0 = /* @__PURE__ */ defineClass(() => ({
  id: 19,
  version: 0,
  name: "iecLocalPortSetup",
  attributes: {
    defaultMode: fixed(2, enumeration),
    defaultBaud: fixed(3, enumOf(LineSpeed)),
    propBaud: fixed(4, enumOf(LineSpeed)),
    responseTime: fixed(5, enumeration),
    deviceAddr: fixed(6, octets),
    passP1: fixed(7, octets),
    passP2: fixed(8, octets),
    passW5: fixed(9, octets),
  },
}));

/** IEC local port setup, version 1. */
export const IecLocalPortSetup = /* @__PURE__ */ extendClass(IecLocalPortSetupV0, () => ({
  version: 1,
}));

/** IEC HDLC setup, version 0. */
export const IecHdlcSetupV0 = /* @__PURE__ */ defineClass(() => ({
  id: 23,
  version: 0,
  name: "iecHdlcSetup",
  attributes: {
    commSpeed: fixed(2, enumOf(LineSpeed)),
    windowSizeTransmit: fixed(3, uint8),
    windowSizeReceive: fixed(4, uint8),
    maxInfoFieldLengthTransmit: fixed(5, uint16),
    maxInfoFieldLengthReceive: fixed(6, uint16),
    interOctetTimeOut: fixed(7, uint16),
    inactivityTimeOut: fixed(8, uint16),
    deviceAddress: fixed(9, uint16),
  },
}));

/** IEC HDLC setup, version 1. */
export const IecHdlcSetup = /* @__PURE__ */ extendClass(IecHdlcSetupV0, () => ({
  version: 1,
}));

/** IEC twisted pair (1) setup, version 0. */
export const IecTwistedPairSetupV0 = /* @__PURE__ */ defineClass(() => ({
  id: 24,
  version: 0,
  name: "iecTwistedPairSetup",
  attributes: {
    secondaryAddress: fixed(2, octetString(6)),
    primaryAddressList: fixed(3, array(octets)),
    tabiList: fixed(4, array(int8)),
    fatalError: attribute(5, enumeration),
  },
}));

/** IEC twisted pair (1) setup, version 1. */
export const IecTwistedPairSetup = /* @__PURE__ */ defineClass(() => ({
  id: 24,
  version: 1,
  name: "iecTwistedPairSetup",
  attributes: {
    mode: fixed(2, anyData),
    speed: fixed(3, anyData),
    primaryAddressList: fixed(4, anyData),
    tabiList: fixed(5, anyData),
  },
}));

/** Modem configuration (PSTN modem configuration), version 0. */
export const ModemConfigurationV0 = /* @__PURE__ */ defineClass(() => ({
  id: 27,
  version: 0,
  name: "modemConfiguration",
  attributes: {
    commSpeed: fixed(2, enumOf(LineSpeed)),
    initializationString: fixed(3, array(structure({ request: octets, response: octets }))),
    modemProfile: fixed(4, array(octets)),
  },
}));

/** Modem configuration, version 1. */
export const ModemConfiguration = /* @__PURE__ */ extendClass(ModemConfigurationV0, () => ({
  version: 1,
  attributes: {
    initializationString: fixed(3, array(structure({ request: octets, response: octets, delayAfterResponse: uint16 }))),
  },
}));

/** Auto answer, version 0. */
export const AutoAnswerV0 = /* @__PURE__ */ defineClass(() => ({
  id: 28,
  version: 0,
  name: "autoAnswer",
  attributes: {
    mode: fixed(2, enumeration),
    listeningWindow: fixed(3, array(timeWindow)),
    status: attribute(4, enumeration),
    numberOfCalls: fixed(5, uint8),
    numberOfRings: fixed(6, structure({ nrRingsInWindow: uint8, nrRingsOutOfWindow: uint8 })),
  },
}));

/** Auto answer, version 2. */
export const AutoAnswer = /* @__PURE__ */ extendClass(AutoAnswerV0, () => ({
  version: 2,
  attributes: {
    listOfAllowedCallers: fixed(7, array(structure({ callerId: octets, callType: enumOf(CallType) }))),
  },
}));

/** PSTN auto dial, version 0. */
export const AutoConnectV0 = /* @__PURE__ */ defineClass(() => ({
  id: 29,
  version: 0,
  name: "autoConnect",
  attributes: {
    mode: fixed(2, enumOf(AutoConnectMode)),
    repetitions: fixed(3, uint8),
    repetitionDelay: fixed(4, uint16),
    callingWindow: fixed(5, array(timeWindow)),
    phoneList: fixed(6, array(octets)),
  },
}));

/** Auto connect, version 1. */
export const AutoConnectV1 = /* @__PURE__ */ defineClass(() => ({
  id: 29,
  version: 1,
  name: "autoConnect",
  attributes: {
    mode: fixed(2, enumOf(AutoConnectMode)),
    repetitions: fixed(3, uint8),
    repetitionDelay: fixed(4, uint16),
    callingWindow: fixed(5, array(timeWindow)),
    destinationList: fixed(6, array(octets)),
  },
}));

/** Auto connect, version 2. */
export const AutoConnect = /* @__PURE__ */ extendClass(AutoConnectV1, () => ({
  version: 2,
  methods: {
    connect: action(1),
  },
}));

/** Communication port protection, version 0. */
export const CommunicationPortProtection = /* @__PURE__ */ defineClass(() => ({
  id: 124,
  version: 0,
  name: "communicationPortProtection",
  attributes: {
    protectionMode: fixed(2, enumeration),
    allowedFailedAttempts: fixed(3, uint16),
    initialLockoutTime: fixed(4, uint32),
    steepnessFactor: fixed(5, uint8),
    maxLockoutTime: fixed(6, uint32),
    portReference: fixed(7, logicalName),
    protectionStatus: attribute(8, enumeration),
    failedAttempts: attribute(9, uint32),
    cumulativeFailedAttempts: attribute(10, uint32),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x50,
}));
