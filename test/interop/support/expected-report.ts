import { expect } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { pattern } from "./our-client.js";
import type { Plain } from "./plain.js";
import type { ReferenceMeter } from "./reference-meter.js";
import { type Report, rangeBounds } from "./report.js";

const results = { readWriteDenied: 3, objectUndefined: 4 } as const;
const classes = { associationSn: 12, associationLn: 15 } as const;

/** What of a report depends on who made it. */
export interface Circumstances {
  /** Address of the client. */
  readonly sap: number;
  /** Lengths of the texts that it writes and reads back. */
  readonly written: readonly number[];
  /** What the peer has no request for, or no reader of its answer. */
  readonly without?: readonly ("list" | "entries")[];
  readonly shortNames?: boolean;
}

/** Holds every value of a report against what the mock meter has. */
export function expectReport(report: Report, meter: ReferenceMeter, circumstances: Circumstances): void {
  const { sap, written, without = [], shortNames = false } = circumstances;
  const value = (obis: string, id: number) => meter.value(obis, id, sap);

  expect(report.clock).toBe("07EA031D070E000700FF8880");
  expect(report.energy).toEqual([4_294_967_295, [-1, 30]]);
  expect(report.voltage).toEqual([value("1.0.32.7.0.255", 2), [-1, 35]]);
  const classId = shortNames ? classes.associationSn : classes.associationLn;
  expect(report.objects).toEqual(meter.value("0.0.40.0.0.255", 2, sap, classId));
  expect(report.columns).toEqual([
    [8, "0000010000FF", 2, 0],
    [1, "0000600A01FF", 2, 0],
    [3, "0100010800FF", 2, 0],
    [3, "0100020800FF", 2, 0],
  ]);
  const rows = value("1.0.99.1.0.255", 2) as readonly Plain[];
  expect(rows).toHaveLength(278);
  expect(report.all).toEqual(rows);
  if (!without.includes("entries")) expect(report.entries).toEqual(rows.slice(2, 98));
  expect(report.range).toEqual(between(rows, rangeBounds.from, rangeBounds.to));
  expect(report.range).toHaveLength(29);
  expect(report.note).toEqual(written.map((length) => toHex(pattern(length)).toUpperCase()));
  if (!without.includes("list")) expect(report.list).toEqual([[-1, 30], [-1, 35], "010203"]);
  expect([report.denied, report.missing]).toEqual([results.readWriteDenied, results.objectUndefined]);
  expect(report.switch).toEqual([true, 0, false, 0, true]);
}

/** Rows whose local time lies between the bounds; the change to summer time lies between them too. */
function between(rows: Plain, from: string, to: string): Plain {
  const minutes = (row: string) => row.slice(0, 8) + row.slice(10, 14);
  return (rows as readonly (readonly [string, ...Plain[]])[]).filter(
    ([time]) => minutes(time) >= minutes(from) && minutes(time) <= minutes(to),
  );
}
