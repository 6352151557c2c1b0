/** Classes that watch over or steer other objects (IEC 62056-6-2). */
import { array, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed, method, query } from "../define.js";
import {
  anyData,
  bitStringOf,
  bool,
  enumeration,
  int8,
  logicalName,
  taggedDateTime,
  uint8,
  uint16,
  uint32,
} from "../simple-types.js";
import { attributeReference, objectReference, octets, scriptReference } from "./records.js";

const functionStatus = /* @__PURE__ */ sharedType(() => structure({ functionName: octets, functionStatus: bool }));

const functionSpecification = /* @__PURE__ */ sharedType(() =>
  structure({ functionName: octets, functionSpecifications: array(objectReference) }),
);

const entryRange = /* @__PURE__ */ sharedType(() =>
  structure({ arrayObjectId: uint8, entries: structure({ fromEntry: uint16, toEntry: uint16 }) }),
);

const arrayEntry = /* @__PURE__ */ sharedType(() =>
  structure({ arrayObjectId: uint8, entry: structure({ index: uint16, data: anyData }) }),
);

/** Utility tables, version 0. */
export const UtilityTables = /* @__PURE__ */ defineClass(() => ({
  id: 26,
  version: 0,
  name: "utilityTables",
  attributes: {
    tableId: fixed(2, uint16),
    length: attribute(3, uint32),
    buffer: attribute(4, octets),
  },
}));

/** Parameter monitor, version 0. */
export const ParameterMonitorV0 = /* @__PURE__ */ defineClass(() => ({
  id: 65,
  version: 0,
  name: "parameterMonitor",
  attributes: {
    changedParameter: attribute(
      2,
      structure({ classId: uint16, logicalName, attributeIndex: int8, attributeValue: anyData }),
    ),
    captureTime: attribute(3, taggedDateTime),
    parameterList: fixed(4, array(attributeReference)),
  },
  methods: {
    addParameter: method(1, attributeReference),
    deleteParameter: method(2, attributeReference),
  },
  methodOffset: 0x20,
}));

/** Parameter monitor, version 1. */
export const ParameterMonitor = /* @__PURE__ */ extendClass(ParameterMonitorV0, () => ({
  version: 1,
  attributes: {
    parameterListName: fixed(5, octets),
    hashAlgorithmId: fixed(6, enumeration),
    parameterValueDigest: attribute(7, octets),
    parameterValues: attribute(8, anyData),
  },
  methodOffset: 0x40,
}));

/** Arbitrator, version 0. */
export const Arbitrator = /* @__PURE__ */ defineClass(() => ({
  id: 68,
  version: 0,
  name: "arbitrator",
  attributes: {
    actions: fixed(2, array(scriptReference)),
    permissionsTable: fixed(3, array(bitStringOf())),
    weightingsTable: fixed(4, array(array(uint16))),
    mostRecentRequestsTable: attribute(5, array(bitStringOf())),
    lastOutcome: attribute(6, uint8),
  },
  methods: {
    requestAction: method(1, structure({ requestActor: uint8, requestActionList: bitStringOf() })),
    reset: action(2),
  },
  methodOffset: 0x30,
}));

/** Function control, version 0. */
export const FunctionControl = /* @__PURE__ */ defineClass(() => ({
  id: 122,
  version: 0,
  name: "functionControl",
  attributes: {
    activationStatus: attribute(2, array(functionStatus)),
    functionList: fixed(3, array(functionSpecification)),
  },
  methods: {
    setFunctionStatus: method(1, array(functionStatus)),
    addFunction: method(2, functionSpecification),
    removeFunction: method(3, octets),
  },
  methodOffset: 0x20,
}));

/** Array manager, version 0. */
export const ArrayManager = /* @__PURE__ */ defineClass(() => ({
  id: 123,
  version: 0,
  name: "arrayManager",
  attributes: {
    arrayObjectList: fixed(2, array(structure({ arrayObjectId: uint8, arrayObject: attributeReference }))),
  },
  methods: {
    retrieveNumberOfEntries: query(1, uint8, anyData),
    retrieveEntries: query(2, entryRange, array(anyData)),
    insertEntry: method(3, arrayEntry),
    updateEntry: method(4, arrayEntry),
    removeEntries: method(5, entryRange),
  },
  methodOffset: 0x20,
}));

/** Attestation, version 0. */
export const Attestation = /* @__PURE__ */ defineClass(() => ({
  id: 170,
  version: 0,
  name: "attestation",
  attributes: {},
}));
