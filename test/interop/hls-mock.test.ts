import { afterEach, describe, expect, it } from "vitest";
import { expectReport } from "./support/expected-report.js";
import { signing } from "./support/keys.js";
import { hlsMechanisms, links, type ReferenceMeter, referenceMeter } from "./support/reference-meter.js";
import { runClient } from "./support/report.js";

const saps = { md5: 103, sha1: 104, sha256: 106, ecdsa: 107 } as const;
const name = "gurux-python";

let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await meter?.close();
  meter = undefined;
});

// With short names the library sends pass 3 by Write and awaits the meter's proof as the answer to a Read.
describe.each(["logical-name", "short-name"] as const)("gurux-python on our mock meter by %s", (referencing) => {
  describe.each(links)("over %s", (link) => {
    it.each(hlsMechanisms)("proves itself and reads with HLS-%s", async (authentication) => {
      meter = await referenceMeter(link, { referencing, maxPduSize: 65_535 });
      const { port, nextCounter: counter } = meter;
      const report = await runClient(name, { port, link, authentication, counter, referencing });
      const shortNames = referencing === "short-name";
      expectReport(report, meter, { sap: saps[authentication], written: [40, 3000], shortNames });
      expect(meter.refusals).toEqual([]);
    });

    it.each(hlsMechanisms)("is refused with HLS-%s and another secret or key", async (authentication) => {
      meter = await referenceMeter(link, { referencing });
      const { port, nextCounter: counter } = meter;
      const wrong = { secret: "another secret!!", privateKey: signing.meter.privateKey };
      const asked = runClient(name, { port, link, authentication, counter, referencing, ...wrong });
      await expect(asked).rejects.toThrow(name);
      expect(meter.refusals).toEqual(["hls-authentication-failed"]);
    });
  });
});
