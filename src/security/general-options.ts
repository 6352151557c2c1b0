import type { GeneralHeader } from "../apdu/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { LastingKey } from "./context.js";
import type { Protection, SuiteId } from "./control.js";
import type { CounterSource } from "./counter.js";
import type { GcmLayer } from "./gcm-layer.js";
import type { Verify } from "./options.js";
import type { PrivateKey } from "./private-key.js";
import type { SecretKey } from "./secret-key.js";

/** Public keys of another party, x || y, from a certificate that was checked. */
export interface PartyKeys {
  readonly signaturePublicKey?: Uint8Array;
  readonly agreementPublicKey?: Uint8Array;
}

/** The keys that general protection shares with the other forms of an association, with all that counts under them. */
export interface SharedKeys {
  /** Identified key 0 (unicast) or 1 (broadcast). @throws SecurityError `key-unknown`. */
  lasting(keyId: 0 | 1): LastingKey;
  /** The layer of a key made for one message, with the authentication key in force. */
  layerOf(key: SecretKey): GcmLayer;
}

/** Keys and rules for general-ciphering and general-signing, seen from one party. */
export interface GeneralProtectionOptions {
  readonly crypto: CryptoProvider;
  readonly suite: SuiteId;
  /**
   * `green-book` unless chosen otherwise. `gbcs` is Great Britain's: empty header fields and no key-info around a
   * general-signing APDU that names the parties, C(0e, 2s) keys, counter zero, and no authentication key. It is
   * taken and made only where it is named here.
   */
  readonly profile?: "green-book" | "gbcs";
  /** Own system title. Messages to another recipient are refused where it is given. */
  readonly systemTitle?: Uint8Array;
  /** Global unicast encryption key: identified key 0. */
  readonly encryptionKey?: SecretKey | Uint8Array;
  /** Global broadcast encryption key: identified key 1. */
  readonly broadcastKey?: SecretKey | Uint8Array;
  readonly authenticationKey?: SecretKey | Uint8Array;
  /** Master key (KEK) that wraps keys. */
  readonly masterKey?: SecretKey | Uint8Array;
  /** Own static private key of key agreement. */
  readonly agreementPrivateKey?: PrivateKey;
  /** Own private key of signatures. */
  readonly signaturePrivateKey?: PrivateKey;
  /** The key of the message itself, where it is known otherwise than by key-info: one agreed or handed over before. */
  readonly messageKey?: SecretKey | Uint8Array;
  /** Titles that the association agreed on, for messages whose header leaves them out. */
  readonly originatorSystemTitle?: Uint8Array;
  readonly recipientSystemTitle?: Uint8Array;
  /** Public keys of the party with this system title. */
  readonly party?: (systemTitle: Uint8Array) => PartyKeys | undefined;
  /** Counter of what is sent under the unicast key, and of the broadcast key. */
  readonly counter?: CounterSource;
  readonly broadcastCounter?: CounterSource;
  /** In place of `encryptionKey`, `broadcastKey`, `authenticationKey` and their counters. */
  readonly shared?: SharedKeys;
  /** What to do with tags and signatures. Default `required`. */
  readonly verify?: Verify;
  /** The least protection of general-ciphering that is accepted. Default `authenticated`. */
  readonly requires?: Protection;
  /** Repeated counters under one key are refused. Default true; false to read recordings. */
  readonly replayProtection?: boolean;
}

/** Which key to send under. */
export type GeneralKeyChoice =
  | { readonly kind: "unicast" | "broadcast" }
  /** A new random key, wrapped with the master key. */
  | { readonly kind: "wrapped" }
  /** A key agreed by C(1e, 1s) or by C(0e, 2s). */
  | { readonly kind: "one-pass" | "static" };

/** How to cipher one APDU. */
export interface GeneralCipheringRequest {
  readonly header: GeneralHeader;
  readonly key: GeneralKeyChoice;
  readonly protection: Protection;
}

/** A general-ciphering or general-signing APDU after its protection was checked and removed. */
export interface GeneralOpened extends GeneralHeader {
  readonly kind: "general-ciphering" | "general-signing";
  /** What was inside; it may be protected again. */
  readonly apdu: Uint8Array;
  readonly protection: Protection;
  /** A tag was checked and held. */
  readonly authenticated: boolean;
  /** Of general-signing: checked and held, or not checked since there is none or no key. */
  readonly signature?: "valid" | "unchecked";
  /** Of C(1e, 1s): the signature of the ephemeral key, unchecked only where `verify` is not `required`. */
  readonly keySignature?: "valid" | "unchecked";
  readonly securityControl?: number;
  readonly invocationCounter?: number;
  /** Of general-ciphering: how its key was come by, as far as the message says. */
  readonly key?: GeneralKeyChoice["kind"];
}
