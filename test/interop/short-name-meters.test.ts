import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { i8, octets, u32 } from "../../src/data/index.js";
import { type ConnectOptions, connect, type Meter } from "../../src/index.js";
import { tcp } from "../../src/node/index.js";
import { byEntry, byRange, formsSeen, options, pattern } from "./support/our-client.js";
import { type PeerMeter, peerMeter, rows } from "./support/peer-meter.js";
import { plain } from "./support/plain.js";
import { type Link, links } from "./support/reference-meter.js";

const profile = "1-0:99.1.0";

/**
 * What each meter can do with short names. jDLMS has no reply_to_HLS_authentication there, and answers a password with
 * an AARE for logical names and ciphering. It refuses methods that are written, as `DataDirectoryImpl.snSetOrInvoke`
 * takes attributes alone, lets read-only attributes be written, and takes no request in several HDLC frames. Gurux takes the last entry for a number of rows.
 */
const peers = {
  jdlms: {
    authentications: ["none"],
    entries: [3, 98],
    written: { hdlc: [40], wrapper: [40, 900] },
    writesMethods: false,
    writeForms: ["write-request/variable-name", "write-response/success"],
    denies: false,
    hdlc: { maxPduSize: 65_535, hdlc: { maxInfoTransmit: 1024, maxInfoReceive: 1024 } },
  },
  "gurux-java": {
    authentications: ["none", "low", "gmac"],
    entries: [1, 96],
    written: { hdlc: [40, 900, 3000], wrapper: [40, 900, 3000] },
    writesMethods: true,
    writeForms: [
      "write-request/write-data-block-access",
      "write-response/block-number",
      "write-response/data-access-error",
    ],
    denies: true,
    hdlc: { maxPduSize: 1024 },
  },
} as const;
const inBlocks = ["read-response/data-block-result", "read-request/block-number-access"];
type Peer = keyof typeof peers;

it.each(links)(
  "a password by short names over %s on a meter of jdlms ends in its answer for logical names",
  async (link) => {
    const peer = await peerMeter("jdlms");
    try {
      const endpoint = tcp({ host: "127.0.0.1", port: peer.port("sn", link), link });
      const asked = connect(endpoint, {
        ...options.low,
        server: { logical: 1, physical: 17 },
        referencing: "short-name",
      });
      await expect(asked).rejects.toMatchObject({ code: "association-rejected" });
    } finally {
      await peer.close();
    }
  },
);

describe.each(Object.keys(peers) as Peer[])("our client by short names on a meter of %s", (name) => {
  const { authentications, entries, written, writesMethods, writeForms, denies, hdlc } = peers[name];
  const sizes = (link: Link): ConnectOptions => (link === "hdlc" ? hdlc : { maxPduSize: 1024 });
  let peer: PeerMeter | undefined;
  beforeAll(async () => {
    peer = await peerMeter(name);
  });
  afterAll(() => peer?.close());

  const open = (link: Link, more: ConnectOptions): Promise<Meter> =>
    connect(tcp({ host: "127.0.0.1", port: peer?.port("sn", link) ?? 0, link }), {
      server: { logical: 1, physical: 17 },
      referencing: "short-name",
      timeouts: { connectMs: 10_000, responseMs: 5_000 },
      ...more,
    });

  describe.each(links.flatMap((link) => authentications.map((authentication) => ({ link, authentication }))))(
    "over $link with authentication $authentication",
    ({ link, authentication }) => {
      it("reads clock, registers, object list and several at once", async () => {
        const { forms, trace } = formsSeen();
        await using meter = await open(link, { ...options[authentication], trace });
        expect(plain(await meter.clock("0-0:1.0.0").time.getData())).toBe("07EA0101040A000000FFC400");
        const energy = await meter.register("1-0:15.8.0").value.get();
        expect([energy.raw, energy.scaler, energy.unit]).toEqual([4_294_967_295, -1, "Wh"]);

        const classes = new Map([...(await meter.objects())].map(({ obis, classId }) => [obis.toString(), classId]));
        expect(
          (["0-0:1.0.0*255", "1-0:15.8.0*255", "1-0:99.1.0*255"] as const).map((obis) => classes.get(obis)),
        ).toEqual([8, 3, 7]);
        const list = await meter.readAll([
          meter.register("1-0:15.8.0").value,
          meter.data("0-0:250.1.0").value,
          meter.disconnectControl("0-0:96.3.10").controlMode,
        ]);
        expect(list.map((item) => (item.ok ? String(item.value) : item.error.code))).toEqual([
          "429496729.5 Wh",
          "not-supported",
          "4",
        ]);
        if (authentication !== "gmac")
          expect([...forms]).toEqual(expect.arrayContaining(["read-request/variable-name", "read-response/data"]));
      });

      it("reads the profile whole, by entry and by range", async () => {
        const { forms, trace } = formsSeen();
        await using meter = await open(link, { ...options[authentication], ...sizes(link), trace });
        const buffer = meter.raw(7, profile);
        expect(plain(await buffer.get(3))).toEqual([
          [8, "0000010000FF", 2, 0],
          [3, "01000F0800FF", 2, 0],
        ]);
        expect(plain(await buffer.get(2))).toEqual(rows(1, 480));
        const [first, last] = entries;
        expect(plain(await buffer.get(2, byEntry(first, last)))).toEqual(rows(first, last));
        const day = byRange("07EA0102FF000000FFFFC400", "07EA0102FF173B3BFFFFC400");
        expect(plain(await buffer.get(2, day))).toEqual(rows(96, 191));
        if (authentication !== "gmac")
          expect([...forms]).toEqual(
            expect.arrayContaining([
              "read-request/parameterized-access",
              ...(name === "jdlms" && link === "hdlc" ? [] : inBlocks),
            ]),
          );
      });

      it("writes and reads back, acts, and is denied what it may not", async () => {
        const { forms, trace } = formsSeen();
        await using meter = await open(link, { ...options[authentication], trace });
        const [note, energy] = [meter.raw(1, "0-0:96.1.9"), meter.raw(3, "1-0:15.8.0")];
        for (const length of written[link]) {
          await note.set(2, octets(pattern(length)));
          expect(plain(await note.get(2))).toBe(plain(octets(pattern(length))));
        }
        if (denies) await expect(energy.set(2, u32(0))).rejects.toMatchObject({ code: "access-refused" });

        const output = meter.disconnectControl("0-0:96.3.10");
        // Methods by parameterised Read, whatever they return.
        await meter.raw(70, "0-0:96.3.10").invoke(1, i8(0));
        expect(await output.outputState.get()).toBe(false);
        await meter.raw(70, "0-0:96.3.10").invoke(2, i8(0));
        expect(await output.outputState.get()).toBe(true);
        // The table knows that they return nothing: by Write.
        if (writesMethods) {
          await output.remoteDisconnect();
          expect(await output.outputState.get()).toBe(false);
          await output.remoteReconnect();
        } else await expect(output.remoteDisconnect()).rejects.toMatchObject({ code: "access-refused" });
        expect(await output.outputState.get()).toBe(true);
        if (authentication !== "gmac") expect([...forms]).toEqual(expect.arrayContaining([...writeForms]));
      });
    },
  );
});
