import { dlmsError, fromHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { type InvocationCounterStore, memoryCounterStore } from "../security/index.js";
import { type Clock, type Endpoint, systemClock, type Transport, type TransportHandlers } from "../transport/index.js";
import { type RecordedCounter, type RecordedOctets, type RecordingEntry, readRecording } from "./recording.js";

/** A meter made of a recording. */
export interface ReplayEndpoint extends Endpoint {
  /** `provider`, but its first random octets are the challenges that were sent then. */
  crypto(provider: CryptoProvider): CryptoProvider;
  /** A store whose first counter is the one that was sent first; undefined when nothing was ciphered. */
  readonly counters: InvocationCounterStore | undefined;
}

/**
 * An endpoint that answers as the recorded meter did, at once, as long as it is asked the same. With high level
 * security or ciphering, `connect` needs `crypto: endpoint.crypto(provider)`, `counters: endpoint.counters` and the
 * keys of then; a password may be any of the same length. Sessions with a dedicated key do not replay: it is a secret.
 * @throws DecodeError `malformed`; UsageError `invalid-argument` for a recording that begins in the middle.
 */
export function replay(recording: string | readonly RecordingEntry[], clock: Clock = systemClock): ReplayEndpoint {
  const entries = typeof recording === "string" ? readRecording(recording) : recording;
  const [start] = entries;
  if (start?.type !== "start") throw dlmsError("malformed", "a recording begins with its start", { layer: "client" });
  if (entries.some(({ type }) => type === "gap"))
    throw dlmsError("invalid-argument", "the recording has a gap: part of the session was not recorded", {
      layer: "client",
      advice: "Record from the start: call `record` right after `connect`.",
    });
  const script = scriptOf(entries);
  const challenges = entries.filter((entry) => entry.type === "challenge").map(({ bytes }) => fromHex(bytes));
  const counter = entries.find((entry) => entry.type === "counter");
  return {
    link: start.link,
    signOn: start.signOn,
    createTransport: () => new ReplayTransport(script, start, clock),
    crypto: (provider) => withChallenges(provider, challenges),
    counters: counter === undefined ? undefined : countersOf(counter),
  };
}

/** Octets with the positions that may differ. */
interface Line {
  readonly sent: boolean;
  readonly bytes: Uint8Array;
  readonly free: (at: number) => boolean;
}

/** Frames that were repeated because nothing came: an answer that comes at once makes them needless. */
function scriptOf(entries: readonly RecordingEntry[]): Line[] {
  const script: Line[] = [];
  let previous: RecordedOctets | undefined;
  for (const entry of entries) {
    if (entry.type !== "sent" && entry.type !== "received") continue;
    if (entry.type === "sent" && previous?.type === "sent" && previous.bytes === entry.bytes) continue;
    previous = entry;
    const { hidden = [] } = entry;
    const free = (at: number) => hidden.some(([from, to]) => at >= from && at < to);
    script.push({ sent: entry.type === "sent", bytes: fromHex(entry.bytes), free });
  }
  return script;
}

class ReplayTransport implements Transport {
  readonly name = "replay";
  readonly datagrams: boolean;
  readonly clock: Clock;
  readonly line: Transport["line"];
  readonly #script: readonly Line[];
  #handlers: TransportHandlers | undefined;
  #at = 0;
  #offset = 0;
  #closed = false;

  constructor(
    script: readonly Line[],
    start: { readonly datagrams: boolean; readonly line?: Transport["line"] },
    clock: Clock,
  ) {
    this.#script = script;
    this.datagrams = start.datagrams;
    this.line = start.line;
    this.clock = clock;
  }

  async open(handlers: TransportHandlers): Promise<void> {
    if (this.#handlers !== undefined)
      throw dlmsError("wrong-state", "the transport was opened before", { layer: "transport" });
    this.#handlers = handlers;
    this.#answer();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw dlmsError("connection-lost", "the replay is closed", { layer: "transport" });
    for (const octet of bytes) {
      const line = this.#script[this.#at];
      if (line === undefined) return;
      const expected = line.bytes[this.#offset];
      if (octet !== expected && !line.free(this.#offset)) return this.#mismatch(bytes, line);
      if (++this.#offset < line.bytes.length) continue;
      this.#at++;
      this.#offset = 0;
      this.#answer();
    }
  }

  async setLine(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** What the meter said next, until it was our turn again. */
  #answer(): void {
    for (let line = this.#script[this.#at]; line !== undefined && !line.sent; line = this.#script[this.#at]) {
      this.#at++;
      const { bytes } = line;
      void Promise.resolve().then(() => {
        if (!this.#closed) this.#handlers?.data(bytes);
      });
    }
  }

  #mismatch(sent: Uint8Array, line: Line): void {
    this.#closed = true;
    this.#handlers?.closed(
      dlmsError("replay-mismatch", `octet ${this.#offset} of what is sent differs from the recording`, {
        layer: "client",
        sent: sent.slice(),
        expected: `what was sent then, ${line.bytes.length} octets`,
        offset: this.#offset,
      }),
    );
  }
}

function withChallenges(provider: CryptoProvider, challenges: readonly Uint8Array[]): CryptoProvider {
  const waiting = challenges.map((challenge) => challenge.slice());
  return {
    ...provider,
    name: `${provider.name} (replay)`,
    randomBytes: (length) => {
      const index = waiting.findIndex((challenge) => challenge.length === length);
      return index < 0 ? provider.randomBytes(length) : (waiting.splice(index, 1)[0] as Uint8Array);
    },
    aesKey: (octets) => provider.aesKey(octets),
    digest: (algorithm, octets) => provider.digest(algorithm, octets),
  };
}

/** A store that knows the counter as that of then did: not at all when the meter was asked. */
function countersOf({ counter, asked }: RecordedCounter): InvocationCounterStore {
  const store = memoryCounterStore();
  if (asked) return store;
  return {
    next: async (fingerprint, title) => (await store.next(fingerprint, title)) ?? counter,
    reserve: (fingerprint, title, count, atLeast = 0) =>
      store.reserve(fingerprint, title, count, Math.max(counter, atLeast)),
  };
}
