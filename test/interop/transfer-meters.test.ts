import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { type ConnectOptions, connect, type Meter, type TraceEvent } from "../../src/index.js";
import { tcp } from "../../src/node/index.js";
import { formsSeen, options } from "./support/our-client.js";
import { type PeerMeter, peerMeter, rows, type Variant } from "./support/peer-meter.js";
import { plain } from "./support/plain.js";
import { type Link, links } from "./support/reference-meter.js";

let [gurux, jdlms]: PeerMeter[] = [];
beforeAll(async () => {
  [gurux, jdlms] = await Promise.all([peerMeter("gurux-java"), peerMeter("jdlms")]);
});
afterAll(() => Promise.all([gurux?.close(), jdlms?.close()]));

const open = (peer: PeerMeter | undefined, variant: Variant, link: Link, more: ConnectOptions): Promise<Meter> =>
  connect(tcp({ host: "127.0.0.1", port: peer?.port(variant, link) ?? 0, link }), {
    server: { logical: 1, physical: 17 },
    timeouts: { connectMs: 5_000, responseMs: 2_000, closeMs: 500 },
    ...more,
  });

describe.each(links)("our client over %s", (link) => {
  // The library leaves out the data of what was written or invoked, which the standard has as null-data: reads alone.
  it.each(["none", "low", "gmac"] as const)(
    "reads by ACCESS from gurux-java with authentication %s",
    async (authentication) => {
      const { forms, trace } = formsSeen();
      await using meter = await open(gurux, "ln", link, { ...options[authentication], trace });
      const results = await meter.access([
        { get: meter.register("1-0:15.8.0").value },
        { get: meter.data("0-0:250.1.0").value },
        { get: meter.disconnectControl("0-0:96.3.10").controlMode },
      ]);
      expect(results.map((one) => (one.ok ? String(one.value) : one.error.code))).toEqual([
        "429496729.5 Wh",
        "access-refused",
        "4",
      ]);
      if (authentication !== "gmac")
        expect([...forms]).toEqual(expect.arrayContaining(["access-request", "access-response"]));
    },
  );

  // Its server packs a datablock into the first general block, cuts it at the end of an HDLC frame, and repeats it for
  // ever over TCP.
  it("gives gurux-java up when it repeats general blocks", async () => {
    await using meter = await open(gurux, "gbt", link, { ...options.none, maxPduSize: 512, retries: 0 });
    await expect(meter.raw(7, "1-0:99.1.0").get(2)).rejects.toMatchObject({
      code: link === "hdlc" ? "truncated" : "limit-exceeded",
    });
  });
});

describe("windows of HDLC", () => {
  /** What the UA says that the meter sends before it waits. */
  const granted = (events: readonly TraceEvent[]) =>
    events
      .map((event) => (event.type === "bytes" && event.direction === "received" ? toHex(event.bytes) : ""))
      .flatMap((octets) => octets.match(/0704000000(..)0804/)?.[1] ?? [])
      .map((octet) => Number.parseInt(octet, 16));

  it.each([2, 7])("of %i are proposed, and a profile is read with what jdlms and gurux-java grant", async (window) => {
    const hdlc = { windowReceive: window, windowTransmit: 1, maxInfoReceive: 256, maxInfoTransmit: 256 };
    // Gurux grants what is asked for and sends one frame at a time all the same.
    for (const [peer, maxPduSize, frames] of [
      [gurux, 4096, window],
      [jdlms, 65_535, 1],
    ] as const) {
      const events: TraceEvent[] = [];
      await using meter = await open(peer, "ln", "hdlc", {
        ...options.gmac,
        hdlc,
        maxPduSize,
        trace: (event) => void events.push(event),
      });
      expect(plain(await meter.raw(7, "1-0:99.1.0").get(2))).toEqual(rows(1, 480));
      expect(granted(events)).toEqual([frames]);
    }
  });
});
