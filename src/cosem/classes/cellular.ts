/** Classes of cellular networks (IEC 62056-6-2). */
import { array, sharedType, structure } from "../composite-types.js";
import { attribute, defineClass, extendClass, fixed } from "../define.js";
import { GsmAttachment, GsmPacketStatus, GsmStatus } from "../enumerations.js";
import { enumeration, enumOf, int8, taggedDateTime, uint8, uint16, uint32, visibleString } from "../simple-types.js";
import { octets } from "./records.js";

const qualityOfService = /* @__PURE__ */ sharedType(() =>
  structure({ precedence: uint8, delay: uint8, reliability: uint8, peakThroughput: uint8, meanThroughput: uint8 }),
);

/** GPRS modem setup, version 0. */
export const GprsModemSetup = /* @__PURE__ */ defineClass(() => ({
  id: 45,
  version: 0,
  name: "gprsModemSetup",
  attributes: {
    apn: fixed(2, octets),
    pinCode: fixed(3, uint16),
    qualityOfService: fixed(4, structure({ default: qualityOfService, requested: qualityOfService })),
  },
}));

/** GSM diagnostic, version 0. */
export const GsmDiagnosticV0 = /* @__PURE__ */ defineClass(() => ({
  id: 47,
  version: 0,
  name: "gsmDiagnostic",
  attributes: {
    operator: attribute(2, visibleString),
    status: attribute(3, enumOf(GsmStatus)),
    csAttachment: attribute(4, enumOf(GsmAttachment)),
    psStatus: attribute(5, enumOf(GsmPacketStatus)),
    cellInfo: attribute(6, structure({ cellId: uint16, locationId: uint16, signalQuality: uint8, ber: uint8 })),
    adjacentCells: attribute(7, array(structure({ cellId: uint16, signalQuality: uint8 }))),
    captureTime: attribute(8, taggedDateTime),
  },
}));

/** GSM diagnostic, version 1. */
export const GsmDiagnosticV1 = /* @__PURE__ */ extendClass(GsmDiagnosticV0, () => ({
  version: 1,
  attributes: {
    cellInfo: attribute(
      6,
      structure({
        cellId: uint32,
        locationId: uint16,
        signalQuality: uint8,
        ber: uint8,
        mcc: uint16,
        mnc: uint16,
        channelNumber: uint32,
      }),
    ),
    adjacentCells: attribute(7, array(structure({ cellId: uint32, signalQuality: uint8 }))),
  },
}));

/** GSM diagnostic, version 2. */
export const GsmDiagnostic = /* @__PURE__ */ extendClass(GsmDiagnosticV1, () => ({
  version: 2,
}));

/** LTE monitoring, version 0. */
export const LteMonitoringV0 = /* @__PURE__ */ defineClass(() => ({
  id: 151,
  version: 0,
  name: "lteMonitoring",
  attributes: {
    lteNetworkParameters: attribute(
      2,
      structure({ t3402: uint16, t3412: uint16, rsrq: uint8, rsrp: uint8, qRxlevMin: int8 }),
    ),
  },
}));

/** LTE monitoring, version 1. */
export const LteMonitoring = /* @__PURE__ */ extendClass(LteMonitoringV0, () => ({
  version: 1,
  attributes: {
    lteNetworkParameters: attribute(
      2,
      structure({
        t3402: uint16,
        t3412: uint16,
        t3412ext2: uint32,
        t3324: uint16,
        teDrx: uint32,
        tptw: uint16,
        qRxlevMin: int8,
        qRxlevMinCeR13: int8,
        qRxlevMinCe1R13: int8,
      }),
    ),
    lteQualityOfService: attribute(
      3,
      structure({ signalQuality: int8, signalLevel: int8, signalToNoiseRatio: int8, coverageEnhancement: enumeration }),
    ),
  },
}));
