import { dlmsError, equalBytes } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import { cipheredTag, generalTags, isApduTag, isHintTag, isInitiateTag, isNotificationTag } from "./ciphered-tags.js";
import { covers, decodeSecurityControl, isAuthenticated, type Protection, type SuiteId } from "./control.js";
import { type CounterSource, counterLimit, exhausted, MemoryCounter } from "./counter.js";
import { isCipheredTag, readEnvelopeFields, writeEnvelope } from "./envelope.js";
import { controlOctet, GcmLayer, type SecurityHeader } from "./gcm-layer.js";
import type {
  KeyReplacement,
  KeySet,
  ProtectOptions,
  SecurityContextOptions,
  UnprotectedApdu,
  Verify,
} from "./options.js";
import { RisingGuard } from "./replay-guard.js";
import { SecretKey } from "./secret-key.js";
import { checkSuiteKey, checkSystemTitle, systemTitleLength } from "./suites.js";

const keySets = ["unicast", "broadcast", "dedicated"] as const satisfies readonly KeySet[];

/** A key with what goes up under it in both directions. */
export interface LastingKey {
  readonly layer: GcmLayer;
  readonly counter: CounterSource;
  /** Counters of messages whose tag held. */
  readonly verified: RisingGuard;
  /** Counters of messages without a checked tag: kept apart, so that a forged one cannot lock out the sound ones. */
  readonly unverified: RisingGuard;
}

/**
 * Protection of one association seen from one of its ends: keys, counters, and what is accepted. The same object
 * serves client and meter. Nothing it returns or throws holds a key.
 */
