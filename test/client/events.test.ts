import { describe, expect, it } from "vitest";
import type { Meter } from "../../src/client/index.js";
import { connect } from "../../src/client/index.js";
import { decodeData, u8, u32 } from "../../src/data/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { clients } from "./mock.js";
import { noticesOf, pad, withMeter } from "./with-meter.js";

const event = { classId: 1, obis: pad, attributeId: 2 } as const;
const energy = { classId: 3, obis: "1-0:1.8.0", attributeId: 2 } as const;
const padName = Uint8Array.of(0, 0, 96, 128, 0, 255);

/** Takes so many notifications. */
async function take(meter: Meter, count: number) {
  const taken = [];
  for await (const notification of meter.notifications) {
    taken.push(notification);
    if (taken.length === count) break;
  }
  return taken;
}
const pause = (clock: { setTimer(callback: () => void, ms: number): unknown }, ms: number) =>
  new Promise<void>((done) => void clock.setTimer(done, ms));
const sn = { referencing: "short-name" } as const;

describe.each([
  ["a password", clients.reader, "none"],
  ["ciphering", clients.management, "authenticated-encrypted"],
] as const)("events with %s", (_, options, protection) => {
  it(
    "over the wrapper come unasked, as EventNotification",
    withMeter(
      async ({ meter, mock }) => {
        expect(mock.notify({ ...event, value: u8(42), dateTime: new Uint8Array(12).fill(0xff) })).toBe(1);
        const [notification] = await take(meter, 1);
        expect(notification).toMatchObject({
          kind: "event-notification",
          attribute: { classId: 1, instanceId: padName, attributeId: 2 },
          dateTime: new Uint8Array(12).fill(0xff),
          protection,
        });
        expect(notification?.kind === "event-notification" && decodeData(notification.value)).toEqual(u8(42));
      },
      { link: "wrapper" },
      options,
    ),
  );

  it(
    "over the wrapper with short names come as InformationReport, with what the names stand for",
    withMeter(
      async ({ meter, mock }) => {
        mock.notify(event);
        mock.notify({ ...energy, value: u32(7) });
        const taken = await take(meter, 2);
        expect(taken).toMatchObject([
          {
            kind: "information-report",
            variables: [{ attribute: { classId: 1, instanceId: padName, attributeId: 2 } }],
          },
          { kind: "information-report", variables: [{ attribute: { classId: 3, attributeId: 2 } }], protection },
        ]);
      },
      { link: "wrapper" },
      { ...options, ...sn },
      sn,
    ),
  );

  it.each([
    ["logical names", {}, {}, "event-notification"],
    ["short names", sn, sn, "information-report"],
  ] as const)("over HDLC wait for a poll, %s", (__, own, meters, kind) =>
    withMeter(
      async ({ meter, mock, clock }) => {
        for (const value of [u8(1), u8(2), u8(3)]) mock.notify({ ...event, value });
        const received = meter.statistics.bytesReceived;
        await pause(clock, 10_000);
        expect(meter.statistics.bytesReceived).toBe(received);
        meter.pollEvents();
        const taken = await take(meter, 3);
        expect(taken.map((one) => one.kind)).toEqual([kind, kind, kind]);
        expect(await meter.data(pad).value.get()).toEqual(u8(0));
      },
      { link: "hdlc" },
      { ...options, ...own },
      meters,
    )(),
  );
});

describe("polling for events", () => {
  it(
    "at an interval brings what comes up, between requests, and disturbs none",
    withMeter(
      async ({ meter, mock, clock }) => {
        const taken = take(meter, 4);
        for (const value of [1, 2, 3, 4]) {
          mock.notify({ ...event, value: u8(value) });
          for (let request = 0; request < 5; request++) {
            expect(await meter.data(pad).value.get()).toEqual(u8(0));
            await pause(clock, 137);
          }
        }
        const values = (await taken).map((one) => one.kind === "event-notification" && decodeData(one.value));
        expect(values).toEqual([1, 2, 3, 4].map((value) => u8(value)));
      },
      { link: "hdlc", latencyMs: 30 },
      { ...clients.management, pollEvents: 500 },
    ),
  );

  it(
    "of a meter that has nothing to tell goes on, and ends with the session",
    withMeter(
      async ({ meter, clock, trace }) => {
        await pause(clock, 5_000);
        expect(noticesOf(trace).filter((name) => name !== "no-event")).toEqual([]);
        expect(await meter.data(pad).value.get()).toEqual(u8(0));
        await meter.close();
        const sent = meter.statistics.bytesSent;
        await pause(clock, 5_000);
        expect(meter.statistics.bytesSent).toBe(sent);
      },
      { link: "hdlc" },
      { ...clients.reader, pollEvents: 1_000 },
    ),
  );

  it(
    "is refused over the wrapper, where a meter speaks unasked",
    withMeter(
      async ({ meter, endpoint }) => {
        expect(() => meter.pollEvents()).toThrow(expect.objectContaining({ code: "not-supported" }));
        const polling = connect(endpoint, { pollEvents: 1000 });
        await expect(polling).rejects.toMatchObject({ code: "invalid-argument" });
      },
      { link: "wrapper" },
    ),
  );

  it("tells nobody when nobody is associated, and nothing of what there is not", async () => {
    const mock = new MockMeter({ household: { days: 1, seed: 1 } });
    expect(mock.notify(event)).toBe(0);
    await mock.close();
  });

  it(
    "tells one client alone where that is wanted, and nothing of an object that is not there",
    withMeter(
      async ({ mock }) => {
        expect(mock.notify({ ...event, client: 2 })).toBe(0);
        expect(mock.notify({ ...event, client: 1 })).toBe(1);
        expect(mock.notify({ classId: 1, obis: "0-0:99.99.99", attributeId: 2 })).toBe(0);
      },
      { link: "wrapper" },
    ),
  );
});
