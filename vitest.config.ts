import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: "#crypto", replacement: source("node/crypto.ts") },
      { find: /^dlms-cosem$/, replacement: source("index.ts") },
      { find: /^dlms-cosem\/(.+)$/, replacement: source("$1/index.ts") },
    ],
  },
  test: { include: ["test/**/*.test.ts"], testTimeout: 20_000 },
});
