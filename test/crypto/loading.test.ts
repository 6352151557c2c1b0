import { resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** The package's own way of building: many entries that share chunks. */
async function chunks(): Promise<Metafile["outputs"]> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [
      "src/index.ts",
      "src/security/index.ts",
      "src/crypto/index.ts",
      "src/crypto/default.ts",
      "src/node/crypto.ts",
      "src/mock/index.ts",
      "src/certificates/index.ts",
    ],
    outdir: "dist",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    packages: "external",
    external: ["#crypto", "node:*"],
    logLevel: "error",
  });
  return result.metafile.outputs;
}

/** Everything that importing `entry` loads: chunks, and packages by name. */
function loaded(outputs: Metafile["outputs"], entry: string, seen = new Set<string>()): Set<string> {
  const [file] = Object.entries(outputs).find(([, output]) => output.entryPoint === entry) as [string, unknown];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const record of outputs[path]?.imports ?? []) {
      if (record.kind === "import-statement") visit(record.path);
    }
  };
  visit(file);
  return seen;
}

describe("what is loaded where", async () => {
  const outputs = await chunks();
  const packagesOf = (entry: string) => [...loaded(outputs, entry)].filter((path) => !path.startsWith("dist/"));

  it.each(["src/index.ts", "src/security/index.ts", "src/node/crypto.ts", "src/mock/index.ts"])(
    "%s loads neither node-forge nor @noble, nor what reads certificates",
    (entry) => {
      expect(packagesOf(entry).join(" ")).not.toMatch(/node-forge|@noble|@peculiar/);
    },
  );
  it("certificates load the ASN.1 library, and no cryptography", () => {
    const packages = packagesOf("src/certificates/index.ts").join(" ");
    expect(packages).toMatch(/@peculiar/);
    expect(packages).not.toMatch(/node-forge|@noble|node:/);
  });
  it("the default of other platforms loads node-forge's single modules and no elliptic curves", () => {
    expect(packagesOf("src/crypto/default.ts").sort()).toEqual([
      "node-forge/lib/aes.js",
      "node-forge/lib/cipher.js",
      "node-forge/lib/md5.js",
      "node-forge/lib/sha1.js",
      "node-forge/lib/sha256.js",
      "node-forge/lib/util.js",
    ]);
  });
  it("the crypto entry has both", () => {
    expect(packagesOf("src/crypto/index.ts").join(" ")).toMatch(/@noble\/curves.*node-forge/);
  });
});
