/** Classes of M-Bus, wired and wireless (IEC 62056-6-2). */
import { array, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed, method } from "../define.js";
import { LineSpeed } from "../enumerations.js";
import { anyData, enumeration, enumOf, logicalName, taggedDateTime, uint8, uint16, uint32 } from "../simple-types.js";
import { octets, timeWindow } from "./records.js";

const mbusData = /* @__PURE__ */ sharedType(() =>
  structure({ dataInformationBlock: octets, valueInformationBlock: octets, data: anyData }),
);

/** M-Bus slave port setup, version 0. */
export const MbusSlavePortSetup = /* @__PURE__ */ defineClass(() => ({
  id: 25,
  version: 0,
  name: "mbusSlavePortSetup",
  attributes: {
    defaultBaud: fixed(2, enumOf(LineSpeed)),
    availBaud: fixed(3, enumOf(LineSpeed)),
    addrState: fixed(4, enumeration),
    busAddress: fixed(5, uint8),
  },
}));

/** M-Bus client, version 0. */
export const MbusClientV0 = /* @__PURE__ */ defineClass(() => ({
  id: 72,
  version: 0,
  name: "mbusClient",
  attributes: {
    mbusPortReference: fixed(2, logicalName),
    captureDefinition: fixed(3, array(structure({ dataInformationBlock: octets, valueInformationBlock: octets }))),
    capturePeriod: fixed(4, uint32),
    primaryAddress: attribute(5, uint8),
    identificationNumber: attribute(6, uint32),
    manufacturerId: attribute(7, uint16),
    version: attribute(8, uint8),
    deviceType: attribute(9, uint8),
    accessNumber: attribute(10, uint8),
    status: attribute(11, uint8),
    alarm: attribute(12, uint8),
  },
  methods: {
    slaveInstall: method(1, uint8),
    slaveDeinstall: action(2),
    capture: action(3),
    resetAlarm: action(4),
    synchronizeClock: action(5),
    dataSend: method(6, array(mbusData)),
    setEncryptionKey: method(7, octets),
    transferKey: method(8, octets),
  },
  methodOffset: 0x60,
}));

/** M-Bus client, version 1. */
export const MbusClientV1 = /* @__PURE__ */ extendClass(MbusClientV0, () => ({
  version: 1,
  attributes: {
    configuration: attribute(13, uint16),
    encryptionKeyStatus: attribute(14, enumeration),
  },
}));

/** M-Bus client, version 2. */
export const MbusClient = /* @__PURE__ */ extendClass(MbusClientV1, () => ({
  version: 2,
}));

/** Wireless Mode Q channel, version 1. */
export const WirelessModeQChannel = /* @__PURE__ */ defineClass(() => ({
  id: 73,
  version: 1,
  name: "wirelessModeQChannel",
  attributes: {
    addrState: fixed(2, enumeration),
    deviceAddress: fixed(3, octets),
    addressMask: fixed(4, octets),
  },
}));

/** M-Bus master port setup, version 0. */
export const MbusMasterPortSetup = /* @__PURE__ */ defineClass(() => ({
  id: 74,
  version: 0,
  name: "mbusMasterPortSetup",
  attributes: {
    commSpeed: fixed(2, enumOf(LineSpeed)),
  },
}));

/** DLMS server M-Bus port setup, version 0. */
export const MbusServerPortSetup = /* @__PURE__ */ defineClass(() => ({
  id: 76,
  version: 0,
  name: "mbusServerPortSetup",
  attributes: {
    mBusProfileSelection: fixed(2, octets),
    mBusPortCommunicationState: attribute(3, enumeration),
    mBusDataHeaderType: fixed(4, enumeration),
    primaryAddress: fixed(5, uint8),
    identificationNumber: fixed(6, uint32),
    manufacturerId: fixed(7, uint16),
    mBusVersion: fixed(8, uint8),
    deviceType: fixed(9, uint8),
    maxPduSize: fixed(10, uint16),
    listeningWindow: fixed(11, array(timeWindow)),
  },
}));

/** M-Bus diagnostic, version 0. */
export const MbusDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 77,
  version: 0,
  name: "mbusDiagnostic",
  attributes: {
    receivedSignalStrength: attribute(2, uint8),
    channelId: attribute(3, uint8),
    linkStatus: attribute(4, enumeration),
    broadcastFramesCounter: attribute(
      5,
      array(structure({ clientId: uint8, counter: uint32, timeStamp: taggedDateTime })),
    ),
    transmissionsCounter: attribute(6, uint32),
    fcsOkFramesCounter: attribute(7, uint32),
    fcsNokFramesCounter: attribute(8, uint32),
    captureTime: attribute(9, anyData),
  },
  methods: {
    reset: action(1),
  },
}));
