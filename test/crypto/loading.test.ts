import { resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
/** Files that a bundler takes in for an entry that uses `names` of `file`. */
async function loaded(code: string): Promise<string> {
  const result = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: "entry.ts" },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["node:*"],
    logLevel: "error",
  });
  const outputs = Object.values(result.metafile.outputs);
  return outputs.flatMap((output) => Object.keys(output.inputs)).join("\n");
}

describe("what is loaded where", () => {
  it("Node's provider and the security layer load neither node-forge nor @noble", async () => {
    const files = await loaded(
      `import * as crypto from "./src/node/crypto.ts"; import * as security from "./src/security/index.ts"; globalThis.all = [crypto, security];`,
    );
    expect(files).toContain("src/security/");
    expect(files).not.toMatch(/node-forge|@noble|portable/);
  });
  it("suite 0 in a browser loads no elliptic curves", async () => {
    const files = await loaded(
      `import { defaultProvider } from "./src/crypto/default.ts"; globalThis.all = defaultProvider;`,
    );
    expect(files).toContain("node-forge/lib/aes.js");
    expect(files).not.toMatch(/@noble|sha512|node-forge\/lib\/(index|pki|rsa|random)/);
  });
});
