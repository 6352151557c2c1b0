/** Classes of ZigBee networks (IEC 62056-6-2). Method parameters that no public source gives stay Data. */
import { array } from "../composite-types.js";
import { attribute, defineClass, fixed, method } from "../define.js";
import { anyData, bool, enumeration, uint8, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

/** ZigBee SAS startup, version 0. */
export const ZigbeeSasStartup = /* @__PURE__ */ defineClass(() => ({
  id: 101,
  version: 0,
  name: "zigbeeSasStartup",
  attributes: {
    shortAddress: attribute(2, uint16),
    extendedPanId: attribute(3, octets),
    panId: attribute(4, uint16),
    channelMask: attribute(5, uint32),
    protocolVersion: fixed(6, uint8),
    stackProfile: fixed(7, enumeration),
    startUpControl: attribute(8, uint8),
    trustCenterAddress: attribute(9, octets),
    linkKey: attribute(10, octets),
    networkKey: attribute(11, octets),
    useInsecureJoin: fixed(12, bool),
  },
}));

/** ZigBee SAS join, version 0. */
export const ZigbeeSasJoin = /* @__PURE__ */ defineClass(() => ({
  id: 102,
  version: 0,
  name: "zigbeeSasJoin",
  attributes: {
    scanAttempts: fixed(2, uint8),
    timeBetweenScans: fixed(3, uint16),
    rejoinInterval: fixed(4, uint16),
    rejoinRetryInterval: fixed(5, uint16),
  },
}));

/** ZigBee SAS APS fragmentation, version 0. */
export const ZigbeeSasApsFragmentation = /* @__PURE__ */ defineClass(() => ({
  id: 103,
  version: 0,
  name: "zigbeeSasApsFragmentation",
  attributes: {
    apsInterframeDelay: fixed(2, uint16),
    apsMaxWindowSize: fixed(3, uint16),
  },
}));

/** ZigBee network control, version 0. */
export const ZigbeeNetworkControl = /* @__PURE__ */ defineClass(() => ({
  id: 104,
  version: 0,
  name: "zigbeeNetworkControl",
  attributes: {
    enableDisableJoining: fixed(2, bool),
    joinTimeout: fixed(3, uint16),
    activeDevices: attribute(4, array(anyData)),
  },
  methods: {
    registerDevice: method(1, anyData),
    unregisterDevice: method(2, anyData),
    unregisterAllDevices: method(3, anyData),
    backupPan: method(4, anyData),
    restorePan: method(5, anyData),
    identifyDevice: method(6, anyData),
    removeMirror: method(7, anyData),
    updateNetworkKey: method(8, anyData),
    updateLinkKey: method(9, anyData),
    createPan: method(10, anyData),
    removePan: method(11, anyData),
  },
  methodOffset: 0x20,
}));

/** ZigBee tunnel setup, version 0. */
export const ZigbeeTunnelSetup = /* @__PURE__ */ defineClass(() => ({
  id: 105,
  version: 0,
  name: "zigbeeTunnelSetup",
  attributes: {
    maximumIncomingTransferSize: fixed(2, uint16),
    maximumOutgoingTransferSize: fixed(3, uint16),
    protocolAddress: fixed(4, octets),
    closeTunnelTimeout: fixed(5, uint16),
  },
}));
