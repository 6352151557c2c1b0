import { describe, expect, it } from "vitest";
import { decodeApdu } from "../../src/apdu/index.js";
import { fromHex } from "../../src/base/index.js";
import { type ConnectOptions, connect, type Meter, type TraceEvent } from "../../src/client/index.js";
import { u8 } from "../../src/data/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { translate } from "../../src/translate/index.js";
import { type MemoryLinkOptions, VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";
import { notepad, noticesOf, pad } from "./with-meter.js";

const first = fromHex("0102");
const second = fromHex("C0FFEE");
const firstTitle = fromHex("444C4D0000000011");

/** A gateway with two meters behind it. */
async function behindGateway(
  link: MemoryLinkOptions,
  body: (connectTo: (options: ConnectOptions) => Promise<Meter>, trace: TraceEvent[]) => Promise<void>,
) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const meterOf = (seed: number, systemTitle: Uint8Array) =>
    new MockMeter({ clock, systemTitle, household: { days: 1, seed }, objects: [notepad()] });
  const gateway = new MockMeter({
    clock,
    household: { days: 1, seed: 1 },
    gateway: [
      { physicalDeviceAddress: first, meter: meterOf(2, firstTitle) },
      { networkId: 3, physicalDeviceAddress: second, meter: meterOf(3, fromHex("444C4D0000000012")) },
    ],
  });
  const { endpoint } = await gateway.memory(link);
  const trace: TraceEvent[] = [];
  await clock.run(body((options) => connect(endpoint, { trace: (event) => trace.push(event), ...options }), trace));
}

const energy = (meter: Meter) => meter.register("1-0:1.8.0").value.getRaw();

describe.each([
  ["the wrapper", { link: "wrapper" } as const],
  ["HDLC", { link: "hdlc" } as const],
])("a meter behind a gateway over %s", (_, link) => {
  it.each([
    ["a password", clients.reader],
    ["HLS-GMAC and ciphering", clients.management],
  ])("is read and written with %s, and is not the gateway", (__, options) =>
    behindGateway(link, async (connectTo, trace) => {
      const values: unknown[] = [];
      for (const gateway of [
        undefined,
        { physicalDeviceAddress: first },
        { networkId: 3, physicalDeviceAddress: "C0FFEE" },
      ]) {
        const meter = await connectTo({ ...options, ...(gateway && { gateway }) });
        values.push(await energy(meter));
        if (gateway !== undefined) {
          await meter.data(pad).value.set(u8(9));
          expect(await meter.data(pad).value.get()).toEqual(u8(9));
          const rows = [];
          for await (const row of meter.profile("1-0:99.1.0").rows({ last: 4 })) rows.push(row);
          expect(rows).toHaveLength(4);
        }
        await meter.close();
      }
      expect(new Set(values).size).toBe(3);
      expect(noticesOf(trace)).toEqual([]);
    }),
  );

  it("is not there: the answer does not come, and the error says so", () =>
    behindGateway(link, async (connectTo) => {
      const nobody = connectTo({
        ...clients.reader,
        retries: 0,
        timeouts: { responseMs: 2000 },
        gateway: { physicalDeviceAddress: "FFFF" },
      });
      await expect(nobody).rejects.toMatchObject({ code: "timeout" });
    }));

  it("shows its prefix in the trace, and translates", () =>
    behindGateway(link, async (connectTo, trace) => {
      const meter = await connectTo({ ...clients.reader, gateway: { physicalDeviceAddress: first } });
      await energy(meter);
      await meter.close();
      const apdus = trace.flatMap((event) => (event.type === "apdu" ? [decodeApdu(event.apdu).type] : []));
      expect(new Set(apdus)).toEqual(new Set(["gateway-request", "gateway-response"]));
      const lines = trace.flatMap((event) => (event.type === "bytes" ? [event.bytes] : []));
      const inner = lines.flatMap((bytes) =>
        translate(Buffer.from(bytes).toString("hex")).map(
          ({ apdu, error }) => [error, (apdu as { apdu?: { type?: unknown } } | null)?.apdu?.type] as const,
        ),
      );
      const types = inner.map(([, type]) => type);
      expect(types).toEqual(expect.arrayContaining(["aarq", "aare", "get-request", "get-response"]));
      expect(inner.filter(([error]) => error !== null)).toEqual([]);
      const shown = trace.flatMap((event) => (event.type === "apdu" || event.type === "bytes" ? [event] : []));
      const password = Buffer.from(mockCredentials.password).toString("latin1");
      for (const event of shown)
        expect(Buffer.from("apdu" in event ? event.apdu : event.bytes).toString("latin1")).not.toContain(password);
    }));
});

