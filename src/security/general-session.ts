import { encodeApdu, type GeneralHeader, type KeyInfo } from "../apdu/index.js";
import { ByteReader, concatBytes, dlmsError, equalBytes } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { SecurityContext } from "./context.js";
import type { Protection } from "./control.js";
import { readGeneralHeader } from "./general-header.js";
import type { GeneralKeyChoice, GeneralOpened, PartyKeys } from "./general-options.js";
import { GeneralProtection } from "./general-protection.js";
import type { KeyTask, PrivateKey } from "./private-key.js";
import type { SecretKey } from "./secret-key.js";
import { securitySuites } from "./suites.js";

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
}

/** The layers of one association. A transaction-id ties an answer to its request; each request has a new one. */
export interface GeneralLayers {
  readonly key: GeneralKeyChoice["kind"];
  newTransaction(): Uint8Array;
  cipher(apdu: Uint8Array, how: GeneralCipher): KeyTask<Uint8Array>;
  sign(apdu: Uint8Array, transactionId: Uint8Array): KeyTask<Uint8Array>;
  /** Removes one layer. */
  open(apdu: Uint8Array): KeyTask<GeneralOpened>;
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
export type GeneralProtector = (association: {
  readonly crypto: CryptoProvider;
  readonly context: SecurityContext;
}) => GeneralLayers;

const empty = new Uint8Array(0);
const randomPart = 8;
const wrappedOverhead = 8;

/**
 * General-ciphering and general-signing for the security options of `connect` and of a mock meter's client:
 * `general: generalProtection({ key: "one-pass", ... })`. The same object serves any number of sessions.
 */
export function generalProtection(keys: GeneralProtectionKeys = {}): GeneralProtector {
  return ({ crypto, context }) => new SessionLayers(keys, crypto, context);
}

class SessionLayers implements GeneralLayers {
  readonly key: GeneralKeyChoice["kind"];
  readonly #context: SecurityContext;
  readonly #protection: GeneralProtection;
  readonly #prefix: Uint8Array;
  #transactions = 0;

  constructor(
    { key = "identified", ...keys }: GeneralProtectionKeys,
    crypto: CryptoProvider,
    context: SecurityContext,
  ) {
    this.key = key === "identified" ? "unicast" : key;
    this.#context = context;
    this.#prefix = crypto.randomBytes(randomPart);
    this.#protection = new GeneralProtection({
      ...keys,
      crypto,
      suite: context.suite,
      systemTitle: context.systemTitle,
      shared: context,
      verify: context.verify,
      // The association weighs all layers together.
      requires: "none",
    });
  }

  /** Never used twice: with C(0e, 2s) it makes the key. */
  newTransaction(): Uint8Array {
    this.#transactions += 1;
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, this.#transactions);
    return concatBytes(this.#prefix, number);
  }

  cipher(apdu: Uint8Array, { protection, key, transactionId }: GeneralCipher): KeyTask<Uint8Array> {
    return this.#protection.ciphering(apdu, { header: this.#header(transactionId), key: { kind: key }, protection });
  }

  sign(apdu: Uint8Array, transactionId: Uint8Array): KeyTask<Uint8Array> {
    return this.#protection.signing(apdu, this.#header(transactionId));
  }

  open(apdu: Uint8Array): KeyTask<GeneralOpened> {
    const { originatorSystemTitle: originator } = readGeneralHeader(new ByteReader(apdu, 1));
    const peer = this.#context.peerSystemTitle;
    if (peer !== undefined && !equalBytes(originator, peer))
      throw dlmsError("wrong-system-title", "the message names another originator than the peer", {
        layer: "security",
        received: originator,
      });
    return this.#protection.opening(apdu);
  }

  cipherHeader({ key, transactionId }: Omit<GeneralCipher, "protection">): number {
    const header = this.#header(transactionId);
    const keyInfo = this.#keyInfoLike(key);
    return encodeApdu({ type: "general-ciphering", ...header, keyInfo, content: empty }).length - 1;
  }

  signHeader(transactionId: Uint8Array): number {
    const header = this.#header(transactionId);
    const signature = new Uint8Array(this.#curveLength);
    return encodeApdu({ type: "general-signing", ...header, content: empty, signature }).length - 1;
  }

  #header(transactionId: Uint8Array): GeneralHeader {
    return {
      transactionId,
      originatorSystemTitle: this.#context.systemTitle,
      recipientSystemTitle: this.#context.peerSystemTitle ?? empty,
      dateTime: empty,
      otherInformation: empty,
    };
  }

  /** Key-info as long as the one that will be sent. */
  #keyInfoLike(key: GeneralKeyChoice["kind"]): KeyInfo {
    if (key === "unicast" || key === "broadcast") return { choice: "identified-key", keyId: 0 };
    const { keyLength } = securitySuites[this.#context.suite];
    if (key === "wrapped")
      return { choice: "wrapped-key", kekId: 0, keyCipheredData: new Uint8Array(keyLength + wrappedOverhead) };
    const keyCipheredData = key === "static" ? empty : new Uint8Array(2 * this.#curveLength);
    return { choice: "agreed-key", keyParameters: Uint8Array.of(1), keyCipheredData };
  }

  /** Octets of a public key, and of a signature. */
  get #curveLength(): number {
    return this.#context.suite === 2 ? 96 : 64;
  }
}
