// A meter behind a mobile network dials in: it is identified, its pushes are taken, and it is read when it is there.
//
//   node meter-that-dials-in.ts                     a mock meter dials in to this program
//   node meter-that-dials-in.ts meters.yaml NAME    wait on port 4059 for a real one of this registry (docs/push.md)
import { MockMeter, mockClientSaps, mockCredentials } from "dlms-cosem/mock";
import { dialIn, loadRegistry, type MeterEntry, tcp, tcpListener } from "dlms-cosem/node";

const [file, wanted = "house"] = process.argv.slice(2);

// Who may dial in, by what they are known, and how they are talked to. Nobody else is served.
const { systemTitle, encryptionKey, authenticationKey } = mockCredentials;
const house: MeterEntry = {
  name: "house",
  systemTitle,
  connect: {
    client: mockClientSaps.management,
    authentication: { mechanism: "hls-gmac" },
    security: { encryptionKey, authenticationKey, systemTitle: "4142430000000001" },
  },
};
const listener = file === undefined ? tcpListener({ port: 0 }) : tcpListener({ port: 4059, host: "0.0.0.0" });
const server = dialIn(listener, { registry: file === undefined ? [house] : loadRegistry(file) });
await server.ready();

// A push counts as stored, and is confirmed where its meter wants that, once the handler is done with it.
const pushes = server.pushes.handle((event) => {
  const what =
    event.type === "push" ? `${event.kind}, ${event.authenticated === true ? "genuine" : "not verified"}` : "rejected";
  console.log(`push from ${event.origin.meter}: ${what}`);
});

// Whoever wants to read the meter waits for it, with a deadline.
const visit = server.meter(wanted, { withinMs: 3_600_000 });

const mock = new MockMeter();
if (file === undefined) {
  await mock.dial(tcp({ host: "127.0.0.1", port: listener.port }));
  mock.push({ body: { type: "visible-string", value: "the cover was opened" }, client: mockClientSaps.management });
}

const meter = await visit;
for (const { name, by, proven } of server.meters) console.log(`${name} is there, known by ${by}, proven: ${proven}`);
console.log(`1-0:1.8.0  ${await meter.register("1-0:1.8.0").value.get()}`);
// The association is released; the meter stays connected for its pushes and the next visit.
await meter.close();
console.log(`still connected: ${server.meters.map(({ name }) => name).join(", ")}`);

await server.close();
await pushes;
await mock.close();
