import { CosemDateTime } from "../data/index.js";
import { localText } from "./chart.js";
import type { LinkFlags } from "./link-flags.js";
import { invalid } from "./link-options.js";
import { withMeter } from "./session.js";

export interface ClockFlags extends LinkFlags {
  readonly set?: string;
  readonly obis: string;
  readonly json?: boolean;
}

/** Carries out `dlms clock`. */
export async function runClock(flags: ClockFlags): Promise<void> {
  const target = flags.set === undefined || flags.set === "now" ? undefined : new Date(flags.set);
  if (target !== undefined && Number.isNaN(target.getTime()))
    throw invalid(`--set ${flags.set}`, "Write now, or a time as 2026-11-21T10:15:00+01:00.");
  const shown = await withMeter(flags, async ({ meter, signal }) => {
    const clock = meter.clock(flags.obis as "0-0:1.0.0*255");
    const before = await clock.time.get({ signal });
    if (flags.set === undefined) return { time: before, machine: new Date() };
    const to = target ?? new Date();
    // Written with the deviation that the meter itself uses, so that its local time stays what it is.
    const utcOffsetMinutes = before.deviation === undefined ? -to.getTimezoneOffset() : -before.deviation;
    await clock.time.set(CosemDateTime.fromDate(to, { utcOffsetMinutes }), { signal });
    return { before, time: await clock.time.get({ signal }), machine: new Date() };
  });
  const at = shown.time.epochMs();
  const offBySeconds = at === undefined ? undefined : Math.round((at - shown.machine.getTime()) / 1000);
  if (flags.json === true) {
    const json = {
      meter: shown.time.toString(),
      machine: shown.machine.toISOString(),
      offBySeconds: offBySeconds ?? null,
    };
    process.stdout.write(`${JSON.stringify(json)}\n`);
    return;
  }
  if (shown.before !== undefined) process.stdout.write(`before   ${shown.before}\n`);
  process.stdout.write(`meter    ${shown.time}\nmachine  ${localText(shown.machine)}\n`);
  process.stdout.write(
    `off by   ${offBySeconds === undefined ? "unknown: the meter gives no deviation" : `${offBySeconds} s`}\n`,
  );
}
