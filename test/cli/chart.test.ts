import { describe, expect, it } from "vitest";
import { dlmsError } from "../../src/base/index.js";
import { svgChart, terminalChart } from "../../src/cli/chart.js";
import { errorText, exitCodeOf } from "../../src/cli/exit-codes.js";
import { progressText } from "../../src/cli/progress.js";
import { csvLine, rowsText } from "../../src/cli/table.js";

const points = Array.from({ length: 96 }, (_, i) => ({
  time: new Date(2026, 0, 1, 0, 15 * i),
  value: i === 40 ? undefined : 1000 * Math.sin((i / 96) * Math.PI),
}));

describe("terminal chart", () => {
  const chart = terminalChart({ title: "Load", unit: "W", points });
  const lines = chart.split("\n");
  it("has title, bars, axis and times", () => {
    expect(lines[0]).toBe("Load (W)");
    expect(lines).toHaveLength(14);
    expect(lines[12]).toMatch(/00:00.*23:45/);
    expect(lines[1]).toMatch(/^ +1000 ┤/);
  });
  it("is highest in the middle, and marks what was not measured", () => {
    const bar = (column: number) => lines.slice(1, 11).filter((line) => !" ·".includes(line[column + 9] ?? " ")).length;
    expect(bar(48)).toBe(10);
    expect(bar(1)).toBe(1);
    expect(lines[10]?.[49]).toBe("·");
  });
  it("joins more values than there are columns", () => {
    const wide = terminalChart({ title: "t", unit: "u", points }, { width: 24, height: 4 });
    expect(wide.split("\n")[5]).toBe(`${" ".repeat(8)}└${"─".repeat(24)}`);
  });
  it("draws nothing where there is nothing", () => {
    expect(terminalChart({ title: "t", unit: "u", points: [] })).toContain("t (u)");
  });
});

it("the picture holds a bar for each value and escapes what it is given", () => {
  const svg = svgChart({ title: "a < b & c", unit: "W", points });
  expect(svg.match(/<rect /g)).toHaveLength(97);
  expect(svg).toContain("a &lt; b &amp; c");
  expect(svg).toContain("no value");
});

it("progress shows share, rows, size and time left", () => {
  expect(progressText({ rows: 48, bytes: 1200, totalRows: 96, remainingMs: 83_000 })).toBe(
    `${"█".repeat(12)}${"░".repeat(12)}  50 %  48/96 rows, 1200 B, 1 min 23 s left`,
  );
  expect(progressText({ rows: 5, bytes: 200_000 })).toBe("5 rows, 200 kB");
});

describe("rows", () => {
  const rows = [
    { time: "10:00", value: 1, note: 'said "x", left' },
    { time: "10:15", value: null, note: "" },
  ];
  it("as CSV, quoted as RFC 4180 asks", () => {
    expect(rowsText("csv", ["time", "value", "note"], rows)).toBe(
      'time,value,note\r\n10:00,1,"said ""x"", left"\r\n10:15,,\r\n',
    );
    expect(csvLine(["a\nb"])).toBe('"a\nb"\r\n');
  });
  it("as JSON, as lines of JSON, and aligned", () => {
    expect(JSON.parse(rowsText("json", [], rows))).toEqual(rows);
    expect(
      rowsText("ndjson", [], rows)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
    expect(rowsText("table", ["time", "value"], rows).split("\n")).toEqual([
      "time   value",
      "─────  ─────",
      "10:00      1",
      "10:15",
      "",
    ]);
  });
});

it.each([
  ["aborted", 130],
  ["timeout", 3],
  ["invalid-argument", 2],
  ["malformed", 5],
  ["link-refused", 1],
] as const)("%s ends with code %i and says what to do", (code, exit) => {
  const error = dlmsError(code, "it broke", { layer: "cli" });
  expect(exitCodeOf(error)).toBe(exit);
  expect(errorText(error)).toBe(`dlms: it broke\n      ${error.advice} [${code}]\n`);
});

it("anything else is a defect of ours", () => {
  expect(exitCodeOf(new TypeError("x"))).toBe(70);
  expect(errorText(new TypeError("x"))).toMatch(/please report/);
});
