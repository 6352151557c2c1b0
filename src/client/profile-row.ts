import { type ClockRule, type ProfileColumn, Quantity, type ScalerUnit } from "../cosem/index.js";
import { type Column, CosemDateTime, cellState, type Data, type DateTimeFields } from "../data/index.js";

/** A cell: a number with its unit, a plain number, a date-time, or the Data itself; undefined where it is missing. */
export type ProfileValue =
  | Quantity
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | CosemDateTime
  | Data
  | undefined;

/** Where the value of a cell comes from: given, repeated or summed up by the protocol, or missing. */
export type CellOrigin = keyof typeof cellState;

/** What the rows of one batch share. */
export interface RowBatch {
  readonly columns: readonly ProfileColumn[];
  readonly cells: readonly Column[];
  readonly scalers: readonly (ScalerUnit | undefined)[];
  readonly clock: number;
  readonly rule: ClockRule | undefined;
  readonly invertDeviation: boolean;
  readonly nullMissing: boolean;
  /** True when the rows come newest first. */
  readonly descending: boolean;
  /** Index of each column by its name. */
  readonly indexes: ReadonlyMap<string, number>;
}

const origins: readonly CellOrigin[] = ["given", "repeated", "summed", "missing"];
const minuteMs = 60_000;
const savingBit = 0x80;
const notSpecified = 0xff;
const noDeviation = -0x8000;

/** One row of a profile. Values are made when they are asked for. */
export class ProfileRow {
  /** Number of the row in the read, from 0; a resumed read counts on. */
  readonly index: number;
  readonly #batch: RowBatch;
  readonly #at: number;

  constructor(batch: RowBatch, at: number, index: number) {
    this.#batch = batch;
    this.#at = at;
    this.index = index;
  }

