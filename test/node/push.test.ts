import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { text, u32 } from "../../src/data/index.js";
import { formatTelegram } from "../../src/iec62056-21/index.js";
import { type ListenEvent, type ListenOptions, listen, type PushSource } from "../../src/index.js";
import { MockMeter, mockCredentials, type PushCarrier, type PusherOptions } from "../../src/mock/index.js";
import { ptyListener, serial, tcp, tcpListener, tls, tlsListener, udp, udpListener } from "../../src/node/index.js";
import { line8n1, type Transport } from "../../src/transport/index.js";
import { makeCertificate } from "./certificates.js";

const { encryptionKey, authenticationKey } = mockCredentials;
const options: ListenOptions = {
  keys: [{ encryptionKey, authenticationKey }],
  confirm: { systemTitle: "4142430000000001" },
};
const body = text("a door was opened, and nobody was there to close it again");

/** Pushes three times over the line, each confirmed where the carrier has a way back. */
async function exchange(
  receiver: ReturnType<typeof listen>,
  meter: MockMeter,
  line: Parameters<MockMeter["pusher"]>[0],
  how: PusherOptions,
) {
  const events: ListenEvent[] = [];
  const handled = receiver.handle((event) => events.push(event));
  const pusher = meter.pusher(line, { client: 1, confirmed: true, confirmationTimeoutMs: 5_000, ...how });
  const outcomes = [];
  for (let round = 0; round < 3; round++) outcomes.push(await pusher.push({ kind: "data-notification", body }));
  while (events.length < 3) await new Promise((resolve) => setImmediate(resolve));
  await meter.close();
  await receiver.close();
  await handled;
  // A line of its own is lost with the meter: whether that is told before the receiver closes is a matter of time.
  const told = events.filter((event) => event.type === "push" || event.error.code !== "connection-lost");
  expect(told).toMatchObject(Array(3).fill({ type: "push", authenticated: true, body }));
  expect(outcomes).toEqual(Array(3).fill({ attempts: 1, confirmed: how.confirmed ?? true }));
}

async function opened(source: PushSource, extra: ListenOptions = {}) {
  const receiver = listen(source, { ...options, ...extra });
  await receiver.ready();
  return receiver;
}

describe("pushes of the mock meter over sockets", () => {
  it("TCP", async () => {
    const listener = tcpListener({ port: 0 });
    const receiver = await opened(listener);
    await exchange(receiver, new MockMeter(), tcp({ host: "127.0.0.1", port: listener.port }), { blockSize: 20 });
  });
  it("TLS, both ends with a certificate", async () => {
    const authority = makeCertificate("Meter CA");
    const [head, meter] = ["head end", "444C4D0000000001"].map((name) =>
      makeCertificate(name, "Meter CA", [{ type: 7, ip: "127.0.0.1" }]),
    );
    const trust = { ca: authority.certificate };
    const listener = tlsListener({ port: 0, ...trust, certificate: head!.certificate, key: head!.key });
    const receiver = await opened(listener);
    const line = tls({
      host: "127.0.0.1",
      port: listener.port,
      ...trust,
      certificate: meter!.certificate,
      key: meter!.key,
    });
    await exchange(receiver, new MockMeter(), line, {});
  });
  it("HDLC over TCP", async () => {
    const listener = tcpListener({ port: 0 });
    const receiver = await opened(listener, { protocol: "hdlc" });
    const line = tcp({ host: "127.0.0.1", port: listener.port, link: "hdlc" });
    await exchange(receiver, new MockMeter(), line, { carrier: { kind: "hdlc-ui", frameSize: 30 } });
  });
  it("UDP", async () => {
    const listener = udpListener({ port: 0 });
    const receiver = await opened(listener);
    await exchange(receiver, new MockMeter(), udp({ host: "127.0.0.1", port: listener.port }), {});
  });
  it("UDP: several meters on one port, and what is too much is counted", async () => {
    const listener = udpListener({ port: 0, maxPeers: 2 });
    const receiver = await opened(listener, { verify: "if-key" });
    const meters = [1, 2, 3].map(() => new MockMeter());
    for (const [at, meter] of meters.entries())
      await meter
        .pusher(udp({ host: "127.0.0.1", port: listener.port }))
        .push({ kind: "data-notification", body: u32(at) });
    const values = [(await receiver.next()).value, (await receiver.next()).value];
    expect(values.map((event) => event?.type === "push" && event.body)).toEqual([u32(0), u32(1)]);
    while (receiver.statistics.lostDatagrams < 1) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(meters.map((meter) => meter.close()));
    await receiver.close();
  });
});

const hasTerminals = process.platform === "linux" && hasStty();

describe.runIf(hasTerminals)("pushes of the mock meter over a serial line", () => {
  const carriers: Record<string, readonly [PushCarrier, ListenOptions["protocol"] & string]> = {
    "UI frames": [{ kind: "hdlc-ui", physical: 17, frameSize: 30 }, "hdlc"],
    "I frames": [{ kind: "hdlc-i", physical: 17, frameSize: 30 }, "hdlc"],
    "M-Bus long frames": [{ kind: "mbus", frameSize: 20 }, "mbus"],
  };
  for (const [name, [carrier, protocol]] of Object.entries(carriers))
    it(name, async () => {
      const { line, receiver, close } = await terminal(protocol);
      await exchange(receiver, new MockMeter(), line, { carrier, confirmed: carrier.kind === "hdlc-ui" });
      await close();
    });
  it("telegrams", async () => {
    const { line, receiver, close } = await terminal("p1");
    const octets = formatTelegram("/ABC5ID", "\r\n1-0:1.8.0(123.4*Wh)\r\n");
    const meter = new MockMeter();
    const pusher = meter.pusher(line, { carrier: { kind: "p1" }, client: 1 });
    await pusher.push({ kind: "telegram", octets });
    expect((await receiver.next()).value).toMatchObject({ kind: "telegram", authenticated: true });
    await meter.close();
    await close();
  });
});

/** The meter's end of a pseudo-terminal, and a receiver that has opened the other as a serial port. */
async function terminal(protocol: NonNullable<ListenOptions["protocol"]>) {
  const listener = ptyListener();
  const served: Transport[] = [];
  await listener.listen((transport) => served.push(transport));
  const receiver = await opened(serial({ path: listener.path, line: line8n1(115_200) }), { protocol });
  const close = async () => {
    await receiver.close();
    await listener.close();
  };
  return { line: served[0] as Transport, receiver, close };
}

function hasStty(): boolean {
  try {
    execFileSync("stty", ["--version"]);
    return true;
  } catch {
    return false;
  }
}
