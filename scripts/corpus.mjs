// Scores `dlms translate` against a corpus of real frames that lies outside of this repository: DLMS_CORPUS is
// its folder, DLMS_SCORER the program that came with it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const folder = process.env.DLMS_CORPUS;
if (folder === undefined || !existsSync(folder)) {
  console.error("DLMS_CORPUS names no folder with vectors");
  process.exit(1);
}
const scorer = process.env.DLMS_SCORER;
if (scorer === undefined || !existsSync(scorer)) {
  console.error("DLMS_SCORER names no program that scores a corpus");
  process.exit(1);
}
const environment = { EXCLUDE: "^general-ciphering-signing", TAMPER: "1", BAR: "0.98", VERBOSE: "1", ...process.env };
const { status } = spawnSync(process.execPath, [scorer, folder], { stdio: "inherit", env: environment });
process.exit(status ?? 1);
