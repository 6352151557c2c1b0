import { afterEach, describe, expect, it } from "vitest";
import { expectReport } from "./support/expected-report.js";
import { links, type ReferenceMeter, referenceMeter } from "./support/reference-meter.js";
import { runClient } from "./support/report.js";

const saps = { none: 16, low: 2, gmac: 1 } as const;

/**
 * What each client can do with short names. jDLMS asks for no blocks there, and fails over HDLC as soon as a request
 * does not fit one frame. Gurux cannot cipher there,
 * nor write in blocks: `getSNPdu` ends in an assertion of its own.
 */
const peers = {
  jdlms: { authentications: ["none", "low", "gmac"], written: { hdlc: [40], wrapper: [40, 900] } },
  "gurux-python": { authentications: ["none", "low"], written: { hdlc: [40, 3000], wrapper: [40, 3000] } },
} as const;
const referencing = "short-name";

let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await meter?.close();
  meter = undefined;
});

describe.each(["jdlms", "gurux-python"] as const)("%s as client of our mock meter by short names", (name) => {
  describe.each(links)("over %s", (link) => {
    it.each(peers[name].authentications)("reads and acts with authentication %s", async (authentication) => {
      meter = await referenceMeter(link, { referencing, maxPduSize: 65_535 });
      const { port, nextCounter: counter } = meter;
      const report = await runClient(name, { port, link, authentication, counter, referencing });
      const written = peers[name].written[link];
      expectReport(report, meter, { sap: saps[authentication], written, shortNames: true });
      expect(meter.refusals).toEqual([]);
    });

    it("is refused when its password is wrong", async () => {
      meter = await referenceMeter(link, { referencing });
      const { port, nextCounter: counter } = meter;
      const asked = runClient(name, { port, link, authentication: "low", counter, referencing, password: "87654321" });
      await expect(asked).rejects.toThrow(name);
      expect(meter.refusals).toEqual(["authentication-refused"]);
    });
  });
});
