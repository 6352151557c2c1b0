import { optional } from "../composite-types.js";
import { action, attribute, defineClass, fixed, scaled } from "../define.js";
import { anyData, dateTime, uint16, uint32 } from "../simple-types.js";
import { scalerUnit } from "./records.js";

/** Register (class 3): a value with scaler and unit. */
export const Register = /* @__PURE__ */ defineClass(() => ({
  id: 3,
  version: 0,
  name: "register",
  attributes: {
    /** The present value, with its unit. */
    value: scaled(2, "scalerUnit"),
    /** Decimal exponent and unit. */
    scalerUnit: fixed(3, scalerUnit),
  },
  methods: {
    /** Puts the value back to its default. */
    reset: action(1),
  },
  methodOffset: 0x28,
}));

/** Extended register (class 4): a value with its status and the time it was captured. */
export const ExtendedRegister = /* @__PURE__ */ defineClass(() => ({
  id: 4,
  version: 0,
  name: "extendedRegister",
  attributes: {
    /** The value, with its unit. */
    value: scaled(2, "scalerUnit"),
    /** Decimal exponent and unit. */
    scalerUnit: fixed(3, scalerUnit),
    /** Status of the value, in a form of the manufacturer's. */
    status: attribute(4, anyData),
    /** When the value was captured; undefined when it never was. */
    captureTime: attribute(5, optional(dateTime)),
  },
  methods: {
    /** Puts the value back to its default. */
    reset: action(1),
  },
  methodOffset: 0x38,
}));

/** Demand register (class 5): the average over a period, block or sliding. */
export const DemandRegister = /* @__PURE__ */ defineClass(() => ({
  id: 5,
  version: 0,
  name: "demandRegister",
  attributes: {
    /** Average since the period began. */
    currentAverageValue: scaled(2, "scalerUnit"),
    /** Average over the last whole period. */
    lastAverageValue: scaled(3, "scalerUnit"),
    /** Decimal exponent and unit of both averages. */
    scalerUnit: fixed(4, scalerUnit),
    /** Status of the last average, in a form of the manufacturer's. */
    status: attribute(5, anyData),
    /** When the last average was captured; undefined when none was. */
    captureTime: attribute(6, optional(dateTime)),
    /** When the current period began. */
    startTimeCurrent: attribute(7, optional(dateTime)),
    /** Length of a period, in seconds. */
    period: fixed(8, uint32),
    /** Periods that a sliding average spans; 1 for block demand. */
    numberOfPeriods: fixed(9, uint16),
  },
  methods: {
    /** Clears both averages and begins a period. */
    reset: action(1),
    /** Ends the current period now. */
    nextPeriod: action(2),
  },
  methodOffset: 0x48,
}));
