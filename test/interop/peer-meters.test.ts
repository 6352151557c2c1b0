import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { octets, u32 } from "../../src/data/index.js";
import { type ConnectOptions, connect, type Meter, type RowsOptions } from "../../src/index.js";
import { tcp } from "../../src/node/index.js";
import { byEntry, byRange, options, pattern, security } from "./support/our-client.js";
import { type PeerMeter, peerMeter, rows } from "./support/peer-meter.js";
import { plain } from "./support/plain.js";
import { authentications, type Link, links } from "./support/reference-meter.js";
import { meters } from "./support/report.js";

const profile = "1-0:99.1.0";
/** Where row 0 would be. */
const midnight = Date.parse("2026-01-01T00:00:00+01:00");
/** Other ways to protect an association. A client of jDLMS is let in with what its meter is configured for alone. */
const variants = {
  "general-glo-ciphering": { ciphering: "general" },
  "a dedicated key": { dedicatedKey: true },
  "authentication alone": { protection: "authenticated" },
  "encryption alone": { protection: "encrypted" },
} as const;
/** Objects that every meter has; each peer adds some of its own. */
const ours = new Map([
  ["0-0:1.0.0*255", 8],
  ["1-0:15.8.0*255", 3],
  ["0-0:96.1.9*255", 1],
  ["0-0:96.3.10*255", 70],
  ["1-0:99.1.0*255", 7],
  ["0-0:40.0.0*255", 15],
]);
/**
 * Sizes proposed. `ServerHdlcSessionLayer.sendSegment` of jDLMS fails where what is left of an answer is little more than
 * a segment: its object list with 512 octets, the last block of its profile with APDUs of 4,096.
 */
const sizes = {
  jdlms: { maxPduSize: 65_535, hdlc: { maxInfoTransmit: 1024, maxInfoReceive: 1024 } },
  "gurux-java": { hdlc: { maxInfoTransmit: 128, maxInfoReceive: 128 } },
} as const;
/**
 * Lengths of the texts written and read back: 900 octets take several HDLC frames, 3,000 several answers. jDLMS does not
 * understand requests in several frames; Gurux answers a block of a SET in the form of a block of a GET.
 */
const written = {
  jdlms: { hdlc: [40, 900], wrapper: [40, 3000] },
  "gurux-java": { hdlc: [40, 900], wrapper: [40, 900] },
} as const;
/** Entries asked for. Gurux takes the last for a number of rows. */
const entries = { jdlms: [3, 98], "gurux-java": [1, 96] } as const;
/** What each peer says to a wrong password and to what it cannot decipher. */
const refusals = {
  jdlms: { password: "authentication-refused", key: "connection-lost" },
  "gurux-java": { password: "authentication-refused", key: "request-refused" },
} as const;

