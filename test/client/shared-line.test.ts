import { describe, expect, it } from "vitest";
import { connect, type TraceEvent } from "../../src/client/index.js";
import { u8 } from "../../src/data/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { line8n1, VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";
import { noticesOf, pad, withMeter } from "./with-meter.js";

const publicName = "0-0:42.0.0";
const energy = "1-0:1.8.0";
let titles = 0x10;
/** A system title that no test has used: its counter is not known yet. */
const freshKeys = () => ({ ...clients.management.security, systemTitle: `41424300000000${(++titles).toString(16)}` });

describe.each([
  ["the wrapper", { link: "wrapper" } as const],
  ["HDLC", { link: "hdlc" } as const],
  ["HDLC at 9,600 baud", { link: "hdlc", line: line8n1(9600) } as const],
])("two associations over one connection of %s", (_, link) => {
  it(
    "the public client first, then the management client, whose counter it gives",
    withMeter(
      async ({ meter: open, lines, trace }) => {
        await expect(open.register(energy).value.get()).rejects.toMatchObject({ code: "access-refused" });
        const meter = await open.associate({ ...clients.management, security: freshKeys() });
        expect(String(await meter.register(energy).value.get())).toMatch(/Wh$/);
        expect(await open.data(publicName).value.get()).toMatchObject({ type: "octet-string" });
        expect(lines).toHaveLength(1);
        expect(trace.filter((event) => event.type === "counter" && event.source === "meter")).toHaveLength(1);
        await meter.close();
        expect(meter.state).toBe("closed");
        expect(await open.data(publicName).value.get()).toMatchObject({ type: "octet-string" });
        expect(noticesOf(trace)).toEqual([]);
      },
      link,
      clients.public,
    ),
  );

  it(
    "both ask at once, blocks and all, and each gets what is its own",
    withMeter(async ({ meter: first }) => {
      const second = await first.associate(clients.reader);
      const rows = async (meter: typeof first) => {
        const found: string[] = [];
        for await (const row of meter.profile("1-0:99.1.0").rows({ last: 20 })) found.push(String(row.time));
        return found;
      };
      const [a, b, c, d] = await Promise.all([
        rows(first),
        rows(second),
        first.register(energy).value.getRaw(),
        second.register(energy).value.getRaw(),
      ]);
      expect(a).toHaveLength(20);
      expect(b).toEqual(a);
      expect(typeof c).toBe("number");
      expect(typeof d).toBe("number");
      await first.close();
      expect(await second.data(pad).value.get()).toEqual(u8(0));
      await second.close();
    }, link),
  );
});

describe("a line that is shared", () => {
  it(
    "goes with the last association",
    withMeter(
      async ({ meter: first, mock, clock }) => {
        const second = await first.associate(clients.reader);
        await first.close();
        await second.data(publicName).value.get();
        await second.close();
        await new Promise<void>((done) => void clock.setTimer(done, 100));
        expect(mock.push({ body: u8(1), client: 2 })).toBe(0);
      },
      { link: "wrapper" },
    ),
  );

  it(
    "that is cut ends both, with the same cause",
    withMeter(
      async ({ meter: first, lines }) => {
        const second = await first.associate(clients.reader);
        const waiting = [first.data(publicName).value.get(), second.data(publicName).value.get()];
        lines[0]?.cut();
        for (const one of waiting) await expect(one).rejects.toMatchObject({ code: "connection-lost" });
        expect([first.state, second.state]).toEqual(["closed", "closed"]);
      },
      { link: "wrapper" },
    ),
  );

  it.each(["wrapper", "hdlc"] as const)("is kept when one of the two associates anew, over %s", (link) =>
    withMeter(
      async ({ meter: first, lines }) => {
        const second = await first.associate(clients.reader);
        await first.reconnect();
        await second.reconnect();
        expect(await first.data(pad).value.get()).toEqual(u8(0));
        expect(await second.data(pad).value.get()).toEqual(u8(0));
        expect(lines).toHaveLength(1);
        await second.close();
        await first.reconnect();
        expect(await first.data(pad).value.get()).toEqual(u8(0));
        expect(lines).toHaveLength(2);
      },
      { link },
    )(),
  );

  it(
    "takes no second association of the same client address",
    withMeter(async ({ meter }) => {
      await expect(meter.associate(clients.management)).rejects.toMatchObject({ code: "invalid-argument" });
    }),
  );

  it(
    "survives a second association that is refused",
    withMeter(async ({ meter }) => {
      const wrong = { client: 2, authentication: { mechanism: "low", password: "wrong" } } as const;
      await expect(meter.associate(wrong)).rejects.toMatchObject({ code: "authentication-refused" });
      expect(await meter.data(pad).value.get()).toEqual(u8(0));
      const right = await meter.associate(clients.reader);
      await right.close();
    }),
  );

  it.each(["wrapper", "hdlc"] as const)("shows the password of neither in either's trace, over %s", async (link) => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const endpoint = await new MockMeter({ clock }).endpoint({ link });
    const traces: TraceEvent[][] = [[], []];
    await clock.run(
      (async () => {
        const first = await connect(endpoint, { trace: (event) => traces[0]?.push(event) });
        const second = await first.associate({ ...clients.reader, trace: (event) => traces[1]?.push(event) });
        await second.data(publicName).value.get();
        await second.close();
        await first.close();
      })(),
    );
    const password = Buffer.from(mockCredentials.password).toString("latin1");
    for (const trace of traces) {
      const shown = trace.flatMap((event) =>
        event.type === "bytes" ? [event.bytes] : event.type === "apdu" ? [event.apdu] : [],
      );
      expect(shown.length).toBeGreaterThan(8);
      for (const octets of shown) expect(Buffer.from(octets).toString("latin1")).not.toContain(password);
    }
  });

  it("of an optical probe signs on once, and again after the last link was taken down", async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const mock = new MockMeter({ clock, household: { days: 1, seed: 1 } });
    const { endpoint } = await mock.memory({
      link: "hdlc",
      line: { baudRate: 300, dataBits: 7, parity: "even", stopBits: 1 },
      signOn: { mode: "mode-e" },
    });
    const trace: TraceEvent[] = [];
    await clock.run(
      (async () => {
        const open = await connect(endpoint, { trace: (event) => trace.push(event) });
        const meter = await open.associate(clients.management);
        expect(String(await meter.register(energy).value.get())).toMatch(/Wh$/);
        await meter.close();
        await open.close();
      })(),
    );
    expect(noticesOf(trace).filter((name) => name === "identified")).toHaveLength(1);
  });
});
