import { afterEach, describe, expect, it } from "vitest";
import { expectReport } from "./support/expected-report.js";
import { authentications, links, type ReferenceMeter, referenceMeter } from "./support/reference-meter.js";
import { clients, runClient } from "./support/report.js";

/** Address of the client that each authentication stands for. */
const saps = { none: 16, low: 2, gmac: 1 } as const;

/**
 * Lengths of the texts that each client writes and reads back. Gurux alone sends SET in blocks; jDLMS fails over HDLC
 * as soon as a request does not fit one frame.
 */
const written = {
  jdlms: { hdlc: [40], wrapper: [40, 900] },
  "gurux-python": { hdlc: [40, 3000], wrapper: [40, 3000] },
  u9n: { hdlc: [40], wrapper: [40] },
} as const;
let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await meter?.close();
  meter = undefined;
});

describe.each(Object.keys(clients) as (keyof typeof clients)[])("%s as client of our mock meter", (name) => {
  describe.each(links)("over %s", (link) => {
    it.each(authentications)("reads and acts with authentication %s", async (authentication) => {
      meter = await referenceMeter(link);
      const { port, nextCounter: counter } = meter;
      const report = await runClient(name, { port, link, authentication, counter });

      expectReport(report, meter, {
        sap: saps[authentication],
        written: written[name][link],
        without: name === "u9n" ? ["list", "entries"] : [],
      });
      expect(meter.refusals).toEqual([]);
    });
  });

  it.each(links)("is refused over %s when its password is wrong", async (link) => {
    meter = await referenceMeter(link);
    const { port, nextCounter: counter } = meter;
    await expect(runClient(name, { port, link, authentication: "low", counter, password: "87654321" })).rejects.toThrow(
      name,
    );
    expect(meter.refusals).toEqual(["authentication-refused"]);
  });

  it.each(links)("is refused over %s when its key is wrong", async (link) => {
    meter = await referenceMeter(link);
    const { port, nextCounter: counter } = meter;
    const key = "F00102030405060708090A0B0C0D0E0F";
    await expect(runClient(name, { port, link, authentication: "gmac", counter, key })).rejects.toThrow(name);
    expect(meter.refusals).toEqual(["authentication-failed"]);
  });
});
