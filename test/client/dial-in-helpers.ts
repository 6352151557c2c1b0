import {
  type DialIn,
  type DialInEvent,
  type DialInOptions,
  dialIn,
  type MeterEntry,
} from "../../src/client/dial-in/index.js";
import { MockMeter, type MockMeterOptions, mockCredentials } from "../../src/mock/index.js";
import { type MemoryLinkOptions, memoryLink, VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";

/** The household's logical device name of a meter with seed 1. */
export const deviceName = "DLM0000010000001";

/** The mock meter in a registry, with the keys of its management client. */
export const house: MeterEntry = {
  name: "house",
  systemTitle: mockCredentials.systemTitle,
  logicalDeviceName: deviceName,
  connect: clients.management,
};

/** A server that waits in memory, and meters that dial in to it, on a virtual clock. */
export async function dialInBench(options: Partial<DialInOptions> = {}, link: MemoryLinkOptions = {}) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const network = memoryLink({ clock, link: options.link ?? "wrapper", ...link });
  const server = dialIn(network.listener, { registry: [house], clock, ...options });
  await server.ready();
  const events: DialInEvent[] = [];
  void collect(server, events);
  const meter = (mock: MockMeterOptions = {}) => new MockMeter({ clock, ...mock });
  return { clock, network, server, events, meter };
}

async function collect(server: DialIn, events: DialInEvent[]): Promise<void> {
  for await (const event of server.events) events.push(event);
}

/** Types of the events, with the code of their error. */
export const told = (events: readonly DialInEvent[]) =>
  events.map((event) => {
    const code = "error" in event ? event.error?.code : undefined;
    return code === undefined ? event.type : `${event.type} ${code}`;
  });

/** A connection that somebody opens who is no meter; gives what he hears. */
export async function stranger({ network }: { readonly network: ReturnType<typeof memoryLink> }) {
  const line = network.endpoint.createTransport();
  const heard: Uint8Array[] = [];
  const state = { closed: false };
  await line.open({
    data: (bytes) => void heard.push(bytes.slice()),
    closed: () => {
      state.closed = true;
    },
  });
  return { line, heard, state };
}
