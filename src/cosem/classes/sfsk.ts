/** Classes of S-FSK power line communication (IEC 62056-6-2, IEC 61334). */
import { array, structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed, method } from "../define.js";
import { bool, enumeration, uint8, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

/** S-FSK Phy&MAC set-up, version 1. */
export const SfskPhyMacSetup = /* @__PURE__ */ defineClass(() => ({
  id: 50,
  version: 1,
  name: "sfskPhyMacSetup",
  attributes: {
    initiatorElectricalPhase: fixed(2, enumeration),
    deltaElectricalPhase: attribute(3, enumeration),
    maxReceivingGain: fixed(4, uint8),
    maxTransmittingGain: fixed(5, uint8),
    searchInitiatorThreshold: fixed(6, uint8),
    frequencies: fixed(7, structure({ markFrequency: uint32, spaceFrequency: uint32 })),
    macAddress: attribute(8, uint16),
    macGroupAddresses: fixed(9, array(uint16)),
    repeater: fixed(10, enumeration),
    repeaterStatus: attribute(11, bool),
    minDeltaCredit: attribute(12, uint8),
    initiatorMacAddress: attribute(13, uint16),
    synchronizationLocked: attribute(14, bool),
    transmissionSpeed: fixed(15, enumeration),
  },
}));

/** S-FSK Active initiator, version 0. */
export const SfskActiveInitiator = /* @__PURE__ */ defineClass(() => ({
  id: 51,
  version: 0,
  name: "sfskActiveInitiator",
  attributes: {
    activeInitiator: attribute(2, structure({ systemTitle: octets, macAddress: uint16, lSapSelector: uint8 })),
  },
  methods: {
    resetNewNotSynchronized: method(1, structure({ systemTitle: octets, macAddress: uint16 })),
  },
  methodOffset: 0x10,
}));

/** S-FSK MAC synchronization timeouts, version 0. */
export const SfskSynchronizationTimeouts = /* @__PURE__ */ defineClass(() => ({
  id: 52,
  version: 0,
  name: "sfskSynchronizationTimeouts",
  attributes: {
    searchInitiatorTimeout: fixed(2, uint16),
    synchronizationConfirmationTimeout: fixed(3, uint16),
    timeOutNotAddressed: fixed(4, uint16),
    timeOutFrameNotOk: fixed(5, uint16),
  },
}));

/** S-FSK MAC counters, version 0. */
export const SfskMacCounters = /* @__PURE__ */ defineClass(() => ({
  id: 53,
  version: 0,
  name: "sfskMacCounters",
  attributes: {
    synchronizationRegister: attribute(2, array(structure({ macAddress: uint16, synchronizationsCounter: uint32 }))),
    desynchronizationListing: attribute(
      3,
      structure({
        nbPhysicalLayerDesynchronization: uint32,
        nbTimeOutNotAddressedDesynchronization: uint32,
        nbTimeoutFrameNotOkDesynchronization: uint32,
        nbWriteRequestDesynchronization: uint32,
        nbWrongInitiatorDesynchronization: uint32,
      }),
    ),
    broadcastFramesCounter: attribute(4, array(structure({ sourceMacAddress: uint16, framesCounter: uint32 }))),
    repetitionsCounter: attribute(5, uint32),
    transmissionsCounter: attribute(6, uint32),
    crcOkFramesCounter: attribute(7, uint32),
    crcNokFramesCounter: attribute(8, uint32),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x50,
}));

/** IEC 61334-4-32 LLC setup, version 1. */
export const LlcSetup = /* @__PURE__ */ defineClass(() => ({
  id: 55,
  version: 1,
  name: "llcSetup",
  attributes: {
    maxFrameLength: fixed(2, uint16),
    replyStatusList: attribute(3, array(structure({ lSapSelector: uint8, lengthOfWaitingLSdu: uint8 }))),
  },
}));

/** S-FSK Reporting system list, version 0. */
export const SfskReportingSystemList = /* @__PURE__ */ defineClass(() => ({
  id: 56,
  version: 0,
  name: "sfskReportingSystemList",
  attributes: {
    reportingSystemList: attribute(2, array(octets)),
  },
}));
