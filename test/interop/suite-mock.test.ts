import { afterEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { expectReport } from "./support/expected-report.js";
import { links, type ReferenceMeter, referenceMeter, rising } from "./support/reference-meter.js";
import { runClient } from "./support/report.js";

const name = "gurux-python";
const variants = {
  "service-specific ciphering": {},
  "general-glo-ciphering": { general: true },
  "a dedicated key": { dedicated: true },
  "a dedicated key in general-ded-ciphering": { dedicated: true, general: true },
  "authentication alone": { protection: "authenticated" },
  "encryption alone": { protection: "encrypted" },
} as const;

let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await meter?.close();
  meter = undefined;
});

describe.each([1, 2] as const)("gurux-python with suite %i as client of our mock meter", (suite) => {
  const key = toHex(rising(0, suite === 2 ? 32 : 16));
  const usual = { authentication: "gmac", suite, key, counter: 101 } as const;

  describe.each(links)("over %s", (link) => {
    it.each(Object.keys(variants) as (keyof typeof variants)[])("reads, writes and acts with %s", async (variant) => {
      const { protection, ...rest } = { protection: "authenticated-encrypted" as const, ...variants[variant] };
      meter = await referenceMeter(link, { protection });
      const report = await runClient(name, { port: meter.port, link, ...usual, protection, ...rest });
      expectReport(report, meter, { sap: 1 + 10 * suite, written: [40, 3000] });
      expect(meter.refusals).toEqual([]);
    });

    it("is refused when its key is wrong", async () => {
      meter = await referenceMeter(link);
      const asked = runClient(name, { port: meter.port, link, ...usual, key: `FF${key.slice(2)}` });
      await expect(asked).rejects.toThrow(name);
      expect(meter.refusals).toEqual(["authentication-failed"]);
    });
  });
});
