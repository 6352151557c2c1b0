/** Classes of tariffs, calendars and what is done at given times or values (IEC 62056-6-2). */
import { array, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed, method } from "../define.js";
import { ScriptService } from "../enumerations.js";
import {
  anyData,
  bitStringOf,
  bool,
  date,
  dateTime,
  enumeration,
  enumOf,
  int8,
  logicalName,
  time,
  uint8,
  uint16,
  uint32,
} from "../simple-types.js";
import { attributeReference, objectReference, octets, scriptReference } from "./records.js";

const registerMask = /* @__PURE__ */ sharedType(() => structure({ maskName: octets, indexList: array(uint8) }));

const scheduleEntry = /* @__PURE__ */ sharedType(() =>
  structure({
    index: uint16,
    enable: bool,
    scriptLogicalName: logicalName,
    scriptSelector: uint16,
    switchTime: time,
    validityWindow: uint16,
    execWeekdays: bitStringOf(7),
    execSpecdays: bitStringOf(),
    beginDate: date,
    endDate: date,
  }),
);

const specialDay = /* @__PURE__ */ sharedType(() => structure({ index: uint16, specialdayDate: date, dayId: uint8 }));

const season = /* @__PURE__ */ sharedType(() =>
  structure({ seasonProfileName: octets, seasonStart: dateTime, weekName: octets }),
);

const weekProfile = /* @__PURE__ */ sharedType(() =>
  structure({
    weekProfileName: octets,
    monday: uint8,
    tuesday: uint8,
    wednesday: uint8,
    thursday: uint8,
    friday: uint8,
    saturday: uint8,
    sunday: uint8,
  }),
);

const dayProfile = /* @__PURE__ */ sharedType(() =>
  structure({
    dayId: uint8,
    daySchedule: array(structure({ startTime: time, scriptLogicalName: logicalName, scriptSelector: uint16 })),
  }),
);

const thresholdActions = /* @__PURE__ */ sharedType(() =>
  structure({ actionUp: scriptReference, actionDown: scriptReference }),
);

/** Register activation, version 0. */
export const RegisterActivation = /* @__PURE__ */ defineClass(() => ({
  id: 6,
  version: 0,
  name: "registerActivation",
  attributes: {
    registerAssignment: fixed(2, array(objectReference)),
    maskList: fixed(3, array(registerMask)),
    activeMask: attribute(4, octets),
  },
  methods: {
    addRegister: method(1, objectReference),
    addMask: method(2, registerMask),
    deleteMask: method(3, octets),
  },
  methodOffset: 0x30,
}));

/** Script table, version 0. */
export const ScriptTable = /* @__PURE__ */ defineClass(() => ({
  id: 9,
  version: 0,
  name: "scriptTable",
  attributes: {
    scripts: fixed(
      2,
      array(
        structure({
          scriptIdentifier: uint16,
          actions: array(
            structure({
              serviceId: enumOf(ScriptService),
              classId: uint16,
              logicalName,
              index: int8,
              parameter: anyData,
            }),
          ),
        }),
      ),
    ),
  },
  methods: {
    execute: method(1, uint16),
  },
  methodOffset: 0x20,
}));

/** Schedule, version 0. */
export const Schedule = /* @__PURE__ */ defineClass(() => ({
  id: 10,
  version: 0,
  name: "schedule",
  attributes: {
    entries: fixed(2, array(scheduleEntry)),
  },
  methods: {
    enableDisable: method(
      1,
      structure({ firstIndexA: uint16, lastIndexA: uint16, firstIndexB: uint16, lastIndexB: uint16 }),
    ),
    insert: method(2, scheduleEntry),
    delete: method(3, structure({ firstIndex: uint16, lastIndex: uint16 })),
  },
  methodOffset: 0x20,
}));

/** Special days table, version 0. */
export const SpecialDaysTable = /* @__PURE__ */ defineClass(() => ({
  id: 11,
  version: 0,
  name: "specialDaysTable",
  attributes: {
    entries: fixed(2, array(specialDay)),
  },
  methods: {
    insert: method(1, specialDay),
    delete: method(2, uint16),
  },
  methodOffset: 0x10,
}));

/** Activity calendar, version 0. */
export const ActivityCalendar = /* @__PURE__ */ defineClass(() => ({
  id: 20,
  version: 0,
  name: "activityCalendar",
  attributes: {
    calendarNameActive: fixed(2, octets),
    seasonProfileActive: fixed(3, array(season)),
    weekProfileTableActive: fixed(4, array(weekProfile)),
    dayProfileTableActive: fixed(5, array(dayProfile)),
    calendarNamePassive: fixed(6, octets),
    seasonProfilePassive: fixed(7, array(season)),
    weekProfileTablePassive: fixed(8, array(weekProfile)),
    dayProfileTablePassive: fixed(9, array(dayProfile)),
    activatePassiveCalendarTime: fixed(10, dateTime),
  },
  methods: {
    activatePassiveCalendar: action(1),
  },
  methodOffset: 0x50,
}));

/** Register monitor, version 0. */
export const RegisterMonitor = /* @__PURE__ */ defineClass(() => ({
  id: 21,
  version: 0,
  name: "registerMonitor",
  attributes: {
    thresholds: fixed(2, array(anyData)),
    monitoredValue: fixed(3, attributeReference),
    actions: fixed(4, array(thresholdActions)),
  },
}));

/** Single action schedule, version 0. */
export const SingleActionSchedule = /* @__PURE__ */ defineClass(() => ({
  id: 22,
  version: 0,
  name: "singleActionSchedule",
  attributes: {
    executedScript: fixed(2, scriptReference),
    type: fixed(3, enumeration),
    executionTime: fixed(4, array(structure({ time, date }))),
  },
}));

/** Limiter, version 0. */
export const Limiter = /* @__PURE__ */ defineClass(() => ({
  id: 71,
  version: 0,
  name: "limiter",
  attributes: {
    monitoredValue: fixed(2, attributeReference),
    thresholdActive: attribute(3, anyData),
    thresholdNormal: fixed(4, anyData),
    thresholdEmergency: fixed(5, anyData),
    minOverThresholdDuration: fixed(6, uint32),
    minUnderThresholdDuration: fixed(7, uint32),
    emergencyProfile: fixed(
      8,
      structure({ emergencyProfileId: uint16, emergencyActivationTime: dateTime, emergencyDuration: uint32 }),
    ),
    emergencyProfileGroupIdList: fixed(9, array(uint16)),
    emergencyProfileActive: attribute(10, bool),
    actions: fixed(11, structure({ actionOverThreshold: scriptReference, actionUnderThreshold: scriptReference })),
  },
}));
