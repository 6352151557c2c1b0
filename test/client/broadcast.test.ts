import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import {
  afterBroadcast,
  type Broadcast,
  type BroadcastOptions,
  broadcast,
  broadcastImage,
  completeImage,
  connect,
  type TraceEvent,
} from "../../src/client/index.js";
import { Clock, DataClass, ImageTransfer } from "../../src/cosem/index.js";
import { octets, u8 } from "../../src/data/index.js";
import {
  imageTransferObject,
  logicalName,
  type MockBusOptions,
  type MockClient,
  MockMeter,
  mockBus,
  mockClientSaps,
  mockCredentials,
} from "../../src/mock/index.js";
import { memoryCounterStore } from "../../src/security/index.js";
import { type Endpoint, VirtualClock } from "../../src/transport/index.js";
import { ownTitle } from "./mock.js";
import { notepad, pad } from "./with-meter.js";

const broadcastKey = fromHex("0F0E0D0C0B0A09080706050403020100");
const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const image = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) & 255);
const blockSize = 64;
const protectedBy = { suite: 0, protection: "authenticated-encrypted", encryptionKey, authenticationKey } as const;
const plainClient: MockClient = {
  clientSap: 16,
  authentication: { mechanism: "none" },
  preEstablished: { peerMaxPduSize: 0 },
};
const cipheredClient: MockClient = {
  clientSap: mockClientSaps.management,
  authentication: { mechanism: "none" },
  preEstablished: { peerMaxPduSize: 0 },
  security: { ...protectedBy, broadcastKey, systemTitle, peerSystemTitle: fromHex(ownTitle) },
};
const reader: MockClient = { clientSap: 2, authentication: { mechanism: "low", password: mockCredentials.password } };

interface Cell {
  readonly endpoint: Endpoint;
  readonly meters: readonly MockMeter[];
  readonly clock: VirtualClock;
  readonly trace: TraceEvent[];
  readonly physical: readonly number[];
  open(options?: BroadcastOptions): Promise<Broadcast>;
  pause(): Promise<void>;
  /** What the notepad of each meter holds. */
  pads(): unknown[];
}

/** Three meters on one line. */
const withCell =
  (body: (cell: Cell) => Promise<void>, options: MockBusOptions = {}, client: MockClient = plainClient) =>
  async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const physical = [17, 18, 19];
    const pads = physical.map(() => notepad());
    const meters = physical.map(
      (physicalDevice, index) =>
        new MockMeter({
          clock,
          physicalDevice,
          clients: [client, reader],
          household: { days: 1, seed: index },
          objects: [
            { ...(pads[index] as ReturnType<typeof notepad>), access: () => "read-write" },
            {
              ...imageTransferObject({ logicalName: logicalName("0.0.44.0.0.255"), blockSize }),
              access: () => "read-write",
              methodAccess: () => true,
            },
          ],
        }),
    );
    const endpoint = await mockBus(meters, { clock, ...options });
    const trace: TraceEvent[] = [];
    const context = { clientSap: 0, protection: "none", now: 0 } as never;
    await clock.run(
      body({
        endpoint,
        meters,
        clock,
        trace,
        physical,
        open: (more = {}) => broadcast(endpoint, { trace: (event) => trace.push(event), ...more }),
        pause: () => new Promise<void>((done) => void clock.setTimer(done, 50)),
        pads: () => pads.map((object) => object.attributes.get(2)?.get(context)),
      }),
    );
  };

const received = (trace: readonly TraceEvent[]) =>
  trace.filter((event) => event.type === "bytes" && event.direction === "received").length;

describe.each([
  ["HDLC, one-octet addresses", { link: "hdlc" } as const, {}],
  ["HDLC, two-octet addresses", { link: "hdlc" } as const, { addressSize: 2 } as const],
  ["HDLC, four-octet addresses", { link: "hdlc" } as const, { addressSize: 4 } as const],
  ["the wrapper", { link: "wrapper" } as const, {}],
  ["the wrapper in datagrams", { link: "wrapper", datagrams: true } as const, {}],
])("a broadcast over %s", (_, link, addressing) => {
  it(
    "is written in every meter, and answered by none",
    withCell(async ({ open, pads, pause, trace }) => {
      const all = await open(addressing);
      await all.object(DataClass, pad).value.set(u8(7));
      await pause();
      expect(pads()).toEqual([u8(7), u8(7), u8(7)]);
      expect(received(trace)).toBe(0);
      await all.close();
    }, link),
  );

  it(
    "goes under the broadcast key, whose bit is set, and its counter rises",
    withCell(
      async ({ open, pads, pause, trace }) => {
        const counters = memoryCounterStore();
        const security = { broadcastKey, authenticationKey, systemTitle: ownTitle, counters, firstCounter: 9 };
        const all = await open({ ...addressing, client: 1, security });
        for (const value of [1, 2, 3]) await all.object(DataClass, pad).value.set(u8(value));
        await pause();
        expect(pads()).toEqual([u8(3), u8(3), u8(3)]);
        const sent = trace.flatMap((event) => (event.type === "apdu" ? [event.apdu] : []));
        // general-glo-ciphering, system title, length, security control with key set bit, invocation counter
        expect(sent.map((apdu) => [apdu[0], apdu[11], apdu[15]])).toEqual([9, 10, 11].map((n) => [0xdb, 0x70, n]));
        expect(received(trace)).toBe(0);
        await all.close();
      },
      link,
      cipheredClient,
    ),
  );
});

