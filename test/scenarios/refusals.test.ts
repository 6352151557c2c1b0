import { describe, expect, it } from "vitest";
import type { ConnectOptions } from "../../src/client/index.js";
import { mockCredentials } from "../../src/mock/index.js";
import { memoryCounterStore } from "../../src/security/index.js";
import { line8n1 } from "../../src/transport/index.js";
import { bench, clients, ownTitle } from "../client/mock.js";

const { encryptionKey, authenticationKey } = mockCredentials;
const wrongKey = new Uint8Array(16).fill(0xaa);
const security = { encryptionKey, authenticationKey, systemTitle: ownTitle };

describe("a meter that does not let us in says why, and the line is free again", () => {
  const refused: Record<string, [ConnectOptions, RegExp]> = {
    "a wrong password": [
      { ...clients.reader, authentication: { mechanism: "low", password: "87654321" } },
      /^authentication-refused$/,
    ],
    "a wrong encryption key": [
      { ...clients.management, security: { ...security, encryptionKey: wrongKey } },
      /^association-rejected$/,
    ],
    "a wrong authentication key": [
      { ...clients.management, security: { ...security, authenticationKey: wrongKey } },
      /^association-rejected$/,
    ],
    "a client that is not known": [{ client: 55 }, /^association-rejected$/],
    "a mechanism that is not this client's": [
      { client: 1, authentication: { mechanism: "low", password: "12345678" } },
      /^association-rejected$/,
    ],
  };
  for (const link of ["hdlc", "wrapper"] as const)
    for (const [what, [options, code]] of Object.entries(refused))
      it(`${what} over ${link}`, async () => {
        const { clock, connect } = await bench({ link, ...(link === "hdlc" && { line: line8n1(9600) }) });
        const error = await clock.run(connect(options).catch((cause: unknown) => cause));
        expect(error).toMatchObject({ code: expect.stringMatching(code) });
        expect(clock.now()).toBeLessThan(60_000);
        const meter = await clock.run(connect(clients.reader));
        expect((await clock.run(meter.register("1-0:1.8.0*255").value.get())).unit).toBe("Wh");
        await clock.run(meter.close());
      });
});

describe("an invocation counter below the meter's", () => {
  it("is raised after asking the meter through the public client", async () => {
    const { clock, mock, connect, trace } = await bench({ link: "hdlc" });
    const counters = memoryCounterStore();
    const first = await clock.run(connect({ ...clients.management, security: { ...security, counters } }));
    await clock.run(first.close());
    // Another installation with an older store.
    const stale = memoryCounterStore();
    const recovery = { firstCounter: 1 };
    const options = { ...security, counters: stale, counterRecovery: recovery };
    const meter = await clock.run(connect({ ...clients.management, security: options }));
    expect(await clock.run(meter.clock("0-0:1.0.0*255").timeZone.get())).toBe(-60);
    expect(mock.receivedCounter(1)).toBeGreaterThan(100);
    expect(trace.some((event) => event.type === "counter" && event.source === "meter")).toBe(true);
    await clock.run(meter.close());
  });
  it("ends in a clear error where the meter may not be asked", async () => {
    const { clock, connect } = await bench({ link: "wrapper" });
    const counterRecovery = { enabled: false, firstCounter: 1 };
    const options = { ...security, counters: memoryCounterStore(), counterRecovery };
    const error = await clock.run(
      connect({ ...clients.management, security: options }).catch((cause: unknown) => cause),
    );
    expect(error).toMatchObject({ code: expect.stringMatching(/counter|refused|rejected/) });
  });
});

describe("a meter that vanishes", () => {
  for (const link of ["hdlc", "wrapper"] as const)
    it(`while a profile is read over ${link}: a clear error in bounded time, the rows before it stay`, async () => {
      const line = line8n1(9600);
      const { clock, lines, connect } = await bench({ link, line, hangUp: false });
      const meter = await clock.run(connect(clients.reader));
      const rows: number[] = [];
      const read = (async () => {
        for await (const row of meter.profile("1-0:99.1.0*255").rows({ last: 500 })) {
          rows.push(row.index);
          // The far end falls silent: no octet, no hang-up.
          if (row.index === 40) void lines[0]?.far.close();
        }
      })().catch((cause: unknown) => cause);
      const error = await clock.run(read);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(timeout|connection-lost)$/) });
      expect(rows.length).toBeGreaterThan(40);
      expect(rows.length).toBeLessThan(500);
      await clock.run(meter.close());
      expect(clock.now()).toBeLessThan(5 * 60_000);
    });
});
