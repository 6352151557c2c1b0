import type { SelectiveAccess } from "../association/index.js";
import { ByteWriter, toHex } from "../base/index.js";
import { writeLength } from "../codec/index.js";
import { Obis, ProfileGeneric } from "../cosem/index.js";
import { type Data, decodeData, encodeData, nullData } from "../data/index.js";
import type { MockObject, RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

/** A column of a profile: which attribute is captured. */
export interface CaptureColumn {
  readonly classId: number;
  readonly logicalName: Uint8Array;
  readonly attributeId: number;
  /** 0 captures the whole attribute. */
  readonly dataIndex?: number;
}

/** A captured row: one value a column. */
export interface CapturedRow {
  /** When it was captured, milliseconds UTC: what range access goes by. */
  readonly time: number;
  readonly cells: readonly Data[];
}

export interface ProfileObjectOptions {
  readonly logicalName: Uint8Array;
  readonly columns: readonly CaptureColumn[];
  /** Index of the clock column, or -1 when the profile has none. */
  readonly clockColumn: number;
  readonly capturePeriodSeconds: number;
  /** Most rows kept; the oldest give way (first in, first out). */
  readonly profileEntries: number;
  /** Rows captured so far, oldest first. */
  rows(context: RequestContext): readonly CapturedRow[];
  /** Time of a from or to value; undefined for one that is not understood. */
  instantOf(value: Data): number | undefined;
  /** 1 first in, first out (oldest row first); 2 last in, first out. */
  readonly sortMethod?: 1 | 2;
  /** Repeats of the cell above are sent as null-data. */
  readonly nullCompression?: boolean;
  /** Selective access offered: 1 by range, 2 by entry. */
  readonly selectors?: readonly (1 | 2)[];
  /** Refuse ranges whose bounds carry a deviation, or those whose bounds do not. */
  readonly rangeForm?: "any" | "without-deviation" | "with-deviation" | "whole-hours";
  /** Ends of a range that the meter leaves out, though the standard includes both. */
  readonly leavesOut?: "from" | "to" | "both";
  readonly capture?: (context: RequestContext) => void;
  readonly reset?: (context: RequestContext) => void;
}

const restrictingObjectSize = 4;

/** A Profile generic object (class 7, version 1) over rows that something else captures. */
export function profileObject(options: ProfileObjectOptions): MockObject {
  const kept = (context: RequestContext) => {
    const rows = options.rows(context).slice(-options.profileEntries);
    return options.sortMethod === 2 ? rows.reverse() : rows;
  };
  const captureObject = (column: CaptureColumn) => ({
    classId: column.classId,
    logicalName: Obis.fromOctets(column.logicalName),
    attributeIndex: column.attributeId,
    dataIndex: column.dataIndex ?? 0,
  });
  const clock = options.columns[options.clockColumn];
  return object(
    ProfileGeneric,
    Obis.fromOctets(options.logicalName),
    {
      captureObjects: options.columns.map(captureObject),
      capturePeriod: options.capturePeriodSeconds,
      sortMethod: options.sortMethod ?? 1,
      sortObject: captureObject(clock ?? noColumn),
      entriesInUse: (context) => kept(context).length,
      profileEntries: options.profileEntries,
    },
    {
      encoded: { buffer: (context) => encodeRows(kept(context), allColumns(options), options.nullCompression) },
      selectors: { buffer: options.selectors ?? [1, 2] },
      select: { buffer: (access, context) => select(options, access, kept(context)) },
      methods: {
        reset: (_, context) => act(options.reset, context),
        capture: (_, context) => act(options.capture, context),
      },
    },
  );
}

const noColumn: CaptureColumn = { classId: 0, logicalName: new Uint8Array(6), attributeId: 0 };

function act(behaviour: ((context: RequestContext) => void) | undefined, context: RequestContext): void {
  if (behaviour === undefined) throw new Refusal(accessResult.readWriteDenied);
  behaviour(context);
}

function allColumns(options: ProfileObjectOptions): number[] {
  return options.columns.map((_, index) => index);
}

function select(options: ProfileObjectOptions, access: SelectiveAccess, rows: readonly CapturedRow[]): Uint8Array {
  if (!(options.selectors ?? [1, 2]).includes(access.selector as 1 | 2))
    throw new Refusal(accessResult.scopeOfAccessViolated);
  const parameters = decodeData(access.parameters);
  if (parameters.type !== "structure") throw new Refusal(accessResult.typeUnmatched);
  return access.selector === 1 ? byRange(options, parameters.value, rows) : byEntry(options, parameters.value, rows);
}

/** Selector 1: restricting object, from, to, selected columns; both bounds are included. */
function byRange(options: ProfileObjectOptions, parameters: readonly Data[], rows: readonly CapturedRow[]): Uint8Array {
  const [restricting, from, to, selected] = parameters;
  if (restricting === undefined || from === undefined || to === undefined)
    throw new Refusal(accessResult.typeUnmatched);
  const clock = options.columns[options.clockColumn];
  if (clock === undefined || !namesColumn(restricting, clock)) throw new Refusal(accessResult.scopeOfAccessViolated);
  checkForm(options, from);
  checkForm(options, to);
  const [first, last] = [options.instantOf(from), options.instantOf(to)];
  if (first === undefined || last === undefined) throw new Refusal(accessResult.typeUnmatched);
  const columns = selectedColumns(options, selected);
  const { leavesOut } = options;
  const within = (time: number) =>
    (leavesOut === "from" || leavesOut === "both" ? time > first : time >= first) &&
    (leavesOut === "to" || leavesOut === "both" ? time < last : time <= last);
  const wanted = rows.filter(({ time }) => within(time));
  return encodeRows(wanted, columns, options.nullCompression);
}

/** Selector 2: from entry, to entry, from column, to column; counted from 1, an upper bound of 0 is the last. */
function byEntry(options: ProfileObjectOptions, parameters: readonly Data[], rows: readonly CapturedRow[]): Uint8Array {
  const [fromEntry = 1, toEntry = 0, fromColumn = 1, toColumn = 0] = parameters.map((parameter) => {
    if (parameter.type !== "double-long-unsigned" && parameter.type !== "long-unsigned")
      throw new Refusal(accessResult.typeUnmatched);
    return parameter.value;
  });
  const wanted = rows.slice(Math.max(0, fromEntry - 1), toEntry === 0 ? undefined : toEntry);
  const columns = allColumns(options).slice(Math.max(0, fromColumn - 1), toColumn === 0 ? undefined : toColumn);
  return encodeRows(wanted, columns, options.nullCompression);
}

function namesColumn(data: Data, column: CaptureColumn): boolean {
  if (data.type !== "structure" || data.value.length !== restrictingObjectSize) return false;
  const [classId, logicalName, attributeId] = data.value;
  return (
    classId?.type === "long-unsigned" &&
    classId.value === column.classId &&
    logicalName?.type === "octet-string" &&
    toHex(logicalName.value) === toHex(column.logicalName) &&
    attributeId?.type === "integer" &&
    attributeId.value === column.attributeId
  );
}

function selectedColumns(options: ProfileObjectOptions, selected: Data | undefined): number[] {
  if (selected === undefined || selected.type === "null-data") return allColumns(options);
  if (selected.type !== "array") throw new Refusal(accessResult.typeUnmatched);
  if (selected.value.length === 0) return allColumns(options);
  return selected.value.map((wanted) => {
    const index = options.columns.findIndex((column) => namesColumn(wanted, column));
    if (index === -1) throw new Refusal(accessResult.scopeOfAccessViolated);
    return index;
  });
}

/** Meters differ in the form of the bounds they take: this plays those that refuse. */
function checkForm({ rangeForm = "any" }: ProfileObjectOptions, bound: Data): void {
  if (rangeForm === "any" || (bound.type !== "octet-string" && bound.type !== "date-time")) return;
  const { value } = bound;
  const deviation = ((value[9] ?? 0x80) << 8) | (value[10] ?? 0);
  const refused =
    (rangeForm === "without-deviation" && deviation !== 0x8000) ||
    (rangeForm === "with-deviation" && deviation === 0x8000) ||
    (rangeForm === "whole-hours" && (value[6] !== 0 || (value[7] !== 0 && value[7] !== 0xff)));
  if (refused) throw new Refusal(accessResult.scopeOfAccessViolated);
}

/** An array of structures. Rows are encoded one after the other, never all values at once. */
function encodeRows(rows: readonly CapturedRow[], columns: readonly number[], nullCompression = false): Uint8Array {
  const writer = new ByteWriter(16 + rows.length * 32).u8(1);
  writeLength(writer, rows.length);
  const above: (string | undefined)[] = [];
  for (const row of rows) {
    writer.u8(2);
    writeLength(writer, columns.length);
    columns.forEach((column, at) => {
      const cell = encodeData(row.cells[column] ?? nullData);
      const text = nullCompression ? toHex(cell) : undefined;
      const repeats = nullCompression && above[at] === text;
      above[at] = text;
      writer.bytes(repeats ? Uint8Array.of(0) : cell);
    });
  }
  return writer.finish();
}