describe("a broadcast is refused", () => {
  const unchanged = [u8(0), u8(0), u8(0)];
  it.each([
    ["another broadcast key", { broadcastKey: new Uint8Array(16) }],
    ["another authentication key", { authenticationKey: new Uint8Array(16) }],
    ["the system title of another client", { systemTitle: "4142430000000099" }],
  ])("by every meter, in silence, with %s", (_, wrong) =>
    withCell(
      async ({ open, pads, pause, trace }) => {
        const right = { broadcastKey, authenticationKey, systemTitle: ownTitle, firstCounter: 5 };
        const all = await open({ client: 1, security: { ...right, ...wrong, counters: memoryCounterStore() } });
        await all.object(DataClass, pad).value.set(u8(7));
        await pause();
        expect(pads()).toEqual(unchanged);
        expect(received(trace)).toBe(0);
        await all.close();
      },
      { link: "hdlc" },
      cipheredClient,
    )(),
  );

  it(
    "when its counter was used before, be it on another connection",
    withCell(
      async ({ open, pads, pause }) => {
        for (const value of [u8(1), u8(2)]) {
          const counters = memoryCounterStore();
          const security = { broadcastKey, authenticationKey, systemTitle: ownTitle, counters, firstCounter: 5 };
          const all = await open({ client: 1, security });
          await all.object(DataClass, pad).value.set(value);
          await pause();
          await all.close();
        }
        expect(pads()).toEqual([u8(1), u8(1), u8(1)]);
      },
      { link: "hdlc" },
      cipheredClient,
    ),
  );

  it(
    "plain where the association is ciphered",
    withCell(
      async ({ open, pads, pause }) => {
        const all = await open({ client: 1 });
        await all.object(DataClass, pad).value.set(u8(7));
        await pause();
        expect(pads()).toEqual(unchanged);
        await all.close();
      },
      { link: "wrapper" },
      cipheredClient,
    ),
  );

  it(
    "from a client that has no association with the meters",
    withCell(async ({ open, pads, pause, trace }) => {
      const all = await open({ client: 2 });
      await all.object(DataClass, pad).value.set(u8(7));
      await pause();
      expect(pads()).toEqual(unchanged);
      expect(received(trace)).toBe(0);
      await all.close();
    }),
  );

  it(
    "by the client before it is sent: reads, what is too long for one frame, no counter, a line with a sign-on",
    withCell(async ({ open, endpoint, trace }) => {
      const all = await open();
      await expect(all.object(Clock, "0-0:1.0.0").time.get()).rejects.toMatchObject({ code: "invalid-argument" });
      await expect(all.raw(1, pad).set(2, octets(new Uint8Array(200)))).rejects.toMatchObject({
        code: "request-too-long",
      });
      await all.close();
      expect(trace.filter(({ type }) => type === "bytes")).toEqual([]);
      const security = { broadcastKey: fromHex("AA".repeat(16)), authenticationKey, systemTitle: ownTitle };
      await expect(open({ security })).rejects.toMatchObject({ code: "counter-unknown" });
      const probe: Endpoint = { ...endpoint, signOn: { mode: "mode-e" } };
      await expect(broadcast(probe)).rejects.toMatchObject({ code: "invalid-argument" });
    }),
  );
});

describe("an image by broadcast", () => {
  /** The meter of index 1 misses the third frame that is long, that of index 2 every fourth. */
  const lossy = () => {
    let long = 0;
    const lost = (meter: number, frame: Uint8Array) => {
      if (frame.length < blockSize || frame[3] !== 0xff) return false;
      if (meter === 0) long++;
      return meter === 1 ? long === 3 : meter === 2 && long % 4 === 0;
    };
    return lost;
  };
  const transfer = { image, blockSize };

  it(
    "reaches all, and what each has missed is given to it alone",
    withCell(
      async ({ endpoint, open, physical, pause }) => {
        const targets = physical.map((address) => ({
          name: `meter ${address}`,
          connect: () =>
            connect(endpoint, {
              client: 2,
              server: { logical: 1, physical: address },
              authentication: { mechanism: "low", password: "12345678" },
            }),
        }));
        for (const { connect: open } of targets) {
          const meter = await open();
          const object = meter.object(ImageTransfer, "0-0:44.0.0");
          await object.imageTransferInitiate({ imageIdentifier: fromHex("AB"), imageSize: image.length });
          await meter.close();
        }
        const all = await open();
        const progress: number[] = [];
        await broadcastImage(all, { ...transfer, onProgress: (sent) => void progress.push(sent) });
        await all.close();
        await pause();
        expect(progress).toHaveLength(16);
        const results = await afterBroadcast(
          [...targets, { name: "nobody", connect: () => connect(endpoint, { server: { physical: 99 }, retries: 0 }) }],
          {
            missing: async (meter) => {
              const { missing } = await completeImage(meter, transfer);
              await meter.object(ImageTransfer, "0-0:44.0.0").imageVerify();
              return missing.length > 0 ? missing : undefined;
            },
            complete: async () => undefined,
          },
        );
        expect(results).toMatchObject([
          { name: "meter 17", state: "complete" },
          { name: "meter 18", state: "completed", missing: [2] },
          { name: "meter 19", state: "completed", missing: [3, 7, 11, 15] },
          { name: "nobody", state: "failed", error: { code: "timeout" } },
        ]);
      },
      { link: "hdlc", misses: lossy() },
    ),
  );

  it(
    "stops when it is called off",
    withCell(async ({ open }) => {
      const all = await open();
      const controller = new AbortController();
      const sent = broadcastImage(all, {
        ...transfer,
        signal: controller.signal,
        onProgress: (count) => count === 3 && controller.abort(),
      });
      await expect(sent).rejects.toMatchObject({ code: "aborted" });
      expect(all.statistics.apdusSent).toBe(3);
      await all.close();
    }),
  );
});
