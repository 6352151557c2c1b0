/** A measured value with its scaler and unit (IEC 62056-6-2, scal_unit_type), exact. */
import { dlmsError } from "../base/index.js";
import type { Data } from "../data/index.js";
import { scaleDecimal, shortestFloat32, unscaleDecimal } from "./decimal.js";
import { type UnitName, unitCode, unitName, unitText } from "./unit.js";

/** Value of a scaler_unit attribute: the decimal exponent and the physical unit. */
export interface ScalerUnit {
  /** Power of ten that the raw value is multiplied by, -128 to 127. */
  readonly scaler: number;
  /** Symbol, or the code where it has none. */
  readonly unit: UnitName | number;
}

/** Largest power of ten that a double holds exactly. */
const exactPower = 22;
const powers = /* @__PURE__ */ Array.from({ length: exactPower + 1 }, (_, i) => Number(`1e${i}`));

/** The raw value as the meter sent it, its scaler and its unit. Immutable. */
export class Quantity {
  /** As on the wire; 64-bit integers are bigint. */
  readonly raw: number | bigint;
  /** Power of ten that `raw` is multiplied by. */
  readonly scaler: number;
  /** Symbol of the unit, or its code where it has none. */
  readonly unit: UnitName | number;
  readonly #single: boolean;

  private constructor(raw: number | bigint, scaler: number, unit: UnitName | number, single: boolean) {
    this.raw = raw;
    this.scaler = scaler;
    this.unit = unit;
    this.#single = single;
  }

  /** @param unit symbol or code of the standard's table */
  static of(raw: number | bigint, scaler = 0, unit: UnitName | number = "count"): Quantity {
    return new Quantity(raw, scaler, typeof unit === "number" ? unitName(unit) : unit, false);
  }

  /**
   * The quantity that a decimal text means, counted in units of ten to the scaler.
   * @throws UsageError `value-does-not-fit` when the text is no decimal number or finer than the scaler.
   */
  static parse(decimal: string, { scaler, unit }: ScalerUnit): Quantity {
    const raw = unscaleDecimal(decimal, scaler);
    if (raw === undefined)
      throw dlmsError("value-does-not-fit", `"${decimal}" is not a whole multiple of 10^${scaler}`, { layer: "cosem" });
    const small = raw >= Number.MIN_SAFE_INTEGER && raw <= Number.MAX_SAFE_INTEGER;
    return Quantity.of(small ? Number(raw) : raw, scaler, unit);
  }

  /**
   * A number as it came from the meter.
   * @throws DecodeError `unexpected-type` when the data is no number.
   */
  static fromData(data: Data, { scaler, unit }: ScalerUnit): Quantity {
    const raw = numberOf(data);
    if (raw === undefined)
      throw dlmsError("unexpected-type", `${data.type} where a number with a unit was expected`, {
        layer: "cosem",
        expected: "a number",
      });
    return new Quantity(raw, scaler, unit, data.type === "float32");
  }

  /** The scaled value as the nearest double. */
  get value(): number {
    const { raw, scaler } = this;
    if (typeof raw === "number" && Math.abs(scaler) <= exactPower && (scaler === 0 || Number.isSafeInteger(raw))) {
      // A whole number and a power of ten are both exact here, so one operation rounds correctly.
      if (scaler !== 0) return scaler < 0 ? raw / (powers[-scaler] as number) : raw * (powers[scaler] as number);
      if (!this.#single) return raw;
    }
    return Number(this.toDecimal());
  }

  /** Code of the unit in the standard's table. */
  get unitCode(): number {
    return unitCode(this.unit);
  }

  /** The exact scaled value, as `1234.50`: digits after the point show the resolution. `NaN` and the like for such floats. */
  toDecimal(): string {
    return scaleDecimal(this.#single ? shortestFloat32(this.raw as number) : String(this.raw), this.scaler);
  }

  /** The exact value and its unit, as `1234.50 Wh`. */
  toString(): string {
    const unit = unitText(this.unit);
    return unit === "" ? this.toDecimal() : `${this.toDecimal()} ${unit}`;
  }

  toJSON(): { readonly value: string; readonly unit: UnitName | number } {
    return { value: this.toDecimal(), unit: this.unit };
  }

  /** True for the same raw value, scaler and unit. */
  equals(other: Quantity): boolean {
    return this.raw === other.raw && this.scaler === other.scaler && this.unit === other.unit;
  }
}

/** The number that a value holds; undefined for anything that is no number. */
export function numberOf(data: Data): number | bigint | undefined {
  if (data.type === "long64" || data.type === "long64-unsigned") return data.value;
  return "value" in data && typeof data.value === "number" ? data.value : undefined;
}
