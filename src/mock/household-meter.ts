import { Obis, Register, Unit, type UnitName } from "../cosem/index.js";
import { type Data, octets, text, u8, u16, u32, utf8 } from "../data/index.js";
import { sapAssignmentObject } from "./association-object.js";
import { demandObject } from "./demand-object.js";
import { Household, type HouseholdOptions } from "./household.js";
import { imageTransferObject } from "./image-object.js";
import type { MeterClock } from "./meter-clock.js";
import type { MockObject, RequestContext } from "./object.js";
import { type CapturedRow, type ProfileObjectOptions, profileObject } from "./profile-object.js";
import { hashedRandom } from "./random.js";
import { dataObject, extendedRegisterObject } from "./simple-objects.js";
import { disconnectControlObject } from "./switch-object.js";
import { object } from "./table-object.js";

export interface HouseholdMeterOptions {
  readonly seed?: number;
  /** Days of load profile before now. Default 40. */
  readonly days?: number;
  /** Minutes between two rows. Default 15. */
  readonly intervalMinutes?: number;
  /** Peak power of the solar panels, watt. Default 4,000; 0 for a house without. */
  readonly solarPeak?: number;
  /** Power outages, milliseconds UTC. Default: two hours and a half, three days ago. */
  readonly outages?: HouseholdOptions["outages"];
  readonly serialNumber?: string;
  /** How the load profile deviates from the standard, to try a client's patience. */
  readonly profile?: Pick<
    ProfileObjectOptions,
    "sortMethod" | "nullCompression" | "selectors" | "rangeForm" | "leavesOut"
  >;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Octets of a logical name written as `1.0.1.8.0.255`. */
export function logicalName(name: string): Uint8Array {
  return Uint8Array.from(name.split("."), Number);
}

/** The objects of an electricity meter in a household, with everything a reading client asks for. */
export function householdObjects(
  clock: MeterClock,
  systemTitle: Uint8Array,
  options: HouseholdMeterOptions,
): MockObject[] {
  const seed = options.seed ?? 1;
  const periodSeconds = (options.intervalMinutes ?? 15) * 60;
  const period = periodSeconds * 1000;
  const days = options.days ?? 40;
  const now = clock.now();
  const midnight = Math.floor((now - days * day) / period) * period;
  const outageStart = Math.floor((now - 3 * day) / day) * day + 13 * hour;
  const household = new Household({
    seed,
    periodSeconds,
    start: midnight,
    zone: clock.zone,
    solarPeak: options.solarPeak ?? 4000,
    outages: options.outages ?? [{ from: outageStart, to: outageStart + 2.5 * hour }],
  });
  const serialNumber = options.serialNumber ?? String(10_000_000 + seed);
  const clockName = logicalName("0.0.1.0.0.255");
  const register = (name: string, scaler: number, unit: UnitName, value: (context: RequestContext) => Data) =>
    object(Register, Obis.fromOctets(logicalName(name)), { value, scalerUnit: { scaler, unit } });
  return [
    dataObject(logicalName("0.0.42.0.0.255"), () => octets(ascii(`DLM${serialNumber.padStart(13, "0")}`))),
    dataObject(logicalName("0.0.96.1.0.255"), () => octets(ascii(serialNumber))),
    dataObject(logicalName("1.0.0.2.0.255"), () => utf8("dlms-cosem mock meter")),
    dataObject(logicalName("0.0.96.10.1.255"), (context) => u8(lastRow(household, context)?.status ?? 0)),
    dataObject(logicalName("0.0.96.7.21.255"), () => u16(household.options.outages.length)),
    sapAssignmentObject(logicalName("0.0.41.0.0.255"), [{ sap: 1, name: systemTitle }]),
    clock.object(clockName),
    register("1.0.1.8.0.255", 0, "Wh", ({ now: at }) => u32(household.totals(at).importWh)),
    register("1.0.2.8.0.255", 0, "Wh", ({ now: at }) => u32(household.totals(at).exportWh)),
    register("1.0.1.7.0.255", 0, "W", ({ now: at }) => u32(household.power(at).importW)),
    register("1.0.2.7.0.255", 0, "W", ({ now: at }) => u32(household.power(at).exportW)),
    register("1.0.32.7.0.255", -1, "V", ({ now: at }) => u16(2280 + Math.round(60 * noise(seed, at)))),
    register("1.0.31.7.0.255", -2, "A", ({ now: at }) => u16(Math.round((household.power(at).importW / 230) * 100))),
    register("1.0.14.7.0.255", -2, "Hz", ({ now: at }) => u16(4995 + Math.round(10 * noise(seed + 1, at)))),
    maximumDemand(household, clock),
    demandObject({
      logicalName: "1-0:1.4.0*255",
      clock,
      unit: "W",
      periodSeconds,
      accumulated: (at) => household.importWhAt(at),
    }),
    loadProfile(household, clock, clockName, options),
    disconnectControlObject(logicalName("0.0.96.3.10.255")),
    imageTransferObject({ logicalName: logicalName("0.0.44.0.0.255") }),
    eventLog(household, clock, clockName),
    dataObject(logicalName("0.0.96.13.0.255"), () => text("")),
  ];
}

function loadProfile(
  household: Household,
  clock: MeterClock,
  clockName: Uint8Array,
  options: HouseholdMeterOptions,
): MockObject {
  const captured: CapturedRow[] = [];
  return profileObject({
    logicalName: logicalName("1.0.99.1.0.255"),
    columns: [
      { classId: 8, logicalName: clockName, attributeId: 2 },
      { classId: 1, logicalName: logicalName("0.0.96.10.1.255"), attributeId: 2 },
      { classId: 3, logicalName: logicalName("1.0.1.8.0.255"), attributeId: 2 },
      { classId: 3, logicalName: logicalName("1.0.2.8.0.255"), attributeId: 2 },
    ],
    clockColumn: 0,
    capturePeriodSeconds: household.options.periodSeconds,
    profileEntries: Math.max(1, Math.ceil(((options.days ?? 40) * day) / (household.options.periodSeconds * 1000))),
    instantOf: (value) => clock.instantOf(value),
    rows: ({ now }) => {
      const rows = household.rowsUntil(now);
      for (const { time, status, importWh, exportWh } of rows.slice(captured.length))
        captured.push({ time, cells: [octets(clock.dateTime(time)), u8(status), u32(importWh), u32(exportWh)] });
      return captured;
    },
    ...options.profile,
  });
}

/** The standard event log: power down (1) and power up (2) of each outage. */
function eventLog(household: Household, clock: MeterClock, clockName: Uint8Array): MockObject {
  return profileObject({
    logicalName: logicalName("0.0.99.98.0.255"),
    columns: [
      { classId: 8, logicalName: clockName, attributeId: 2 },
      { classId: 1, logicalName: logicalName("0.0.96.11.0.255"), attributeId: 2 },
    ],
    clockColumn: 0,
    // Captured when something happens, not by time.
    capturePeriodSeconds: 0,
    profileEntries: 100,
    instantOf: (value) => clock.instantOf(value),
    rows: ({ now }) =>
      household.options.outages
        .flatMap(({ from, to }) => [
          { time: from, code: 1 },
          { time: to, code: 2 },
        ])
        .filter(({ time }) => time <= now)
        .map(({ time, code }) => ({ time, cells: [octets(clock.dateTime(time)), u8(code)] })),
  });
}

/** Highest average power of an interval since the last reset, and when it was: Extended register 1-0:1.6.0. */
function maximumDemand(household: Household, clock: MeterClock): MockObject {
  let since = household.options.start;
  const highest = ({ now }: RequestContext) => {
    const rows = household.rowsUntil(now);
    let best = { watt: 0, time: since };
    for (let i = 1; i < rows.length; i++) {
      const [before, row] = [rows[i - 1], rows[i]];
      if (before === undefined || row === undefined || row.time <= since) continue;
      const watt = Math.round(((row.importWh - before.importWh) * 3_600_000) / (row.time - before.time));
      if (watt > best.watt) best = { watt, time: row.time };
    }
    return best;
  };
  return extendedRegisterObject(
    logicalName("1.0.1.6.0.255"),
    0,
    Unit.W,
    (context) => u32(highest(context).watt),
    (context) => octets(clock.dateTime(highest(context).time)),
    ({ now }) => {
      since = now;
    },
  );
}

function lastRow(household: Household, { now }: RequestContext) {
  return household.rowsUntil(now).at(-1);
}

/** A number from 0 to 1 that changes every ten seconds. */
function noise(seed: number, time: number): number {
  return hashedRandom(seed, Math.floor(time / 10_000));
}

function ascii(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}