export class SecurityContext {
  readonly suite: SuiteId;
  readonly protection: Protection;
  readonly requires: Protection;
  readonly systemTitle: Uint8Array;
  readonly #crypto: CryptoProvider;
  #authenticationKey: SecretKey | Uint8Array | undefined;
  readonly #verify: Verify;
  readonly #lastReceivedOf: SecurityContextOptions["lastReceivedOf"];
  readonly #keys: { [keySet in KeySet]: LastingKey | undefined } = {
    unicast: undefined,
    broadcast: undefined,
    dedicated: undefined,
  };
  readonly #pushSystemTitle: Uint8Array | undefined;
  /** Counters under the other title of pushes, by key. */
  readonly #pushGuards = new Map<KeySet, Pick<LastingKey, "verified" | "unverified">>();
  #peerSystemTitle: Uint8Array | undefined;

  /** @throws UsageError `invalid-key`, `invalid-argument`. */
  constructor(options: SecurityContextOptions) {
    checkSystemTitle(options.systemTitle);
    this.suite = options.suite;
    this.protection = options.protection;
    this.requires = options.requires ?? options.protection;
    this.systemTitle = options.systemTitle.slice();
    this.#crypto = options.crypto;
    this.#authenticationKey = options.authenticationKey;
    this.#verify = options.verify ?? "required";
    this.#lastReceivedOf = options.lastReceivedOf;
    if (options.pushSystemTitle !== undefined) checkSystemTitle(options.pushSystemTitle);
    this.#pushSystemTitle = options.pushSystemTitle?.slice();
    this.#install("unicast", options.encryptionKey, options.counter, options.lastReceivedCounter);
    if (options.broadcastKey !== undefined)
      this.#install("broadcast", options.broadcastKey, options.broadcastCounter, options.lastBroadcastCounter);
    if (options.peerSystemTitle !== undefined) this.peerSystemTitle = options.peerSystemTitle;
  }

  get peerSystemTitle(): Uint8Array | undefined {
    return this.#peerSystemTitle;
  }

  /** Sets what AARQ or AARE told. @throws UsageError `invalid-argument` unless it has eight octets. */
  set peerSystemTitle(title: Uint8Array | undefined) {
    if (title !== undefined) checkSystemTitle(title);
    this.#peerSystemTitle = title?.slice();
    const last = title && this.#lastReceivedOf?.(title);
    if (last === undefined) return;
    this.#keys.unicast?.verified.accept(last);
    this.#keys.unicast?.unverified.accept(last);
  }

  /** True once `useDedicatedKey` was called. */
  get hasDedicatedKey(): boolean {
    return this.#keys.dedicated !== undefined;
  }

  /** Takes up a key of this association alone; both counters begin anew. */
  useDedicatedKey(key: SecretKey | Uint8Array, counter?: CounterSource): void {
    this.#install("dedicated", key, counter);
  }

  /**
   * Takes up new global keys: they hold for the next message in either direction. The counters of a new encryption key
   * begin anew; those of an encryption key that stays go on under a new authentication key.
   * @throws UsageError `invalid-key`, and then nothing is changed.
   */
  replaceKeys(keys: KeyReplacement): void {
    const { encryptionKey, authenticationKey, broadcastKey } = keys;
    for (const key of [encryptionKey, authenticationKey, broadcastKey])
      if (key !== undefined) checkSuiteKey(this.suite, "the new key", SecretKey.from(key));
    if (authenticationKey !== undefined) {
      this.#authenticationKey = authenticationKey;
      for (const keySet of keySets) this.#keys[keySet]?.layer.useAuthenticationKey(authenticationKey);
    }
    if (encryptionKey !== undefined) this.#install("unicast", encryptionKey, keys.counter, keys.lastReceivedCounter);
    if (broadcastKey !== undefined) this.#install("broadcast", broadcastKey, keys.broadcastCounter);
  }

  /** Highest counter received under the unicast key with a tag that held, -1 when there was none. */
  get lastReceivedCounter(): number {
    return this.#keys.unicast?.verified.last ?? -1;
  }

  /** The same under the broadcast key. */
  get lastBroadcastCounter(): number {
    return this.#keys.broadcast?.verified.last ?? -1;
  }

  /** The unicast key and its counter, for authentication mechanism 5. */
  get authentication(): { readonly layer: GcmLayer; readonly counter: CounterSource } {
    return this.#state("unicast");
  }

  /** A global key for general-ciphering, which names it by number. @throws SecurityError `key-unknown`. */
  lasting(keyId: 0 | 1): LastingKey {
    return this.#state(keyId === 0 ? "unicast" : "broadcast");
  }

  /** The layer of a key made for one message, with the authentication key in force. */
  layerOf(key: SecretKey): GcmLayer {
    return new GcmLayer(this.#crypto, this.suite, key, this.#authenticationKey);
  }

  /** What is done with tags and signatures. */
  get verify(): Verify {
    return this.#verify;
  }

  /**
   * Protects one APDU. Uses up one invocation counter.
   * @throws SecurityError `counter-reserve-empty`, `counter-exhausted`, `key-unknown`.
   */
  protect(apdu: Uint8Array, options: ProtectOptions = {}): Uint8Array {
    const protection = options.protection ?? this.protection;
    if (protection === "none") return apdu;
    const plainTag = apdu[0] ?? 0;
    const keySet = options.key ?? (this.hasDedicatedKey && !isInitiateTag(plainTag) ? "dedicated" : "unicast");
    const { layer, counter } = this.#state(keySet);
    const dedicated = keySet === "dedicated";
    const serviceTag = options.form === "general" ? undefined : cipheredTag(plainTag, dedicated);
    const header: SecurityHeader = {
      securityControl: controlOctet(this.suite, protection, keySet === "broadcast"),
      systemTitle: this.systemTitle,
      invocationCounter: takeCounter(counter),
    };
    const { body, tag } = layer.seal(header, apdu);
    return writeEnvelope(
      serviceTag ?? (dedicated ? generalTags.dedCiphering : generalTags.gloCiphering),
      serviceTag === undefined ? this.systemTitle : undefined,
      header.securityControl,
      header.invocationCounter,
      body,
      tag,
    );
  }

  /**
   * Checks and removes the protection of one received APDU. `requires` is the least protection accepted for this one,
   * as that of the request it answers; the context's own when left out.
   * @throws SecurityError `weaker-than-policy`, `wrong-security-suite`, `compression-unsupported`,
   * `wrong-system-title`, `system-title-unknown`, `key-unknown`, `counter-repeated`, `counter-lowered`,
   * `truncated-tag`, `authentication-failed`, `wrong-key`.
   * @throws DecodeError `truncated`, `trailing-bytes`, `malformed`.
   */
  unprotect(apdu: Uint8Array, requires: Protection = this.requires): UnprotectedApdu {
    const tag = apdu[0] ?? 0;
    if (!isCipheredTag(tag)) return unciphered(apdu, tag, requires);
    const fields = readEnvelopeFields(apdu);
    const { securityControl, invocationCounter } = fields;
    const { broadcast, protection } = this.#acceptControl(securityControl, requires);
    const systemTitle = this.#sender(apdu, fields.titleAt);
    const key = fields.dedicated ? "dedicated" : broadcast ? "broadcast" : "unicast";
    const { layer } = this.#state(key);
    const isPush = systemTitle === this.#pushSystemTitle;
    const { verified, unverified } = isPush ? this.#pushGuard(key) : this.#state(key);
    const authenticated =
      isAuthenticated(securityControl) &&
      (this.#verify === "required" || (this.#verify === "if-key" && layer.canAuthenticate));
    // A verified counter also bars the same message sent again with its tag stripped.
    verified.check(invocationCounter);
    if (!authenticated) unverified.check(invocationCounter);
    const plain = layer.openFrom(apdu, fields.bodyAt, securityControl, systemTitle, invocationCounter, authenticated);
    checkContent(plain, fields.plainTag, authenticated);
    if (isPush && !isNotificationTag(plain[0] ?? 0)) throw foreignTitle(systemTitle);
    (authenticated ? verified : unverified).accept(invocationCounter);
    return {
      apdu: plain,
      protection,
      authenticated,
      untrustedHint: false,
      key,
      securityControl,
      invocationCounter,
      systemTitle,
    };
  }

  /** Overwrites what of the keys is held here. The context is of no use afterwards. */
  destroy(): void {
    for (const keySet of keySets) {
      this.#keys[keySet]?.layer.destroy();
      this.#keys[keySet] = undefined;
    }
  }

  #install(keySet: KeySet, key: SecretKey | Uint8Array, counter: CounterSource = new MemoryCounter(), last = -1): void {
    this.#keys[keySet]?.layer.destroy();
    this.#keys[keySet] = {
      layer: new GcmLayer(this.#crypto, this.suite, key, this.#authenticationKey),
      counter,
      verified: new RisingGuard(last),
      unverified: new RisingGuard(last),
    };
  }

  #state(keySet: KeySet): LastingKey {
    const state = this.#keys[keySet];
    if (state === undefined) throw dlmsError("key-unknown", `there is no ${keySet} key`, { layer: "security" });
    return state;
  }

  #acceptControl(octet: number, requires: Protection) {
    const control = acceptControl(octet, this.suite);
    if (!covers(control.protection, requires))
      throw dlmsError("weaker-than-policy", `the message is ${control.protection}, required is ${requires}`, {
        layer: "security",
      });
    return control;
  }

  #sender(apdu: Uint8Array, titleAt: number): Uint8Array {
    const peer = this.#peerSystemTitle;
    if (titleAt === 0) {
      if (peer === undefined)
        throw dlmsError("system-title-unknown", "the sender's system title is not known", { layer: "security" });
      return peer;
    }
    const title = apdu.subarray(titleAt, titleAt + systemTitleLength);
    if (peer === undefined) return title;
    if (equalBytes(title, peer)) return peer;
    if (this.#pushSystemTitle !== undefined && equalBytes(title, this.#pushSystemTitle)) return this.#pushSystemTitle;
    throw foreignTitle(title);
  }

  #pushGuard(key: KeySet): Pick<LastingKey, "verified" | "unverified"> {
    const guards = this.#pushGuards.get(key) ?? { verified: new RisingGuard(), unverified: new RisingGuard() };
    this.#pushGuards.set(key, guards);
    return guards;
  }
}

