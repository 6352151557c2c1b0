import { dlmsError } from "../base/index.js";
import { type AesKey, type CryptoProvider, tagLength } from "../crypto/index.js";
import { encodeSecurityControl, type Protection, protectionOf, type SuiteId } from "./control.js";
import { SecretKey } from "./secret-key.js";
import { checkSuiteKey } from "./suites.js";

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
  readonly #additional: Uint8Array | undefined;
  readonly #iv = new Uint8Array(12);
  readonly #ivView = new DataView(this.#iv.buffer);

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
    if (authenticationKey === undefined) return;
    const authentication = SecretKey.from(authenticationKey);
    checkSuiteKey(suite, "the authentication key", authentication);
    this.#additional = new Uint8Array(1 + authentication.length);
    authentication.use((octets) => this.#additional?.set(octets, 1));
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
    const protection = protectionOf(header.securityControl);
    const iv = this.#initialize(header);
    if (protection === "none") return { plaintext: body, authenticated: false };
    if (protection === "encrypted") return { plaintext: this.#key.cryptUnverified(iv, body), authenticated: false };
    const end = body.length - tagLength;
    if (end < 0)
      throw dlmsError("truncated-tag", `${body.length} octets are left for a tag of ${tagLength}`, {
        layer: "security",
      });
    const content = body.subarray(0, end);
    if (!verify) {
      const plaintext = protection === "authenticated" ? content : this.#key.cryptUnverified(iv, content);
      return { plaintext, authenticated: false };
    }
    const plaintext = this.#verified(protection, header.securityControl, bound, content, body.subarray(end));
    if (plaintext === undefined)
      throw dlmsError("authentication-failed", "the authentication tag does not hold", { layer: "security" });
    return { plaintext, authenticated: true };
  }

  /** The tag over security control || authentication key || `octets`, as authentication mechanism 5 takes it. */
  mac(header: SecurityHeader, octets: Uint8Array): Uint8Array {
    return this.#key.mac(this.#initialize(header), this.#bind(header.securityControl, none, octets));
  }

  /** Overwrites what this object itself holds. */
  destroy(): void {
    this.#additional?.fill(0);
  }

  #verified(
    protection: Protection,
    control: number,
    bound: Uint8Array,
    content: Uint8Array,
    tag: Uint8Array,
  ): Uint8Array | undefined {
    if (protection === "authenticated-encrypted")
      return this.#key.decrypt(this.#iv, this.#bind(control, bound, none), content, tag);
    return this.#key.decrypt(this.#iv, this.#bind(control, bound, content), none, tag) === undefined
      ? undefined
      : content;
  }

  #initialize(header: SecurityHeader): Uint8Array {
    this.#iv.set(header.systemTitle);
    this.#ivView.setUint32(8, header.invocationCounter);
    return this.#iv;
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
