import { Clock, Obis } from "../cosem/index.js";
import { CosemDateTime, type Data } from "../data/index.js";
import type { MockObject } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";
import { centralEurope, deviationAt, isDaylightSaving, type MeterTimeZone } from "./time-zone.js";

/** Bits of the clock status octet (IEC 62056-6-2, clock status). */
const clockStatus = { daylightSaving: 0x80 } as const;

const minute = 60_000;

/** The meter's own clock: follows the given wall time until a client sets it. */
export class MeterClock {
  readonly zone: MeterTimeZone;
  readonly #wallTime: () => number;
  /** What a client's setting put between the wall and the meter, milliseconds. */
  #offset = 0;

  constructor(wallTime: () => number, zone: MeterTimeZone = centralEurope) {
    this.#wallTime = wallTime;
    this.zone = zone;
  }

  /** Milliseconds UTC. */
  now(): number {
    return this.#wallTime() + this.#offset;
  }

  set(utc: number): void {
    this.#offset = utc - this.#wallTime();
  }

  /** The twelve octets of a date-time in local time, with deviation and status. */
  dateTime(utc: number): Uint8Array {
    const deviation = deviationAt(utc, this.zone);
    const local = new Date(utc - deviation * 60_000);
    const year = local.getUTCFullYear();
    const status = deviation !== this.zone.timeZone ? clockStatus.daylightSaving : 0;
    return Uint8Array.of(
      year >> 8,
      year & 0xff,
      local.getUTCMonth() + 1,
      local.getUTCDate(),
      local.getUTCDay() === 0 ? 7 : local.getUTCDay(),
      local.getUTCHours(),
      local.getUTCMinutes(),
      local.getUTCSeconds(),
      Math.floor(local.getUTCMilliseconds() / 10),
      (deviation >> 8) & 0xff,
      deviation & 0xff,
      status,
    );
  }

  /** Milliseconds UTC of a date-time; one without deviation is local time. Undefined when date or time is missing. */
  instantOf(value: Data): number | undefined {
    if (value.type !== "octet-string" && value.type !== "date-time") return undefined;
    const octet = (index: number) => value.value[index] ?? 0xff;
    const year = (octet(0) << 8) | octet(1);
    if (value.value.length !== 12 || year === 0xffff || octet(2) > 12 || octet(3) > 31 || octet(5) > 23)
      return undefined;
    const known = (index: number) => (octet(index) === 0xff ? 0 : octet(index));
    const local = Date.UTC(year, octet(2) - 1, octet(3), octet(5), known(6), known(7)) + known(8) * 10;
    const deviation = (((octet(9) << 8) | octet(10)) << 16) >> 16;
    if (deviation !== -0x8000) return local + deviation * 60_000;
    const summer = local + (this.zone.timeZone - this.zone.daylightSaving) * 60_000;
    return isDaylightSaving(summer) ? summer : local + this.zone.timeZone * 60_000;
  }

  /** The Clock object (class 8). */
  object(logicalName: Uint8Array): MockObject {
    const change = (month: number) =>
      CosemDateTime.fromOctets(Uint8Array.of(0xff, 0xff, month, 0xfe, 7, month === 3 ? 2 : 3, 0, 0, 0, 0x80, 0, 0));
    return object(
      Clock,
      Obis.fromOctets(logicalName),
      {
        time: () => this.#cosemTime(),
        timeZone: this.zone.timeZone,
        status: () => this.dateTime(this.now())[11] ?? 0,
        daylightSavingsBegin: change(3),
        daylightSavingsEnd: change(10),
        daylightSavingsDeviation: this.zone.daylightSaving,
        daylightSavingsEnabled: this.zone.daylightSaving !== 0,
        clockBase: "internal-crystal",
      },
      {
        set: { time: ({ octets }) => this.#write(octets) },
        methods: {
          adjustToQuarter: () => this.#round(15 * minute),
          adjustToMinute: () => this.#round(minute),
          shiftTime: (seconds) => {
            if (Math.abs(seconds) > 900) throw new Refusal(accessResult.typeUnmatched);
            this.set(this.now() + seconds * 1000);
          },
        },
      },
    );
  }

  #cosemTime(): CosemDateTime {
    return CosemDateTime.fromOctets(this.dateTime(this.now()));
  }

  #write(octets: Uint8Array): void {
    const utc = this.instantOf({ type: "octet-string", value: octets });
    if (utc === undefined) throw new Refusal(accessResult.typeUnmatched);
    this.set(utc);
  }

  #round(unit: number): void {
    this.set(Math.round(this.now() / unit) * unit);
  }
}
