// Read a meter on the network: its clock, and several registers in one go.
//
//   node tcp-meter.ts                            against a mock meter that this program starts itself
//   node tcp-meter.ts 192.168.1.20 PASSWORD 1    a real one: host, low-level password, client address
//   node tcp-meter.ts 192.168.1.20               a real one as the public client, which needs no password
import { type ConnectOptions, connect } from "dlms-cosem";
import { MockMeter, mockClientSaps } from "dlms-cosem/mock";
import { tcp, tcpListener } from "dlms-cosem/node";

const [host, password, client = "1"] = process.argv.slice(2);

// Without a host: a meter in software, on a free port of this machine.
const mock = new MockMeter();
const listener = tcpListener({ port: 0 });
if (host === undefined) await mock.listen(listener, { link: "wrapper" });

const endpoint = host === undefined ? tcp({ host: "127.0.0.1", port: listener.port }) : tcp({ host });

// A meter knows its clients by their address. 16 is the public client: no password, but it sees little.
const publicClient: ConnectOptions = { client: 16 };
const withPassword = (secret: string, address: number): ConnectOptions => ({
  client: address,
  authentication: { mechanism: "low", password: secret },
});
const reader = host === undefined ? withPassword("12345678", mockClientSaps.reader) : undefined;
const options = reader ?? (password === undefined ? publicClient : withPassword(password, Number(client)));

const meter = await connect(endpoint, options);
try {
  // A handle names one attribute of one object. Nothing is sent before `get`.
  const time = await meter.clock("0-0:1.0.0").time.get();
  console.log(`clock          ${time} (${time.daylightSaving === true ? "daylight saving" : "standard time"})`);

  // Several at once: one request where the meter grants that. Each has a result of its own.
  const energy = ["1-0:1.8.0", "1-0:2.8.0"] as const;
  const power = ["1-0:1.7.0", "1-0:32.7.0", "1-0:14.7.0"] as const;
  const codes = [...energy, ...power];
  const results = await meter.readAll(codes.map((code) => meter.register(code).value));
  results.forEach((result, index) => {
    // A Quantity is exact: `1234.50 Wh` keeps its last zero; `.value` is the number for calculations.
    console.log(`${codes[index]?.padEnd(14)} ${result.ok ? result.value : `none: ${result.error.message}`}`);
  });

  const { bytesSent, bytesReceived, roundTrips } = meter.statistics;
  console.log(`${bytesSent} octets sent, ${bytesReceived} received, ${roundTrips} round trips`);
} finally {
  // Releases the association, closes the line. Where the runtime knows it (Node 24), `await using meter = ...` does so.
  await meter.close();
  await mock.close();
}