  /**
   * When the row was captured, with deviation and status. Where the meter left it out (`timestampFilled`), the time
   * above and the capture period. Undefined when the profile has no clock or the time is not known.
   */
  get timestamp(): CosemDateTime | undefined {
    return timestampAt(this.#batch, this.#at);
  }

  /** The instant; undefined when it, or the difference to UTC, is not known. */
  get time(): Date | undefined {
    const { epochMs } = rowTime(this.#batch, this.#at);
    return epochMs === undefined ? undefined : new Date(epochMs);
  }

  /** True when the meter sent null-data for the clock and the time follows from the row before. */
  get timestampFilled(): boolean {
    return this.#batch.clock >= 0 && originAt(this.#batch, this.#batch.clock, this.#at) === "repeated";
  }

  /** Value of the first status column; undefined when there is none. */
  get status(): ProfileValue {
    return valueAt(
      this.#batch,
      this.#batch.columns.findIndex(({ role }) => role === "status"),
      this.#at,
    );
  }

  /** Values by column name, the clock left out. */
  get values(): Readonly<Record<string, ProfileValue>> {
    const values: Record<string, ProfileValue> = {};
    for (const [i, { name }] of this.#batch.columns.entries())
      if (i !== this.#batch.clock) values[name] = valueAt(this.#batch, i, this.#at);
    return values;
  }

  /** Names of the columns. */
  get columns(): readonly string[] {
    return this.#batch.columns.map(({ name }) => name);
  }

  /** Value of a column by name; undefined when it is missing or there is no such column. */
  get(column: string): ProfileValue {
    return valueAt(this.#batch, this.#columnNamed(column), this.#at);
  }

  /** Where the value of a column comes from. */
  origin(column: string): CellOrigin {
    return originAt(this.#batch, this.#columnNamed(column), this.#at);
  }

  toJSON() {
    const { timestamp, time, values } = this;
    return { index: this.index, timestamp: timestamp?.toString(), time: time?.toISOString(), values };
  }

  #columnNamed(column: string): number {
    return this.#batch.indexes.get(column) ?? -1;
  }
}

/** Time of a row in both counts. */
export interface RowTime {
  /** Local time counted as if the place were UTC. */
  readonly localMs: number | undefined;
  readonly epochMs: number | undefined;
}

const unknownTime: RowTime = { localMs: undefined, epochMs: undefined };

/** When the row at `at` was captured. The clock rule serves where the row itself has no deviation. */
export function rowTime({ cells, clock, rule, invertDeviation }: RowBatch, at: number): RowTime {
  const column = cells[clock];
  if (!column || column.kind === "missing") return unknownTime;
  if (column.kind === "data") return timeOf(clockData(column.values[at]), rule, invertDeviation);
  if (column.kind !== "clock" || column.state[at] === cellState.missing) return unknownTime;
  const localMs = known(column.localMs[at]);
  const epochMs = known(column.epochMs[at]) ?? estimate(localMs, column.status[at] ?? notSpecified, rule);
  return { localMs, epochMs };
}

/** The same of a date-time on its own. */
export function timeOf(
  time: CosemDateTime | undefined,
  rule: ClockRule | undefined,
  invertDeviation: boolean,
): RowTime {
  if (!time) return unknownTime;
  const localMs = time.localMs();
  const epochMs = time.epochMs({ invertDeviation }) ?? estimate(localMs, time.octets[11] ?? notSpecified, rule);
  return { localMs, epochMs };
}

/** Without a deviation: by the status where it tells of daylight saving, else by the rule of the clock. */
function estimate(localMs: number | undefined, status: number, rule: ClockRule | undefined): number | undefined {
  if (localMs === undefined || !rule) return undefined;
  const standard = localMs - rule.standardOffset * minuteMs;
  if (status === notSpecified || rule.savedMinutes === 0) {
    const saved = rule.offsetAt(standard - rule.savedMinutes * minuteMs) - rule.standardOffset;
    return standard - saved * minuteMs;
  }
  return (status & savingBit) === 0 ? standard : standard - rule.savedMinutes * minuteMs;
}

function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

function clockData(data: Data | undefined): CosemDateTime | undefined {
  if (data?.type !== "octet-string" && data?.type !== "date-time") return undefined;
  return data.value.length === 12 ? CosemDateTime.fromOctets(data.value) : undefined;
}

function timestampAt({ cells, clock }: RowBatch, at: number): CosemDateTime | undefined {
  const column = cells[clock];
  if (!column || column.kind === "missing") return undefined;
  if (column.kind === "data") return clockData(column.values[at]);
  if (column.kind !== "clock" || column.state[at] === cellState.missing) return undefined;
  if (column.state[at] === cellState.given) return CosemDateTime.fromOctets(column.raw.subarray(12 * at, 12 * at + 12));
  const localMs = known(column.localMs[at]);
  return localMs === undefined ? undefined : filledTime(localMs, column.deviation[at], column.status[at]);
}

/** The date-time that a row without one stands for; deviation and status are those of the row above. */
function filledTime(localMs: number, deviation = noDeviation, status = notSpecified): CosemDateTime {
  const local = new Date(localMs);
  const fields: DateTimeFields = {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    dayOfMonth: local.getUTCDate(),
    dayOfWeek: local.getUTCDay() || 7,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    hundredths: Math.floor(local.getUTCMilliseconds() / 10),
    deviation,
    status,
  };
  return CosemDateTime.of(fields);
}

function originAt({ cells }: RowBatch, index: number, at: number): CellOrigin {
  const column = cells[index];
  if (!column || column.kind === "missing") return "missing";
  return origins[column.state[at] ?? cellState.missing] ?? "missing";
}

function valueAt(batch: RowBatch, index: number, at: number): ProfileValue {
  const column = batch.cells[index];
  if (!column || column.kind === "missing") return undefined;
  const state = column.state[at];
  if (state === cellState.missing || (state === cellState.repeated && batch.nullMissing)) return undefined;
  const scaler = batch.scalers[index];
  switch (column.kind) {
    case "number": {
      const value = column.values[at] as number;
      if (!scaler) return value;
      return column.type === "float32"
        ? Quantity.fromData({ type: "float32", value }, scaler)
        : Quantity.of(value, scaler.scaler, scaler.unit);
    }
    case "bigint": {
      const value = column.values[at] as bigint;
      return scaler ? Quantity.of(value, scaler.scaler, scaler.unit) : value;
    }
    case "clock":
      return timestampAt({ ...batch, clock: index }, at);
    case "data":
      return plainValue(column.values[at], scaler);
  }
}

/** Simple values as those of the language; what has no such form stays Data. */
function plainValue(data: Data | undefined, scaler: ScalerUnit | undefined): ProfileValue {
  if (!data) return undefined;
  switch (data.type) {
    case "null-data":
      return undefined;
    case "octet-string":
      return data.value;
    case "visible-string":
    case "utf8-string":
    case "boolean":
      return data.value;
    case "array":
    case "structure":
    case "compact-array":
    case "bit-string":
    case "dont-care":
    case "date-time":
    case "date":
    case "time":
      return data;
    default:
      return scaler ? Quantity.fromData(data, scaler) : data.value;
  }
}

/** A number that rows of equal content share, however they were sent. */
export function rowDigest(batch: RowBatch, at: number): number {
  let hash = 0x811c9dc5;
  const mix = (text: string) => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  };
  for (const column of batch.cells) {
    if (column.kind === "missing" || column.state[at] === cellState.missing) mix("");
    else if (column.kind === "clock") mix(`${column.localMs[at]}/${column.deviation[at]}`);
    else if (column.kind === "data") mix(JSON.stringify(column.values[at], plainJson));
    else mix(String(column.values[at]));
  }
  return hash >>> 0;
}

function plainJson(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? [...value] : value;
}
