// README and docs are true: TypeScript snippets compile, relative links lead somewhere, flags of the command exist.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const files = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
let faults = 0;
const fault = (text) => {
  faults++;
  console.error(text);
};

const folder = resolve("node_modules", ".docs-check");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const origins = [];
for (const file of files) {
  const text = readFileSync(file, "utf8");
  for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g))
    if (!existsSync(join(dirname(file), target))) fault(`${file}: link to ${target} leads nowhere`);
  for (const [, code] of text.matchAll(/```ts\n([\s\S]*?)```/g)) {
    const name = `snippet-${origins.length}.ts`;
    // A snippet is a module, whether it imports something or not.
    writeFileSync(join(folder, name), `${code}\nexport {};\n`);
    origins.push(file);
  }
  for (const [, block] of text.matchAll(/```sh\n([\s\S]*?)```/g))
    for (const line of block.split("\n")) checkCommand(file, line);
}

writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: resolve("tsconfig.json"),
    compilerOptions: { noUnusedLocals: false },
    include: [`${folder}/*.ts`],
  }),
);
const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder], {
  encoding: "utf8",
});
if (status !== 0)
  for (const line of stdout.split("\n").filter((text) => text !== ""))
    fault(line.replace(/^\S*snippet-(\d+)\.ts/, (_, index) => `${origins[index]} (snippet ${index})`));

/** Subcommand and flags of a `dlms` line, against what `--help` says. */
function checkCommand(file, line) {
  const words = line.replace(/#.*/, "").trim().split(/\s+/);
  if (words[0] === "npx") words.shift();
  if (words[0] !== "dlms") return;
  const [, subcommand = ""] = words;
  const help = spawnSync(process.execPath, ["dist/cli/main.js", subcommand, "--help"], { encoding: "utf8" });
  if (help.status !== 0 || !help.stdout.includes(`dlms ${subcommand}`))
    fault(`${file}: there is no dlms ${subcommand}`);
  for (const flag of words.filter((word) => word.startsWith("--")))
    if (!new RegExp(`${flag}[\\s,]`).test(help.stdout)) fault(`${file}: dlms ${subcommand} has no ${flag}`);
}

console.log(`${files.length} files, ${origins.length} snippets: ${faults === 0 ? "good" : `${faults} faults`}`);
process.exit(faults === 0 ? 0 : 1);
