// What npm would publish: publint, are-the-types-wrong, and that each entry loads as ESM and as CommonJS.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const node = (...args) => spawnSync(process.execPath, args, { encoding: "utf8" });
const fail = (what, { stdout, stderr }) => {
  console.error(`${what} failed\n${stdout}${stderr}`);
  process.exit(1);
};

const publint = node("node_modules/publint/src/cli.js", "--strict");
if (publint.status !== 0) fail("publint", publint);
console.log("publint: good");

const packed = spawnSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", tmpdir()], {
  encoding: "utf8",
  shell: process.platform === "win32",
});
const tarball = join(tmpdir(), packed.stdout.trim().split("\n").at(-1));
const attw = node("node_modules/@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "node16");
if (attw.status !== 0) fail("are-the-types-wrong", attw);
console.log("are-the-types-wrong: good");
rmSync(tarball);

const { exports, name } = JSON.parse(readFileSync("package.json", "utf8"));
const folder = mkdtempSync(join(tmpdir(), "dlms-package-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(resolve("."), join(folder, "node_modules", name), "dir");
for (const entry of Object.keys(exports).filter((key) => key !== "./package.json")) {
  const specifier = join(name, entry).replaceAll("\\", "/");
  writeFileSync(
    join(folder, "load.mjs"),
    `import * as m from "${specifier}"; if (Object.keys(m).length === 0) throw "empty";`,
  );
  writeFileSync(join(folder, "load.cjs"), `if (Object.keys(require("${specifier}")).length === 0) throw "empty";`);
  for (const file of ["load.mjs", "load.cjs"]) {
    const loaded = spawnSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
    if (loaded.status !== 0) fail(`${specifier} by ${file}`, loaded);
  }
  console.log(`${specifier}: loads as ESM and CommonJS`);
}
rmSync(folder, { recursive: true });
