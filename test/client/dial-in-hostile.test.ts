import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import type { MeterEntry } from "../../src/client/dial-in/index.js";
import { text, u32 } from "../../src/data/index.js";
import { type MockClient, mockCredentials } from "../../src/mock/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { bothEnds, crypto } from "../security/helpers.js";
import { deviceName, dialInBench, house, stranger, told } from "./dial-in-helpers.js";
import { clients } from "./mock.js";

const packet = (apdu: Uint8Array, source = 1) => encodePacket({ source, destination: 16, apdu });
const otherKey = fromHex("FFEEDDCCBBAA99887766554433221100");
const otherTitle = fromHex("444C4D0000000002");
const { systemTitle: _, ...byName } = house;

/** A management client under another encryption key: a meter that is not the one it says it is. */
const forged = (systemTitle = mockCredentials.systemTitle): readonly MockClient[] => [
  { clientSap: 16, authentication: { mechanism: "none" } },
  {
    clientSap: 1,
    authentication: { mechanism: "hls-gmac" },
    security: {
      suite: 0,
      protection: "authenticated-encrypted",
      encryptionKey: otherKey,
      authenticationKey: mockCredentials.authenticationKey,
      systemTitle,
    },
  },
];

describe("who does not say who he is", () => {
  it("is closed after the time for that", async () => {
    const bench = await dialInBench({ ask: false, identifyMs: 10_000 });
    const { state } = await stranger(bench);
    await bench.clock.advance(9_000);
    expect(state.closed).toBe(false);
    await bench.clock.advance(2_000);
    expect(state.closed).toBe(true);
    expect(told(bench.events)).toEqual(["unknown meter-unknown"]);
    await bench.server.close();
  });
  it("is closed when he does not answer the question either, and was sent no key's work", async () => {
    const bench = await dialInBench();
    const { heard, state } = await stranger(bench);
    await bench.clock.advance(31_000);
    expect(state.closed).toBe(true);
    // Nothing but AARQs of the public client: no title, no authentication value, nothing ciphered.
    expect(heard.length).toBeGreaterThan(0);
    for (const octets of heard) {
      expect(toHex(octets.subarray(0, 6))).toBe("000100100001");
      expect(octets[8]).toBe(0x60);
      expect(toHex(octets)).not.toContain("4142430000000001");
    }
    await bench.server.close();
  });
  it("is closed when he sends more octets than he may", async () => {
    const bench = await dialInBench({ unidentifiedBytes: 1_000 });
    const { line, state } = await stranger(bench);
    // A packet that says it has 65,535 octets, a few at a time.
    await line.write(fromHex("000100010010FFFF"));
    for (let i = 0; i < 200 && !state.closed; i++) {
      await line.write(new Uint8Array(10)).catch(() => {});
      await bench.clock.advance(1);
    }
    expect(state.closed).toBe(true);
    expect(told(bench.events)).toEqual(["refused limit-exceeded"]);
    await bench.server.close();
  });
  it("is closed when he sends nothing but garbage", async () => {
    const bench = await dialInBench({ ask: false });
    const { line, state } = await stranger(bench);
    for (let i = 0; i < 3; i++) {
      await line.write(fromHex("474554202F20485454502F312E310D0A"));
      await bench.clock.advance(10);
    }
    expect(state.closed).toBe(true);
    expect(told(bench.events)).toEqual(["unknown meter-unknown"]);
    await bench.server.close();
  });
  it("finds no place when too many are there already, and meters do again once they are gone", async () => {
    const bench = await dialInBench({ maxUnidentified: 5, identifyMs: 10_000 });
    const crowd = [];
    for (let i = 0; i < 8; i++) {
      crowd.push(await stranger(bench));
      await bench.clock.advance(1);
    }
    expect(crowd.map(({ state }) => state.closed)).toEqual([...Array(5).fill(false), ...Array(3).fill(true)]);
    expect(told(bench.events)).toEqual(Array(3).fill("refused limit-exceeded"));
    expect(bench.server.statistics).toMatchObject({ unidentified: 5, refused: 3 });
    await bench.clock.advance(11_000);
    await bench.meter().dial(bench.network.endpoint);
    expect((await bench.clock.run(bench.server.meter("house"))).state).toBe("associated");
    await bench.server.close();
  });
  it("cannot fill the memory with events", async () => {
    const bench = await dialInBench({ maxUnidentified: 1, eventLimit: 10 });
    await stranger(bench);
    // Nobody takes the events while these come.
    for (let i = 0; i < 50; i++) void stranger(bench);
    await bench.clock.advance(100);
    expect(bench.server.statistics.refused).toBe(50);
    await bench.server.close();
  });
});

