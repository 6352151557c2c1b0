import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

/** What each folder of `src` may import, beside itself. The order is the order of the layers. */
const sansIo = [
  "base",
  "codec",
  "data",
  "hdlc",
  "wrapper",
  "iec62056-21",
  "mbus",
  "crypto",
  "apdu",
  "security",
  "cosem",
  "association",
];
const allowed: Record<string, readonly string[]> = {
  base: [],
  codec: ["base"],
  data: ["base", "codec"],
  hdlc: ["base"],
  wrapper: ["base"],
  "iec62056-21": ["base"],
  mbus: ["base"],
  crypto: ["base"],
  transport: ["base"],
  apdu: ["base", "codec", "data"],
  security: ["base", "apdu", "crypto", "codec"],
  certificates: ["base", "crypto", "security", "cosem"],
  cosem: ["base", "codec", "data"],
  association: ["base", "data", "apdu", "security", "codec"],
  translate: sansIo,
  client: [...sansIo, "transport", "translate"],
  mock: [...sansIo, "certificates", "transport", "translate"],
  node: [...sansIo, "certificates", "transport", "translate", "client", "mock"],
  web: [...sansIo, "transport", "client"],
  cli: [...sansIo, "certificates", "transport", "translate", "client", "mock", "node"],
};
/** Packages of the registry, and the only folders that may import them. */
const packages: Record<string, readonly string[]> = {
  crc: ["hdlc", "iec62056-21"],
  "node-forge": ["crypto"],
  "@noble/curves": ["crypto"],
  "@peculiar/asn1-schema": ["certificates"],
  "@peculiar/asn1-x509": ["certificates"],
  "@peculiar/asn1-ecc": ["certificates"],
  "@peculiar/asn1-csr": ["certificates"],
  debug: ["node", "cli"],
  serialport: ["node"],
  "@serialport/parser-byte-length": ["node"],
  "@lydell/node-pty": ["node"],
  commander: ["cli"],
  yaml: ["cli", "node"],
};
const withNode = new Set(["node", "cli"]);
const root = resolve(import.meta.dirname, "..", "src");

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(root, name));
const imports = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)"([^"]+)"/gm)].map(
    (match) => match[1] as string,
  );
const folderOf = (file: string) => {
  const parts = relative(root, file).split(sep);
  return parts.length === 1 ? "." : (parts[0] as string);
};

describe("layers import downwards only", () => {
  for (const file of files) {
    const folder = folderOf(file);
    if (folder === ".") continue;
    it(relative(root, file), () => {
      expect(allowed, `folder ${folder} is not in the table of layers`).toHaveProperty([folder]);
      for (const target of imports(file)) {
        if (target === "../../package.json") {
          // The command tells its version.
          expect(folder).toBe("cli");
        } else if (target.startsWith(".")) {
          const to = folderOf(resolve(dirname(file), target));
          if (to !== folder) expect([...(allowed[folder] ?? [])], `${folder} imports ${to}`).toContain(to);
        } else if (target.startsWith("node:")) {
          expect(withNode.has(folder), `${folder} imports ${target}`).toBe(true);
        } else if (target === "#crypto") {
          expect(["client", "mock", "cli", "translate"]).toContain(folder);
        } else {
          const name = target.startsWith("@")
            ? target.split("/").slice(0, 2).join("/")
            : (target.split("/")[0] as string);
          expect(packages[name] ?? [], `${folder} imports ${target}`).toContain(folder);
        }
      }
    });
  }
});
