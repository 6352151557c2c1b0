/** A value at a time; undefined where nothing was measured. */
export interface Point {
  readonly time: Date;
  readonly value: number | undefined;
}

/** What a chart shows. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly Point[];
}

const eighths = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const axisWidth = 9;

/** A bar chart for a terminal: a column a value, joined where there are more than `width` of them. */
export function terminalChart(
  series: Series,
  { width = 96, height = 10 }: { width?: number; height?: number } = {},
): string {
  const columns = joined(series.points, width);
  const highest = niceCeiling(Math.max(0, ...columns.map((value) => value ?? 0)));
  const lines = [`${series.title} (${series.unit})`];
  for (let row = height - 1; row >= 0; row--) {
    const labelled = row === height - 1 || row === 0 || row === height >> 1;
    const label = labelled ? shortNumber((highest * (row + 1)) / height) : "";
    const bars = columns.map((value) => {
      if (value === undefined) return row === 0 ? "·" : " ";
      const filled = highest === 0 ? 0 : (value / highest) * height * 8 - row * 8;
      return eighths[Math.max(0, Math.min(8, Math.round(filled)))];
    });
    lines.push(`${label.padStart(axisWidth - 2)} ┤${bars.join("")}`);
  }
  lines.push(`${" ".repeat(axisWidth - 1)}└${"─".repeat(columns.length)}`, timeAxis(series.points, columns.length));
  return `${lines.join("\n")}\n`;
}

/** The same as a scalable picture. */
export function svgChart(
  series: Series,
  { width = 960, height = 320 }: { width?: number; height?: number } = {},
): string {
  const margin = { left: 64, right: 16, top: 36, bottom: 36 };
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const highest = niceCeiling(Math.max(0, ...series.points.map(({ value }) => value ?? 0))) || 1;
  const step = inner.width / Math.max(1, series.points.length);
  const x = (index: number) => (margin.left + index * step).toFixed(1);
  const y = (value: number) => (margin.top + inner.height * (1 - value / highest)).toFixed(1);
  const bars = series.points.map(({ time, value }, index) =>
    value === undefined
      ? `<rect x="${x(index)}" y="${margin.top}" width="${step.toFixed(1)}" height="${inner.height}" fill="#ddd"><title>${time.toISOString()}: no value</title></rect>`
      : `<rect x="${x(index)}" y="${y(value)}" width="${(step * 0.85).toFixed(1)}" height="${(inner.height * (value / highest)).toFixed(1)}" fill="#2a7ab9"><title>${time.toISOString()}: ${value} ${escaped(series.unit)}</title></rect>`,
  );
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(highest * part)}" y2="${y(highest * part)}" stroke="#ccc"/>` +
      `<text x="${margin.left - 8}" y="${y(highest * part)}" text-anchor="end" dominant-baseline="middle">${shortNumber(highest * part)}</text>`,
  );
  const labels = timeLabels(series.points, 6).map(
    ({ index, text }) => `<text x="${x(index)}" y="${height - 12}" text-anchor="middle">${text}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="20" font-size="14">${escaped(series.title)} (${escaped(series.unit)})</text>`,
    ...grid,
    ...bars,
    ...labels,
    "</svg>",
    "",
  ].join("\n");
}

/** At most `width` columns; each the mean of what falls into it. */
function joined(points: readonly Point[], width: number): (number | undefined)[] {
  const count = Math.min(points.length, width);
  return Array.from({ length: count }, (_, column) => {
    const part = points.slice(
      Math.floor((column * points.length) / count),
      Math.floor(((column + 1) * points.length) / count),
    );
    const values = part.flatMap(({ value }) => (value === undefined ? [] : [value]));
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

/** The next round number. */
function niceCeiling(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function shortNumber(value: number): string {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (Math.abs(value) >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(4)));
}

function timeLabels(points: readonly Point[], count: number): { index: number; text: string }[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = (last.time.getTime() - first.time.getTime()) / 86_400_000;
  const text = (time: Date) => {
    const [date = "", clock = ""] = localText(time).split(" ");
    return days > 1.5 ? date.slice(5) : clock.slice(0, 5);
  };
  return Array.from({ length: count }, (_, i) => {
    const index = Math.round((i * (points.length - 1)) / Math.max(1, count - 1));
    return { index, text: text((points[index] ?? first).time) };
  });
}

function timeAxis(points: readonly Point[], width: number): string {
  const line = Array.from({ length: width + axisWidth + 6 }, () => " ");
  for (const { index, text } of timeLabels(points, Math.max(2, Math.floor(width / 16)))) {
    const at = axisWidth + Math.floor((index * (width - 1)) / Math.max(1, points.length - 1));
    [...text].forEach((character, i) => {
      line[Math.max(0, Math.min(at - 2, width + axisWidth - text.length) + i)] = character;
    });
  }
  return line.join("").trimEnd();
}

/** `2026-11-21 10:15:00` in the time zone of whoever looks. */
export function localText(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
