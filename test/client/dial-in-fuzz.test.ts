import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../src/base/index.js";
import { mockCredentials } from "../../src/mock/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { bothEnds } from "../security/helpers.js";
import { dialInBench, stranger } from "./dial-in-helpers.js";

const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const push = () => {
  const { server } = bothEnds({ encryptionKey, authenticationKey }, {}, { systemTitle });
  const apdu = server.protect(fromHex("0F00000007000600000005"), { form: "general" });
  return encodePacket({ source: 1, destination: 1, apdu });
};
const heartbeat = {
  octets: Uint8Array.of(0xaa, 0x55, 0x01),
  reader: (bytes: Uint8Array) => (bytes[0] === 0xaa && bytes[1] === 0x55 ? { length: 3 } : undefined),
};

describe("what strangers send", () => {
  it("in any pieces harms nobody: a meter that dials in then is served", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(fromHex("0001000100100010")),
      fc.constant(fromHex("00010001001000020F00")),
      fc.constant(push().subarray(0, 30)),
      fc.constant(heartbeat.octets),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.constantFrom("wrapper", "hdlc"), async (pieces, link) => {
        const bench = await dialInBench({ link: link as "wrapper" | "hdlc", heartbeat: heartbeat.reader });
        const { line } = await stranger(bench);
        for (const bytes of pieces) {
          await line.write(bytes).catch(() => {});
          await bench.clock.advance(10);
        }
        await bench.meter().dial(bench.network.endpoint);
        expect((await bench.clock.run(bench.server.meter("house"))).state).toBe("associated");
        await bench.clock.advance(60_000);
        expect(bench.server.statistics.unidentified).toBe(0);
        await bench.server.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("what a meter sends", () => {
  it("is understood in every split, with heartbeats between the packets", async () => {
    const stream = concatBytes(heartbeat.octets, push(), heartbeat.octets);
    for (let at = 0; at < stream.length; at++) {
      // A heartbeat is looked for where a message begins, so it must come in one piece.
      const first = heartbeat.octets.length;
      if ((at > 0 && at < first) || at > stream.length - first) continue;
      const bench = await dialInBench({ ask: false, heartbeat: heartbeat.reader });
      const { line } = await stranger(bench);
      await line.write(stream.subarray(0, at));
      await bench.clock.advance(5);
      await line.write(stream.subarray(at));
      const { value } = await bench.clock.run(bench.server.pushes.next());
      expect(value).toMatchObject({ type: "push", authenticated: true, origin: { meter: "house" } });
      expect(bench.server.pushes.statistics).toMatchObject({ pushes: 1, rejected: 0 });
      await bench.server.close();
    }
  });
});
