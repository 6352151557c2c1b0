import { type Endpoint, type MemoryLinkOptions, memoryLink, type Transport } from "../transport/index.js";
import type { MockMeter } from "./meter.js";

/** Several meters on one line. */
export interface MockBusOptions extends MemoryLinkOptions {
  /** Whether the meter of this index misses these octets: a bad contact, noise at its end of the line. */
  readonly misses?: (meter: number, octets: Uint8Array) => boolean;
}

/**
 * One line with several meters, as an RS-485 bus or a radio cell: each hears all that the client sends, and what any of
 * them sends reaches the client. Over HDLC they are told apart by their physical device addresses.
 */
export async function mockBus(meters: readonly MockMeter[], options: MockBusOptions = {}): Promise<Endpoint> {
  const { misses = () => false, ...line } = options;
  const { endpoint, listener } = memoryLink(line);
  await listener.listen((transport) => {
    const hears = (octets: Uint8Array) => (meter: number) => !misses(meter, octets);
    const taps = tapsOf(transport, meters.length, hears);
    const link = endpoint.link;
    meters.forEach((meter, index) => void meter.serve(taps[index] as Transport, { link }).catch(() => undefined));
  });
  return endpoint;
}

type Handlers = Parameters<Transport["open"]>[0];

/** Several ways to one line: what arrives is for all, what is written goes out. */
function tapsOf(
  line: Transport,
  count: number,
  hears: (octets: Uint8Array) => (tap: number) => boolean,
): readonly Transport[] {
  const handlers: (Handlers | undefined)[] = [];
  let opened: Promise<void> | undefined;
  const openLine = () =>
    line.open({
      data(octets) {
        const isHeard = hears(octets);
        handlers.forEach((tap, index) => {
          if (isHeard(index)) tap?.data(octets);
        });
      },
      closed(error) {
        for (const tap of handlers) tap?.closed(error);
      },
    });
  return Array.from({ length: count }, (_, index) => ({
    name: `${line.name}, meter ${index}`,
    datagrams: line.datagrams,
    clock: line.clock,
    line: line.line,
    async open(own) {
      handlers[index] = own;
      opened ??= openLine();
      await opened;
    },
    write: (octets) => line.write(octets),
    async close() {
      handlers[index] = undefined;
      if (handlers.every((tap) => tap === undefined)) await line.close();
    },
  }));
}
