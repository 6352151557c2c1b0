import { describe, expect, it } from "vitest";
import { connect } from "../../src/client/index.js";
import { dataObject, logicalName, MockMeter } from "../../src/mock/index.js";
import { tcp, tcpListener } from "../../src/node/index.js";
import { type Endpoint, line8n1, lineModel, type TransportHandlers, VirtualClock } from "../../src/transport/index.js";
import { bench, clients } from "../client/mock.js";

describe("several clients at once", () => {
  it("each over a connection of its own, their requests interleaved", async () => {
    const { clock, connect: join } = await bench({ link: "wrapper", line: line8n1(9600) });
    const meters = await clock.run(Promise.all([join(clients.reader), join(clients.management), join(clients.public)]));
    const [reader, management, stranger] = meters;
    const values = await clock.run(
      Promise.all([
        reader?.register("1-0:1.8.0*255").value.get(),
        management?.register("1-0:1.8.0*255").value.get(),
        stranger
          ?.register("1-0:1.8.0*255")
          .value.get()
          .catch((error: unknown) => error),
      ]),
    );
    expect(Number(values[0] && "raw" in values[0] ? values[0].raw : 0)).toBeGreaterThan(0);
    expect(values[1]).toMatchObject({ unit: "Wh" });
    expect(values[2]).toMatchObject({ code: "access-refused" });
    const [first, second] = meters.map((meter) => meter.negotiated.mechanism);
    expect([first, second]).toEqual(["low", "hls-gmac"]);
    await clock.run(Promise.all(meters.map((meter) => meter.close())));
  });

  it("over real sockets", async () => {
    await using meter = new MockMeter({ household: { days: 2 } });
    const listener = tcpListener({ port: 0 });
    await meter.listen(listener, { link: "wrapper" });
    const endpoint = () => tcp({ host: "127.0.0.1", port: listener.port });
    const sessions = await Promise.all([1, 2, 3, 4].map(() => connect(endpoint(), clients.reader)));
    const counts = await Promise.all(
      sessions.map(async (session) => {
        let rows = 0;
        for await (const row of session.profile("1-0:99.1.0*255").rows({ last: 60 })) rows += row.index >= 0 ? 1 : 0;
        return rows;
      }),
    );
    expect(counts).toEqual([60, 60, 60, 60]);
    await Promise.all(sessions.map((session) => session.close()));
  });
});

/** Clients that share one line: each hears every octet, as on a real one. */
function sharedLine(clock: VirtualClock, meter: MockMeter): Endpoint {
  const { near, far } = lineModel({ clock, line: line8n1(9600), hangUp: false });
  const handlers = new Set<TransportHandlers>();
  const opened = near.open({
    data: (bytes) => {
      for (const { data } of handlers) data(bytes);
    },
    closed: () => {},
  });
  void meter.serve(far, { link: "hdlc" });
  return {
    link: "hdlc",
    signOn: { mode: "none" },
    createTransport: () => {
      let own: TransportHandlers | undefined;
      return {
        name: "shared line",
        datagrams: false,
        clock,
        line: line8n1(9600),
        async open(given) {
          own = given;
          handlers.add(given);
          await opened;
        },
        write: (bytes) => near.write(bytes),
        async close() {
          if (own !== undefined) handlers.delete(own);
        },
      };
    },
  };
}

it("two client addresses on one HDLC line keep their links apart", async () => {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const endpoint = sharedLine(clock, new MockMeter({ clock }));
  const reader = await clock.run(connect(endpoint, clients.reader));
  const management = await clock.run(connect(endpoint, clients.management));
  for (let turn = 0; turn < 9; turn++) {
    const energies = [];
    for (const meter of [reader, management])
      energies.push(Number((await clock.run(meter.register("1-0:1.8.0*255").value.get())).raw));
    expect((energies[1] ?? 0) - (energies[0] ?? 0)).toBeLessThan(3);
  }
  await clock.run(reader.close());
  // The other link is still there.
  expect(await clock.run(management.clock("0-0:1.0.0*255").timeZone.get())).toBe(-60);
  await clock.run(management.close());
});

it("an answer that takes longer than the response time-out to come is waited for while it comes", async () => {
  const long = new Uint8Array(20_000).fill(7);
  const note = dataObject(logicalName("0.0.96.1.9.255"), () => ({ type: "octet-string", value: long }));
  for (const link of ["wrapper", "hdlc"] as const) {
    const mock = { objects: [note], maxPduSize: 65_535 };
    const { clock, connect: join, trace } = await bench({ link, line: line8n1(9600) }, mock);
    const meter = await clock.run(join(clients.reader));
    const before = clock.now();
    expect(await clock.run(meter.data("0-0:96.1.9*255").value.get())).toEqual({ type: "octet-string", value: long });
    expect(clock.now() - before).toBeGreaterThan(20_000);
    expect(trace.filter((event) => event.type === "notice")).toEqual([]);
    await clock.run(meter.close());
  }
});