describe("what gateways do beside the standard", () => {
  /** Alters what the meter sends, packet by packet. */
  const altered = async (
    alter: (apdu: Uint8Array) => Uint8Array,
    body: (meter: Meter, trace: TraceEvent[]) => Promise<void>,
  ) => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const meter = new MockMeter({ clock, household: { days: 1, seed: 2 } });
    const gateway = new MockMeter({ clock, gateway: [{ physicalDeviceAddress: first, meter }] });
    const inner = await gateway.endpoint({ link: "wrapper" });
    const trace: TraceEvent[] = [];
    const endpoint = {
      ...inner,
      createTransport() {
        const transport = inner.createTransport();
        return {
          name: transport.name,
          datagrams: transport.datagrams,
          clock: transport.clock,
          write: (bytes: Uint8Array) => transport.write(bytes),
          close: () => transport.close(),
          open: (handlers: Parameters<typeof transport.open>[0], signal?: Parameters<typeof transport.open>[1]) =>
            transport.open({ ...handlers, data: (bytes) => handlers.data(packet(bytes, alter)) }, signal),
        };
      },
    };
    await clock.run(
      (async () => {
        const opened = await connect(endpoint, {
          ...clients.reader,
          retries: 0,
          timeouts: { responseMs: 1000 },
          gateway: { physicalDeviceAddress: first },
          trace: (event) => trace.push(event),
        });
        await body(opened, trace);
        await opened.close();
      })(),
    );
  };
  const packet = (bytes: Uint8Array, alter: (apdu: Uint8Array) => Uint8Array) => {
    const apdu = alter(bytes.subarray(8));
    return Uint8Array.of(...bytes.subarray(0, 6), apdu.length >> 8, apdu.length & 255, ...apdu);
  };
  const prefixLength = 5;

  it("answers without a prefix are taken, and told", () =>
    altered(
      (apdu) => apdu.subarray(prefixLength),
      async (meter, trace) => {
        expect(await energy(meter)).toBeGreaterThan(0);
        expect(noticesOf(trace)).toContain("gateway-prefix-missing");
      },
    ));

  it("answers of another device are dropped: no value of a stranger is ours", () =>
    altered(
      (apdu) => (apdu[prefixLength] === 0xc4 ? Uint8Array.of(...apdu.subarray(0, 4), 0x77, ...apdu.subarray(5)) : apdu),
      async (meter, trace) => {
        await expect(energy(meter)).rejects.toMatchObject({ code: "timeout" });
        expect(noticesOf(trace)).toContain("foreign-gateway-device");
      },
    ));

  it("a prefix that is cut short is dropped", () =>
    altered(
      (apdu) => (apdu[prefixLength] === 0xc4 ? apdu.subarray(0, 3) : apdu),
      async (meter, trace) => {
        await expect(energy(meter)).rejects.toMatchObject({ code: "timeout" });
        expect(noticesOf(trace)).toContain("apdu-discarded");
      },
    ));

  it.each([[{ networkId: 256, physicalDeviceAddress: "01" }], [{ physicalDeviceAddress: "xyz" }]])(
    "an address that cannot be is refused before anything is sent: %j",
    async (gateway) => {
      const endpoint = await new MockMeter().endpoint();
      await expect(connect(endpoint, { gateway })).rejects.toMatchObject({ code: "invalid-argument" });
    },
  );
});
