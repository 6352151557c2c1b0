// Rows per second of the profile buffer decoder: `node bench/columns.bench.mjs [--json]`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { median, report, sources } from "./support.mjs";

const { decodeColumns, toRows } = await sources({ "src/data/index.ts": ["decodeColumns", "toRows"] });

const tag = { structure: 0x02, array: 0x01, octets: 0x09, unsigned: 0x11, u32: 0x06, nothing: 0x00, deltaU16: 0x20 };
const u32 = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const clock = (i) => {
  const t = new Date(Date.UTC(2024, 0, 1) + i * 900_000);
  const year = t.getUTCFullYear();
  return [
    year >> 8,
    year & 255,
    t.getUTCMonth() + 1,
    t.getUTCDate(),
    t.getUTCDay() || 7,
    t.getUTCHours(),
    t.getUTCMinutes(),
    0,
    0,
    0,
    0,
    0,
  ];
};
const length = (n) => (n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255]);
const buffer = (rows, row) => {
  const parts = [tag.array, ...length(rows)];
  for (let i = 0; i < rows; i++) for (const octet of row(i)) parts.push(octet);
  return Uint8Array.from(parts);
};
const plainRow = (i) => [
  ...[tag.structure, 4, tag.octets, 12, ...clock(i), tag.unsigned, i % 50 === 0 ? 8 : 0],
  ...[tag.u32, ...u32(100_000 + 37 * i), tag.u32, ...u32(500 + (i >> 1))],
];
const nullRow = (i) =>
  i === 0
    ? plainRow(i)
    : [
        ...[tag.structure, 4, tag.nothing, ...(i % 50 < 2 ? [tag.unsigned, i % 50 ? 0 : 8] : [tag.nothing])],
        ...[tag.u32, ...u32(100_000 + 37 * i), ...(i % 2 ? [tag.nothing] : [tag.u32, ...u32(500 + (i >> 1))])],
      ];
const deltaRow = (i) =>
  i === 0
    ? plainRow(i)
    : [tag.structure, 4, tag.nothing, tag.nothing, tag.deltaU16, 0, 37, tag.deltaU16, 0, i & 1 ? 0 : 1];
const compact = (rows) => {
  const contents = [];
  for (let i = 0; i < rows; i++)
    contents.push(12, ...clock(i), i % 50 === 0 ? 8 : 0, ...u32(100_000 + 37 * i), ...u32(500 + (i >> 1)));
  const size = [0x83, contents.length >> 16, (contents.length >> 8) & 255, contents.length & 255];
  return Uint8Array.from([0x13, 2, 4, 9, 0x11, 6, 6, ...size, ...contents]);
};

const options = { clockStepMs: 900_000 };
const names = ["time", "status", "import", "export"];
const kinds = {
  plain: (rows) => buffer(rows, plainRow),
  "null-data": (rows) => buffer(rows, nullRow),
  delta: (rows) => buffer(rows, deltaRow),
  "compact-array": compact,
};

function rate(rows, work) {
  const rounds = Math.max(3, Math.round(400_000 / rows));
  const rates = [];
  for (let k = 0; k < 9; k++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) work();
    rates.push((rows * rounds * 1000) / Number(process.hrtime.bigint() - start));
  }
  return rates.sort((a, b) => a - b)[4];
}

const results = [];
const rates = new Map();
for (const rows of [2_880, 35_040])
  for (const [kind, make] of Object.entries(kinds)) {
    const bytes = make(rows);
    const value = rate(rows, () => decodeColumns(bytes, options));
    rates.set(`${kind} ${rows}`, value);
    const bar = kind === "plain" ? { atLeast: 12 } : {};
    results.push({ measure: `profile, ${kind} to columns, ${rows} rows`, value, unit: "M rows/s", ...bar });
    if (kind !== "plain") {
      const ratio = value / rates.get(`plain ${rows}`);
      results.push({ measure: `  the same against plain`, value: ratio, unit: "times", atLeast: 1 });
      continue;
    }
    const objects = rate(rows, () => toRows(decodeColumns(bytes, options), names));
    results.push({ measure: `profile, plain to row objects, ${rows} rows`, value: objects, unit: "M rows/s" });
  }
const drop = rates.get("plain 35040") / rates.get("plain 2880");
results.push({ measure: "profile, 35,040 rows against 2,880", value: drop, unit: "times", atLeast: 0.7 });
results.push(...againstPeer());
report(results);

/** The same buffer in Gurux's Java library, interleaved; its jars are there after `npm run interop`. */
function againstPeer() {
  const jars = ["gurux.dlms-4.0.47.jar", "gurux.common-1.0.17.jar"].map((name) => resolve(".interop", "jars", name));
  if (!jars.every((jar) => existsSync(jar))) {
    console.error("profile rows: no peer (npm run interop installs Gurux's Java library)");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "dlms-rows-"));
  const file = join(folder, "buffer");
  const bytes = kinds.plain(2_880);
  writeFileSync(file, bytes);
  const source = resolve(import.meta.dirname, "peers", "GuruxRows.java");
  const pairs = Array.from({ length: 3 }, () => {
    const { stdout, stderr, status } = spawnSync("java", ["-cp", jars.join(delimiter), source, file, "2880"], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the peer failed: ${stderr}`);
    const columns = rate(2_880, () => decodeColumns(bytes, options));
    const objects = rate(2_880, () => toRows(decodeColumns(bytes, options), names));
    return { columns: columns / Number(stdout), objects: objects / Number(stdout) };
  });
  rmSync(folder, { recursive: true });
  return [
    {
      measure: "profile to columns against Gurux Java",
      value: median(pairs.map((p) => p.columns)),
      unit: "times",
      atLeast: 12,
    },
    {
      measure: "profile to row objects against Gurux Java",
      value: median(pairs.map((p) => p.objects)),
      unit: "times",
      atLeast: 4,
    },
  ];
}
