// What the documentation lists is what the code has. UPDATE_DOCS=1 writes the lists anew.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { apduTolerances } from "../../src/apdu/tolerances.js";
import { type ErrorCode, errorCodes } from "../../src/base/error-codes.js";
import { type Dialect, dialects, type Tolerance, tolerances } from "../../src/client/index.js";
import { type InterfaceClass, standardClasses } from "../../src/cosem/index.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const update = process.env["UPDATE_DOCS"] !== undefined;

it("errors.md lists every code", () => {
  expectListed("docs/errors.md", "codes", errorTable());
});

it("support.md lists every class", () => {
  expectListed("docs/support.md", "classes", classTable());
});

it("quirks.md names every notice of a client", () => {
  const text = readFileSync(join(root, "docs/quirks.md"), "utf8");
  expect(noticeNames().filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

it("quirks.md names no notice that there is not", () => {
  const text = readFileSync(join(root, "docs/quirks.md"), "utf8");
  const own = text.slice(text.indexOf("## Sign-on"));
  const listed = [...own.matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, name]) => name);
  expect(listed.length).toBeGreaterThan(20);
  expect(listed.filter((name) => !noticeNames().includes(name ?? ""))).toEqual([]);
});

it("quirks.md lists every switchable tolerance, and the meters that are known to need one", () => {
  expectListed("docs/quirks.md", "tolerances", toleranceTable());
  expectListed("docs/quirks.md", "dialects", dialectTable());
});

it("quirks.md names no switch that the table of tolerances has not", () => {
  const text = readFileSync(join(root, "docs/quirks.md"), "utf8");
  const named = [...text.matchAll(/`((?:tolerances|hdlc)\.[a-zA-Z]+)`/g)].map(([, option]) => option);
  const options = Object.values(tolerances).flatMap((row) => ("option" in row ? [row.option as string] : []));
  expect(named.filter((option) => !options.includes(option as string))).toEqual([]);
});

/** The part of a file between its markers is the list. */
function expectListed(file: string, name: string, list: string): void {
  const path = join(root, file);
  const text = readFileSync(path, "utf8");
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(from).toBeGreaterThan(begin.length);
  if (update) writeFileSync(path, `${text.slice(0, from)}\n${list}\n${text.slice(to)}`);
  else expect(text.slice(from, to).trim()).toBe(list.trim());
}

function errorTable(): string {
  const classOf = {
    usage: "UsageError",
    "not-supported": "NotSupportedError",
    protocol: "ProtocolError",
    decode: "DecodeError",
    security: "SecurityError",
    refused: "RefusedError",
    transport: "TransportError",
  } as const;
  const rows = (Object.keys(errorCodes) as ErrorCode[])
    .sort()
    .map((code) => `| \`${code}\` | ${classOf[errorCodes[code].kind]} | ${errorCodes[code].advice} |`);
  return ["| code | class | what to do |", "| --- | --- | --- |", ...rows].join("\n");
}

function classTable(): string {
  const tables: readonly InterfaceClass[] = Object.values(standardClasses).sort((a, b) => a.id - b.id);
  const rows = tables.map(({ id, version, name, attributes, methods }) => {
    const counts = [Object.keys(attributes).length + 1, Object.keys(methods).length];
    return `| ${id} | \`${name}\` | ${version} | ${counts[0]} | ${counts[1]} |`;
  });
  const head = "| class | name | newest version | attributes | methods |";
  return [head, "| ---: | --- | ---: | ---: | ---: |", ...rows].join("\n");
}

function toleranceTable(): string {
  const rows = Object.entries<Tolerance>(tolerances).map(([name, row]) => {
    const notice = row.notice === undefined ? "" : `\`${row.notice}\``;
    const option = row.option === undefined ? "always" : `\`${row.option}\``;
    const by = row.byDefault ? "on" : "off";
    return `| ${name} | ${row.what} | ${by} | ${option} | ${notice} | ${row.meters?.join("; ") ?? ""} | ${row.clause} |`;
  });
  const head = "| tolerance | what happens | default | switch | notice | seen with | clause |";
  return [head, "| --- | --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function dialectTable(): string {
  const rows = Object.entries<Dialect>(dialects).map(
    ([name, { meters, seen, set }]) => `| \`${name}\` | ${meters} | \`${JSON.stringify(set)}\` | ${seen} |`,
  );
  return ["| dialect | meters | sets | seen |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Names of notices as they stand in the sources of the client's side. */
function noticeNames(): readonly string[] {
  const names = new Set<string>([...Object.keys(apduTolerances), "unknown-field"]);
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !/^(mock|translate|cli|cosem)\/|server|responder|tracer/.test(file));
  for (const file of files) {
    const text = readFileSync(join(root, "src", file), "utf8");
    for (const [, name = ""] of text.matchAll(/notice\(\s*"([a-z0-9-]+)"/gi)) names.add(name);
    for (const [, name = ""] of text.matchAll(/type: "notice",\s*name: "([a-z0-9-]+)"/g)) names.add(name);
  }
  return [...names].filter((name) => !layers.has(name)).sort();
}

/** First arguments of `notice` that are layers. */
const layers = new Set(["link", "client", "association", "security", "transport"]);
