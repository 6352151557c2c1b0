import { describe, expect, it } from "vitest";
import { line8n1, memoryLink, type Transport, VirtualClock } from "../../src/transport/index.js";
import { Collector } from "./collector.js";

describe("memoryLink", () => {
  it("refuses while nobody listens, and after the listener closed", async () => {
    const { endpoint, listener } = memoryLink({ clock: new VirtualClock() });
    const refused = { code: "connection-refused" };
    await expect(endpoint.createTransport().open(new Collector())).rejects.toMatchObject(refused);
    await listener.listen(() => {});
    await endpoint.createTransport().open(new Collector());
    await listener.close();
    await expect(endpoint.createTransport().open(new Collector())).rejects.toMatchObject(refused);
  });

  it("gives each connection a line of its own, and its account", async () => {
    const clock = new VirtualClock();
    const { endpoint, listener, lines } = memoryLink({ clock, line: line8n1(9600) });
    const meters: Transport[] = [];
    await listener.listen((transport) => meters.push(transport));
    const [first, second] = [endpoint.createTransport(), endpoint.createTransport()];
    await first.open(new Collector());
    await second.open(new Collector());
    const heard = new Collector();
    await meters[1]!.open(heard);
    await clock.run(second.write(Uint8Array.of(1, 2, 3)));
    await clock.advance(1);
    expect(heard.bytes).toEqual([1, 2, 3]);
    expect(lines.map((line) => line.statistics.toFar.bytes)).toEqual([0, 3]);
  });

  it("lets scripted faults strike on the first line only", async () => {
    const clock = new VirtualClock();
    const { endpoint, listener } = memoryLink({ clock, faults: [{ direction: "to-far", at: 0, kind: "cut" }] });
    await listener.listen(() => {});
    const first = endpoint.createTransport();
    await first.open(new Collector());
    await expect(clock.run(first.write(Uint8Array.of(1)))).rejects.toMatchObject({ code: "connection-lost" });
    const second = endpoint.createTransport();
    await second.open(new Collector());
    await clock.run(second.write(Uint8Array.of(1)));
  });

  it("keeps what arrived before the meter opened its side", async () => {
    const clock = new VirtualClock();
    const { endpoint, listener } = memoryLink({ clock, link: "wrapper", datagrams: true });
    expect(endpoint.link).toBe("wrapper");
    let meter: Transport | undefined;
    await listener.listen((transport) => {
      meter = transport;
    });
    const client = endpoint.createTransport();
    expect(client.datagrams).toBe(true);
    await client.open(new Collector());
    await client.write(Uint8Array.of(1));
    await client.write(Uint8Array.of(2, 3));
    await clock.advance(10);
    const heard = new Collector();
    await meter?.open(heard);
    await clock.advance(1);
    expect(heard.pieces.map((piece) => [...piece])).toEqual([[1], [2, 3]]);
  });
});
