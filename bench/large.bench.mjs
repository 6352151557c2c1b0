// Memory of a client that reads, and of a meter that takes, a value of a megabyte in blocks: the most that is alive at
// any block, beside the payload. Each end in a process of its own. node --expose-gc bench/large.bench.mjs [--json]
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { report, sources } from "./support.mjs";

const payload = 1_000_000;
const note = "0-0:96.1.9*255";
const bar = 4;
const self = fileURLToPath(import.meta.url);
const alive = () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

if (process.argv[2] === "meter") await meter();
else await client();

async function meter() {
  const { MockMeter, object, DataClass, octets, tcpListener } = await sources({
    "src/mock/index.ts": ["MockMeter", "object"],
    "src/cosem/index.ts": ["DataClass"],
    "src/data/index.ts": ["octets"],
    "src/node/index.ts": ["tcpListener"],
  });
  const holder = object(DataClass, note, { value: octets(new Uint8Array(16)) }, { set: { value: true } });
  const mock = new MockMeter({ objects: [holder], maxPduSize: 4096 });
  const listener = tcpListener({ port: 0 });
  await mock.listen(listener, { link: "wrapper" });
  let base = 0;
  let most = 0;
  let sample;
  process.on("message", (message) => {
    if (message === "begin") {
      base = alive();
      most = 0;
      sample = setInterval(() => (most = Math.max(most, alive())), 1);
    } else {
      clearInterval(sample);
      process.send({ most: most - base });
    }
  });
  process.on("disconnect", () => process.exit());
  process.send({ port: listener.port });
}

async function client() {
  const { connect, tcp, octets } = await sources({
    "src/client/index.ts": ["connect"],
    "src/node/index.ts": ["tcp"],
    "src/data/index.ts": ["octets"],
  });
  const other = fork(self, ["meter"], { execArgv: ["--expose-gc"] });
  const told = () => new Promise((resolve) => other.once("message", resolve));
  const { port } = await told();
  let most = 0;
  let blocks = 0;
  const opened = await connect(tcp({ host: "127.0.0.1", port }), {
    client: 2,
    authentication: { mechanism: "low", password: "12345678" },
    trace: (event) => {
      if (event.type === "apdu" && blocks++ % 16 === 0) most = Math.max(most, alive());
    },
  });
  const handle = opened.data(note).value;
  const base = alive();
  other.send("begin");
  await handle.set(octets(new Uint8Array(payload)));
  other.send("end");
  const { most: ofMeter } = await told();
  const written = most - base;
  most = 0;
  const read = await handle.get();
  most = Math.max(most, alive()) - base;
  if (read.value.length !== payload) throw new Error(`${read.value.length} octets`);
  await opened.close();
  other.kill();
  report([
    { measure: "1 MB read in blocks: memory of the client", value: most / payload, unit: "payload", atMost: bar },
    { measure: "1 MB written in blocks: memory of the client", value: written / payload, unit: "payload", atMost: bar },
    { measure: "1 MB written in blocks: memory of the meter", value: ofMeter / payload, unit: "payload", atMost: bar },
  ]);
}