function foreignTitle(received: Uint8Array) {
  return dlmsError("wrong-system-title", "the message names another system title than the peer's", {
    layer: "security",
    received,
  });
}

/** Takes a counter and holds it against the range, whoever wrote the source. */
export function takeCounter(source: CounterSource): number {
  const counter = source.next();
  if (!Number.isInteger(counter) || counter < 0 || counter >= counterLimit) throw exhausted();
  return counter;
}

/**
 * Reads a received security control octet outside general-ciphering.
 * @throws SecurityError `wrong-security-suite`, `compression-unsupported`, `weaker-than-policy` for no protection.
 */
export function acceptControl(octet: number, suite: SuiteId) {
  const control = decodeSecurityControl(octet);
  if (control.suite !== suite)
    throw dlmsError("wrong-security-suite", `suite ${control.suite} where ${suite} is configured`, {
      layer: "security",
    });
  if (control.compressed)
    throw dlmsError("compression-unsupported", "the message is compressed", { layer: "security" });
  if (control.protection === "none")
    throw dlmsError("weaker-than-policy", "a ciphered APDU states no protection", { layer: "security" });
  return control;
}

function unciphered(apdu: Uint8Array, tag: number, requires: Protection): UnprotectedApdu {
  if (apdu.length === 0) throw dlmsError("truncated", "the APDU is empty", { layer: "security", offset: 0 });
  if (tag === generalTags.ciphering || tag === generalTags.signing)
    throw dlmsError("unexpected-message", "general-ciphering and general-signing are opened by GeneralProtection", {
      layer: "security",
    });
  if (requires !== "none" && !isHintTag(tag))
    throw dlmsError("weaker-than-policy", `tag ${tag.toString(16)} came unciphered, required is ${requires}`, {
      layer: "security",
    });
  return { apdu, protection: "none", authenticated: false, untrustedHint: requires !== "none" };
}

function checkContent(plaintext: Uint8Array, plainTag: number | undefined, authenticated: boolean): void {
  const first = plaintext[0];
  if (first !== undefined && (plainTag === undefined ? isApduTag(first) : first === plainTag)) return;
  if (authenticated)
    throw dlmsError("unexpected-message", "the protected content is not the APDU that its envelope names", {
      layer: "security",
    });
  throw dlmsError("wrong-key", "what was decrypted is not the APDU that its envelope names", { layer: "security" });
}
