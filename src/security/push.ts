import { decodeApdu } from "../apdu/index.js";
import { DlmsError, dlmsError, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import { isApduTag } from "./ciphered-tags.js";
import { acceptControl } from "./context.js";
import { covers, decodeSecurityControl, type Protection, type SuiteId } from "./control.js";
import { keyFingerprint } from "./counter-store.js";
import { type Envelope, isCipheredTag, readEnvelope } from "./envelope.js";
import { GcmLayer } from "./gcm-layer.js";
import type { UnprotectedApdu, Verify } from "./options.js";
import { type ReplayGuard, WindowGuard } from "./replay-guard.js";
import type { SecretKey } from "./secret-key.js";
import { checkSystemTitle, securitySuites } from "./suites.js";

/** Keys under which a meter pushes. */
export interface PushKeys {
  /** Default: any suite that takes keys of this length, since the message names its own. */
  readonly suite?: SuiteId;
  readonly encryptionKey: SecretKey | Uint8Array;
  /** Left out where the utility withholds it. */
  readonly authenticationKey?: SecretKey | Uint8Array;
  /** The message may only come from this one; also the title of messages that carry none. */
  readonly systemTitle?: Uint8Array;
  /** For messages whose key set is the broadcast key. Default: the encryption key is tried for these too. */
  readonly broadcastKey?: SecretKey | Uint8Array;
}

/** How a receiver of pushes opens them. */
export interface PushOpenerOptions {
  readonly crypto: CryptoProvider;
  /** All that may apply: each is tried whose title and suite fit. */
  readonly keys: readonly PushKeys[];
  /** Default `required`: only messages with a tag that holds. */
  readonly verify?: Verify;
  /** The least protection accepted. Default `encrypted`, and `authenticated` when `verify` is `required`. */
  readonly requires?: Protection;
  /** What is inside: an APDU, or anything (the P1 companion standards put text there). Default `apdu`. */
  readonly content?: "apdu" | "any";
  /** Counters taken per sender and key: false to take repeated ones, as when a recording is read. Default true. */
  readonly replayProtection?: boolean;
  /** Senders remembered for that; the one longest silent is forgotten first. Default 10,000. */
  readonly senderLimit?: number;
}

interface Candidate {
  readonly systemTitle: Uint8Array | undefined;
  readonly broadcast: "only" | "never" | "any";
  readonly suite: SuiteId | undefined;
  readonly keyLength: number;
  readonly layer: GcmLayer;
  readonly fingerprint: string;
}

/**
 * Opens ciphered APDUs that come without an association (pushes over any medium). Each carries its sender's system
 * title; counters are held against a window for each sender and key, since datagrams overtake each other.
 */
export class PushOpener {
  readonly #candidates: readonly Candidate[];
  readonly #verify: Verify;
  readonly #requires: Protection;
  readonly #anyContent: boolean;
  readonly #replayProtection: boolean;
  readonly #senderLimit: number;
  /** In the order of their last message. */
  readonly #guards = new Map<string, ReplayGuard>();

  /** @throws UsageError `invalid-key`, `invalid-argument`. */
  constructor(options: PushOpenerOptions) {
    this.#candidates = options.keys.flatMap((keys) => candidatesOf(options.crypto, keys));
    this.#verify = options.verify ?? "required";
    this.#requires = options.requires ?? (this.#verify === "required" ? "authenticated" : "encrypted");
    this.#anyContent = options.content === "any";
    this.#replayProtection = options.replayProtection ?? true;
    this.#senderLimit = options.senderLimit ?? 10_000;
  }

  /** True when the APDU is one that this opens: glo-, ded-, general-glo- or general-ded-ciphering. */
  static handles(apdu: Uint8Array): boolean {
    return isCipheredTag(apdu[0] ?? 0);
  }

  /**
   * Opens one message. `authenticated` tells whether a tag was checked.
   * @throws SecurityError as `SecurityContext.unprotect`, for the key that came nearest.
   */
  open(apdu: Uint8Array): UnprotectedApdu {
    const envelope = readEnvelope(apdu);
    const candidates = this.#fitting(envelope);
    let nearest: DlmsError | undefined;
    let doubtful: Opening | undefined;
    for (const candidate of candidates) {
      try {
        const opening = this.#openWith(candidate, envelope);
        // Without a tag a wrong key may give octets that begin like an APDU: another key may do better.
        if (opening.message.authenticated || candidates.length === 1 || decodes(opening.message.apdu))
          return this.#accept(opening);
        doubtful ??= opening;
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        nearest = nearer(nearest, error);
      }
    }
    if (doubtful !== undefined) return this.#accept(doubtful);
    throw nearest ?? dlmsError("key-unknown", "no key is configured for this message", { layer: "security" });
  }

  #fitting(envelope: Envelope): readonly Candidate[] {
    if (this.#candidates.length === 0) throw dlmsError("key-unknown", "no key is configured", { layer: "security" });
    const { systemTitle } = envelope;
    if (systemTitle === undefined) return this.#candidates;
    const hex = toHex(systemTitle);
    const fitting = this.#candidates.filter((one) => one.systemTitle === undefined || toHex(one.systemTitle) === hex);
    if (fitting.length === 0)
      throw dlmsError("wrong-system-title", "the sender's system title is not one of the configured", {
        layer: "security",
        received: systemTitle,
      });
    return fitting;
  }

  #openWith(candidate: Candidate, envelope: Envelope): Opening {
    const control = acceptControl(envelope.securityControl, suiteFor(candidate, envelope.securityControl));
    if (!covers(control.protection, this.#requires))
      throw dlmsError("weaker-than-policy", `the push is ${control.protection}, required is ${this.#requires}`, {
        layer: "security",
      });
    if (candidate.broadcast !== "any" && control.broadcast !== (candidate.broadcast === "only"))
      throw dlmsError("key-unknown", "no key is configured for the message's key set", { layer: "security" });
    const systemTitle = envelope.systemTitle ?? candidate.systemTitle;
    if (systemTitle === undefined)
      throw dlmsError("system-title-unknown", "the push carries no system title and none is configured", {
        layer: "security",
      });
    const verify = this.#verify === "required" || (this.#verify === "if-key" && candidate.layer.canAuthenticate);
    const tagged = verify && control.protection !== "encrypted";
    const sender = `${candidate.fingerprint}/${toHex(systemTitle)}`;
    const name = tagged ? sender : `${sender}/untagged`;
    const guard = this.#replayProtection ? this.#guard(name) : undefined;
    if (guard !== undefined) {
      // What was taken with its tag must not be taken again without.
      this.#guard(sender).check(envelope.invocationCounter);
      guard.check(envelope.invocationCounter);
    }
    const opened = candidate.layer.open({ ...envelope, systemTitle }, envelope.body, verify);
    this.#checkContent(opened.plaintext, envelope.plainTag);
    const message: UnprotectedApdu = {
      apdu: opened.plaintext,
      protection: control.protection,
      authenticated: opened.authenticated,
      untrustedHint: false,
      key: envelope.dedicated ? "dedicated" : control.broadcast ? "broadcast" : "unicast",
      securityControl: envelope.securityControl,
      invocationCounter: envelope.invocationCounter,
      systemTitle,
      keyFingerprint: candidate.fingerprint,
    };
    return { message, name, guard };
  }

  #checkContent(plaintext: Uint8Array, plainTag: number | undefined): void {
    const first = plaintext[0];
    if (this.#anyContent) return;
    if (first !== undefined && (plainTag === undefined ? isApduTag(first) : first === plainTag)) return;
    throw dlmsError("wrong-key", "what was decrypted is no APDU", { layer: "security" });
  }

  #guard(name: string): ReplayGuard {
    return this.#guards.get(name) ?? new WindowGuard();
  }

  /** Remembers the sender only now: a message that does not open must cost no memory. */
  #accept({ message, name, guard }: Opening): UnprotectedApdu {
    if (guard === undefined || message.invocationCounter === undefined) return message;
    guard.accept(message.invocationCounter);
    this.#guards.delete(name);
    this.#guards.set(name, guard);
    if (this.#guards.size > this.#senderLimit) {
      const [oldest] = this.#guards.keys();
      if (oldest !== undefined) this.#guards.delete(oldest);
    }
    return message;
  }
}

