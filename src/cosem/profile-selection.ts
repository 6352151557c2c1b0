/** Selective access to the buffer of a profile (IEC 62056-6-2, Profile generic, range_descriptor, entry_descriptor). */
import { dlmsError } from "../base/index.js";
import { array, type Data, encodeData, i8, octets, structure, u16, u32 } from "../data/index.js";
import type { Selection } from "./handles.js";
import type { ProfileColumn } from "./profile-columns.js";

const rangeSelector = 1;
const entrySelector = 2;

/** The column as the profile captures it. */
function captureData(column: ProfileColumn): Data {
  return structure(u16(column.classId), octets(column.obis.octets), i8(column.attributeId), u16(column.dataIndex));
}

const nothingCaptured = structure(u16(0), octets(new Uint8Array(6)), i8(0), u16(0));

/** Values that a range is given by: mostly date-times in octet strings. */
export interface RangeBounds {
  readonly from: Data;
  readonly to: Data;
}

/**
 * Rows whose cell in the restricting column lies from `from` to `to`, both included by the standard.
 * @param restricting the column as captured; undefined where the profile does not capture its sort object
 * @param columns what each row shall hold; empty means all
 */
export function rangeSelection(
  restricting: ProfileColumn | undefined,
  { from, to }: RangeBounds,
  columns: readonly ProfileColumn[] = [],
): Selection {
  const restrictingObject = restricting ? captureData(restricting) : nothingCaptured;
  const parameters = structure(restrictingObject, from, to, array(...columns.map(captureData)));
  return { selector: rangeSelector, parameters: encodeData(parameters) };
}

/** Rows by their number, counted from 1. */
export interface EntryRange {
  readonly fromEntry: number;
  /** Included; 0 is the last there is. */
  readonly toEntry: number;
  /** First column, counted from 1; 1 when left out. */
  readonly fromColumn?: number;
  /** Last column, included; 0, also when left out, is the last there is. */
  readonly toColumn?: number;
}

/** @throws UsageError `invalid-argument` for numbers that cannot be encoded. */
export function entrySelection({ fromEntry, toEntry, fromColumn = 1, toColumn = 0 }: EntryRange): Selection {
  for (const entry of [fromEntry, toEntry])
    if (!Number.isInteger(entry) || entry < 0 || entry > 0xffffffff)
      throw dlmsError("invalid-argument", `${entry} is no number of an entry`, { layer: "cosem" });
  const parameters = structure(u32(fromEntry), u32(toEntry), u16(fromColumn), u16(toColumn));
  return { selector: entrySelector, parameters: encodeData(parameters) };
}

/** Objects of some classes alone, from the object list of an Association LN. */
export function classListSelection(classIds: readonly number[]): Selection {
  return { selector: 2, parameters: encodeData(array(...classIds.map(u16))) };
}
