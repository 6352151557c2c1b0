import { afterEach, describe, expect, it } from "vitest";
import type { Plain } from "./support/plain.js";
import { authentications, links, type ReferenceMeter, referenceMeter } from "./support/reference-meter.js";
import { clients, rangeBounds, runClient } from "./support/report.js";

/** Address of the client that each authentication stands for. */
const saps = { none: 16, low: 2, gmac: 1 } as const;
const results = { readWriteDenied: 3, objectUndefined: 4 } as const;

/**
 * Lengths of the texts that each client writes and reads back. Gurux alone sends SET in blocks; jDLMS fails over HDLC
 * as soon as a request does not fit one frame.
 */
const written = {
  jdlms: { hdlc: [40], wrapper: [40, 900] },
  "gurux-python": { hdlc: [40, 3000], wrapper: [40, 3000] },
  u9n: { hdlc: [40], wrapper: [40] },
} as const;
/** What `u9n` has no request for, or no reader of its answer. */
const lacks = (name: keyof typeof clients, what: "list" | "entries") =>
  name === "u9n" && ["list", "entries"].includes(what);

let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await meter?.close();
  meter = undefined;
});

const pattern = (length: number) =>
  Array.from({ length }, (_, i) => ((7 * i + length) & 0xff).toString(16).padStart(2, "0").toUpperCase()).join("");

/** Rows whose local time lies between the bounds; the change to summer time lies between them too. */
function between(rows: Plain, from: string, to: string): Plain {
  const minutes = (row: string) => row.slice(0, 8) + row.slice(10, 14);
  return (rows as readonly (readonly [string, ...Plain[]])[]).filter(
    ([time]) => minutes(time) >= minutes(from) && minutes(time) <= minutes(to),
  );
}

describe.each(Object.keys(clients) as (keyof typeof clients)[])("%s as client of our mock meter", (name) => {
  describe.each(links)("over %s", (link) => {
    it.each(authentications)("reads and acts with authentication %s", async (authentication) => {
      meter = await referenceMeter(link);
      const { port, nextCounter: counter } = meter;
      const report = await runClient(name, { port, link, authentication, counter });
      const value = (obis: string, id: number) => meter?.value(obis, id, saps[authentication]);

      expect(report.clock).toBe("07EA031D070E000700FF8880");
      expect(report.energy).toEqual([4_294_967_295, [-1, 30]]);
      expect(report.voltage).toEqual([value("1.0.32.7.0.255", 2), [-1, 35]]);
      expect(report.objects).toEqual(value("0.0.40.0.0.255", 2));
      expect(report.columns).toEqual([
        [8, "0000010000FF", 2, 0],
        [1, "0000600A01FF", 2, 0],
        [3, "0100010800FF", 2, 0],
        [3, "0100020800FF", 2, 0],
      ]);
      const rows = value("1.0.99.1.0.255", 2) as readonly Plain[];
      expect(rows).toHaveLength(278);
      expect(report.all).toEqual(rows);
      if (!lacks(name, "entries")) expect(report.entries).toEqual(rows.slice(2, 98));
      expect(report.range).toEqual(between(rows, rangeBounds.from, rangeBounds.to));
      expect(report.range).toHaveLength(29);
      expect(report.note).toEqual(written[name][link].map(pattern));
      if (!lacks(name, "list")) expect(report.list).toEqual([[-1, 30], [-1, 35], "010203"]);
      expect([report.denied, report.missing]).toEqual([results.readWriteDenied, results.objectUndefined]);
      expect(report.switch).toEqual([true, 0, false, 0, true]);
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
    expect(meter.refusals).toEqual(["association-rejected"]);
  });
});
