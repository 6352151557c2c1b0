// How long it takes to load the package and to start the command, over an empty module: `node bench/start.bench.mjs`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { median, report } from "./support.mjs";

const folder = mkdtempSync(join(tmpdir(), "dlms-start-"));
const file = (name, code) => {
  writeFileSync(join(folder, name), code);
  return join(folder, name);
};
const empty = file("empty.mjs", "");
const library = file("library.mjs", `import ${JSON.stringify(pathToFileURL(resolve("dist/index.js")).href)};`);
const time = (...args) => {
  const began = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
  return Number(process.hrtime.bigint() - began) / 1e6;
};
/** Median of what the second takes longer than the first, in interleaved pairs. */
const above = (first, second) => {
  const pairs = Array.from({ length: 15 }, () => time(...second) - time(...first));
  return median(pairs.slice(2));
};
report([
  { measure: "import of the package over an empty module", value: above([empty], [library]), unit: "ms", atMost: 40 },
  {
    measure: "dlms --version over bare node",
    value: above(["-e", "0"], [resolve("dist/cli/main.js"), "--version"]),
    unit: "ms",
    atMost: 150,
  },
]);
rmSync(folder, { recursive: true });
