import { dlmsError, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import { checkCounter, counterLimit, exhausted } from "./counter.js";
import { SecretKey } from "./secret-key.js";
import { checkSystemTitle } from "./suites.js";

/**
 * Where invocation counters live. One record for each key and own system title, shared by all who send with it.
 * A record moves before the counters it gives out are used, so that none is used twice whatever crashes.
 */
export interface InvocationCounterStore {
  /**
   * Reserves `count` consecutive counters and returns the first of them: the record's next one, or `atLeast` when
   * that is higher. Resolves only after the reservation is lasting.
   * @throws SecurityError `counter-exhausted`, `counter-store-failed`.
   */
  reserve(keyFingerprint: string, ownSystemTitle: Uint8Array, count: number, atLeast?: number): Promise<number>;
  /** The record's next counter, undefined when there is no record. */
  next(keyFingerprint: string, ownSystemTitle: Uint8Array): Promise<number | undefined>;
  /**
   * Highest counters received under this key, by system title of the sender (upper-case hexadecimal). With this and
   * the two methods below a session refuses what was sent in an earlier one; without them each begins anew.
   */
  received?(keyFingerprint: string): Promise<ReadonlyMap<string, number>>;
  /** Keeps a counter that was received with a tag that held; a lower one than is kept changes nothing. */
  keepReceived?(keyFingerprint: string, senderSystemTitle: Uint8Array, counter: number): Promise<void>;
  /** Forgets what was kept of a sender: it was exchanged, or lost its counter. */
  forgetReceived?(keyFingerprint: string, senderSystemTitle: Uint8Array): Promise<void>;
}

/** A counter may go up by this much at once without anyone's consent. */
export const defaultJumpLimit = 2 ** 24;

/** What is known when a counter is taken up again. */
export interface CounterRecovery {
  /** Next counter of the store, undefined when it has no record. */
  readonly stored: number | undefined;
  /** Last counter that the meter says it took, undefined when it was not asked or did not say. */
  readonly meter: number | undefined;
  /** How far above the stored counter the meter's may lie. Default 2^24. */
  readonly jumpLimit?: number;
  /** Someone who may decide allowed a jump above the limit. */
  readonly jumpAllowed?: boolean;
}

/**
 * Where to go on: one above what the meter says, never below the store. The meter's word is not authenticated, so a
 * jump above the limit needs consent: it would use up the counter of the key.
 * @throws SecurityError `counter-jump`, `counter-exhausted`.
 */
export function recoverCounter(recovery: CounterRecovery): number {
  const { stored, meter, jumpLimit = defaultJumpLimit, jumpAllowed = false } = recovery;
  if (stored !== undefined) checkCounter(stored);
  if (meter === undefined) return stored ?? 0;
  checkCounter(meter);
  const wanted = meter + 1;
  if (stored !== undefined && wanted <= stored) return stored;
  if (wanted >= counterLimit) throw exhausted();
  if (wanted - (stored ?? 0) > jumpLimit && !jumpAllowed)
    throw dlmsError("counter-jump", `the meter's counter ${meter} is ${wanted - (stored ?? 0)} above the stored one`, {
      layer: "security",
    });
  return wanted;
}

/**
 * Next state of a record: the first reserved counter and what is stored as the next one. For writers of stores.
 * @throws SecurityError `counter-exhausted` when `count` no longer fits.
 */
export function reserveFrom(stored: number | undefined, count: number, atLeast = 0): { first: number; next: number } {
  checkCounter(atLeast);
  if (!Number.isInteger(count) || count < 1)
    throw dlmsError("invalid-argument", `cannot reserve ${count} counters`, { layer: "store" });
  const first = Math.max(stored ?? 0, atLeast);
  if (first + count > counterLimit) throw exhausted();
  return { first, next: first + count };
}

/** Name of a record. */
export function counterRecordName(keyFingerprint: string, ownSystemTitle: Uint8Array): string {
  checkSystemTitle(ownSystemTitle);
  return `${keyFingerprint}/${toHex(ownSystemTitle)}`;
}

/** Keeps counters for the life of the process: for tests and for meters in memory. */
export function memoryCounterStore(): InvocationCounterStore {
  const records = new Map<string, number>();
  const received = new Map<string, Map<string, number>>();
  const sendersOf = (fingerprint: string) => {
    const senders = received.get(fingerprint) ?? new Map<string, number>();
    received.set(fingerprint, senders);
    return senders;
  };
  return {
    reserve: async (fingerprint, title, count, atLeast) => {
      const name = counterRecordName(fingerprint, title);
      const { first, next } = reserveFrom(records.get(name), count, atLeast);
      records.set(name, next);
      return first;
    },
    next: async (fingerprint, title) => records.get(counterRecordName(fingerprint, title)),
    received: async (fingerprint) => new Map(sendersOf(fingerprint)),
    keepReceived: async (fingerprint, title, counter) => {
      const senders = sendersOf(fingerprint);
      senders.set(toHex(title), Math.max(counter, senders.get(toHex(title)) ?? -1));
    },
    forgetReceived: async (fingerprint, title) => {
      sendersOf(fingerprint).delete(toHex(title));
    },
  };
}

const fingerprintDomain = "dlms-cosem key fingerprint 1:";
const fingerprintLength = 16;

/** Names a key without revealing it: SHA-256 over a domain name and the key, cut to 16 octets, in hexadecimal. */
export function keyFingerprint(crypto: CryptoProvider, key: SecretKey | Uint8Array): string {
  return SecretKey.from(key).use((octets) => {
    const input = new Uint8Array(fingerprintDomain.length + octets.length);
    for (let i = 0; i < fingerprintDomain.length; i++) input[i] = fingerprintDomain.charCodeAt(i);
    input.set(octets, fingerprintDomain.length);
    const digest = crypto.digest("sha256", input);
    input.fill(0);
    return toHex(digest.subarray(0, fingerprintLength));
  });
}