describe("a meter that is not in the registry", () => {
  it("is reported with its marks, and not served", async () => {
    const registry = [{ ...house, systemTitle: otherTitle, logicalDeviceName: "OTHER" }];
    const { clock, network, server, events, meter } = await dialInBench({ registry });
    const line = await meter().dial(network.endpoint);
    await clock.advance(5_000);
    expect(events).toMatchObject([
      { type: "unknown", error: { code: "meter-unknown" }, logicalDeviceName: deviceName },
    ]);
    expect(line.isOpen).toBe(false);
    await server.close();
  });
  it("and its pushes are not delivered", async () => {
    const registry = [{ ...house, systemTitle: otherTitle, logicalDeviceName: "OTHER" }];
    const { clock, network, server, events, meter } = await dialInBench({ registry });
    const mock = meter();
    await mock.dial(network.endpoint);
    mock.push({ body: u32(1), client: 1 });
    mock.push({ body: u32(1), client: 16 });
    await clock.advance(5_000);
    expect(told(events)).toEqual(["unknown meter-unknown"]);
    expect(server.pushes.statistics.pushes).toBe(0);
    await server.close();
  });
  it("that names one meter and shows the title of another is neither", async () => {
    const registry: MeterEntry[] = [
      { name: "a", systemTitle: mockCredentials.systemTitle },
      { name: "b", logicalDeviceName: deviceName },
    ];
    const { clock, network, server, events, meter } = await dialInBench({ registry, ask: false });
    const mock = meter();
    await mock.dial(network.endpoint);
    const name = [octets(fromHex("00002A0000FF")), octets(new TextEncoder().encode(deviceName))];
    mock.push({ body: { type: "structure", value: [{ type: "structure", value: name }] }, client: 1 });
    await clock.advance(40_000);
    expect(told(events)).toEqual(["unknown meter-unknown"]);
    await server.close();
  });
});

describe("a forged meter", () => {
  it("that claims a name fails at HLS; the real one is then waited for", async () => {
    const { clock, network, server, meter } = await dialInBench({ registry: [byName] });
    await meter({ clients: forged() }).dial(network.endpoint);
    await expect(clock.run(server.meter("house"))).rejects.toMatchObject({
      code: expect.stringMatching(/authentication|hls|wrong-key|association/),
    });
    await server.close();
  });
  it("under another title than the registry has is refused", async () => {
    const { clock, network, server, meter } = await dialInBench();
    await meter({ systemTitle: otherTitle }).dial(network.endpoint);
    await expect(clock.run(server.meter("house"))).rejects.toMatchObject({ code: "wrong-system-title" });
    await server.close();
  });
  it("whose push does not open is not taken for the meter of the title", async () => {
    const { clock, network, server, events, meter } = await dialInBench({ ask: false });
    const mock = meter({ clients: forged() });
    await mock.dial(network.endpoint);
    for (let i = 0; i < 3; i++) mock.push({ body: text("open the door"), client: 1 });
    await clock.advance(100);
    expect(told(events)).toEqual(["unknown meter-unknown"]);
    expect(server.pushes.statistics.pushes).toBe(0);
    await server.close();
  });
  it("gets no password for a claim, unless the registry allows it", async () => {
    const low = { ...byName, connect: clients.reader };
    for (const allowClaim of [false, true]) {
      const { clock, network, server, meter } = await dialInBench({ registry: [{ ...low, allowClaim }] });
      const sent: string[] = [];
      await meter().dial(network.endpoint);
      network.lines[0]!.far.write = spied(network.lines[0]!.far, sent);
      const visit = clock.run(server.meter("house"));
      if (allowClaim) expect((await visit).state).toBe("associated");
      else await expect(visit).rejects.toMatchObject({ code: "identity-unproven" });
      expect(server.meters).toMatchObject([{ proven: false }]);
      expect(sent.some((hex) => hex.includes(toHex(mockCredentials.password)))).toBe(allowClaim);
      await server.close();
    }
  });
  it("does not take the place of a proven connection that lives", async () => {
    const { clock, network, server, events, meter } = await dialInBench();
    await meter().dial(network.endpoint);
    await clock.run((await clock.run(server.meter("house"))).close());
    const line = await meter({ clients: forged() }).dial(network.endpoint);
    await clock.advance(30_000);
    expect(told(events)).toEqual(["connected", "refused identity-unproven"]);
    expect(line.isOpen).toBe(false);
    expect(server.meters).toMatchObject([{ proven: true }]);
    await server.close();
  });
  it("takes the place of one that is dead, and proves nothing by it", async () => {
    const { clock, network, server, events, meter } = await dialInBench();
    await meter().dial(network.endpoint);
    await clock.run((await clock.run(server.meter("house"))).close());
    network.lines[0]!.near.write = () => new Promise(() => {});
    await meter({ clients: forged() }).dial(network.endpoint);
    await clock.advance(30_000);
    expect(told(events)).toEqual(["connected", "disconnected connection-replaced", "connected"]);
    expect(server.meters).toMatchObject([{ proven: false }]);
    await server.close();
  });
});