describe.each(Object.keys(meters) as (keyof typeof meters)[])("our client on a meter of %s", (name) => {
  let peer: PeerMeter | undefined;
  beforeAll(async () => {
    peer = await peerMeter(name);
  });
  afterAll(() => peer?.close());

  const open = (link: Link, more: ConnectOptions): Promise<Meter> =>
    connect(tcp({ host: "127.0.0.1", port: peer?.port("ln", link) ?? 0, link }), {
      server: { logical: 1, physical: 17 },
      ...sizes[name],
      timeouts: { connectMs: 10_000, responseMs: 5_000 },
      ...more,
    });

  describe.each(links.flatMap((link) => authentications.map((authentication) => ({ link, authentication }))))(
    "over $link with authentication $authentication",
    ({ link, authentication }) => {
      it("reads clock, registers and object list", async () => {
        await using meter = await open(link, options[authentication]);
        expect(plain(await meter.clock("0-0:1.0.0").time.getData())).toBe("07EA0101040A000000FFC400");
        const energy = await meter.register("1-0:15.8.0").value.get();
        expect([energy.raw, energy.scaler, energy.unit]).toEqual([4_294_967_295, -1, "Wh"]);

        const listed = [...(await meter.objects())].filter(({ obis }) => ours.has(obis.toString()));
        expect(new Map(listed.map((object) => [object.obis.toString(), object.classId]))).toEqual(ours);

        const handles = [meter.register("1-0:15.8.0").value, meter.disconnectControl("0-0:96.3.10").controlMode];
        // Gurux leaves the reason out for an object that it does not know, and so shifts what follows.
        const missing = name === "gurux-java" ? [] : [meter.data("0-0:250.1.0").value];
        const list = await meter.readAll([...missing, ...handles]);
        expect(list.map(({ ok }) => ok)).toEqual([...missing.map(() => false), true, true]);
        expect(list.at(-1)).toMatchObject({ value: 4 });
      });

      it("reads the profile whole, by entry and by range", async () => {
        await using meter = await open(link, options[authentication]);
        const buffer = meter.raw(7, profile);
        expect(plain(await buffer.get(3))).toEqual([
          [8, "0000010000FF", 2, 0],
          [3, "01000F0800FF", 2, 0],
        ]);
        expect(plain(await buffer.get(2))).toEqual(rows(1, 480));
        const [first, last] = entries[name];
        expect(plain(await buffer.get(2, byEntry(first, last)))).toEqual(rows(first, last));
        const day = byRange("07EA0102FF000000FFFFC400", "07EA0102FF173B3BFFFFC400");
        expect(plain(await buffer.get(2, day))).toEqual(rows(96, 191));
      });

      it("reads rows of a day and the last ones as times and quantities", async () => {
        await using meter = await open(link, options[authentication]);
        const read = async (which: RowsOptions) => {
          const found: unknown[] = [];
          for await (const { time, values } of meter.profile(profile).rows(which))
            found.push([time?.getTime(), ...Object.values(values).map(String)]);
          return found;
        };
        const wanted = (from: number, to: number) =>
          rows(from, to).map((_, i) => [
            midnight + 900_000 * (from + i),
            `${((1000 + 7 * (from + i)) / 10).toFixed(1)} Wh`,
          ]);
        const day = { from: new Date(midnight + 900_000 * 96), to: new Date(midnight + 900_000 * 191) };
        expect(await read(day)).toEqual(wanted(96, 191));
        expect(await read({ last: 5 })).toEqual(wanted(476, 480));
      });

      it("writes and reads back, acts, and is denied what it may not", async () => {
        await using meter = await open(link, options[authentication]);
        const note = meter.raw(1, "0-0:96.1.9");
        for (const length of written[name][link]) {
          await note.set(2, octets(pattern(length)));
          expect(plain(await note.get(2))).toBe(plain(octets(pattern(length))));
        }
        await expect(meter.raw(3, "1-0:15.8.0").set(2, u32(0))).rejects.toMatchObject({ code: "access-refused" });
        await expect(meter.raw(3, "1-0:250.8.0").get(2)).rejects.toMatchObject({ code: "access-refused" });

        const output = meter.disconnectControl("0-0:96.3.10");
        await output.remoteDisconnect();
        expect(await output.outputState.get()).toBe(false);
        await output.remoteReconnect();
        expect(await output.outputState.get()).toBe(true);
      });
    },
  );

  const protections = name === "jdlms" ? [] : (Object.keys(variants) as (keyof typeof variants)[]);
  it.each(protections)("reads with HLS-GMAC and %s", async (variant) => {
    await using meter = await open("wrapper", { ...options.gmac, security: { ...security, ...variants[variant] } });
    expect(String(await meter.register("1-0:15.8.0").value.get())).toBe("429496729.5 Wh");
    expect(plain(await meter.raw(7, profile).get(2))).toEqual(rows(1, 480));
  });

  it.each(links)("is refused over %s with a wrong password", async (link) => {
    const authentication = { mechanism: "low", password: "87654321" } as const;
    await expect(open(link, { client: 2, authentication })).rejects.toMatchObject({ code: refusals[name].password });
  });

  it.each(links)("is refused over %s with a wrong key", async (link) => {
    const wrong = { ...security, encryptionKey: "F00102030405060708090A0B0C0D0E0F" };
    await expect(open(link, { ...options.gmac, security: wrong })).rejects.toMatchObject({ code: refusals[name].key });
  });
});
