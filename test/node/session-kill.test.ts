import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";
import { concatBytes } from "../../src/base/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { tcpListener } from "../../src/node/index.js";

const root = resolve(import.meta.dirname, "..", "..");
const aarq = 0x60;
const rlrq = 0x62;
const gloInitiate = 0x21;
const ciphered = new Set([0xc8, 0xc9, 0xcb]);
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dlms-killed-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Invocation counters of everything that clients sent through here, whole messages only. */
async function overhearing(
  port: number,
): Promise<{ readonly port: number; readonly counters: number[]; readonly server: Server }> {
  const counters: number[] = [];
  const server = createServer((client) => {
    const meter = connectSocket(port, "127.0.0.1");
    let rest: Uint8Array = new Uint8Array();
    client.on("data", (octets) => {
      rest = concatBytes(rest, octets);
      while (rest.length >= 8) {
        const length = 8 + ((rest[6] as number) << 8) + (rest[7] as number);
        if (rest.length < length) break;
        counters.push(...countersIn(rest.subarray(8, length)));
        rest = rest.slice(length);
      }
      meter.write(octets);
    });
    meter.on("data", (octets) => client.write(octets));
    for (const [one, other] of [
      [client, meter],
      [meter, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, counters, server };
}

/** Of a ciphered request, and of the initiate request inside an AARQ or RLRQ. */
function countersIn(apdu: Uint8Array): number[] {
  const tag = apdu[0] ?? 0;
  const isInside = tag === aarq || tag === rlrq;
  const start = ciphered.has(tag) ? 0 : apdu.findLastIndex((octet, i) => octet === gloInitiate && apdu[i + 2] === 0x30);
  if (start < 0 || (start > 0 && !isInside)) return [];
  return [new DataView(apdu.buffer, apdu.byteOffset + start + 3, 4).getUint32(0)];
}

it("a client killed at any point never ciphers two messages under one counter", async () => {
  const worker = join(folder, "worker.mjs");
  await build({
    stdin: {
      contents: `
        import { connect } from "./src/index.ts";
        import { fileCounterStore, tcp } from "./src/node/index.ts";
        import { mockCredentials } from "./src/mock/index.ts";
        const [, , port, store] = process.argv;
        const { encryptionKey, authenticationKey } = mockCredentials;
        const meter = await connect(tcp({ host: "127.0.0.1", port: Number(port) }), {
          client: 1,
          authentication: { mechanism: "hls-gmac" },
          security: { encryptionKey, authenticationKey, systemTitle: "4B494C4C00000001", counters: fileCounterStore(store) },
        });
        process.stdout.write("associated");
        for (;;) await meter.clock("0-0:1.0.0").time.get();`,
      resolveDir: root,
    },
    bundle: true,
    outfile: worker,
    format: "esm",
    platform: "node",
    external: ["serialport", "@serialport/*", "@lydell/*"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    conditions: ["node"],
    logLevel: "error",
  });
  await using mock = new MockMeter({ household: { days: 1 } });
  const listener = tcpListener({ host: "127.0.0.1", port: 0 });
  await mock.listen(listener, { link: "wrapper" });
  const { port, counters, server } = await overhearing(listener.port);
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [worker, String(port), join(folder, "store")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<string | null>((done) => child.on("exit", (_, signal) => done(signal)));
    // Some die while they associate, some while they read.
    if (round % 3 !== 0) await new Promise((done) => child.stdout.once("data", done));
    else await sleep(150 + 150 * Math.random());
    await sleep(40 * Math.random());
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
  }
  await new Promise((done) => server.close(done));
  expect(counters.length).toBeGreaterThan(20);
  expect(new Set(counters).size).toBe(counters.length);
  for (let i = 1; i < counters.length; i++) expect(counters[i]).toBeGreaterThan(counters[i - 1] as number);
});
