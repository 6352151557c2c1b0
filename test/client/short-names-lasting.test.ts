import { describe, expect, it } from "vitest";
import { connect } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";
import { noticesOf, withMeter } from "./with-meter.js";

const sn = { referencing: "short-name" } as const;
const pause = (clock: VirtualClock, ms: number) => new Promise<void>((done) => void clock.setTimer(done, ms));
let titles = 0x40;
const fresh = () => ({ ...clients.management.security, systemTitle: `41424300000000${(++titles).toString(16)}` });

describe("a meter with short names", () => {
  it.each([
    ["the wrapper, by a small Read", "wrapper"],
    ["HDLC, by RR", "hdlc"],
  ] as const)("is kept alive over %s", (_, link) =>
    withMeter(
      async ({ meter, clock }) => {
        const before = meter.statistics.bytesReceived;
        await pause(clock, 35_000);
        expect(meter.statistics.bytesReceived).toBeGreaterThan(before);
        expect(meter.state).toBe("associated");
        expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
      },
      { link },
      { ...clients.reader, ...sn, keepAlive: 10_000 },
      sn,
    )(),
  );

  it.each(["wrapper", "hdlc"] as const)("tells its invocation counter to the public client, over %s", (link) =>
    withMeter(
      async ({ meter, trace, mock }) => {
        expect(trace).toContainEqual(expect.objectContaining({ type: "counter", source: "meter" }));
        expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
        expect(mock.receivedCounter(1)).toBeGreaterThan(100);
        expect(noticesOf(trace)).toEqual([]);
      },
      { link },
      { ...clients.management, security: fresh(), ...sn },
      sn,
    )(),
  );

  it(
    "tells its counter to a public client that is associated beside",
    withMeter(
      async ({ meter: open, trace, lines }) => {
        const meter = await open.associate({ ...clients.management, security: fresh(), ...sn });
        expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
        expect(trace).toContainEqual(expect.objectContaining({ type: "counter", source: "meter" }));
        expect(lines).toHaveLength(1);
        await meter.close();
      },
      { link: "wrapper" },
      sn,
      sn,
    ),
  );

  it.each([
    ["entries", { entries: { from: 3, to: 9 } }, 7],
    ["the last rows", { last: 5 }, 5],
  ])("gives a profile by %s as it does with logical names", async (_, wanted, count) => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const read = async (options: object) => {
      const mock = new MockMeter({ clock, household: { days: 1, seed: 4 }, ...options });
      const meter = await connect(await mock.endpoint({ link: "wrapper" }), { ...clients.reader, ...options });
      const rows: string[] = [];
      for await (const row of meter.profile("1-0:99.1.0", { forms: ["entry"] }).rows(wanted))
        rows.push(`${row.time?.toISOString()} ${row.get("1-0:1.8.0")}`);
      await meter.close();
      return rows;
    };
    await clock.run(
      (async () => {
        const byShortNames = await read(sn);
        expect(byShortNames).toHaveLength(count);
        expect(byShortNames).toEqual(await read({}));
      })(),
    );
  });

  it(
    "is associated with anew when the line is lost, and its names are learnt again",
    withMeter(
      async ({ meter, lines }) => {
        lines.at(-1)?.cut();
        expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
        expect(lines).toHaveLength(2);
      },
      { link: "wrapper" },
      { ...clients.reader, ...sn, reassociate: true },
      sn,
    ),
  );
});
