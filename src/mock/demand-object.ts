import { DemandRegister, type ObisLike, type UnitName } from "../cosem/index.js";
import { CosemDateTime, u8, u32 } from "../data/index.js";
import type { MeterClock } from "./meter-clock.js";
import type { MockObject } from "./object.js";
import { object } from "./table-object.js";

export interface DemandOptions {
  readonly logicalName: ObisLike;
  readonly clock: MeterClock;
  readonly unit: UnitName;
  readonly periodSeconds: number;
  /** What is averaged, accumulated since the meter was installed: for watt, watt hours. */
  accumulated(at: number): number;
}

const hourMs = 3_600_000;

/**
 * A Demand register (class 5) with block demand: averages of whole periods that begin on the clock's multiples of the
 * period; next_period ends one early, reset begins anew (IEC 62056-6-2, Demand register).
 */
export function demandObject({ clock, accumulated, ...options }: DemandOptions): MockObject {
  const periodMs = options.periodSeconds * 1000;
  let start: number | undefined;
  let startValue = 0;
  let last = 0;
  let captured: number | undefined;

  const begin = (at: number) => {
    start = at;
    startValue = accumulated(at);
  };
  /** Average since the period began: by the standard over a whole period, so that it grows from 0. */
  const current = (at: number) => ((accumulated(at) - startValue) * hourMs) / periodMs;
  const close = (at: number) => {
    last = Math.round(current(at));
    captured = at;
    begin(at);
  };
  /** Ends the periods that went by since the register was asked last. */
  const roll = (now: number) => {
    const aligned = Math.floor(now / periodMs) * periodMs;
    if (start === undefined || start > now) {
      begin(aligned - periodMs);
      close(aligned);
    } else if (aligned > start) {
      // Only the last whole period is told of; those before it leave no trace.
      if (aligned - periodMs > start) begin(aligned - periodMs);
      close(aligned);
    }
  };
  const at = (now: number) => CosemDateTime.fromOctets(clock.dateTime(now));
  const rolled =
    <T>(value: (now: number) => T) =>
    ({ now }: { readonly now: number }) => {
      roll(now);
      return value(now);
    };
  return object(
    DemandRegister,
    options.logicalName,
    {
      currentAverageValue: rolled((now) => u32(Math.round(current(now)))),
      lastAverageValue: rolled(() => u32(last)),
      scalerUnit: { scaler: 0, unit: options.unit },
      status: u8(0),
      captureTime: rolled(() => (captured === undefined ? undefined : at(captured))),
      startTimeCurrent: rolled(() => (start === undefined ? undefined : at(start))),
      period: options.periodSeconds,
      numberOfPeriods: 1,
    },
    {
      methods: {
        reset: (_, { now }) => {
          last = 0;
          captured = undefined;
          begin(now);
        },
        nextPeriod: (_, { now }) => {
          roll(now);
          close(now);
        },
      },
    },
  );
}
