// Scores `dlms translate` against a corpus of real frames that lies outside of this repository: DLMS_CORPUS.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = process.env.DLMS_CORPUS;
if (folder === undefined || !existsSync(folder)) {
  console.error("DLMS_CORPUS names no folder with vectors");
  process.exit(1);
}
const scorer = join(resolve(folder), "..", "tools", "score-vectors.mjs");
if (!existsSync(scorer)) {
  console.error(`the corpus has no scorer at ${scorer}`);
  process.exit(1);
}
const environment = { EXCLUDE: "^general-ciphering-signing", TAMPER: "1", BAR: "0.98", VERBOSE: "1", ...process.env };
const { status } = spawnSync(process.execPath, [scorer, folder], { stdio: "inherit", env: environment });
process.exit(status ?? 1);
