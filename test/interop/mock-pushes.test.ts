import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { octets, structure, u32 } from "../../src/data/index.js";
import { MockMeter, type PusherOptions } from "../../src/mock/index.js";
import { memoryPair, VirtualClock } from "../../src/transport/index.js";
import { pushReader } from "./support/report.js";

const value = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";

/** The octets that the mock meter puts on the line for one push. */
async function pushed(options: PusherOptions): Promise<string> {
  const clock = new VirtualClock();
  const [near, far] = memoryPair({ clock });
  let hex = "";
  await near.open({
    data: (bytes) => {
      hex += toHex(bytes);
    },
    closed: () => {},
  });
  const body = structure(octets(value), u32(0xffff_ffff));
  await clock.run(new MockMeter({ clock }).pusher(far, options).push({ kind: "data-notification", body }));
  return hex;
}

const ways: Record<string, PusherOptions> = {
  "one packet": {},
  "general blocks": { blockSize: 20 },
  "a packet that wants to be confirmed": { confirmed: true, confirmationTimeoutMs: 1 },
  "UI frames": { carrier: { kind: "hdlc-ui", physical: 17 } },
  "UI frames, segmented": { carrier: { kind: "hdlc-ui", physical: 17, frameSize: 20 } },
};

describe("Gurux in Python reads what the mock meter pushes", () => {
  for (const [name, options] of Object.entries(ways))
    for (const client of [16, 1])
      it(`${name}, ${client === 1 ? "ciphered" : "in clear"}`, async () => {
        const [command = "", ...first] = pushReader();
        const link = options.carrier === undefined ? "wrapper" : "hdlc";
        const hex = await pushed({ ...options, client });
        const told = [...first, link, client === 1 ? "ciphered" : "plain", hex];
        expect(JSON.parse(execFileSync(command, told, { encoding: "utf8" }))).toEqual([value, 4294967295]);
      });
});
