import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { probeEcho, ptyListener, serial, serialListener } from "../../src/node/index.js";
import { line7e1, line8n1, type Transport } from "../../src/transport/index.js";
import { Collector } from "../transport/collector.js";

async function terminal() {
  const listener = ptyListener();
  const served: Transport[] = [];
  await listener.listen((transport) => served.push(transport));
  return { listener, served, path: listener.path };
}

describe.runIf(process.platform === "linux")("pseudo-terminal and serial port", () => {
  it("is raw before anyone opens it: no echo, no line editing, no flow control characters", async () => {
    const { listener, path } = await terminal();
    const settings = execFileSync("stty", ["-a", "-F", path], { encoding: "utf8" });
    for (const off of ["-echo ", "-icanon", "-isig", "-ixon", "-icrnl"]) expect(settings).toContain(off);
    await listener.close();
  });

  it("serves one program after the other on the same path, and a new transport after its own was closed", async () => {
    const { listener, served, path } = await terminal();
    const meter = new Collector();
    await served[0]!.open(meter);
    for (const value of [1, 2]) {
      const client = serial({ path }).createTransport();
      await client.open(new Collector());
      await client.write(Uint8Array.of(value));
      await meter.until(() => meter.bytes.includes(value));
      await client.close();
    }
    expect(meter.closings).toEqual([]);
    await served[0]!.close();
    while (served.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const next = new Collector();
    await served[1]!.open(next);
    const client = serial({ path }).createTransport();
    await client.open(new Collector());
    await client.write(Uint8Array.of(3));
    await next.until(() => next.length === 1);
    await client.close();
    await listener.close();
  });

  it("locks the port: a second program is told that it is busy", async () => {
    const { listener, path } = await terminal();
    const first = serial({ path }).createTransport();
    await first.open(new Collector());
    const second = serial({ path }).createTransport();
    await expect(second.open(new Collector())).rejects.toMatchObject({ code: "port-busy" });
    await first.close();
    await listener.close();
  });

  it("computes 7E1 in software: parity goes out in the eighth bit, and is taken off what comes in", async () => {
    const { listener, served, path } = await terminal();
    const meter = new Collector();
    await served[0]!.open(meter);
    const client = serial({ path, start: "mode-e" }).createTransport();
    const heard = new Collector();
    await client.open(heard);
    expect(client.line).toEqual(line7e1(300));
    await client.write(Uint8Array.from("/?!\r\n", (c) => c.charCodeAt(0)));
    await meter.until(() => meter.length === 5);
    expect(meter.bytes).toEqual([0xaf, 0x3f, 0x21, 0x8d, 0x0a]);
    await served[0]!.write(Uint8Array.of(0xaf, 0x49, 0xd3));
    await heard.until(() => heard.length === 3);
    expect(heard.bytes).toEqual([0x2f, 0x49, 0x53]);
    // a meter that is set to seven bits does not see the parity either
    await served[0]!.setLine?.(line7e1(300));
    await client.write(Uint8Array.of(0x2f));
    await meter.until(() => meter.length === 6);
    expect(meter.bytes[5]).toBe(0x2f);
    await client.setLine?.(line8n1(9600));
    await served[0]!.setLine?.(line8n1(9600));
    await client.write(Uint8Array.of(0xaf));
    await meter.until(() => meter.length === 7);
    expect(meter.bytes[6]).toBe(0xaf);
    await client.close();
    await listener.close();
  });

  it("reopens the port for settings that software cannot make, and goes on", async () => {
    const { listener, served, path } = await terminal();
    const meter = new Collector();
    await served[0]!.open(meter);
    const client = serial({ path, line: { ...line8n1(9600), parity: "even" } }).createTransport();
    const heard = new Collector();
    await client.open(heard);
    await client.setLine?.(line8n1(9600));
    await client.write(Uint8Array.of(0x81));
    await meter.until(() => meter.length === 1);
    await served[0]!.write(Uint8Array.of(0x82));
    await heard.until(() => heard.length === 1);
    expect([...meter.bytes, ...heard.bytes]).toEqual([0x81, 0x82]);
    expect(heard.closings).toEqual([]);
    await client.close();
    await listener.close();
  });

  it("tells the program when the line is gone", async () => {
    const { listener, path } = await terminal();
    const client = serial({ path }).createTransport();
    const heard = new Collector();
    await client.open(heard);
    await listener.close();
    await heard.until(() => heard.closings.length > 0);
    expect(heard.closings).toMatchObject([{ code: "connection-lost" }]);
    await expect(client.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "connection-lost" });
    await client.close();
  });

  it("ends writes and changes under way when it is closed", async () => {
    const { listener, path } = await terminal();
    const client = serial({ path }).createTransport();
    await client.open(new Collector());
    // nobody reads on the other side: the terminal's buffer fills up
    const waits = [
      client.write(new Uint8Array(1 << 20)),
      client.write(Uint8Array.of(1)),
      client.setLine?.(line7e1(300)),
    ];
    const outcomes = waits.map((wait) => expect(wait).rejects.toMatchObject({ code: "connection-lost" }));
    await client.close();
    await Promise.all(outcomes);
    await listener.close();
  });

  it("does not stand still when nobody reads: a write waits, and fails when the line is closed", async () => {
    const { listener, served } = await terminal();
    await served[0]!.open(new Collector());
    const stuck = served[0]!.write(new Uint8Array(1 << 20));
    const outcome = expect(stuck).rejects.toMatchObject({ code: "connection-lost" });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await listener.close();
    await outcome;
  });

  it("leaves no descriptor open", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const round = async () => {
      const { listener, served, path } = await terminal();
      await served[0]!.open(new Collector());
      const client = serial({ path }).createTransport();
      await client.open(new Collector());
      await client.close();
      await listener.close();
    };
    await round();
    const before = open();
    for (let i = 0; i < 5; i++) await round();
    expect(open()).toBeLessThanOrEqual(before);
  });

  it("is listened to through a serial port as well", async () => {
    const { listener, served, path } = await terminal();
    const outside = new Collector();
    await served[0]!.open(outside);
    const meterSide = serialListener({ path });
    const sessions: Transport[] = [];
    await meterSide.listen((transport) => sessions.push(transport));
    const meter = new Collector();
    await sessions[0]!.open(meter);
    await served[0]!.write(Uint8Array.of(1, 2));
    await meter.until(() => meter.length === 2);
    await sessions[0]!.close();
    while (sessions.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await sessions[1]!.open(meter);
    await served[0]!.write(Uint8Array.of(3));
    await meter.until(() => meter.length === 3);
    await meterSide.close();
    await listener.close();
  });
});

describe.runIf(process.platform === "linux")("loop-back test of a probe", () => {
  /** A line whose other side answers what `answer` makes of each piece. */
  async function line(answer: (bytes: Uint8Array) => Uint8Array) {
    const { listener, served, path } = await terminal();
    const far = served[0]!;
    await far.open({ data: (bytes) => void far.write(answer(bytes.slice())), closed: () => {} });
    return { listener, path };
  }

  it("tells an echo, silence and garbage apart", async () => {
    for (const [answer, outcome] of [
      [(bytes: Uint8Array) => bytes, "echo"],
      [() => new Uint8Array(), "none"],
      [(bytes: Uint8Array) => bytes.map((byte) => byte ^ 1), "garbled"],
      [(bytes: Uint8Array) => bytes.subarray(0, 2), "garbled"],
    ] as const) {
      const { listener, path } = await line(answer);
      const result = await probeEcho(path, { marginMs: 40 });
      expect(result.outcome).toBe(outcome);
      await listener.close();
    }
  });
});
