import { array, structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed, query, selective } from "../define.js";
import { SortMethod } from "../enumerations.js";
import { anyData, enumOf, uint16, uint32 } from "../simple-types.js";
import { captureObject } from "./records.js";

/** Profile generic (class 7): rows of captured attributes, such as a load profile or an event log. */
export const ProfileGeneric = /* @__PURE__ */ defineClass(() => ({
  id: 7,
  version: 1,
  name: "profileGeneric",
  attributes: {
    /** The rows. `meter.profile(obis).rows()` reads them typed, in parts, and as they arrive. */
    buffer: selective(attribute(2, anyData), {
      1: structure({
        restrictingObject: captureObject,
        fromValue: anyData,
        toValue: anyData,
        selectedValues: array(captureObject),
      }),
      2: structure({ fromEntry: uint32, toEntry: uint32, fromSelectedValue: uint16, toSelectedValue: uint16 }),
    }),
    /** The columns: which attributes are captured. */
    captureObjects: fixed(3, array(captureObject)),
    /** Seconds between two rows; 0 when rows are not captured by time. */
    capturePeriod: fixed(4, uint32),
    /** In which order the rows stand. */
    sortMethod: fixed(5, enumOf(SortMethod)),
    /** The column that the rows are sorted by, for the methods that sort by value. */
    sortObject: fixed(6, captureObject),
    /** Rows in the buffer now. */
    entriesInUse: attribute(7, uint32),
    /** Rows that the buffer holds at most. */
    profileEntries: fixed(8, uint32),
  },
  methods: {
    /** Deletes all rows. */
    reset: action(1),
    /** Captures a row now. */
    capture: action(2),
  },
  methodOffset: 0x58,
}));

/** Profile generic, version 0. The parameters of its additional methods are not settled and stay Data. */
export const ProfileGenericV0 = /* @__PURE__ */ defineClass(() => ({
  id: 7,
  version: 0,
  name: "profileGeneric",
  attributes: ProfileGeneric.attributes,
  methods: {
    /** Deletes all rows. */
    reset: action(1),
    /** Captures a row now. */
    capture: action(2),
    /** Rows in a range of values. */
    getBufferByRange: query(3, anyData, anyData),
    /** Rows from one number to another. */
    getBufferByIndex: query(4, anyData, anyData),
  },
  methodOffset: 0x58,
}));
