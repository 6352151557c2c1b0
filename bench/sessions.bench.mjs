// Ciphered sessions of one process: TCP, GMAC, one GET of 96 rows each; the meter in another process.
import { spawn } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { report, sources } from "./support.mjs";

const key = "000102030405060708090A0B0C0D0E0F";
const authenticationKey = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
const self = fileURLToPath(import.meta.url);
const [role] = process.argv.slice(2);
if (role === "meter") await meter();
else await client();

async function meter() {
  const { MockMeter, tcpListener } = await sources({
    "src/mock/index.ts": ["MockMeter"],
    "src/node/index.ts": ["tcpListener"],
  });
  const mock = new MockMeter({ household: { days: 2 }, maxPduSize: 16_384 });
  const listener = tcpListener({ port: 0, maxConnections: 20_000 });
  await mock.listen(listener, { link: "wrapper" });
  console.log(listener.port);
}

async function client() {
  const { connect, memoryCounterStore, tcp } = await sources({
    "src/client/index.ts": ["connect"],
    "src/security/index.ts": ["memoryCounterStore"],
    "src/node/index.ts": ["tcp"],
  });
  const other = spawn(process.execPath, ["--max-old-space-size=4096", self, "meter"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise((resolve) => other.stdout.once("data", (text) => resolve(Number(String(text)))));
  const endpoint = tcp({ host: "127.0.0.1", port });
  const options = {
    client: 1,
    authentication: { mechanism: "hls-gmac" },
    security: {
      encryptionKey: key,
      authenticationKey,
      systemTitle: "444C4D0000000099",
      counters: memoryCounterStore(),
    },
  };
  const buffer = { classId: 7, obis: "1-0:99.1.0*255" };
  // Entries 1 to 96, all columns: the capture objects count as known.
  const parameters = Uint8Array.from([2, 4, 6, 0, 0, 0, 1, 6, 0, 0, 0, 96, 0x12, 0, 1, 0x12, 0, 0]);
  const session = async () => {
    const opened = await connect(endpoint, options);
    const rows = await opened.raw(buffer.classId, buffer.obis).get(2, { selection: { selector: 2, parameters } });
    if (rows.value.length !== 96) throw new Error(`${rows.value.length} rows`);
    await opened.close();
  };
  for (let i = 0; i < 150; i++) await session();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = process.cpuUsage();
  const count = 600;
  for (let i = 0; i < count; i++) await session();
  const { user, system } = process.cpuUsage(began);
  delay.disable();
  const rows = [
    {
      measure: "ciphered sessions a second of client CPU",
      value: (count * 1e6) / (user + system),
      unit: "1/s",
      atLeast: 1000,
    },
    { measure: "  longest stop of the event loop", value: delay.max / 1e6, unit: "ms", atMost: 20 },
  ];
  rows.push(await idle(connect, endpoint, options));
  report(rows);
  other.kill();
  process.exit(0);
}

/** Memory of many associated sessions that do nothing. */
async function idle(connect, endpoint, options) {
  const count = Number(process.env.IDLE_SESSIONS ?? 2_000);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const open = [];
  // One after the other: one key and one title have one rising counter.
  while (open.length < count) open.push(await connect(endpoint, options));
  globalThis.gc?.();
  const grown = ((process.memoryUsage().rss - before) / 1e6) * (10_000 / count);
  return { measure: `memory of 10,000 idle sessions (from ${open.length})`, value: grown, unit: "MB", atMost: 300 };
}