describe("an overheard push", () => {
  const { server: genuine } = bothEnds(
    { crypto, ...mockCredentialsOf() },
    {},
    { systemTitle: mockCredentials.systemTitle },
  );
  const push = packet(genuine.protect(fromHex("0F400000070005000000AA"), { form: "general" }));

  it("sent again proves nothing and replaces nobody, though it is confirmed again", async () => {
    const bench = await dialInBench({ confirm: { systemTitle: "4142430000000001" } });
    const meter = await stranger(bench);
    await meter.line.write(push);
    const taken: unknown[] = [];
    void bench.server.pushes.handle((event) => taken.push(event));
    await bench.clock.advance(100);
    expect(bench.server.meters).toMatchObject([{ by: "push", proven: true }]);
    const thief = await stranger(bench);
    await thief.line.write(push);
    await bench.clock.advance(100);
    expect(taken.length).toBe(1);
    // The meter does not answer the question whether it lives: then the newest wins, and is but a claim.
    await bench.clock.advance(40_000);
    expect(bench.server.meters.map(({ proven }) => proven)).toEqual([false]);
    await bench.server.close();
  });

  it("gets no password, even when it is new to us", async () => {
    const low = { ...house, connect: clients.reader, pushKeys: mockCredentialsOf() };
    const bench = await dialInBench({ registry: [low] });
    const thief = await stranger(bench);
    await thief.line.write(push);
    await bench.clock.advance(100);
    expect(bench.server.meters).toMatchObject([{ by: "push", proven: true }]);
    await expect(bench.clock.run(bench.server.meter("house"))).rejects.toMatchObject({ code: "identity-unproven" });
    expect(thief.heard).toEqual([]);
    await bench.server.close();
  });
});

describe("a reader of heartbeats", () => {
  it("that throws or gives no length is nobody's end", async () => {
    for (const heartbeat of [
      () => {
        throw new Error("not expected");
      },
      () => ({ length: Number.NaN }),
      () => ({ length: 0 }),
    ]) {
      const bench = await dialInBench({ heartbeat });
      await bench.meter().dial(bench.network.endpoint);
      expect((await bench.clock.run(bench.server.meter("house"))).state).toBe("associated");
      await bench.server.close();
    }
  });
});

describe("keys of several meters", () => {
  it("open the pushes of their own meter alone", async () => {
    const second: MeterEntry = {
      name: "second",
      systemTitle: otherTitle,
      pushKeys: { encryptionKey: otherKey, authenticationKey: mockCredentials.authenticationKey },
    };
    const bench = await dialInBench({ registry: [house, second], ask: false });
    const apdu = fromHex("0F00000001000605050505");
    // The second meter's title, the first meter's key.
    const { server: meter } = bothEnds({
      crypto,
      systemTitle: otherTitle,
      encryptionKey: mockCredentials.encryptionKey,
    });
    const { line, state } = await stranger(bench);
    await line.write(concatBytes(...[1, 2, 3].map(() => packet(meter.protect(apdu, { form: "general" })))));
    await bench.clock.advance(10);
    expect(state.closed).toBe(true);
    expect(bench.server.pushes.statistics.pushes).toBe(0);
    await bench.server.close();
  });
});

function mockCredentialsOf() {
  const { encryptionKey, authenticationKey } = mockCredentials;
  return { encryptionKey, authenticationKey };
}

function octets(value: Uint8Array) {
  return { type: "octet-string", value } as const;
}

function spied(line: { write(bytes: Uint8Array): Promise<void> }, sent: string[]) {
  const write = line.write.bind(line);
  return (bytes: Uint8Array) => {
    sent.push(toHex(bytes));
    return write(bytes);
  };
}
