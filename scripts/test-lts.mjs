// Runs the tests on the current LTS of Node, taken as a package from the npm registry.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

const version = "24";
const folder = resolve("node_modules", ".node-lts");
const binary = join(folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true });
  // Its install script only links the binary that came with the platform's package.
  const args = ["install", "--prefix", folder, "--no-save", "--no-package-lock", "--loglevel=error", `node@${version}`];
  spawnSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
}
const platformBinary = join(folder, "node_modules", `node-bin-${process.platform}-${process.arch}`, "bin", "node");
const lts = [
  binary,
  platformBinary,
  join(folder, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node"),
].find((file) => existsSync(file));
if (lts === undefined) {
  console.error(`node@${version} could not be installed from the registry`);
  process.exit(1);
}
console.log(`tests on Node ${spawnSync(lts, ["--version"], { encoding: "utf8" }).stdout.trim()}`);
const { status } = spawnSync(lts, [resolve("node_modules/vitest/vitest.mjs"), "run", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
