import type { CryptoProvider } from "../crypto/contract.js";
import type { SecurityContext } from "./context.js";
import type { Protection } from "./control.js";
import type { GeneralKeyChoice, GeneralOpened, PartyKeys } from "./general-options.js";
import type { KeyTask, PrivateKey } from "./private-key.js";
import type { SecretKey } from "./secret-key.js";

/**
 * Which key general-ciphering uses: the global one by its number, a new one wrapped with the master key, or one agreed
 * on by C(1e, 1s) (`one-pass`: an ephemeral key of the sender, signed) or C(0e, 2s) (`static`: the keys of both ends).
 */
export type GeneralKey = "identified" | "wrapped" | "one-pass" | "static";

/** Keys of general-ciphering and general-signing beside those of the association. */
export interface GeneralProtectionKeys {
  /** What our messages are ciphered under. Default `identified`. A meter answers as it was asked. */
  readonly key?: GeneralKey;
  /** Master key (KEK): needed with `wrapped`. As long as the encryption key. */
  readonly masterKey?: SecretKey | Uint8Array;
  /** Own private key of signatures: needed to sign, and with `one-pass`. It may stay in an HSM. */
  readonly signaturePrivateKey?: PrivateKey;
  /** Own static private key of key agreement: needed with `static`, and to open what comes by `one-pass`. */
  readonly agreementPrivateKey?: PrivateKey;
  /** Public keys of the party of this system title, as its certificates give them; undefined for a stranger. */
  readonly party?: (systemTitle: Uint8Array) => PartyKeys | undefined;
  /**
   * `gbcs` is Great Britain's: suite 1, authenticated alone, for pre-established associations. Nothing else is taken then,
   * and `key` has no part in it. Default `green-book`.
   */
  readonly profile?: "green-book" | "gbcs";
  /**
   * GBCS: the message code, 0 to 65,535, of what is sent (the APDU is given, before its protection). A client needs it; a
   * meter answers with that of the request, and needs it for its alerts alone.
   */
  readonly messageCode?: number | ((apdu: Uint8Array) => number);
  /**
   * GBCS: the originator counter, 64 bits, that rises with each message and never repeats. Default: the invocation
   * counter of the association, which its counter store keeps.
   */
  readonly originatorCounter?: { next(): bigint };
}

/** The layers of one association. A transaction-id ties an answer to its request; each request has a new one. */
export interface GeneralLayers {
  readonly profile: "green-book" | "gbcs";
  readonly key: GeneralKeyChoice["kind"];
  /** Octets of a new transaction-id. */
  readonly transactionLength: number;
  newTransaction(): Uint8Array;
  cipher(apdu: Uint8Array, how: GeneralCipher): KeyTask<Uint8Array>;
  sign(apdu: Uint8Array, transactionId: Uint8Array): KeyTask<Uint8Array>;
  /** Removes one layer; `covered` when the APDU came out of one whose tag held. */
  open(apdu: Uint8Array, covered?: boolean): KeyTask<GeneralOpened>;
  /** Octets of general-ciphering before the length of its content. */
  cipherHeader(how: Omit<GeneralCipher, "protection">): number;
  /** Octets that general-signing adds, but for the length of its content. */
  signHeader(transactionId: Uint8Array): number;
}

/** How one APDU is ciphered. */
export interface GeneralCipher {
  readonly protection: Protection;
  readonly key: GeneralKeyChoice["kind"];
  readonly transactionId: Uint8Array;
}

/** Makes the layers of an association that begins: what the security options take as `general`. */
export type GeneralProtector = (association: ProtectedAssociation) => GeneralLayers;

/** What the layers need to know of their association. */
export interface ProtectedAssociation {
  readonly crypto: CryptoProvider;
  readonly context: SecurityContext;
  readonly role: "client" | "server";
  /** What this end does to all that it sends. */
  readonly protection: Protection;
  /** How this end was told to cipher; undefined: as it is asked. */
  readonly ciphering: "service" | "general" | "general-ciphering" | undefined;
}
