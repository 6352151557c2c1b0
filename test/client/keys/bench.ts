import {
  type ConnectOptions,
  connect,
  type Meter,
  type StoredConnectOptions,
  type TraceEvent,
} from "../../../src/client/index.js";
import { MockMeter, type MockMeterOptions, mockCredentials } from "../../../src/mock/index.js";
import {
  type InvocationCounterStore,
  type KeyStore,
  type MeterSecrets,
  memoryCounterStore,
  memoryKeyStore,
  SecretKey,
} from "../../../src/security/index.js";
import { type MemoryLinkOptions, VirtualClock } from "../../../src/transport/index.js";
import { ownTitle } from "../mock.js";

export const key = (octet: number, length = 16) => new SecretKey(new Uint8Array(length).fill(octet));
export const hexOf = (secret: SecretKey | undefined) => secret?.use((octets) => Buffer.from(octets).toString("hex"));

/** What the store of these tests knows of the mock meter's management client. */
export const secrets: MeterSecrets = {
  encryptionKey: new SecretKey(mockCredentials.encryptionKey),
  authenticationKey: new SecretKey(mockCredentials.authenticationKey),
  masterKey: new SecretKey(mockCredentials.masterKey),
  password: new SecretKey(mockCredentials.password),
  secret: key(0x5a),
  systemTitle: mockCredentials.systemTitle,
  ownSystemTitle: new Uint8Array(Buffer.from(ownTitle, "hex")),
};

export const meterName = "house-17";

export interface KeyBench {
  readonly clock: VirtualClock;
  readonly mock: MockMeter;
  readonly store: KeyStore;
  readonly counters: InvocationCounterStore;
  readonly trace: TraceEvent[];
  /** Connects with the store as the management client. */
  open(options?: Partial<StoredConnectOptions>): Promise<Meter>;
  /** Connects with given secrets. */
  plain(options: ConnectOptions): Promise<Meter>;
  entry(): Promise<MeterSecrets>;
}

/** A mock meter, a key store and a counter store that know each other. */
export async function keyBench(
  mockOptions: MockMeterOptions = {},
  linkOptions: MemoryLinkOptions = { link: "wrapper" },
  known: MeterSecrets = secrets,
): Promise<KeyBench> {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const mock = new MockMeter({ clock, ...mockOptions });
  const { endpoint } = await mock.memory(linkOptions);
  const store = memoryKeyStore({ [meterName]: known });
  const counters = memoryCounterStore();
  const trace: TraceEvent[] = [];
  const sink = (event: TraceEvent) => void trace.push(event);
  return {
    clock,
    mock,
    store,
    counters,
    trace,
    open: (options = {}) =>
      clock.run(
        connect(endpoint, {
          client: 1,
          keys: { store, meter: meterName },
          authentication: { mechanism: "hls-gmac" },
          security: { counters },
          trace: sink,
          ...options,
        }),
      ),
    plain: (options) => clock.run(connect(endpoint, { trace: sink, ...options })),
    entry: async () => {
      const entry = await store.load(meterName);
      if (entry === undefined) throw new Error("the entry is gone");
      return entry;
    },
  };
}
