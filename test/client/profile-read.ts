import { Profile, type ProfileOptions, type ProfileRow, type RowsOptions } from "../../src/client/index.js";
import { type FakeOptions, FakeProfile, quarter, start } from "./fake-profile.js";

/** Reads a profile of a fake meter to the end. */
export async function collect(options: FakeOptions, rows: RowsOptions = {}, profile: ProfileOptions = {}) {
  const meter = new FakeProfile(options);
  const reader = new Profile(meter, "1-0:99.1.0", profile);
  return { meter, reader, rows: await rowsOf(reader, rows) };
}

export async function rowsOf(reader: Profile, options: RowsOptions = {}): Promise<ProfileRow[]> {
  const list: ProfileRow[] = [];
  for await (const row of reader.rows(options)) list.push(row);
  return list;
}

/** The time of quarter-hour `i`. */
export const at = (i: number) => new Date(start + i * quarter);
/** The quarter-hours of rows. */
export const times = (rows: readonly ProfileRow[]) =>
  rows.map((row) => ((row.time?.getTime() ?? Number.NaN) - start) / quarter);
export const sequence = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
