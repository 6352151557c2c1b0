import { describe, expect, it } from "vitest";
import type { Meter } from "../../src/client/index.js";
import { mockClientSaps, mockConformance, mockCredentials } from "../../src/mock/index.js";
import { bench, clients } from "./mock.js";

const many = (meter: Meter) =>
  Array.from({ length: 40 }, (_, i) => meter.register(i % 2 === 0 ? "1-0:1.8.0*255" : "1-0:2.8.0*255").logicalName);

describe("readAll", () => {
  it("asks once where the meter takes lists, scalers and units included", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.management));
    const before = meter.statistics.requests;
    const [energy, volts, time, missing] = await clock.run(
      meter.readAll([
        meter.register("1-0:1.8.0*255").value,
        meter.register("1-0:32.7.0*255").value,
        meter.clock("0-0:1.0.0*255").time,
        meter.data("0-0:99.99.0*255").value,
      ]),
    );
    expect(meter.statistics.requests).toBe(before + 1);
    expect(energy.ok && energy.value.unit).toBe("Wh");
    expect(volts.ok && volts.value.toString()).toMatch(/ V$/);
    expect(time.ok && time.value.octets.length).toBe(12);
    expect(missing).toMatchObject({ ok: false, error: { code: "access-refused" } });
  });

  it("reads the same attribute once, however often it is named", async () => {
    const { clock, connect, trace } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const results = await clock.run(meter.readAll(many(meter)));
    expect(results).toHaveLength(40);
    expect(results.every(({ ok }) => ok)).toBe(true);
    const requests = trace.filter((event) => event.type === "request");
    expect(requests.at(-1)).toMatchObject({ service: "get" });
    expect(requests.at(-1)?.type === "request" && requests.at(-1)).toHaveProperty("targets.length", 2);
  });

  it("asks one by one where the meter takes no lists", async () => {
    const conformance = new Set(
      [...mockConformance].filter((bit) => bit !== "multiple-references" && bit !== "access"),
    );
    const { clock, connect } = await bench(
      {},
      {
        clients: [
          {
            clientSap: mockClientSaps.reader,
            authentication: { mechanism: "low", password: mockCredentials.password },
            conformance,
          },
        ],
      },
    );
    const meter = await clock.run(connect(clients.reader));
    const { apdusSent } = meter.statistics;
    const results = await clock.run(
      meter.readAll([meter.register("1-0:1.8.0*255").value, meter.clock("0-0:1.0.0*255").time]),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    expect(meter.statistics.apdusSent).toBe(apdusSent + 3);
  });

  it("fits a long list to a small PDU", async () => {
    const { clock, connect } = await bench({}, { maxPduSize: 128 });
    const meter = await clock.run(connect(clients.reader));
    const objects = await clock.run(meter.objects());
    const results = await clock.run(meter.readAll([...objects].map(({ obis }) => meter.data(obis).logicalName)));
    expect(results).toHaveLength(objects.length);
  });

  it("takes nothing but attributes of this meter", async () => {
    const { clock, connect } = await bench();
    const meter = await clock.run(connect(clients.reader));
    const other = await clock.run(connect());
    await expect(meter.readAll([other.clock("0-0:1.0.0*255").time])).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await expect(meter.readAll([{ get: async () => 1 }])).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await meter.readAll([])).toEqual([]);
  });
});
