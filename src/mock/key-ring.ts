import { toHex } from "../base/index.js";
import type { KeyId } from "../cosem/index.js";
import { type CounterSource, type KeyReplacement, MemoryCounter, SecretKey } from "../security/index.js";

/** Names of the keys of a security setup, as key transfer and key agreement know them. */
export type KeyName = keyof typeof KeyId;

/** What goes up under one key, in both directions. */
export class KeyCounters {
  /** Of what the meter sends. */
  readonly sent: CounterSource;
  #received: number;

  constructor(sent: number, received: number) {
    this.sent = new MemoryCounter(sent);
    this.#received = received;
  }

  /** Highest counter received: the next must be above it. -1 when nothing came under this key. */
  get received(): number {
    return this.#received;
  }

  heard(counter: number | undefined): void {
    if (counter !== undefined && counter > this.#received) this.#received = counter;
  }
}

/**
 * The global keys of a security setup: they outlive associations, and so do the counters of each. A new key begins at
 * 0; a key that was here before goes on where it was.
 */
export class KeyRing {
  #keys: ReadonlyMap<KeyName, SecretKey>;
  readonly #counters = new Map<string, KeyCounters>();
  #version = 0;

  /** A new meter's counters do not begin at 0: clients have to ask. `received` and `sent` are of the unicast key. */
  constructor(keys: Readonly<Partial<Record<KeyName, SecretKey | Uint8Array | undefined>>>, received = 100, sent = 1) {
    const given = Object.entries(keys).filter(([, key]) => key !== undefined);
    this.#keys = new Map(given.map(([name, key]) => [name as KeyName, SecretKey.from(key as SecretKey)]));
    const unicast = this.#keys.get("global-unicast-encryption");
    if (unicast !== undefined) this.#counters.set(nameOf(unicast), new KeyCounters(sent, received));
  }

  /** Rises with each change. */
  get version(): number {
    return this.#version;
  }

  get(name: KeyName): SecretKey | undefined {
    return this.#keys.get(name);
  }

  /** The counters of the key of this name; those of the unicast key unless it is named. */
  counters(name: KeyName = "global-unicast-encryption"): KeyCounters {
    const key = this.#keys.get(name);
    const of = key === undefined ? name : nameOf(key);
    let counters = this.#counters.get(of);
    if (counters === undefined) {
      counters = new KeyCounters(0, -1);
      this.#counters.set(of, counters);
    }
    return counters;
  }

  /** Takes up all of these keys at once. */
  replace(keys: ReadonlyMap<KeyName, SecretKey>): void {
    this.#keys = new Map([...this.#keys, ...keys]);
    this.#version++;
  }

  /** The keys, to compare them with later ones. */
  snapshot(): ReadonlyMap<KeyName, SecretKey> {
    return this.#keys;
  }

  /** What changed since the snapshot, for an association that still has the keys of then. */
  changesSince(before: ReadonlyMap<KeyName, SecretKey>): KeyReplacement {
    const changed = (name: KeyName) => {
      const key = this.#keys.get(name);
      return key === before.get(name) ? undefined : key;
    };
    const encryptionKey = changed("global-unicast-encryption");
    const broadcastKey = changed("global-broadcast-encryption");
    const authenticationKey = changed("authentication");
    const { sent, received } = this.counters();
    return {
      ...(encryptionKey && { encryptionKey, counter: sent, lastReceivedCounter: received }),
      ...(broadcastKey && { broadcastKey, broadcastCounter: this.counters("global-broadcast-encryption").sent }),
      ...(authenticationKey && { authenticationKey }),
    };
  }
}

/** Equal keys share a record. It stays within this meter. */
const nameOf = (key: SecretKey): string => key.use(toHex);
