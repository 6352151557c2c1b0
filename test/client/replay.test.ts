import { describe, expect, it } from "vitest";
import { type ConnectOptions, connect, type RecordingEntry, readRecording, replay } from "../../src/client/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { memoryCounterStore } from "../../src/security/index.js";
import { line8n1, type MemoryLinkOptions, VirtualClock } from "../../src/transport/index.js";
import { bench, clients } from "./mock.js";

/** Records a session that reads clock and energy; returns the text and what was read. */
async function recorded(link: MemoryLinkOptions, options: ConnectOptions) {
  const { clock, connect: open } = await bench(link);
  const lines: string[] = [];
  const meter = await clock.run(open(options));
  meter.record({ write: (entry) => lines.push(JSON.stringify(entry)) });
  const time = await clock.run(meter.clock("0-0:1.0.0*255").time.get());
  const names = await clock.run(meter.objects());
  await clock.run(meter.close());
  return { text: lines.join("\n"), time: time.toString(), objects: names.length };
}

const sessions = {
  "public over the wrapper": [{ link: "wrapper" }, clients.public],
  "password over HDLC": [{ link: "hdlc" }, clients.reader],
  "password over the wrapper": [{ link: "wrapper" }, clients.reader],
  "GMAC over HDLC after mode E": [{ link: "hdlc", line: line8n1(300), signOn: { mode: "mode-e" } }, clients.management],
  "GMAC over the wrapper": [{ link: "wrapper" }, clients.management],
} as const;

describe("a recording replays as the meter", () => {
  for (const [name, [link, options]] of Object.entries(sessions))
    it(name, async () => {
      const { text, time, objects } = await recorded(link, options);
      const clock = new VirtualClock();
      const endpoint = replay(text, clock);
      const again: ConnectOptions = { ...options, crypto: endpoint.crypto(defaultProvider) };
      const security = again.security && {
        ...again.security,
        ...(endpoint.counters && { counters: endpoint.counters }),
      };
      const authentication =
        again.authentication?.mechanism === "low" ? { ...again.authentication, password: "********" } : undefined;
      const meter = await clock.run(
        connect(endpoint, { ...again, ...(security && { security }), ...(authentication && { authentication }) }),
      );
      expect((await clock.run(meter.clock("0-0:1.0.0*255").time.get())).toString()).toBe(time);
      expect((await clock.run(meter.objects())).length).toBe(objects);
      await clock.run(meter.close());
    });

  it("with the counter of a store, without asking the meter", async () => {
    const counters = memoryCounterStore();
    const security = { ...clients.management.security, counters };
    await recorded({ link: "wrapper" }, { ...clients.management, security });
    const second = await bench({ link: "wrapper" }, { firstSentCounter: 2 ** 30 });
    const lines: string[] = [];
    const meter = await second.clock.run(second.connect({ ...clients.management, security }));
    meter.record({ write: (entry) => lines.push(JSON.stringify(entry)) });
    await second.clock.run(meter.clock("0-0:1.0.0*255").time.get());
    const endpoint = replay(lines.join("\n"), new VirtualClock());
    expect(endpoint.counters).toBeDefined();
    const replayed = await connect(endpoint, {
      ...clients.management,
      crypto: endpoint.crypto(defaultProvider),
      security: { ...clients.management.security, ...(endpoint.counters && { counters: endpoint.counters }) },
    });
    expect((await replayed.clock("0-0:1.0.0*255").time.get()).octets).toHaveLength(12);
  });

  it("as long as it is asked the same; else it says where it differs", async () => {
    const { text } = await recorded({ link: "wrapper" }, clients.public);
    const clock = new VirtualClock();
    const meter = await clock.run(connect(replay(text, clock)));
    await expect(clock.run(meter.clock("0-0:1.0.1*255").time.get())).rejects.toMatchObject({
      code: "replay-mismatch",
      details: { offset: expect.any(Number) },
    });
  });
});

describe("a recording", () => {
  it("that begins in the middle is refused, with what to do", async () => {
    const { clock, connect: open } = await bench({ link: "wrapper" });
    const entries: RecordingEntry[] = [];
    const meter = await clock.run(open());
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    meter.record({ write: (entry) => entries.push(entry as RecordingEntry) });
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    expect(entries.map(({ type }) => type)).toEqual(["start", "gap", "sent", "received"]);
    expect(() => replay(entries)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });

  it("goes to several sinks, each from the start", async () => {
    const { clock, connect: open } = await bench({ link: "wrapper" });
    const first: object[] = [];
    const second: object[] = [];
    const meter = await clock.run(open());
    meter.record({ write: (entry) => first.push(entry) });
    meter.record({ write: (entry) => second.push(entry) });
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    expect(first.length).toBeGreaterThan(4);
    expect(second).toEqual(first);
  });

  for (const [name, text] of [
    ["no JSON", "nonsense"],
    ["no entry", '{"type":"other"}'],
    ["no start", '{"type":"sent","at":0,"bytes":"00"}'],
    ["another version", '{"type":"start","format":"dlms-session","version":2}'],
    ["an empty text", ""],
  ] as const)
    it(`of ${name} is malformed`, () => {
      expect(() => readRecording(text)).toThrow(expect.objectContaining({ code: "malformed" }));
    });
});