/** A message that opened, and the guard that is to remember it. */
interface Opening {
  readonly message: UnprotectedApdu;
  readonly name: string;
  readonly guard: ReplayGuard | undefined;
}

function decodes(apdu: Uint8Array): boolean {
  try {
    decodeApdu(apdu);
    return true;
  } catch (error) {
    if (DlmsError.is(error)) return false;
    throw error;
  }
}

function candidatesOf(crypto: CryptoProvider, keys: PushKeys): Candidate[] {
  const { suite, systemTitle, authenticationKey } = keys;
  if (systemTitle !== undefined) checkSystemTitle(systemTitle);
  const candidate = (key: SecretKey | Uint8Array, broadcast: Candidate["broadcast"]): Candidate => ({
    systemTitle: systemTitle?.slice(),
    broadcast,
    suite,
    keyLength: key.length,
    layer: new GcmLayer(crypto, suite ?? (key.length === securitySuites[2].keyLength ? 2 : 0), key, authenticationKey),
    fingerprint: keyFingerprint(crypto, key),
  });
  if (keys.broadcastKey === undefined) return [candidate(keys.encryptionKey, "any")];
  return [candidate(keys.encryptionKey, "never"), candidate(keys.broadcastKey, "only")];
}

/** The suite that the message must name: the configured one, or the one it names when the key has its length. */
function suiteFor(candidate: Candidate, securityControl: number): SuiteId {
  if (candidate.suite !== undefined) return candidate.suite;
  const { suite } = decodeSecurityControl(securityControl);
  return securitySuites[suite].keyLength === candidate.keyLength ? suite : candidate.layer.suite;
}

/** How far a key came before it failed: the error told is that of the key that came furthest. */
const reached = ["key-unknown", "wrong-security-suite", "system-title-unknown", "wrong-key", "authentication-failed"];

function nearer(one: DlmsError | undefined, other: DlmsError): DlmsError {
  if (one === undefined) return other;
  const rank = (error: DlmsError) => {
    const at = reached.indexOf(error.code);
    return at < 0 ? reached.length : at;
  };
  return rank(other) > rank(one) ? other : one;
}
