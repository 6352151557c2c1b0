import { type ListenEvent, type ListenOptions, listen, type PushReceiver } from "../../src/client/index.js";
import { memoryPair, type Transport, VirtualClock } from "../../src/transport/index.js";

/** A receiver at one end of a line in memory, the meters at the other. */
export async function bench(options: ListenOptions & { readonly datagrams?: boolean } = {}) {
  const clock = new VirtualClock();
  const { datagrams = false, ...rest } = options;
  const [near, far] = memoryPair({ clock, datagrams });
  const answers: Uint8Array[] = [];
  await far.open({ data: (bytes) => void answers.push(bytes.slice()), closed: () => {} });
  const receiver = listen(near, rest);
  await receiver.ready();
  return { clock, far, receiver, answers };
}

/** Sends the pieces, waits for silence, and gives all events. */
export async function eventsOf(pieces: readonly Uint8Array[], options: Parameters<typeof bench>[0] = {}) {
  const { clock, far, receiver } = await bench(options);
  for (const piece of pieces) await far.write(piece);
  return drain(receiver, far, clock);
}

/** Hangs up and takes what is left. */
export async function drain(receiver: PushReceiver, far: Transport, clock: VirtualClock): Promise<ListenEvent[]> {
  await clock.advance(61_000);
  await far.close();
  const events: ListenEvent[] = [];
  for (let at = await receiver.next(); at.done !== true; at = await receiver.next()) events.push(at.value);
  // The last tells that the line was closed.
  return events.filter((event) => event.type === "push" || event.error.code !== "connection-lost");
}

export const pushes = (events: readonly ListenEvent[]) =>
  events.flatMap((event) => (event.type === "push" ? [event] : []));
export const codes = (events: readonly ListenEvent[]) =>
  events.flatMap((event) => (event.type === "rejected" ? [event.error.code] : []));
