// Plain Node, no dependency: makes a fresh clone ready, then runs the demo or the tests.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [task = "test", ...rest] = process.argv.slice(2);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed here, this is ${process.versions.node}.`);
  process.exit(2);
}

const run = (command, args, environment = {}) => {
  // npm is npm.cmd on Windows, and only a shell starts that.
  const shell = process.platform === "win32" && command === "npm";
  const env = { ...process.env, ...environment };
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", shell, env });
  if (result.status !== 0) process.exit(result.status ?? 1);
};

/** True when every package named in package.json is there, dev dependencies included. */
const installed = () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
    existsSync(join(root, "node_modules", name, "package.json")),
  );
};

// `npm install`, not `npm ci`: a lock file names optional packages of other platforms that a registry may not hold.
// `--no-save` and `--no-package-lock` keep the work tree clean.
const install = [
  "install",
  "--include=dev",
  "--no-save",
  "--no-package-lock",
  "--no-fund",
  "--no-audit",
  "--loglevel=error",
];
if (!installed()) run("npm", install, { NODE_ENV: "" });

const tool = (...path) => join(root, "node_modules", ...path);
if (task === "demo") {
  run(process.execPath, [tool("tsup", "dist", "cli-default.js"), "--silent"], { DLMS_NO_DTS: "1" });
  run(process.execPath, [join(root, "scripts", "demo.mjs"), ...rest]);
} else {
  run(process.execPath, [tool("vitest", "vitest.mjs"), "run", ...rest]);
}
