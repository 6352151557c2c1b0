import { structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed, method } from "../define.js";
import { ClockBase } from "../enumerations.js";
import { bool, dateTime, enumOf, int8, int16, uint8 } from "../simple-types.js";

/** Clock (class 8): date and time, time zone and daylight saving. */
export const Clock = /* @__PURE__ */ defineClass(() => ({
  id: 8,
  version: 0,
  name: "clock",
  attributes: {
    /** Local date and time, with the difference to UTC and the status. */
    time: attribute(2, dateTime),
    /** Minutes from local standard time to UTC (-60 in Central Europe; some meters have the sign inverted). */
    timeZone: fixed(3, int16),
    /** Status bits, as in a date-time: see `clockStatus`. */
    status: attribute(4, uint8),
    /** When daylight saving begins; mostly with wildcards. */
    daylightSavingsBegin: fixed(5, dateTime),
    /** When daylight saving ends; mostly with wildcards. */
    daylightSavingsEnd: fixed(6, dateTime),
    /** Minutes that daylight saving adds to the time, -120 to 120. */
    daylightSavingsDeviation: fixed(7, int8),
    daylightSavingsEnabled: fixed(8, bool),
    /** What the clock runs by. */
    clockBase: fixed(9, enumOf(ClockBase)),
  },
  methods: {
    /** Moves the time to the nearest quarter of an hour. */
    adjustToQuarter: action(1),
    /** Moves the time to the nearest start of a measuring period. */
    adjustToMeasuringPeriod: action(2),
    /** Moves the time to the nearest minute. */
    adjustToMinute: action(3),
    /** Takes the time given before by `presetAdjustingTime`. */
    adjustToPresetTime: action(4),
    /** Keeps a time for `adjustToPresetTime`, which must come within the interval. */
    presetAdjustingTime: method(
      5,
      structure({ presetTime: dateTime, validityIntervalStart: dateTime, validityIntervalEnd: dateTime }),
    ),
    /** Moves the time by seconds, -900 to 900. */
    shiftTime: method(6, int16),
  },
  methodOffset: 0x60,
}));
