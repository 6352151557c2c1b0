// Installs implementations of other origin from their registries into .interop/, then runs our client against their
// meters and their clients against our mock meter. Fails when one cannot be had.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, ".interop");
const peers = join(root, "test", "interop", "peers");
const isWindows = process.platform === "win32";

const run = (command, args, options = {}) => {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.status === 0) return;
  console.error(`interop: ${command} failed${result.error === undefined ? "" : `: ${result.error.message}`}`);
  process.exit(1);
};

/** Makes `name` from the given files, unless it was made from the same ones already. */
const once = (name, files, make) => {
  const target = join(folder, name);
  const stamp = join(folder, `${name}.stamp`);
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  const digest = hash.digest("hex");
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return target;
  rmSync(target, { recursive: true, force: true });
  make(target);
  writeFileSync(stamp, digest);
  return target;
};

const sources = ["jdlms", "gurux-java"].flatMap((name) =>
  readdirSync(join(peers, name))
    .filter((file) => file.endsWith(".java"))
    .map((file) => join(peers, name, file)),
);

mkdirSync(folder, { recursive: true });
const requirements = join(peers, "requirements.txt");
once("python", [requirements], (target) => {
  run(isWindows ? "python" : "python3", ["-m", "venv", target]);
  const python = join(target, isWindows ? "Scripts/python.exe" : "bin/python");
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
});
const pom = join(peers, "pom.xml");
const jars = once("jars", [pom], (target) => {
  const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
  const options = ["--quiet", "--batch-mode", "-DexcludeTransitive=true", `-DoutputDirectory=${target}`];
  run("mvn", ["-f", pom, plugin, ...options], { shell: isWindows });
});
once("classes", [pom, ...sources], (target) => {
  const path = readdirSync(jars).map((name) => join(jars, name));
  run("javac", ["-nowarn", "-d", target, "-cp", path.join(delimiter), ...sources]);
});
for (const line of [...readFileSync(requirements, "utf8").matchAll(/^[\w.-]+==[\w.-]+$/gm)].map(([text]) => text))
  console.log(`peer ${line}`);
for (const name of readdirSync(jars)) console.log(`peer ${name}`);

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
run(process.execPath, [vitest, "run", "--config", "vitest.interop.config.ts", ...process.argv.slice(2)]);
