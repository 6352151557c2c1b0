import { afterEach, describe, expect, it } from "vitest";
import { expectReport } from "./support/expected-report.js";
import { links, type ReferenceMeter, referenceMeter } from "./support/reference-meter.js";
import { runClient } from "./support/report.js";

const saps = { none: 16, low: 2 } as const;
const name = "gurux-python";

let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await meter?.close();
  meter = undefined;
});

// Where it ciphers, the library never marks the last block of what it writes.
describe.each(["none", "low"] as const)("gurux-python on our mock meter with authentication %s", (authentication) => {
  it.each(links)("writes in general blocks over %s", async (link) => {
    meter = await referenceMeter(link);
    const { port, nextCounter: counter } = meter;
    const report = await runClient(name, { port, link, authentication, counter, generalBlocks: true });
    expectReport(report, meter, { sap: saps[authentication], written: [40, 3000] });
    expect(meter.refusals).toEqual([]);
  });
});
