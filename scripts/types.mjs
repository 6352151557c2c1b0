// Type-checks both projects, then counts what the typed handles cost the compiler.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const budget = 60_000;
const tsc = resolve("node_modules/typescript/bin/tsc");
const run = (...args) => spawnSync(process.execPath, [tsc, ...args], { encoding: "utf8" });

for (const project of ["tsconfig.core.json", "tsconfig.json"]) {
  const { status, stdout } = run("-p", project);
  process.stdout.write(stdout);
  if (status !== 0) process.exit(1);
  console.log(`${project}: no errors`);
}

/** Instantiations of a program made of one file, as the compiler counts them. */
function instantiations(file) {
  const folder = mkdtempSync(join(tmpdir(), "dlms-types-"));
  const config = join(folder, "tsconfig.json");
  const { compilerOptions } = { compilerOptions: { paths: { "#crypto": [resolve("src/crypto/default.ts")] } } };
  writeFileSync(config, JSON.stringify({ extends: resolve("tsconfig.base.json"), compilerOptions, files: [file] }));
  const { stdout, status } = run("-p", config, "--extendedDiagnostics");
  rmSync(folder, { recursive: true });
  if (status !== 0) {
    process.stdout.write(stdout);
    process.exit(1);
  }
  return Number(/Instantiations:\s+(\d+)/.exec(stdout)?.[1]);
}

const sample = resolve("test/types/every-handle.ts");
if (existsSync(sample)) {
  const empty = resolve("test/types/empty.ts");
  const count = instantiations(sample) - instantiations(empty);
  console.log(`every handle once: ${count} instantiations of ${budget}`);
  if (count > budget) process.exit(1);
}
