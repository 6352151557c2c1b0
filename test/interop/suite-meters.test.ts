import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { octets, u32 } from "../../src/data/index.js";
import { type ConnectOptions, connect, type Meter } from "../../src/index.js";
import { tcp } from "../../src/node/index.js";
import { byEntry, options, pattern, suiteSecurity } from "./support/our-client.js";
import { type PeerMeter, peerMeter, rows } from "./support/peer-meter.js";
import { plain } from "./support/plain.js";
import { type Link, links } from "./support/reference-meter.js";

let peer: PeerMeter | undefined;
beforeAll(async () => {
  peer = await peerMeter("gurux-java");
});
afterAll(() => peer?.close());

const variants = {
  "service-specific ciphering": {},
  "general-glo-ciphering": { ciphering: "general" },
  "a dedicated key": { dedicatedKey: true },
  "a dedicated key in general-ded-ciphering": { dedicatedKey: true, ciphering: "general" },
  "authentication alone": { protection: "authenticated" },
  "encryption alone": { protection: "encrypted" },
} as const;

describe.each([1, 2] as const)("our client with suite %i on a meter of gurux-java", (suite) => {
  const open = (link: Link, more: Partial<NonNullable<ConnectOptions["security"]>>): Promise<Meter> =>
    connect(tcp({ host: "127.0.0.1", port: peer?.port(`suite${suite}`, link) ?? 0, link }), {
      server: { logical: 1, physical: 17 },
      timeouts: { connectMs: 5_000, responseMs: 3_000 },
      ...options.gmac,
      security: { ...suiteSecurity(suite), ...more },
    });

  describe.each(links)("over %s", (link) => {
    it.each(Object.keys(variants) as (keyof typeof variants)[])(
      "reads, writes and acts with HLS-GMAC and %s",
      async (variant) => {
        await using meter = await open(link, variants[variant]);
        expect(String(await meter.register("1-0:15.8.0").value.get())).toBe("429496729.5 Wh");
        expect(plain(await meter.raw(7, "1-0:99.1.0").get(2))).toEqual(rows(1, 480));
        expect(plain(await meter.raw(7, "1-0:99.1.0").get(2, byEntry(1, 96)))).toEqual(rows(1, 96));
        const note = meter.raw(1, "0-0:96.1.9");
        // The library reads no general ciphering that comes in several HDLC frames.
        const length = link === "hdlc" && variant.includes("general") ? 40 : 900;
        await note.set(2, octets(pattern(length)));
        expect(plain(await note.get(2))).toBe(plain(octets(pattern(length))));
        await expect(meter.raw(3, "1-0:15.8.0").set(2, u32(0))).rejects.toMatchObject({ code: "access-refused" });
        const output = meter.disconnectControl("0-0:96.3.10");
        await output.remoteDisconnect();
        expect(await output.outputState.get()).toBe(false);
        await output.remoteReconnect();
      },
    );

    it("is refused with a wrong key", async () => {
      const { encryptionKey } = suiteSecurity(suite);
      const wrong = encryptionKey.map((octet) => octet ^ 1);
      await expect(open(link, { encryptionKey: wrong })).rejects.toMatchObject({ code: "request-refused" });
    });
  });
});
