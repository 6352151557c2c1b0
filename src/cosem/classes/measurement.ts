/** Classes of measured values beside the registers (IEC 62056-6-2). */
import { array, choice, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed, method, scaled } from "../define.js";
import {
  anyData,
  enumeration,
  int8,
  logicalName,
  taggedDateTime,
  uint8,
  uint16,
  uint32,
  uint64,
} from "../simple-types.js";
import { attributeReference, captureObject, octets, scalerUnit, scriptReference } from "./records.js";

const thresholdActions = /* @__PURE__ */ sharedType(() =>
  structure({ actionUp: scriptReference, actionDown: scriptReference }),
);

/** Register table, version 0. */
export const RegisterTable = /* @__PURE__ */ defineClass(() => ({
  id: 61,
  version: 0,
  name: "registerTable",
  attributes: {
    tableCellValues: attribute(2, anyData),
    tableCellDefinition: fixed(
      3,
      structure({ classId: uint16, logicalName, groupEValues: array(uint8), attributeIndex: int8 }),
    ),
    scalerUnit: fixed(4, scalerUnit),
  },
  methods: {
    reset: action(1),
    capture: action(2),
  },
  methodOffset: 0x28,
}));

/** Compact data, version 0. */
export const CompactDataV0 = /* @__PURE__ */ defineClass(() => ({
  id: 62,
  version: 0,
  name: "compactData",
  attributes: {
    compactBuffer: attribute(2, octets),
    captureObjects: fixed(3, array(captureObject)),
    templateId: fixed(4, uint8),
    templateDescription: attribute(5, octets),
    captureMethod: fixed(6, enumeration),
  },
  methods: {
    reset: action(1),
    capture: action(2),
  },
}));

/** Compact data, version 1. */
export const CompactData = /* @__PURE__ */ extendClass(CompactDataV0, () => ({
  version: 1,
  attributes: {
    captureObjects: fixed(3, anyData),
  },
}));

/** Status mapping, version 0. */
export const StatusMapping = /* @__PURE__ */ defineClass(() => ({
  id: 63,
  version: 0,
  name: "statusMapping",
  attributes: {
    statusWord: attribute(2, anyData),
    mappingTable: fixed(3, structure({ refTableId: uint8, refTableMapping: choice(uint16, array(uint16)) })),
  },
}));

/** Measurement data monitoring objects, version 0. */
export const MeasurementDataMonitoring = /* @__PURE__ */ defineClass(() => ({
  id: 66,
  version: 0,
  name: "measurementDataMonitoring",
  attributes: {
    waveformData: attribute(2, anyData),
    triggerTime: attribute(3, uint64),
    triggerSource: attribute(4, structure({ origin: anyData, cause: anyData })),
    status: attribute(5, enumeration),
    samplingRate: fixed(6, uint32),
    numberOfSamplesBeforeTrigger: fixed(7, uint32),
    numberOfSamplesAfterTrigger: fixed(8, uint32),
    scalerUnit: fixed(9, scalerUnit),
  },
  methods: {
    reset: method(1, anyData),
    trigger: method(2, anyData),
  },
  methodOffset: 0x48,
}));

/** Sensor manager, version 0. */
export const SensorManager = /* @__PURE__ */ defineClass(() => ({
  id: 67,
  version: 0,
  name: "sensorManager",
  attributes: {
    serialNumber: attribute(2, octets),
    metrologicalIdentification: attribute(3, octets),
    outputType: attribute(4, enumeration),
    adjustmentMethod: attribute(5, octets),
    sealingMethod: attribute(6, enumeration),
    rawValue: scaled(7, "scalerUnit"),
    scalerUnit: attribute(8, scalerUnit),
    status: attribute(9, anyData),
    captureTime: attribute(10, taggedDateTime),
    rawValueThresholds: attribute(11, array(anyData)),
    rawValueActions: attribute(12, array(thresholdActions)),
    processedValue: attribute(13, attributeReference),
    processedValueThresholds: attribute(14, array(anyData)),
    processedValueActions: attribute(15, array(thresholdActions)),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x80,
}));
