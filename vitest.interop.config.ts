import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

/** Tests against implementations of other origin, run by `npm run interop` once these are installed. */
export default defineConfig({
  ...base,
  test: { include: ["test/interop/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 45_000, maxWorkers: 2 },
});
