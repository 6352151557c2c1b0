// Bundles for a browser, minified and gzipped, beside their budget. Run after the build. It fails above the ceiling: what
// was reached, which may only be lowered.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const kilobyte = 1000;
/** Crypto libraries, left out where the budget says so. */
const cryptoLibraries = ["node-forge", "node-forge/*", "@noble/curves", "@noble/curves/*"];
export const bundles = [
  {
    short: "client set, crypto libraries apart",
    name: "client, HDLC, IEC 62056-21, suite 0, profile reader; crypto libraries apart",
    code: 'export { connect } from "dlms-cosem"; export { webSerial } from "dlms-cosem/web";',
    external: cryptoLibraries,
    budget: 60 * kilobyte,
    ceiling: 112 * kilobyte,
  },
  {
    short: "client set, portable provider",
    name: "the same with the portable provider",
    code: 'export { connect } from "dlms-cosem"; export { webSerial } from "dlms-cosem/web";',
    external: [],
    budget: 75 * kilobyte,
    ceiling: 125 * kilobyte,
  },
  {
    short: "everything for the browser",
    name: "everything for the browser",
    code: ["", "/hdlc", "/wrapper", "/iec62056-21", "/mbus", "/apdu", "/security", "/cosem", "/crypto", "/mock", "/web"]
      .map((entry, i) => `export * as m${i} from "dlms-cosem${entry}";`)
      .join("\n"),
    external: [],
    budget: 120 * kilobyte,
    ceiling: 230 * kilobyte,
  },
];

/** Bytes of one bundle, minified and gzipped. */
export async function bundleSize({ code, external }) {
  const result = await build({
    stdin: { contents: code, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external,
    write: false,
    // The package as installed: no paths of this repository's own project.
    tsconfigRaw: {},
    logLevel: "error",
  });
  return gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let over = 0;
  for (const bundle of bundles) {
    const size = await bundleSize(bundle);
    if (size > bundle.ceiling) over++;
    const verdict = size <= bundle.budget ? "met" : size <= bundle.ceiling ? "over its budget" : "GROWN";
    console.log(`${(size / kilobyte).toFixed(1)} kB of ${bundle.budget / kilobyte} kB (${verdict}): ${bundle.name}`);
  }
  process.exit(over === 0 ? 0 : 1);
}
