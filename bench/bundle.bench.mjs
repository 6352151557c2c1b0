// Size of browser bundles beside their budget: `node bench/bundle.bench.mjs`.
import { bundleSize, bundles } from "../scripts/size.mjs";
import { report } from "./support.mjs";

const rows = [];
for (const bundle of bundles)
  rows.push({
    measure: `bundle: ${bundle.short}`,
    value: (await bundleSize(bundle)) / 1000,
    unit: "kB",
    atMost: bundle.budget / 1000,
  });
report(rows);
