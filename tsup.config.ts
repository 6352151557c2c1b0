import { existsSync } from "node:fs";
import { defineConfig } from "tsup";

/** One list of entries for both formats; splitting makes them share their modules, so a class exists once. */
export default defineConfig({
  entry: present({
    index: "src/index.ts",
    "hdlc/index": "src/hdlc/index.ts",
    "wrapper/index": "src/wrapper/index.ts",
    "iec62056-21/index": "src/iec62056-21/index.ts",
    "mbus/index": "src/mbus/index.ts",
    "apdu/index": "src/apdu/index.ts",
    "security/index": "src/security/index.ts",
    "cosem/index": "src/cosem/index.ts",
    "crypto/index": "src/crypto/index.ts",
    "crypto/default": "src/crypto/default.ts",
    "certificates/index": "src/certificates/index.ts",
    "translate/index": "src/translate/index.ts",
    "mock/index": "src/mock/index.ts",
    "node/index": "src/node/index.ts",
    "node/crypto": "src/node/crypto.ts",
    "web/index": "src/web/index.ts",
    "cli/main": "src/cli/main.ts",
  }),
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: true,
  treeshake: true,
  sourcemap: false,
  clean: true,
  dts: process.env["DLMS_NO_DTS"] === undefined,
  external: ["#crypto", /^node:/],
});

function present(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
}
