import { once } from "node:events";
import { createWriteStream, openSync } from "node:fs";
import type { Writable } from "node:stream";
import { dlmsError } from "../base/index.js";
import type { ProfileRow } from "../client/index.js";
import { Quantity } from "../cosem/index.js";
import { csvLine, type TableFormat, tableText } from "./table.js";
import { jsonValue, valueText } from "./values.js";

/** Writes rows as they come; tables and JSON arrays need all of them, CSV and NDJSON flow. */
export class RowWriter {
  readonly #format: TableFormat;
  readonly #stream: Writable;
  readonly #file: boolean;
  #columns: readonly string[] | undefined;
  readonly #kept: ProfileRow[] = [];

  /** To a file, or to standard output. */
  constructor(format: TableFormat, file: string | undefined) {
    this.#format = format;
    this.#file = file !== undefined;
    this.#stream = file === undefined ? process.stdout : fileStream(file);
  }

  async write(row: ProfileRow): Promise<void> {
    const first = this.#columns === undefined;
    this.#columns ??= row.columns.filter((name) => name in row.values);
    switch (this.#format) {
      case "csv":
        if (first) await this.#put(csvLine(["time", ...this.#columns.map((name) => header(row, name))]));
        return this.#put(csvLine([timeText(row), ...this.#columns.map((name) => cellText(row, name))]));
      case "ndjson":
        return this.#put(`${JSON.stringify(rowJson(row))}\n`);
      case "json":
      case "table":
        this.#kept.push(row);
    }
  }

  async end(): Promise<void> {
    if (this.#format === "json") await this.#put(`${JSON.stringify(this.#kept.map(rowJson), null, 1)}\n`);
    if (this.#format === "table") await this.#put(this.#table());
    if (!this.#file) return;
    this.#stream.end();
    await once(this.#stream, "finish");
  }

  #table(): string {
    const [first] = this.#kept;
    if (first === undefined) return "no rows\n";
    const columns = this.#columns ?? [];
    const headers = new Map(columns.map((name) => [name, header(first, name)]));
    const rows = this.#kept.map((row) => ({
      time: timeText(row),
      ...Object.fromEntries(columns.map((name) => [headers.get(name) ?? name, cellText(row, name)])),
    }));
    return tableText(["time", ...headers.values()], rows);
  }

  async #put(text: string): Promise<void> {
    if (!this.#stream.write(text)) await once(this.#stream, "drain");
  }
}

/** Column name with the unit, where its cells have one. */
function header(row: ProfileRow, name: string): string {
  const value = row.get(name);
  return value instanceof Quantity ? `${name} (${value.unit})` : name;
}

/** Exact decimal text without the unit; empty where there is no value. */
function cellText(row: ProfileRow, name: string): string {
  const value = row.get(name);
  if (value === undefined) return "";
  return value instanceof Quantity ? value.toDecimal() : valueText(value);
}

function timeText(row: ProfileRow): string {
  return `${row.timestamp?.toString() ?? ""}${row.timestampFilled ? " ~" : ""}`;
}

/** A row for JSON; what was not sent but follows from the row above is named in `filled`. */
function rowJson(row: ProfileRow): unknown {
  const names = Object.keys(row.values);
  const filled = names.filter((name) => row.origin(name) === "repeated");
  return {
    time: row.timestamp?.toString() ?? null,
    ...(row.timestampFilled ? { timeFilled: true } : {}),
    values: Object.fromEntries(names.map((name) => [name, jsonValue(row.get(name))])),
    ...(filled.length > 0 ? { filled } : {}),
  };
}

/** Opened at once, so that a file that cannot be written fails before the meter is asked. */
function fileStream(file: string): Writable {
  try {
    return createWriteStream(file, { fd: openSync(file, "w") });
  } catch (cause) {
    throw dlmsError("file-failed", `${file} cannot be written`, { layer: "cli", cause });
  }
}
