import { dlmsError } from "../base/index.js";
import { type AesKey, type CryptoProvider, tagLength } from "../crypto/contract.js";
import { encodeSecurityControl, isAuthenticated, type Protection, protectionOf, type SuiteId } from "./control.js";
import { SecretKey } from "./secret-key.js";
import { checkSuiteKey, systemTitleLength } from "./suites.js";

const none = new Uint8Array(0);

/** Ciphered or plain octets, and the authentication tag (empty when there is none). */
export interface ProtectedOctets {
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

/** Octets after the protection was removed. */
export interface OpenedOctets {
  readonly plaintext: Uint8Array;
  /** True when the tag was checked and held. */
  readonly authenticated: boolean;
}

/** The header of one protected message. */
export interface SecurityHeader {
  readonly securityControl: number;
  /** Of the sender: with the counter it makes the initialization vector. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
}

/**
 * One encryption key with the authentication key that goes with it (IEC 62056-5-3, authenticated encryption):
 * initialization vector = system title || invocation counter; additional data = security control || authentication
 * key [|| octets the layer above binds] [|| plaintext when it is not encrypted].
 */
export class GcmLayer {
  readonly suite: SuiteId;
  readonly #key: AesKey;
  /** Security control || authentication key: the first octet changes with each message. */
  #additional: Uint8Array | undefined;
  readonly #iv = new Uint8Array(12);
  readonly #tag = new Uint8Array(tagLength);

  /** @throws UsageError `invalid-key` when a key has not the suite's length. */
  constructor(
    crypto: CryptoProvider,
    suite: SuiteId,
    encryptionKey: SecretKey | Uint8Array,
    authenticationKey?: SecretKey | Uint8Array,
  ) {
    const secret = SecretKey.from(encryptionKey);
    checkSuiteKey(suite, "the encryption key", secret);
    this.suite = suite;
    this.#key = secret.use((octets) => crypto.aesKey(octets));
    if (authenticationKey !== undefined) this.useAuthenticationKey(authenticationKey);
  }

  /** Takes another authentication key to the encryption key. @throws UsageError `invalid-key`. */
  useAuthenticationKey(authenticationKey: SecretKey | Uint8Array): void {
    const authentication = SecretKey.from(authenticationKey);
    checkSuiteKey(this.suite, "the authentication key", authentication);
    const additional = new Uint8Array(1 + authentication.length);
    authentication.use((octets) => additional.set(octets, 1));
    this.destroy();
    this.#additional = additional;
  }

  /** A layer whose additional data has no authentication key, by profiles that say so (GBCS). */
  static withoutAuthenticationKey(
    crypto: CryptoProvider,
    suite: SuiteId,
    encryptionKey: SecretKey | Uint8Array,
  ): GcmLayer {
    const layer = new GcmLayer(crypto, suite, encryptionKey);
    layer.#additional = new Uint8Array(1);
    return layer;
  }

  /** False when the authentication key is withheld: tags can be neither made nor checked. */
  get canAuthenticate(): boolean {
    return this.#additional !== undefined;
  }

  /** @throws SecurityError `key-unknown` when a tag is wanted and the authentication key is not known. */
  seal(header: SecurityHeader, plaintext: Uint8Array, bound: Uint8Array = none): ProtectedOctets {
    const protection = protectionOf(header.securityControl);
    const iv = this.#initialize(header);
    switch (protection) {
      case "none":
        return { body: plaintext, tag: none };
      case "encrypted":
        return { body: this.#key.cryptUnverified(iv, plaintext), tag: none };
      case "authenticated":
        return { body: plaintext, tag: this.#key.mac(iv, this.#bind(header.securityControl, bound, plaintext)) };
      case "authenticated-encrypted": {
        const sealed = this.#key.encrypt(iv, this.#bind(header.securityControl, bound, none), plaintext);
        return { body: sealed.ciphertext, tag: sealed.tag };
      }
    }
  }

  /**
   * Opens what follows a security header. With `verify` false the tag is cut off unchecked.
   * @throws SecurityError `authentication-failed`, `truncated-tag`, `key-unknown`; nothing of the plaintext leaves.
   */
  open(header: SecurityHeader, body: Uint8Array, verify = true, bound: Uint8Array = none): OpenedOctets {
    const { securityControl, systemTitle, invocationCounter } = header;
    const checked = verify && isAuthenticated(securityControl);
    return {
      plaintext: this.openFrom(body, 0, securityControl, systemTitle, invocationCounter, checked, bound),
      authenticated: checked,
    };
  }

  /** `open` for the hot path: what is protected are the octets of `message` from `at` to its end. */
  openFrom(
    message: Uint8Array,
    at: number,
    control: number,
    systemTitle: Uint8Array,
    counter: number,
    verify: boolean,
    bound: Uint8Array = none,
  ): Uint8Array {
    const protection = protectionOf(control);
    if (protection === "none") return message.subarray(at);
    this.#setIv(systemTitle, counter);
    if (protection === "encrypted") return this.#key.cryptUnverified(this.#iv, message.subarray(at));
    const end = message.length - tagLength;
    if (end < at)
      throw dlmsError("truncated-tag", `${message.length - at} octets are left for a tag of ${tagLength}`, {
        layer: "security",
      });
    const content = message.subarray(at, end);
    if (!verify) return protection === "authenticated" ? content : this.#key.cryptUnverified(this.#iv, content);
    const tag = this.#tag;
    for (let i = 0; i < tagLength; i++) tag[i] = message[end + i] as number;
    const plaintext =
      protection === "authenticated-encrypted"
        ? this.#key.decrypt(this.#iv, this.#bind(control, bound, none), content, tag)
        : this.#key.decrypt(this.#iv, this.#bind(control, bound, content), none, tag) && content;
    if (plaintext === undefined)
      throw dlmsError("authentication-failed", "the authentication tag does not hold", { layer: "security" });
    return plaintext;
  }

  /** The tag over security control || authentication key || `octets`, as authentication mechanism 5 takes it. */
  mac(header: SecurityHeader, octets: Uint8Array): Uint8Array {
    return this.#key.mac(this.#initialize(header), this.#bind(header.securityControl, none, octets));
  }

  /** Overwrites what this object itself holds. */
  destroy(): void {
    this.#additional?.fill(0);
  }

  #initialize(header: SecurityHeader): Uint8Array {
    this.#setIv(header.systemTitle, header.invocationCounter);
    return this.#iv;
  }

  #setIv(systemTitle: Uint8Array, counter: number): void {
    // A loop: for eight octets the call of `set` costs more than the copying.
    const iv = this.#iv;
    for (let i = 0; i < systemTitleLength; i++) iv[i] = systemTitle[i] as number;
    iv[8] = counter >>> 24;
    iv[9] = counter >>> 16;
    iv[10] = counter >>> 8;
    iv[11] = counter;
  }

  #bind(control: number, bound: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const prefix = this.#additional;
    if (prefix === undefined)
      throw dlmsError("key-unknown", "the authentication key is not known", { layer: "security" });
    prefix[0] = control;
    if (bound.length === 0 && plaintext.length === 0) return prefix;
    const whole = new Uint8Array(prefix.length + bound.length + plaintext.length);
    whole.set(prefix);
    whole.set(bound, prefix.length);
    whole.set(plaintext, prefix.length + bound.length);
    return whole;
  }
}

/** The security control octet of a message without compression. */
export function controlOctet(suite: SuiteId, protection: Protection, broadcast = false): number {
  return encodeSecurityControl({ suite, protection, broadcast, compressed: false });
}
