/** How many rows are printed. */
export type TableFormat = "table" | "csv" | "json" | "ndjson";

/** A row as printed: text for people and CSV, plain values for JSON. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Columns aligned for people; numbers to the right. */
export function tableText(columns: readonly string[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => cellText(row[column])));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const right = columns.map((column) => rows.length > 0 && rows.every((row) => isNumeric(row[column])));
  const line = (values: readonly string[]) =>
    values
      .map((value, i) => (right[i] === true ? value.padStart(widths[i] ?? 0) : value.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return `${[line(columns), line(widths.map((width) => "─".repeat(width))), ...cells.map(line)].join("\n")}\n`;
}

/** A line of comma-separated values (RFC 4180). */
export function csvLine(values: readonly (string | number | boolean | null | undefined)[]): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${values.map((value) => quoted(cellText(value))).join(",")}\r\n`;
}

/** Rows in the format asked for; the header is part of tables and CSV. */
export function rowsText(format: TableFormat, columns: readonly string[], rows: readonly Row[]): string {
  switch (format) {
    case "table":
      return tableText(columns, rows);
    case "csv":
      return csvLine(columns) + rows.map((row) => csvLine(columns.map((column) => row[column]))).join("");
    case "json":
      return `${JSON.stringify(rows, null, 1)}\n`;
    case "ndjson":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  }
}

function cellText(value: Row[string] | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

function isNumeric(value: Row[string] | undefined): boolean {
  return (
    value === null || value === undefined || typeof value === "number" || /^-?[0-9.]+( [A-Za-z]+)?$/.test(String(value))
  );
}
