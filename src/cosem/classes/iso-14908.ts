/** Classes of ISO/IEC 14908 networks (IEC 62056-6-2). */
import { attribute, defineClass, fixed, method } from "../define.js";
import { anyData, enumeration, uint8, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

/** ISO/IEC 14908 identification, version 0. */
export const Iso14908Identification = /* @__PURE__ */ defineClass(() => ({
  id: 130,
  version: 0,
  name: "iso14908Identification",
  attributes: {
    nodeId: fixed(2, uint8),
    subnetId: fixed(3, uint8),
    domainId: fixed(4, octets),
    programId: fixed(5, octets),
    uniqueNodeId: fixed(6, octets),
  },
}));

/** ISO/IEC 14908 protocol setup, version 0. */
export const Iso14908ProtocolSetup = /* @__PURE__ */ defineClass(() => ({
  id: 131,
  version: 0,
  name: "iso14908ProtocolSetup",
  attributes: {
    inactivityTimeout: fixed(2, uint16),
  },
}));

/** ISO/IEC 14908 protocol status, version 1. */
export const Iso14908ProtocolStatus = /* @__PURE__ */ defineClass(() => ({
  id: 132,
  version: 1,
  name: "iso14908ProtocolStatus",
  attributes: {
    transmissionErrors: attribute(2, uint16),
    transmitTxFailure: attribute(3, uint16),
    transmitTxRetries: attribute(4, uint16),
    receiveTxFull: attribute(5, uint16),
    lostMessages: attribute(6, uint16),
    missedMessages: attribute(7, uint16),
    layer2Received: attribute(8, uint16),
    layer3Received: attribute(9, uint16),
    messagesReceived: attribute(10, uint32),
    messagesValidated: attribute(11, uint32),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x70,
}));

/** ISO/IEC 14908 diagnostic, version 1. */
export const Iso14908Diagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 133,
  version: 1,
  name: "iso14908Diagnostic",
  attributes: {
    plcSignalQualityStatus: attribute(2, enumeration),
    comModuleState: attribute(3, enumeration),
    receivedMessageStatus: attribute(4, uint8),
    noReceiveBuffer: attribute(5, uint16),
    transmitNoData: attribute(6, uint16),
    backlogOverflows: attribute(7, uint16),
    lateAck: attribute(8, uint16),
    frequencyInvalid: attribute(9, uint16),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x60,
}));
