import { hashedRandom } from "./random.js";
import { deviationAt, isDaylightSaving, type MeterTimeZone } from "./time-zone.js";

/** Bits of the profile status column, as European load profiles use them. */
export const profileStatus = {
  criticalError: 0x01,
  clockInvalid: 0x02,
  dataNotValid: 0x04,
  daylightSaving: 0x08,
  clockAdjusted: 0x20,
  powerDown: 0x80,
} as const;

export interface HouseholdOptions {
  readonly seed: number;
  /** Seconds between two rows. */
  readonly periodSeconds: number;
  /** First interval, milliseconds UTC; a whole number of periods. */
  readonly start: number;
  readonly zone: MeterTimeZone;
  /** Power outages, milliseconds UTC: nothing is captured in them. */
  readonly outages: readonly { readonly from: number; readonly to: number }[];
  /** Peak power of the solar panels in watt; 0 for none. */
  readonly solarPeak: number;
}

/** A row of the load profile: registers as they stood at the end of an interval. */
export interface HouseholdRow {
  /** End of the interval, milliseconds UTC. */
  readonly time: number;
  readonly status: number;
  /** Energy taken and given since the meter was installed, Wh. */
  readonly importWh: number;
  readonly exportWh: number;
}

const dayMs = 86_400_000;

/** A household with its load through day, week and year; grows as time goes by. */
export class Household {
  readonly options: HouseholdOptions;
  readonly #rows: HouseholdRow[] = [];
  #next: number;
  #importWh = 4_321_000;
  #exportWh = 0;
  #afterOutage = false;

  constructor(options: HouseholdOptions) {
    this.options = options;
    this.#next = options.start + options.periodSeconds * 1000;
    this.#exportWh = options.solarPeak > 0 ? 1_234_000 : 0;
  }

  /** All rows whose interval ended by then. */
  rowsUntil(time: number): readonly HouseholdRow[] {
    for (; this.#next <= time; this.#next += this.options.periodSeconds * 1000) this.#capture(this.#next);
    return this.#rows;
  }

  /** The registers at that moment, Wh. */
  totals(time: number): { readonly importWh: number; readonly exportWh: number } {
    this.rowsUntil(time);
    const since = Math.max(0, time - (this.#next - this.options.periodSeconds * 1000)) / 3_600_000;
    const { load, solar } = this.#power(time);
    return {
      importWh: Math.floor(this.#importWh + Math.max(0, load - solar) * since),
      exportWh: Math.floor(this.#exportWh + Math.max(0, solar - load) * since),
    };
  }

  /** Energy taken until then, Wh; for moments that went by as of the end of an interval. */
  importWhAt(time: number): number {
    const rows = this.rowsUntil(time);
    if (time >= (rows.at(-1)?.time ?? 0)) return this.totals(time).importWh;
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i];
      if (row !== undefined && row.time <= time) return row.importWh;
    }
    return rows[0]?.importWh ?? this.#importWh;
  }

  /** Power drawn and given at that moment, watt. */
  power(time: number): { readonly importW: number; readonly exportW: number } {
    if (this.#isOut(time)) return { importW: 0, exportW: 0 };
    const { load, solar } = this.#power(time);
    return { importW: Math.round(Math.max(0, load - solar)), exportW: Math.round(Math.max(0, solar - load)) };
  }

  #capture(end: number): void {
    if (this.#isOut(end)) {
      this.#afterOutage = true;
      return;
    }
    const hours = this.options.periodSeconds / 3600;
    const { load, solar } = this.#power(end - this.options.periodSeconds * 500);
    this.#importWh += Math.round(Math.max(0, load - solar) * hours);
    this.#exportWh += Math.round(Math.max(0, solar - load) * hours);
    const status =
      (isDaylightSaving(end) && this.options.zone.daylightSaving !== 0 ? profileStatus.daylightSaving : 0) |
      (this.#afterOutage ? profileStatus.powerDown : 0);
    this.#afterOutage = false;
    this.#rows.push({ time: end, status, importWh: this.#importWh, exportWh: this.#exportWh });
  }

  #isOut(time: number): boolean {
    return this.options.outages.some(({ from, to }) => time >= from && time < to);
  }

  #power(time: number): { load: number; solar: number } {
    const { seed, solarPeak } = this.options;
    const local = time - deviationAt(time, this.options.zone) * 60_000;
    const hour = (local % dayMs) / 3_600_000;
    const day = Math.floor(local / dayMs);
    const slot = Math.floor(time / (this.options.periodSeconds * 1000));
    // 1 at midwinter, -1 at midsummer.
    const winter = Math.cos(((day % 365.25) / 365.25) * 2 * Math.PI);
    // Day 0 was a Thursday.
    const weekend = day % 7 === 2 || day % 7 === 3;
    const morning = (weekend ? 0.6 : 1) * bump(hour, weekend ? 9.5 : 7.2, 1.1);
    const noon = (weekend ? 0.9 : 0.35) * bump(hour, 12.7, 1.2);
    const evening = bump(hour, 19.4, 2.1) * (1 + 0.25 * winter);
    const shape = 0.12 + 0.5 * morning + 0.4 * noon + evening;
    const fridge = 55 * (slot % 4 < 2 ? 1 : 0.2);
    const kettle =
      hashedRandom(seed, slot) > 0.955 && hour > 6 && hour < 23 ? 900 + 1100 * hashedRandom(seed + 1, slot) : 0;
    const noise = 0.75 + 0.5 * hashedRandom(seed + 2, slot);
    const load = 95 + fridge + 780 * shape * (1 + 0.3 * winter) * noise + kettle;
    const clouds = 0.35 + 0.65 * hashedRandom(seed + 3, day) * (0.7 + 0.3 * hashedRandom(seed + 4, slot));
    const sunrise = 6 + 1.7 * winter;
    const sunset = 19 - 2.3 * winter;
    const height = hour > sunrise && hour < sunset ? Math.sin(((hour - sunrise) / (sunset - sunrise)) * Math.PI) : 0;
    return { load, solar: solarPeak * height * clouds * (0.6 - 0.35 * winter) };
  }
}

/** A bell around `centre` of the given half width, hours, around the clock. */
function bump(hour: number, centre: number, width: number): number {
  const distance = Math.min(Math.abs(hour - centre), 24 - Math.abs(hour - centre));
  return Math.exp(-((distance / width) ** 2));
}
