// Every measurement beside its bar: `npm run bench [-- --runs N] [NAME...]`. Each runs N times in a process of its own;
// the table shows medians. The rows are written to node_modules/.bench.json. Bars are for a quiet machine of two cores.
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMet, median, rowText } from "./support.mjs";

const arguments_ = process.argv.slice(2);
const at = arguments_.indexOf("--runs");
const runs = at === -1 ? 3 : Number(arguments_.splice(at, 2)[1]);
const folder = import.meta.dirname;
const files = readdirSync(folder).filter(
  (name) => name.endsWith(".bench.mjs") && (arguments_.length === 0 || arguments_.some((word) => name.includes(word))),
);
const all = [];
for (const file of files) {
  const measured = Array.from({ length: runs }, () => measure(join(folder, file)));
  const [first] = measured;
  const rows = first.map((row, i) => ({ ...row, value: median(measured.map((run) => run[i].value)) }));
  for (const row of rows) console.log(rowText(row));
  all.push(...rows);
}
writeFileSync(join(folder, "..", "node_modules", ".bench.json"), JSON.stringify(all, null, 1));
const missed = all.filter((row) => isMet(row) === false).length;
console.log(`\n${all.length} rows, ${missed} miss their bar; medians of ${runs} runs`);

function measure(file) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", file, "--json"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file} failed\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}
