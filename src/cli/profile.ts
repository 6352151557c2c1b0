import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Meter, ProfileCheckpoint, ProfileRow, RowsOptions } from "../client/index.js";
import { Quantity, unitText } from "../cosem/index.js";
import { type Series, svgChart, terminalChart } from "./chart.js";
import type { LinkFlags } from "./link-flags.js";
import { invalid, wholeNumber } from "./link-options.js";
import { RowWriter } from "./profile-output.js";
import { ProgressLine, progressText } from "./progress.js";
import { withMeter } from "./session.js";
import type { TableFormat } from "./table.js";

/** Flags of `dlms profile`. */
export interface ProfileFlags extends LinkFlags {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
  readonly entries?: string;
  readonly columns?: string;
  readonly format?: string;
  readonly json?: boolean;
  readonly output?: string;
  readonly svg?: string;
  /** False with `--no-chart`. */
  readonly chart?: string | boolean;
  readonly resume?: string;
}

const formats = ["table", "csv", "json", "ndjson"] as const;
const dayMs = 86_400_000;

/** Carries out `dlms profile`. */
export async function runProfile(obis: string, flags: ProfileFlags): Promise<void> {
  const format = formatOf(flags);
  const options = rowsOptions(flags);
  const rows = await withMeter(flags, ({ meter, signal }) =>
    transfer(meter, obis, flags, format, { ...options, signal }),
  );
  const series = seriesOf(rows, typeof flags.chart === "string" ? flags.chart : undefined);
  if (series === undefined) return;
  if (flags.svg !== undefined) writeFileSync(flags.svg, svgChart(series));
  const forPeople = process.stdout.isTTY === true || process.stderr.isTTY === true;
  if (flags.chart !== false && forPeople)
    process.stderr.write(`\n${terminalChart(series, { width: Math.max(24, (process.stderr.columns ?? 110) - 12) })}`);
}

/** Reads the rows and writes them as they come; what was read stays written when the rest fails. */
async function transfer(
  meter: Meter,
  obis: string,
  flags: ProfileFlags,
  format: TableFormat,
  options: RowsOptions,
): Promise<ProfileRow[]> {
  const writer = new RowWriter(format, flags.output);
  const progress = new ProgressLine();
  const kept: ProfileRow[] = [];
  const resume = checkpointOf(flags.resume);
  const read = meter.profile(obis as "1-0:99.1.0*255").rows({
    ...options,
    ...(resume === undefined ? {} : { resume }),
    onProgress: ({ rows, bytes, expectedRows, remainingMs }) =>
      progress.show(progressText({ rows, bytes, totalRows: expectedRows, remainingMs })),
  });
  try {
    for await (const row of read) {
      await writer.write(row);
      kept.push(row);
    }
    progress.show(`${kept.length} rows`, true);
    if (flags.resume !== undefined) rmSync(flags.resume, { force: true });
    return kept;
  } catch (error) {
    if (flags.resume !== undefined) {
      writeFileSync(flags.resume, JSON.stringify(read.checkpoint));
      process.stderr.write(`\n${kept.length} rows are safe; the same command goes on from ${flags.resume}\n`);
    }
    throw error;
  } finally {
    progress.end();
    await writer.end();
  }
}

function checkpointOf(file: string | undefined): ProfileCheckpoint | undefined {
  return file === undefined || !existsSync(file)
    ? undefined
    : (JSON.parse(readFileSync(file, "utf8")) as ProfileCheckpoint);
}

function formatOf({ format, json, output }: ProfileFlags): TableFormat {
  if (json === true) return "json";
  if (format === undefined) return process.stdout.isTTY === true && output === undefined ? "table" : "csv";
  const known = formats.find((name) => name === format);
  if (known === undefined) throw invalid(`--format ${format}`, `It is one of ${formats.join(", ")}.`);
  return known;
}

function rowsOptions({ from, to, last, entries, columns }: ProfileFlags): RowsOptions {
  const selected = columns === undefined ? {} : { columns: columns.split(",").map((name) => name.trim()) };
  const spans = [from ?? to, last, entries].filter((span) => span !== undefined);
  if (spans.length > 1) throw invalid("more than one span to read", "Give --from and --to, or --last, or --entries.");
  if (last !== undefined) return { ...selected, last: wholeNumber("--last", last, 1, 10_000_000) };
  if (entries !== undefined) {
    const [first = "", until] = entries.split(":");
    const range = { from: wholeNumber("--entries", first, 1, 0xffff_ffff) };
    return {
      ...selected,
      entries:
        until === undefined || until === "" ? range : { ...range, to: wholeNumber("--entries", until, 1, 0xffff_ffff) },
    };
  }
  return {
    ...selected,
    from: from === undefined ? new Date(Date.now() - dayMs) : timeOf("--from", from),
    ...(to === undefined ? {} : { to: timeOf("--to", to) }),
  };
}

/** A date alone is midnight of this machine's time zone, as a technician in front of the meter means it. */
function timeOf(flag: string, text: string): Date {
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text);
  if (Number.isNaN(time.getTime())) throw invalid(`${flag} ${text}`, "Write 2026-11-20, or 2026-11-20T10:00.");
  return time;
}

/**
 * What the chart shows: of a register that counts up, the mean power between two rows; of anything else the value
 * itself. Undefined when there is nothing to draw.
 */
export function seriesOf(rows: readonly ProfileRow[], column: string | undefined): Series | undefined {
  const [first] = rows;
  const name = column ?? first?.columns.find((candidate) => first.get(candidate) instanceof Quantity);
  const sample = name === undefined ? undefined : first?.get(name);
  if (name === undefined || !(sample instanceof Quantity) || rows.length < 2) return undefined;
  const unit = unitText(sample.unit);
  const isEnergy = unit.endsWith("h");
  const points = rows.flatMap((row, i) => {
    const [value, before] = [quantityAt(row, name), quantityAt(rows[i - 1], name)];
    if (row.time === undefined) return [];
    if (!isEnergy) return [{ time: row.time, value }];
    const hours = i === 0 ? 0 : (row.time.getTime() - (rows[i - 1]?.time?.getTime() ?? Number.NaN)) / 3_600_000;
    return i === 0 ? [] : [{ time: row.time, value: meanPower(before, value, hours) }];
  });
  return { title: isEnergy ? `${name}, mean power` : name, unit: isEnergy ? unit.slice(0, -1) : unit, points };
}

function quantityAt(row: ProfileRow | undefined, name: string): number | undefined {
  const value = row?.get(name);
  return value instanceof Quantity ? value.value : undefined;
}

function meanPower(before: number | undefined, after: number | undefined, hours: number): number | undefined {
  return before === undefined || after === undefined || !(hours > 0) ? undefined : (after - before) / hours;
}
