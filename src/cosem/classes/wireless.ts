/** Classes of Wi-SUN, RPL, MPL, SCHC and LoRaWAN networks (IEC 62056-6-2). Structures that no public source gives stay Data. */
import { array } from "../composite-types.js";
import { attribute, defineClass, fixed, method } from "../define.js";
import { anyData, bool, enumeration, int8, int16, uint8, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

/** Wi-SUN setup, version 0. */
export const WisunSetup = /* @__PURE__ */ defineClass(() => ({
  id: 95,
  version: 0,
  name: "wisunSetup",
  attributes: {
    networkName: fixed(2, octets),
    routingMethod: attribute(3, enumeration),
    panId: attribute(4, uint16),
    discImin: fixed(5, uint8),
    discImax: fixed(6, uint8),
    dataMessageImin: fixed(7, uint8),
    dataMessageImax: fixed(8, uint8),
    defaultDioIntervalMin: fixed(9, uint8),
    defaultDioIntervalDoublings: fixed(10, uint8),
    channelPlan: fixed(11, anyData),
    channelFunction: fixed(12, enumeration),
    excludedChannels: fixed(13, anyData),
    joinState: attribute(14, enumeration),
    regChannelExclusions: fixed(15, anyData),
  },
  methods: {
    resetJoinState: method(1, anyData),
  },
  methodOffset: 0x78,
}));

/** Wi-SUN diagnostic, version 0. */
export const WisunDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 96,
  version: 0,
  name: "wisunDiagnostic",
  attributes: {
    sysdescr: attribute(2, octets),
    ifnumber: attribute(3, int8),
    iftable: attribute(4, array(anyData)),
    neighbourTableInformation: attribute(5, array(anyData)),
    transmissionInformation: attribute(6, array(anyData)),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x30,
}));

/** RPL diagnostic, version 0. */
export const RplDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 97,
  version: 0,
  name: "rplDiagnostic",
  attributes: {
    rplInstanceId: attribute(2, uint8),
    dodagVersionNumber: attribute(3, uint8),
    dodagRank: attribute(4, int16),
    grounded: attribute(5, bool),
    modeOfOperation: attribute(6, enumeration),
    dodagPrf: attribute(7, uint8),
    dodagDtsn: attribute(8, uint8),
    dodagId: attribute(9, octets),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x48,
}));

/** MPL diagnostic, version 0. */
export const MplDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 98,
  version: 0,
  name: "mplDiagnostic",
  attributes: {
    proactiveForwarding: attribute(2, bool),
    z: attribute(3, uint8),
    tunit: attribute(4, uint8),
    seLifetime: attribute(5, uint16),
    dmK: attribute(6, uint8),
    dmImin: attribute(7, uint16),
    dmImax: attribute(8, uint8),
    dmTExp: attribute(9, uint16),
    cK: attribute(10, uint8),
    cImin: attribute(11, uint16),
    cImax: attribute(12, uint8),
    cTExp: attribute(13, uint16),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x70,
}));

/** SCHC-LPWAN setup, version 0. */
export const SchcLpwanSetup = /* @__PURE__ */ defineClass(() => ({
  id: 126,
  version: 0,
  name: "schcLpwanSetup",
  attributes: {
    lpwanReference: fixed(2, octets),
    schcCdRules: fixed(3, array(anyData)),
    schcFrParam: fixed(4, anyData),
  },
}));

/** SCHC-LPWAN diagnostic, version 0. */
export const SchcLpwanDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 127,
  version: 0,
  name: "schcLpwanDiagnostic",
  attributes: {
    schcPacketsTxCounter: attribute(2, uint32),
    schcPacketsRxCounter: attribute(3, uint32),
    schcFragmentsTxCounter: attribute(4, uint32),
    schcFragmentsRxCounter: attribute(5, uint32),
    schcAckTxCounter: attribute(6, uint32),
    schcAckRxCounter: attribute(7, uint32),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x40,
}));

/** LoRaWAN setup, version 0. */
export const LorawanSetup = /* @__PURE__ */ defineClass(() => ({
  id: 128,
  version: 0,
  name: "lorawanSetup",
  attributes: {
    class: attribute(2, enumeration),
    state: attribute(3, enumeration),
    maxTransmitEirpSetting: fixed(4, int8),
    adrMode: attribute(5, bool),
    regionalParameters: attribute(6, enumeration),
    deviceOperation: attribute(7, anyData),
    modemVersions: fixed(8, anyData),
    devAddr: attribute(9, uint32),
    joinStrategy: attribute(10, enumeration),
    multicastsParameters: attribute(11, array(anyData)),
  },
  methods: {
    disconnectFromNetwork: method(1, anyData),
    changeClass: method(2, anyData),
    changeRegion: method(3, anyData),
  },
  methodOffset: 0x60,
}));

/** LoRaWAN diagnostic, version 0. */
export const LorawanDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 129,
  version: 0,
  name: "lorawanDiagnostic",
  attributes: {
    internalErrorCode: attribute(2, enumeration),
    outFramesUCounter: attribute(3, uint32),
    outFramesCCounter: attribute(4, uint32),
    inFramesUCounter: attribute(5, uint32),
    inFramesCCounter: attribute(6, uint32),
    inMacCommandCounter: attribute(7, uint32),
    inMacAnsErrorCounter: attribute(8, uint32),
    inMacIgnoredCounter: attribute(9, uint32),
    inPer: attribute(10, int8),
    inMeanRssiRx1: attribute(11, int8),
    inMeanSnrRx1: attribute(12, int8),
    inMeanRssiRx2: attribute(13, int8),
    inMeanSnrRx2: attribute(14, int8),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x70,
}));
