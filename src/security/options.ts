import type { CryptoProvider } from "../crypto/contract.js";
import type { Protection, SuiteId } from "./control.js";
import type { CounterSource } from "./counter.js";
import type { SecretKey } from "./secret-key.js";

/** What to do with the tag of a message: demand it, check it when the authentication key is known, or leave it. */
export type Verify = "required" | "if-key" | "off";

/** Which key protects: the global unicast, the global broadcast, or the one of this association alone. */
export type KeySet = "unicast" | "broadcast" | "dedicated";

/** Keys and names of one association, seen from one of its ends. */
export interface SecurityContextOptions {
  readonly crypto: CryptoProvider;
  readonly suite: SuiteId;
  /** What is done to what we send, and the least that is accepted unless `requires` says otherwise. */
  readonly protection: Protection;
  /** The least that is accepted from the peer. */
  readonly requires?: Protection;
  /** Global unicast encryption key: 16 octets, 32 in suite 2. */
  readonly encryptionKey: SecretKey | Uint8Array;
  /** As long as the encryption key. Left out where the utility withholds it; then `verify` must not be `required`. */
  readonly authenticationKey?: SecretKey | Uint8Array;
  /** Global broadcast encryption key. */
  readonly broadcastKey?: SecretKey | Uint8Array;
  /** Own system title, eight octets. */
  readonly systemTitle: Uint8Array;
  /** The peer's, eight octets, where it is known. */
  readonly peerSystemTitle?: Uint8Array;
  /**
   * Another title under which the peer sends what nobody asked for: some meters push under one of their own. Nothing but
   * notifications is taken from it, and its counters are its own.
   */
  readonly pushSystemTitle?: Uint8Array;
  /** Counter of what is sent with the unicast key. Starts at 0 in memory when left out: unsafe for a lasting key. */
  readonly counter?: CounterSource;
  /** Counter of what is sent with the broadcast key. */
  readonly broadcastCounter?: CounterSource;
  /** The peer's counter under the unicast key must be above this. */
  readonly lastReceivedCounter?: number;
  /** The peer's counter under the broadcast key likewise. */
  readonly lastBroadcastCounter?: number;
  /**
   * The same where the peer is known only once it has told its system title: what was received of it before; undefined
   * for nothing.
   */
  lastReceivedOf?(systemTitle: Uint8Array): number | undefined;
  /** Default `required`. */
  readonly verify?: Verify;
}

/**
 * Global keys that take the place of those of a running association; what is left out stays as it is. A new encryption
 * key begins its counters anew in both directions: those of the old key are never taken up again.
 */
export interface KeyReplacement {
  readonly encryptionKey?: SecretKey | Uint8Array;
  readonly authenticationKey?: SecretKey | Uint8Array;
  readonly broadcastKey?: SecretKey | Uint8Array;
  /** Counter of what is sent with the new unicast key. Starts at 0 in memory when left out. */
  readonly counter?: CounterSource;
  /** The same for the new broadcast key. */
  readonly broadcastCounter?: CounterSource;
  /** The peer's counter under the new unicast key must be above this. Default: any is taken. */
  readonly lastReceivedCounter?: number;
}

/** How to protect one APDU. */
export interface ProtectOptions {
  /** `service`: glo-get-request and its kind, where the service has such a form; `general`: general-glo-ciphering. Default `service`. */
  readonly form?: "service" | "general";
  /** Default: `dedicated` once there is such a key, save for the initiate services; else `unicast`. */
  readonly key?: KeySet;
  /** Default: the context's. */
  readonly protection?: Protection;
}

/** An APDU after its protection was checked and removed. */
export interface UnprotectedApdu {
  /** A view on memory of its own or on the input: not changed afterwards. */
  readonly apdu: Uint8Array;
  readonly protection: Protection;
  /** True when an authentication tag was checked and held. */
  readonly authenticated: boolean;
  /** True when it came unciphered although ciphering is required: no more than a hint that something failed. */
  readonly untrustedHint: boolean;
  readonly key?: KeySet;
  readonly securityControl?: number;
  readonly invocationCounter?: number;
  /** Of the sender. */
  readonly systemTitle?: Uint8Array;
  /** Names the key that opened it, where several might have. */
  readonly keyFingerprint?: string;
}
