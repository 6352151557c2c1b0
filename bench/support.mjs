// What the measurements share: bundles of the sources, and rows that stand beside their bar.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Imports names of the sources, bundled as the package is: `sources({ "src/data/index.ts": ["decodeColumns"] })`. */
export async function sources(wanted) {
  const outfile = join(root, "node_modules", `.bench-${process.pid}-${Object.keys(wanted).length}.mjs`);
  const contents = Object.entries(wanted)
    .map(([file, names]) => `export { ${names.join(", ")} } from "./${file}";`)
    .join("\n");
  await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    outfile,
    format: "esm",
    platform: "node",
    target: "node20",
    alias: { "#crypto": "./src/node/crypto.ts" },
    packages: "external",
    logLevel: "error",
  });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return loaded;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** True when the value keeps to its bar; undefined where there is none. */
export function isMet({ value, atLeast, atMost }) {
  if (atLeast === undefined && atMost === undefined) return undefined;
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

/** A row for people. */
export function rowText(row) {
  const digits = Math.abs(row.value) >= 100 ? 0 : Math.abs(row.value) >= 10 ? 1 : 2;
  const bar =
    row.atLeast !== undefined ? `at least ${row.atLeast}` : row.atMost !== undefined ? `at most ${row.atMost}` : "";
  const verdict = isMet(row) === undefined ? "" : isMet(row) ? "met" : "MISSED";
  return `${row.measure.padEnd(58)} ${row.value.toFixed(digits).padStart(9)} ${row.unit.padEnd(8)} ${bar.padEnd(16)} ${verdict}`.trimEnd();
}

/** Prints rows of `{ measure, value, unit, atLeast?, atMost? }`: for people, or as JSON with `--json`. */
export function report(rows) {
  if (process.argv.includes("--json")) console.log(JSON.stringify(rows));
  else for (const row of rows) console.log(rowText(row));
}
