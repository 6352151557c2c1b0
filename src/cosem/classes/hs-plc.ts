/** Classes of high speed power line communication by ISO/IEC 12139-1 (IEC 62056-6-2). */
import { defineClass, fixed } from "../define.js";
import { bool, enumeration, uint16, uint64 } from "../simple-types.js";
import { octets } from "./records.js";

/** HS-PLC ISO/IEC 12139-1 MAC setup, version 0. */
export const HsPlcMacSetup = /* @__PURE__ */ defineClass(() => ({
  id: 140,
  version: 0,
  name: "hsPlcMacSetup",
  attributes: {
    groupId: fixed(2, uint64),
    secondaryGroupId: fixed(3, uint64),
    stationId: fixed(4, uint64),
    parentStationId: fixed(5, uint64),
    repeaterStatus: fixed(6, bool),
    encryptionMode: fixed(7, enumeration),
    initialEncryptionKey: fixed(8, octets),
    rtsCts: fixed(9, bool),
  },
}));

/** HS-PLC ISO/IEC 12139-1 CPAS setup, version 0. */
export const HsPlcCpasSetup = /* @__PURE__ */ defineClass(() => ({
  id: 141,
  version: 0,
  name: "hsPlcCpasSetup",
  attributes: {
    cpasAddress: fixed(2, uint64),
    cpasEtherType: fixed(3, uint16),
    masterStationCpasAddress: fixed(4, uint64),
  },
}));

/** HS-PLC ISO/IEC 12139-1 IP SSAS setup, version 0. */
export const HsPlcIpSsasSetup = /* @__PURE__ */ defineClass(() => ({
  id: 142,
  version: 0,
  name: "hsPlcIpSsasSetup",
  attributes: {
    ipHeaderCompType: fixed(2, enumeration),
    ipAliveTime: fixed(3, uint16),
  },
}));

/** HS-PLC ISO/IEC 12139-1 HDLC SSAS setup, version 0. */
export const HsPlcHdlcSsasSetup = /* @__PURE__ */ defineClass(() => ({
  id: 143,
  version: 0,
  name: "hsPlcHdlcSsasSetup",
  attributes: {
    masterStationId: fixed(2, uint64),
  },
}));
