import { describe, expect, it } from "vitest";
import { dlmsError } from "../../src/base/index.js";
import {
  type LineSettings,
  type LineTrace,
  line8n1,
  memoryPair,
  Pump,
  type Transport,
  type TransportHandlers,
  VirtualClock,
} from "../../src/transport/index.js";
import { ScriptedConnection } from "./scripted-connection.js";

const ignore = () => {};
const octets = (...values: number[]) => Uint8Array.from(values);

/** A transport whose writes stay under way until the test lets them go. */
class SlowTransport implements Transport {
  readonly name = "slow";
  readonly datagrams = false;
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  handlers: TransportHandlers | undefined;
  release: (() => void)[] = [];
  async open(handlers: TransportHandlers): Promise<void> {
    this.handlers = handlers;
  }
  write(bytes: Uint8Array): Promise<void> {
    this.log.push(`write ${[...bytes].join(",")}`);
    return new Promise((resolve) => this.release.push(resolve));
  }
  async setLine(line: LineSettings): Promise<void> {
    this.log.push(`line ${line.baudRate}`);
  }
  async close(): Promise<void> {
    this.log.push("close");
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("Pump", () => {
  it("writes one output at a time, in order", async () => {
    const transport = new SlowTransport();
    const pump = new Pump(transport, { closed: ignore });
    await pump.open();
    const driven = pump.drive(new ScriptedConnection(), ignore);
    driven.send(octets(1));
    driven.send(octets(2));
    await settle();
    expect(transport.log).toEqual(["write 1"]);
    transport.release.shift()?.();
    await settle();
    expect(transport.log).toEqual(["write 1", "write 2"]);
  });

  it("changes the line after what was put out before and ahead of what is put out later", async () => {
    const transport = new SlowTransport();
    const pump = new Pump(transport, { closed: ignore });
    await pump.open();
    const driven = pump.drive(new ScriptedConnection(), ignore);
    driven.send(octets(1));
    const changed = pump.setLine(line8n1(9600));
    driven.send(octets(2));
    await settle();
    expect(transport.log).toEqual(["write 1"]);
    transport.release.shift()?.();
    await changed;
    await settle();
    expect(transport.log).toEqual(["write 1", "line 9600", "write 2"]);
  });

  it("keeps what a connection puts out before the transport is open", async () => {
    const transport = new SlowTransport();
    const pump = new Pump(transport, { closed: ignore });
    pump.drive(new ScriptedConnection(), ignore).send(octets(7));
    expect(transport.log).toEqual([]);
    await pump.open();
    expect(transport.log).toEqual(["write 7"]);
  });

  it("hands over to another connection from within an event, left-over octets included", async () => {
    const clock = new VirtualClock();
    const [near, far] = memoryPair({ clock });
    const pump = new Pump(near, { closed: ignore });
    const first = new ScriptedConnection();
    const second = new ScriptedConnection();
    first.deadline = 50;
    first.onReceive = () => first.events.push("hand over", "never told");
    const seen: string[] = [];
    pump.drive(first, (event) => {
      seen.push(event);
      pump.drive(second, (later) => seen.push(`second ${later}`)).receive(octets(9));
    });
    await pump.open();
    await far.open({ data: ignore, closed: ignore });
    await far.write(octets(1));
    await far.write(octets(2));
    await clock.advance(100);
    expect(seen).toEqual(["hand over"]);
    expect(first.log).toEqual(["receive 1 @0"]);
    expect(second.log).toEqual(["receive 9 @0", "receive 2 @0"]);
  });

  it("keeps octets that arrive before any connection is driven", async () => {
    const [near, far] = memoryPair({ clock: new VirtualClock() });
    const pump = new Pump(near, { closed: ignore });
    await pump.open();
    await far.open({ data: ignore, closed: ignore });
    await far.write(octets(5, 6));
    const connection = new ScriptedConnection();
    pump.drive(connection, ignore);
    expect(connection.log).toEqual(["receive 5,6 @0"]);
  });

  it("calls handleTimeout at the deadline, also when the deadline moved back and forth", async () => {
    const clock = new VirtualClock();
    const [near] = memoryPair({ clock });
    const pump = new Pump(near, { closed: ignore });
    await pump.open();
    const connection = new ScriptedConnection();
    const driven = pump.drive(connection, ignore);
    for (const deadline of [100, 300, 200, 250]) {
      connection.deadline = deadline;
      driven.poke();
    }
    await clock.advance(1_000);
    expect(connection.log).toEqual(["timeout @250"]);
  });

  it("does not spin on a deadline that does not move", async () => {
    const clock = new VirtualClock();
    const [near] = memoryPair({ clock });
    const pump = new Pump(near, { closed: ignore });
    await pump.open();
    const connection = new ScriptedConnection();
    connection.deadline = 10;
    connection.onTimeout = () => {
      connection.deadline = 10;
    };
    pump.drive(connection, ignore);
    await clock.advance(20);
    expect(connection.log.length).toBeLessThanOrEqual(11);
  });

  it("tells a closed line at once and ends every wait", async () => {
    const clock = new VirtualClock();
    const [near, far] = memoryPair({ clock });
    const closed: unknown[] = [];
    const pump = new Pump(near, { closed: (error) => closed.push(error) });
    await pump.open();
    await far.open({ data: ignore, closed: ignore });
    const connection = new ScriptedConnection();
    connection.deadline = 5_000;
    const driven = pump.drive(connection, ignore);
    await far.close();
    expect(closed).toEqual([undefined]);
    expect(driven.active).toBe(false);
    expect(clock.armed).toBe(0);
    await expect(pump.flushed()).rejects.toMatchObject({ code: "connection-lost" });
    expect(() => driven.send(octets(1))).toThrow(expect.objectContaining({ code: "wrong-state" }));
  });

  it("fails waits on writes that never leave when the line goes", async () => {
    const transport = new SlowTransport();
    const closed: unknown[] = [];
    const pump = new Pump(transport, { closed: (error) => closed.push(error) });
    await pump.open();
    pump.drive(new ScriptedConnection(), ignore).send(octets(1));
    const flushed = pump.flushed();
    const lost = dlmsError("connection-lost", "cut", { layer: "transport" });
    transport.handlers?.closed(lost);
    await expect(flushed).rejects.toBe(lost);
    expect(closed).toEqual([lost]);
    expect(transport.log).toContain("close");
  });

  it("fails a change of the line under way when the line goes", async () => {
    const transport = new SlowTransport();
    transport.setLine = () => new Promise(() => {});
    const pump = new Pump(transport, { closed: ignore });
    await pump.open();
    const changed = pump.setLine(line8n1(9600));
    transport.handlers?.closed();
    await expect(changed).rejects.toMatchObject({ code: "connection-lost" });
  });

  it("closes the line when a connection or a handler throws, and passes the error on as it is", async () => {
    const [near, far] = memoryPair({ clock: new VirtualClock() });
    const closed: unknown[] = [];
    const pump = new Pump(near, { closed: (error) => closed.push(error) });
    await pump.open();
    let farClosed = false;
    await far.open({
      data: ignore,
      closed: () => {
        farClosed = true;
      },
    });
    const connection = new ScriptedConnection();
    const defect = new TypeError("a defect");
    connection.onReceive = () => {
      throw defect;
    };
    pump.drive(connection, ignore);
    await far.write(octets(1));
    await settle();
    expect(closed).toEqual([defect]);
    expect(farClosed).toBe(true);
  });

  it("shows each octet to the trace, sent and received, with its time", async () => {
    const clock = new VirtualClock({ wallTime: 5_000 });
    const [near, far] = memoryPair({ clock });
    const traced: LineTrace[] = [];
    const pump = new Pump(near, { closed: ignore, trace: (entry) => traced.push(entry) });
    await pump.open();
    await far.open({ data: ignore, closed: ignore });
    const driven = pump.drive(new ScriptedConnection(), ignore);
    await clock.advance(25);
    driven.send(octets(1, 2));
    await pump.flushed();
    await clock.advance(25);
    await far.write(octets(3));
    expect(traced).toEqual([
      { direction: "sent", bytes: octets(1, 2), at: 25, wallTime: 5_025 },
      { direction: "received", bytes: octets(3), at: 50, wallTime: 5_050 },
    ]);
  });

  it("rejects open when closed meanwhile, and a second open", async () => {
    const [near] = memoryPair({ clock: new VirtualClock() });
    const pump = new Pump(near, { closed: ignore });
    const opening = pump.open();
    void pump.close();
    await expect(opening).rejects.toMatchObject({ code: "connection-lost" });
    await expect(pump.open()).rejects.toMatchObject({ code: "wrong-state" });
  });

  it("its own close is not told as a loss", async () => {
    const [near] = memoryPair({ clock: new VirtualClock() });
    const closed: unknown[] = [];
    const pump = new Pump(near, { closed: (error) => closed.push(error) });
    await pump.open();
    await pump.close();
    await pump.close();
    expect(closed).toEqual([]);
  });
});
