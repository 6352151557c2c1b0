import { equalBytes, toHex } from "../base/index.js";
import type { InvocationCounterStore } from "../security/index.js";
import type { Tracer } from "./tracer.js";

/** A counter is kept anew when it has gone up by this: so many may be lost when the process ends without closing. */
const step = 256;

/** The meter's invocation counters under one key: those of earlier sessions, and what comes in this one. */
export class ReceivedCounters {
  readonly #store: InvocationCounterStore;
  readonly #fingerprint: string;
  readonly #before: ReadonlyMap<string, number>;
  readonly #resets: boolean;
  #sender: Uint8Array | undefined;
  #highest = -1;
  #kept = -1;
  #keeping: Promise<void> = Promise.resolve();

  private constructor(
    store: InvocationCounterStore,
    fingerprint: string,
    before: ReadonlyMap<string, number>,
    resets: boolean,
  ) {
    this.#store = store;
    this.#fingerprint = fingerprint;
    this.#before = before;
    this.#resets = resets;
  }

  /** Those that the store knows; undefined where it keeps none. @throws SecurityError `counter-store-failed`. */
  static async of(
    store: InvocationCounterStore | undefined,
    fingerprint: string,
    how: "kept" | "reset" | "session",
  ): Promise<ReceivedCounters | undefined> {
    if (store?.received === undefined || store.keepReceived === undefined || how === "session") return undefined;
    const resets = how === "reset";
    return new ReceivedCounters(store, fingerprint, resets ? new Map() : await store.received(fingerprint), resets);
  }

  /** Those of a key that is new; undefined as above. */
  static anew(store: InvocationCounterStore, fingerprint: string): ReceivedCounters | undefined {
    return store.keepReceived && new ReceivedCounters(store, fingerprint, new Map(), false);
  }

  /** The highest of this meter in earlier sessions; undefined for none. */
  readonly lastOf = (systemTitle: Uint8Array): number | undefined => this.#before.get(toHex(systemTitle));

  /** A message of the meter held: who it is, and its highest counter. */
  heard(from: { readonly systemTitle: Uint8Array | undefined; readonly counter: number } | undefined): void {
    const { systemTitle, counter = -1 } = from ?? {};
    if (systemTitle === undefined || counter < 0) return;
    if (this.#sender !== undefined && !equalBytes(this.#sender, systemTitle)) return;
    const first = this.#sender === undefined;
    this.#sender = systemTitle;
    if (counter <= this.#highest) return;
    this.#highest = counter;
    if (first || counter - this.#kept >= step) this.#keep(systemTitle, first && this.#resets);
  }

  /** Keeps what is not kept yet; the trace is told when that cannot be done. */
  async settle(tracer: Tracer): Promise<void> {
    if (this.#sender !== undefined && this.#highest > this.#kept) this.#keep(this.#sender, false);
    await this.#keeping.catch((error: unknown) => {
      const message = error instanceof Error ? error.message : "unknown";
      tracer.notice("client", { type: "notice", name: "received-counter-not-kept", message });
    });
  }

  #keep(sender: Uint8Array, forget: boolean): void {
    const counter = this.#highest;
    this.#kept = counter;
    const keeping = this.#keeping.then(async () => {
      if (forget) await this.#store.forgetReceived?.(this.#fingerprint, sender);
      await this.#store.keepReceived?.(this.#fingerprint, sender, counter);
    });
    this.#keeping = keeping;
    // Told by `settle`, if it is still so by then.
    keeping.catch(() => {
      this.#kept = -1;
    });
  }
}
