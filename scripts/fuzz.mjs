// Mutated input at every place where a stranger's octets come in: node scripts/fuzz.mjs [COUNT] [NAME]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "dlms-fuzz-"));
const outfile = join(folder, "fuzz.mjs");
await build({
  entryPoints: ["test/fuzz/fuzz.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  alias: { "#crypto": "./src/node/crypto.ts" },
  external: ["node:*"],
  logLevel: "error",
});
const { status } = spawnSync(process.execPath, ["--expose-gc", outfile, ...process.argv.slice(2)], {
  stdio: "inherit",
});
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
