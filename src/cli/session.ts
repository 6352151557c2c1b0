import type { Meter, TraceEvent } from "../client/index.js";
import { connect } from "../client/index.js";
import type { LinkFlags } from "./link-flags.js";
import { resolveLink } from "./link-options.js";

/** What a command gets: an associated meter, and the signal of Ctrl-C. */
export interface CommandSession {
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/**
 * Connects by the flags, runs `work`, and leaves in order whatever happens: release, disconnect, close. The first
 * Ctrl-C cancels, the second ends at once.
 */
export async function withMeter<T>(flags: LinkFlags, work: (session: CommandSession) => Promise<T>): Promise<T> {
  const direct = flags.dialIn === undefined ? await resolveLink(flags) : undefined;
  const resolved = direct?.flags ?? flags;
  const abort = new AbortController();
  const cancel = () => (abort.signal.aborted ? process.exit(130) : abort.abort(new Error("cancelled by Ctrl-C")));
  process.on("SIGINT", cancel);
  const sinks = await traceSinks(resolved);
  let meter: Meter | undefined;
  let stopWaiting = async () => {};
  try {
    const trace = (event: TraceEvent) => {
      for (const { sink } of sinks) sink(event);
    };
    const watched = { signal: abort.signal, ...(sinks.length > 0 ? { trace } : {}) };
    if (direct === undefined) {
      const { meterThatDialsIn } = await import("./dial-in.js");
      const visit = await meterThatDialsIn(flags, watched);
      stopWaiting = visit.close;
      meter = visit.meter;
    } else {
      const { endpoint, options } = direct;
      meter =
        "keys" in options
          ? await connect(endpoint, { ...options, ...watched })
          : await connect(endpoint, { ...options, ...watched });
    }
    if (resolved.record !== undefined) {
      const { fileSink } = await import("../node/index.js");
      meter.record(fileSink(resolved.record));
    }
    return await work({ meter, signal: abort.signal });
  } finally {
    await meter?.close();
    await stopWaiting();
    await Promise.all(sinks.map(({ close }) => close()));
    process.off("SIGINT", cancel);
  }
}

interface ClosableSink {
  sink(event: TraceEvent): void;
  close(): Promise<void> | void;
}

async function traceSinks({ trace, pcap }: LinkFlags): Promise<ClosableSink[]> {
  if (trace !== true && pcap === undefined) return [];
  const node = await import("../node/index.js");
  const sinks: ClosableSink[] = [];
  if (trace === true) {
    const writer = new node.TraceWriter();
    const sink = (event: TraceEvent) => {
      for (const { topic, text } of writer.lines(event)) process.stderr.write(`${topic.padEnd(12)} ${text}\n`);
    };
    sinks.push({ sink, close: () => undefined });
  }
  if (pcap !== undefined) {
    const sink = node.pcapSink(pcap);
    sinks.push({ sink, close: () => sink.close() });
  }
  return sinks;
}
