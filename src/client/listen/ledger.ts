import { toHex } from "../../base/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import type { PushEvent } from "./events.js";
import type { Delivery } from "./push-reader.js";

/** Pushes that the consumer failed to take and that are kept whole, for a meter that repeats its very octets. */
const mostKept = 256;

type State = "waiting" | "taken" | "failed";

interface Entry<Way> {
  state: State;
  /** How the confirmation gets to the sender: by the line on which it spoke last. */
  way: Way;
  seenAt: number;
  /** Whole while it may have to be delivered again; what a confirmation needs once it was taken. */
  delivery: Delivery | undefined;
}

/** What becomes of a push that wants to be confirmed. */
export type Verdict = "deliver" | "wait" | "confirm";

/**
 * Remembers the pushes that want to be confirmed, so that one which a meter repeats is delivered once: by its sender,
 * its long invoke id, its time and its values, and where it was ciphered by its very octets, whose invocation counter
 * would not be taken twice.
 */
export class DeliveryLedger<Way> {
  readonly #crypto: CryptoProvider;
  readonly #windowMs: number;
  readonly #limit: number;
  /** In the order in which they were seen last. */
  readonly #entries = new Map<string, Entry<Way>>();
  /** Keys by the digest of the ciphered octets. */
  readonly #byOctets = new Map<string, string>();
  #kept = 0;

  /** @param windowMs how long a push is remembered; 0 for not at all. */
  constructor(crypto: CryptoProvider, windowMs: number, limit = 10_000) {
    this.#crypto = crypto;
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  /** Names a push as its sender repeats it. */
  keyOf({ origin, systemTitle, authenticated, longInvokeId, dateTime, rawBody }: PushEvent): string {
    // A meter that dials in anew comes from another port.
    const sender = systemTitle === undefined ? origin.line.replace(/:\d+$/, "") : toHex(systemTitle);
    const time = dateTime === undefined ? "" : toHex(dateTime.octets);
    return [sender, authenticated, origin.source, longInvokeId, time, this.digest(rawBody)].join("|");
  }

  digest(octets: Uint8Array): string {
    return toHex(this.#crypto.digest("sha256", octets));
  }

  /** A push came, perhaps again. */
  seen(key: string, delivery: Delivery, way: Way, now: number): Verdict {
    if (this.#windowMs === 0) return "deliver";
    this.#forgetOld(now);
    const known = this.#entries.get(key);
    if (known !== undefined) this.#remove(key, known);
    const state = known === undefined || known.state === "failed" ? "waiting" : known.state;
    this.#add(key, { state, way, seenAt: now, delivery: state === "taken" ? known?.delivery : delivery });
    if (known?.state === "taken") return "confirm";
    return known?.state === "waiting" ? "wait" : "deliver";
  }

  /** The push that came with these very octets before. */
  recall(octets: Uint8Array): Delivery | undefined {
    const key = this.#byOctets.get(this.digest(octets));
    return key === undefined ? undefined : this.#entries.get(key)?.delivery;
  }

  /** The consumer took it; gives where the confirmation goes to. */
  taken(key: string): Way | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.state = "taken";
    if (entry.delivery !== undefined) entry.delivery = withoutValues(entry.delivery);
    return entry.way;
  }

  /** The consumer could not take it: it is delivered again when it comes again. */
  failed(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.state = "failed";
    if (++this.#kept > mostKept) this.#dropKept();
  }

  #add(key: string, entry: Entry<Way>): void {
    this.#entries.set(key, entry);
    const octets = entry.delivery?.octets;
    if (octets !== undefined) this.#byOctets.set(octets, key);
    const [oldest] = this.#entries;
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#remove(...oldest);
  }

  #remove(key: string, entry: Entry<Way>): void {
    this.#entries.delete(key);
    if (entry.delivery?.octets !== undefined) this.#byOctets.delete(entry.delivery.octets);
    if (entry.state === "failed" && entry.delivery !== undefined) this.#kept--;
  }

  #forgetOld(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (now - entry.seenAt <= this.#windowMs) return;
      this.#remove(key, entry);
    }
  }

  #dropKept(): void {
    for (const entry of this.#entries.values()) {
      if (entry.state !== "failed" || entry.delivery === undefined) continue;
      entry.delivery = undefined;
      this.#kept--;
      return;
    }
  }
}

function withoutValues(delivery: Delivery): Delivery {
  if (delivery.event.type !== "push") return delivery;
  const { body: _, telegram: __, ...event } = delivery.event;
  return { ...delivery, event: { ...event, objects: [], rawBody: new Uint8Array() } };
}
