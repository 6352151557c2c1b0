// Runs the examples as a newcomer would: without arguments, against the built package. `examples.mjs NAME [ARGUMENT...]`
// runs one of them by name with arguments of its own, on any Node that is supported.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

/** A line that each example must print; `examples/` holds these and no others. */
const expected = {
  "optical-probe-load-profile": /^97 rows$/m,
  "tcp-meter": /^1-0:1\.8\.0 +\d+ Wh$/m,
  "gmac-meter": /^access-refused: /m,
  certificates: /^renewed: /m,
  "meter-that-dials-in": /^1-0:1\.8\.0 +\d+ Wh$/m,
  "decode-a-push": /^from 444C4D0000000001, genuine$/m,
  "translate-a-frame": /as date-time 2026-11-21T11:37:04/,
  "mock-meter-in-your-tests": /^all checks hold/m,
};
const longest = 60;
const timeLimitMs = 60_000;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "dlms-examples-"));
const fail = (message) => {
  console.error(message);
  process.exitCode = 1;
};

/** The example as plain JavaScript in a project that has the package installed. */
function prepare(name) {
  const source = readFileSync(join(root, "examples", `${name}.ts`), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "esm", target: "node20" });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, code);
  return { file, lines: source.split("\n").length - 1 };
}

function run(file, args, stdio) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...args], { cwd: folder, stdio });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
    const timer = setTimeout(() => child.kill(), timeLimitMs);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ status: status ?? `killed by ${signal}`, output });
    });
  });
}

async function check(name, line) {
  const { file, lines } = prepare(name);
  if (lines >= longest) fail(`${name}: ${lines} lines, at most ${longest - 1} are allowed`);
  const started = Date.now();
  const { status, output } = await run(file, [], ["ignore", "pipe", "pipe"]);
  if (status !== 0) fail(`${name}: exit code ${status}\n${output}`);
  else if (!line.test(output)) fail(`${name}: its output has no line like ${line}\n${output}`);
  else console.log(`${name}: good (${lines} lines, ${Date.now() - started} ms)`);
}

try {
  if (!existsSync(join(root, "dist", "index.js"))) throw new Error("build the package first: npm run build");
  mkdirSync(join(folder, "node_modules"));
  const { name: packageName } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  symlinkSync(root, join(folder, "node_modules", packageName), "junction");
  const [one, ...args] = process.argv.slice(2);
  if (one !== undefined) {
    const { status } = await run(prepare(basename(one, ".ts")).file, args, "inherit");
    process.exitCode = status === 0 ? 0 : 1;
  } else {
    const there = readdirSync(join(root, "examples"))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => basename(file, ".ts"));
    for (const name of there) if (!(name in expected)) fail(`${name}: scripts/examples.mjs expects no line of it`);
    for (const [name, line] of Object.entries(expected)) await check(name, line);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
