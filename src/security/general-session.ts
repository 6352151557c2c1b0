import { encodeApdu, type GeneralHeader, type KeyInfo } from "../apdu/index.js";
import { ByteReader, concatBytes, dlmsError, equalBytes } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { SecurityContext } from "./context.js";
import { GbcsLayers, GbcsMemory } from "./gbcs-session.js";
import { readGeneralHeader } from "./general-header.js";
import type { GeneralCipher, GeneralLayers, GeneralProtectionKeys, GeneralProtector } from "./general-layers.js";
import type { GeneralKeyChoice, GeneralOpened } from "./general-options.js";
import { GeneralProtection } from "./general-protection.js";
import type { KeyTask } from "./private-key.js";
import { securitySuites } from "./suites.js";

const empty = new Uint8Array(0);
const randomPart = 8;
const wrappedOverhead = 8;

/**
 * General-ciphering and general-signing for the security options of `connect` and of a mock meter's client:
 * `general: generalProtection({ key: "one-pass", ... })`. The same object serves any number of sessions; with GBCS it is
 * what remembers the counters received, from session to session.
 */
export function generalProtection(keys: GeneralProtectionKeys = {}): GeneralProtector {
  if (keys.profile === "gbcs") {
    const memory = new GbcsMemory();
    return (association) => new GbcsLayers(keys, association, memory);
  }
  return ({ crypto, context }) => new SessionLayers(keys, crypto, context);
}

class SessionLayers implements GeneralLayers {
  readonly profile = "green-book";
  readonly transactionLength = randomPart + 4;
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
