import { toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import {
  type InvocationCounterStore,
  keyFingerprint,
  memoryCounterStore,
  ReservedCounter,
  type SecretKey,
} from "../security/index.js";
import { ReceivedCounters } from "./received-counters.js";

/** Counters of both directions, as one session has them. */
export interface SessionCounters {
  readonly sent: CounterPool;
  /** Undefined where they are not kept. */
  readonly received: ReceivedCounters | undefined;
}

/** Below this a session waits for more before it sends. */
const lowWater = 16;

/** Where counters are kept that nobody gave a store for: as long as the process lives, for all its sessions. */
const processStore = memoryCounterStore();

const pools = new WeakMap<InvocationCounterStore, Map<string, CounterPool>>();

/**
 * The invocation counters of one key and one system title. All sessions of the process draw from the same pool, so
 * that none is used twice and few are lost.
 */
export class CounterPool {
  readonly source: ReservedCounter;
  readonly #store: InvocationCounterStore;
  readonly #fingerprint: string;
  readonly #title: Uint8Array;
  #refilling: Promise<void> | undefined;

  private constructor(store: InvocationCounterStore, fingerprint: string, title: Uint8Array) {
    this.#store = store;
    this.#fingerprint = fingerprint;
    this.#title = title;
    this.source = new ReservedCounter((count, atLeast) => store.reserve(fingerprint, title, count, atLeast));
  }

  /** The pool of a key and title; without a store in the memory of the process. */
  static of(
    store: InvocationCounterStore = processStore,
    crypto: CryptoProvider,
    key: SecretKey,
    title: Uint8Array,
  ): CounterPool {
    const fingerprint = keyFingerprint(crypto, key);
    const name = `${fingerprint}/${toHex(title)}`;
    let ofStore = pools.get(store);
    if (ofStore === undefined) {
      ofStore = new Map();
      pools.set(store, ofStore);
    }
    let pool = ofStore.get(name);
    if (pool === undefined) {
      pool = new CounterPool(store, fingerprint, title);
      ofStore.set(name, pool);
    }
    return pool;
  }

  /** The meter's counters under this key, as a given store knows them. @throws SecurityError `counter-store-failed`. */
  async received(how: "kept" | "reset" | "session"): Promise<ReceivedCounters | undefined> {
    return this.#store === processStore ? undefined : ReceivedCounters.of(this.#store, this.#fingerprint, how);
  }

  /** The same for a key that is new: nothing came under it yet. */
  receivedAnew(): ReceivedCounters | undefined {
    return ReceivedCounters.anew(this.#store, this.#fingerprint);
  }

  /** True when a session must wait for `ready` before it sends. */
  get low(): boolean {
    return this.source.remaining < lowWater;
  }

  /** The next counter of the store, undefined when it has no record of this key. */
  stored(): Promise<number | undefined> {
    return this.#store.next(this.#fingerprint, this.#title);
  }

  /** The last counter that was used, as far as this process knows. */
  async lastUsed(): Promise<number> {
    return ((await this.stored()) ?? 0) - this.source.remaining - 1;
  }

  /** Resolves when there are counters to send with. @throws SecurityError `counter-store-failed`, `counter-exhausted`. */
  async ready(): Promise<void> {
    if (this.low) await this.#refill(0);
  }

  /** Goes on at `counter` or above. @throws SecurityError as `ready`. */
  async raise(counter: number): Promise<void> {
    await this.#refilling;
    await this.source.refill(counter);
  }

  /** Reserves more beside the traffic when half is used up. A failure shows when the rest is gone. */
  topUp(): void {
    if (this.source.needsRefill && this.#refilling === undefined) this.#refill(0).catch(() => {});
  }

  #refill(atLeast: number): Promise<void> {
    this.#refilling ??= this.source.refill(atLeast).finally(() => {
      this.#refilling = undefined;
    });
    return this.#refilling;
  }
}
