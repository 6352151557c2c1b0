import type { ServerAssociationEvent } from "../../src/association/index.js";
import { type ConnectOptions, connect, type Meter, type TraceEvent } from "../../src/client/index.js";
import { DataClass } from "../../src/cosem/index.js";
import { u8 } from "../../src/data/index.js";
import { MockMeter, type MockMeterOptions, object } from "../../src/mock/index.js";
import { type Endpoint, type LineModel, type MemoryLinkOptions, VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";

/** A meter on a virtual clock, and what it was asked. */
export interface Connected {
  readonly meter: Meter;
  readonly mock: MockMeter;
  readonly clock: VirtualClock;
  readonly endpoint: Endpoint;
  readonly lines: readonly LineModel[];
  /** What reached the objects of the meter. */
  readonly requests: Extract<ServerAssociationEvent, { type: "request" }>[];
  readonly trace: TraceEvent[];
}

/** Logical name of an object that anybody who proves who he is may write. */
export const pad = "0-0:96.128.0*255" as const;
export const notepad = () => object(DataClass, pad, { value: u8(0) }, { set: { value: true } });

/** A test with a meter that the management client is associated with, unless `options` say otherwise. */
export const withMeter =
  (
    body: (connected: Connected) => Promise<void>,
    link: MemoryLinkOptions = {},
    options: ConnectOptions = clients.management,
    mockOptions: MockMeterOptions = {},
  ) =>
  async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const requests: Connected["requests"] = [];
    const household = { days: 1, seed: 1 };
    const mock = new MockMeter({
      clock,
      household,
      objects: [notepad()],
      observe: (_, event) => event.type === "request" && requests.push(event),
      ...mockOptions,
    });
    const { endpoint, lines } = await mock.memory(link);
    const trace: TraceEvent[] = [];
    const run = async () => {
      const meter = await connect(endpoint, { trace: (event) => trace.push(event), ...options });
      requests.length = 0;
      await body({ meter, mock, clock, endpoint, lines, requests, trace });
      await meter.close();
    };
    await clock.run(run());
  };

/** Names of the notices of a trace. */
export const noticesOf = (trace: readonly TraceEvent[]): string[] =>
  trace.flatMap((event) => (event.type === "notice" ? [event.name] : []));
