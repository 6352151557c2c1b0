import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: "#crypto", replacement: source("node/crypto.ts") },
      { find: /^dlms-cosem$/, replacement: source("index.ts") },
      { find: /^dlms-cosem\/(.+)$/, replacement: source("$1/index.ts") },
    ],
  },
  // What needs other implementations is run by `npm run interop`, which installs them.
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/interop/**"],
    testTimeout: 20_000,
  },
});
