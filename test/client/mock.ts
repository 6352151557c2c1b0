import { type ConnectOptions, connect, type Meter, type TraceEvent } from "../../src/client/index.js";
import { MockMeter, type MockMeterOptions, mockCredentials } from "../../src/mock/index.js";
import type { LineModel, MemoryLinkOptions } from "../../src/transport/index.js";
import { VirtualClock } from "../../src/transport/index.js";

export const ownTitle = "4142430000000001";

/** Options of `connect` for each client that the mock meter knows. */
export const clients = {
  public: {},
  reader: { client: 2, authentication: { mechanism: "low", password: "12345678" } },
  management: {
    client: 1,
    authentication: { mechanism: "hls-gmac" },
    security: {
      encryptionKey: mockCredentials.encryptionKey,
      authenticationKey: mockCredentials.authenticationKey,
      systemTitle: ownTitle,
    },
  },
} as const satisfies Record<string, ConnectOptions>;

export interface Bench {
  readonly clock: VirtualClock;
  readonly mock: MockMeter;
  readonly trace: TraceEvent[];
  readonly lines: readonly LineModel[];
  /** Connects on the virtual clock. */
  connect(options?: ConnectOptions): Promise<Meter>;
}

/** A mock meter at the end of a line in memory, on a virtual clock. */
export async function bench(link: MemoryLinkOptions = {}, mock: MockMeterOptions = {}): Promise<Bench> {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const meter = new MockMeter({ clock, ...mock });
  const { endpoint, lines } = await meter.memory(link);
  const trace: TraceEvent[] = [];
  return {
    clock,
    mock: meter,
    trace,
    lines,
    connect: (options = {}) => connect(endpoint, { trace: (event) => trace.push(event), ...options }),
  };
}
