import { describe, expect, it } from "vitest";
import type { DlmsError } from "../../src/base/index.js";
import { clientAddress, HdlcClientLink, HdlcServerLine, serverAddress } from "../../src/hdlc/index.js";
import { SignOn, SignOnResponder } from "../../src/iec62056-21/index.js";
import { ptyListener, serial } from "../../src/node/index.js";
import {
  type Endpoint,
  type Listener,
  line7e1,
  memoryLink,
  Pump,
  type Transport,
  VirtualClock,
} from "../../src/transport/index.js";

const ignore = () => {};
const request = Uint8Array.of(0xc0, 1, 0xc1, 0, 8, 0, 0, 1, 0, 0, 255, 2, 0);
/** Every octet value, so that one side left in seven bits would show. */
const answer = Uint8Array.from({ length: 600 }, (_, i) => i & 0xff);

/** A meter that signs on and then answers any APDU; what its lines were set to. */
function serveMeter(transport: Transport, speeds: string[]): Pump {
  const pump = new Pump(transport, { closed: ignore });
  pump.drive(new SignOnResponder({ identification: "/XYZ5\\2ZZZ1234", reactionTimeMs: 20 }), (event) => {
    if (event.type === "line") {
      speeds.push(`${event.line.baudRate} ${event.line.dataBits}${event.line.parity[0]}`);
      void pump.setLine(event.line);
    }
    if (event.type !== "handed-over") return;
    const server = new HdlcServerLine({ baudRate: event.baudRate, accepts: () => true });
    const driven = pump.drive(server, ({ client, server: device, event: told }) => {
      if (told.type === "apdu") driven.send({ client, server: device, command: { type: "send", apdu: answer } });
    });
    driven.receive(event.rest);
  });
  void pump.open();
  return pump;
}

/** Signs on over `endpoint`, hands over to HDLC, asks once; gives the answer and the speed. */
async function ask(endpoint: Endpoint): Promise<{ apdu: Uint8Array; baudRate: number }> {
  const transport = endpoint.createTransport();
  let fail: (error: Error | undefined) => void = ignore;
  const pump = new Pump(transport, { closed: (error) => fail(error) });
  const outcome = new Promise<{ apdu: Uint8Array; baudRate: number }>((resolve, reject) => {
    fail = reject;
    const signOn = new SignOn({ purpose: "hdlc", maxBaudRate: 9600 });
    const driven = pump.drive(signOn, (event) => {
      if (event.type === "line") void pump.setLine(event.line).catch((error: DlmsError) => reject(error));
      if (event.type === "failed") reject(event.error);
      if (event.type !== "handed-over") return;
      const { baudRate, rest } = event;
      const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1, 17), baudRate });
      const linked = pump.drive(link, (told) => {
        if (told.type === "connected") linked.send({ type: "send", apdu: request });
        if (told.type === "apdu") resolve({ apdu: told.apdu.slice(), baudRate });
        if (told.type === "failed") reject(told.error);
      });
      linked.receive(rest);
      linked.send({ type: "connect" });
    });
    pump.open().then(() => driven.send({ type: "start" }), reject);
  });
  try {
    return await outcome;
  } finally {
    await pump.close();
  }
}

async function meet(endpoint: Endpoint, listener: Listener, run: <T>(promise: Promise<T>) => Promise<T>) {
  const meters: Pump[] = [];
  const speeds: string[] = [];
  await listener.listen((transport) => meters.push(serveMeter(transport, speeds)));
  const { apdu, baudRate } = await run(ask(endpoint));
  expect([...apdu]).toEqual([...answer]);
  expect(baudRate).toBe(9600);
  expect(speeds).toEqual(["300 7e", "9600 7e", "9600 8n"]);
  for (const meter of meters) await meter.close();
  await listener.close();
}

describe("mode E hand-over through the pump", () => {
  it("on a modelled line with true 7E1 and 8N1 characters, from 300 to 9600 baud", async () => {
    const clock = new VirtualClock();
    const signOn = { mode: "mode-e" } as const;
    const { endpoint, listener, lines } = memoryLink({ clock, line: line7e1(300), signOn });
    await meet(endpoint, listener, (promise) => clock.run(promise));
    expect(lines[0]?.near.line).toEqual({ baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 });
    // 5 octets of request at 300 baud alone take 167 ms: the line really was slow
    expect(clock.now()).toBeGreaterThan(1_000);
  });

  it.runIf(process.platform === "linux")("on a real pseudo-terminal through the real serial port package", async () => {
    const listener = ptyListener({ line: line7e1(300) });
    // the path is known once the listener listens
    const endpoint: Endpoint = {
      createTransport: () => serial({ path: listener.path, start: "mode-e" }).createTransport(),
      link: "hdlc",
      signOn: { mode: "mode-e" },
    };
    await meet(endpoint, listener, (promise) => promise);
  });
});
