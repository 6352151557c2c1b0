import { dlmsError, equalBytes } from "../base/index.js";
import {
  cipheringOf,
  type KeyReplacement,
  noProtection,
  type ProtectionBits,
  protectionText,
  SecurityContext,
  type SecurityPolicy,
  stronger,
  type UnprotectedApdu,
} from "../security/index.js";
import { roomFor } from "./blocks.js";
import type { AssociationSecurity, Crypto } from "./options.js";
import { bitsOf, checkStrength, isCipheringContext, ProtectionRules } from "./protection-rules.js";

/** What arrived, with its protection removed. */
export interface Opened
  extends Pick<
    UnprotectedApdu,
    "apdu" | "protection" | "authenticated" | "untrustedHint" | "systemTitle" | "invocationCounter"
  > {
  /** It came under a signature, which was held against the policy. */
  readonly signed: boolean;
}

/** Security control and invocation counter. */
const securityHeaderSize = 5;
const tagSize = 12;
const initiateRequestTag = 0x01;
const initiateResponseTag = 0x08;
/** Tag of the APDU, and system title with its length. */
const generalHeaderSize = 10;

/** Tags of APDUs that carry other APDUs under protection. */
const isCiphered = (tag: number | undefined): boolean =>
  tag !== undefined &&
  ((tag >= 0x21 && tag <= 0x28) ||
    (tag >= 0x40 && tag <= 0x58) ||
    (tag >= 0xc8 && tag <= 0xd7) ||
    (tag >= 0xdb && tag <= 0xdf));

/** Tags of APDUs under the dedicated key. */
const isDedicated = (tag: number | undefined): boolean =>
  tag !== undefined && ((tag >= 0x41 && tag <= 0x58) || (tag >= 0xd0 && tag <= 0xd7) || tag === 0xdc);

/** Tags of general-glo-ciphering and general-ded-ciphering. */
const isGeneral = (tag: number | undefined): boolean => tag === 0xdb || tag === 0xdc;

const systemTitleSize = 8;

/** The protection of one end: adds it to what is sent, checks and removes it from what is received. */
export class Channel {
  readonly #security: AssociationSecurity | undefined;
  readonly #rules: ProtectionRules;
  readonly #context: SecurityContext | undefined;
  #peerSystemTitle: Uint8Array | undefined;
  #dedicated = false;
  #form: "service" | "general";
  /** Answer in the form that the peer last used: what a meter does unless it is told which form to use. */
  readonly #mirrors: boolean;

  /** @throws UsageError `invalid-argument`, `invalid-key`. */
  constructor(
    security: AssociationSecurity | undefined,
    crypto: Crypto | undefined,
    role: "client" | "server" = "client",
  ) {
    this.#security = security;
    this.#rules = new ProtectionRules(role, security);
    this.#form = security?.ciphering ?? "service";
    this.#mirrors = role === "server" && security?.ciphering === undefined;
    this.#peerSystemTitle = security?.peerSystemTitle;
    if (!security) return;
    if (!crypto) throw dlmsError("invalid-argument", "security needs a crypto provider", { layer: "association" });
    this.#context = new SecurityContext({ ...security, crypto });
  }

  /** True when the application context is one with ciphering. */
  get ciphered(): boolean {
    return isCipheringContext(this.#security);
  }

  /** What is done to all that is sent, what is demanded of all that comes, and how answers follow requests. */
  get rules(): Pick<ProtectionRules, "sends" | "requires" | "responseTo"> {
    return this.#rules;
  }

  /** Another security policy is in force from the next message in either direction. */
  usePolicy(policy: SecurityPolicy): void {
    this.#rules.use(policy);
  }

  get context(): SecurityContext | undefined {
    return this.#context;
  }

  get peerSystemTitle(): Uint8Array | undefined {
    return this.#peerSystemTitle;
  }

  /**
   * Takes the peer's system title from AARQ or AARE.
   * @throws SecurityError `wrong-system-title` when another one is configured; DecodeError `malformed`.
   */
  meet(title: Uint8Array): void {
    const expected = this.#security?.peerSystemTitle;
    if (expected && !equalBytes(expected, title))
      throw dlmsError("wrong-system-title", "the peer names another system title than the one configured", {
        layer: "association",
        received: title,
      });
    if (title.length !== systemTitleSize)
      throw dlmsError("malformed", `a system title has 8 octets, not ${title.length}`, { layer: "association" });
    this.#peerSystemTitle = title;
    if (this.#context) this.#context.peerSystemTitle = title;
  }

  /** An association begins; with a dedicated key all but the initiate services is protected with that. */
  begin(dedicatedKey: Uint8Array | undefined): void {
    this.#dedicated = dedicatedKey !== undefined && this.#context !== undefined;
    if (dedicatedKey) this.#context?.useDedicatedKey(dedicatedKey);
  }

  end(): void {
    this.#dedicated = false;
  }

  /** New global keys hold for the next message in either direction. @throws UsageError `invalid-key`, `wrong-state`. */
  replaceKeys(keys: KeyReplacement): void {
    if (!this.#context)
      throw dlmsError("wrong-state", "there are no keys to replace: nothing is ciphered", { layer: "association" });
    this.#context.replaceKeys(keys);
  }

  /**
   * Octets of an APDU before protection, such that it stays within `limit` (0: no limit) afterwards. `wanted` is what it
   * is protected by beyond what is done to all.
   */
  room(limit: number, wanted: ProtectionBits = noProtection): number {
    if (limit === 0) return Number.POSITIVE_INFINITY;
    const bits = stronger(this.#rules.sends, wanted);
    if (cipheringOf(bits) === "none") return limit;
    const tag = bits.authenticated ? tagSize : 0;
    const header = this.#form === "general" ? generalHeaderSize : 1;
    return roomFor(limit, header) - securityHeaderSize - tag;
  }

  /**
   * Protects an APDU as the policy and `wanted` demand.
   * @throws SecurityError `key-unknown` where no key is configured for it, and those of the counter.
   */
  seal(apdu: Uint8Array, wanted: ProtectionBits = noProtection): Uint8Array {
    const bits = stronger(this.#rules.sends, wanted);
    const protection = cipheringOf(bits);
    const context = this.#keysFor(bits);
    if (!context || protection === "none") return apdu;
    const dedicated = this.#dedicated && apdu[0] !== initiateRequestTag && apdu[0] !== initiateResponseTag;
    return context.protect(apdu, { form: this.#form, key: dedicated ? "dedicated" : "unicast", protection });
  }

  /** Protects what is sent where no association is: with the global key, and our system title in it. */
  sealAlone(apdu: Uint8Array): Uint8Array {
    const protection = cipheringOf(this.#rules.sends);
    if (!this.#context || protection === "none") return apdu;
    return this.#context.protect(apdu, { form: "general", key: "unicast", protection });
  }

  /** @throws SecurityError when the protection does not hold, is weaker than agreed, or cannot be removed. */
  open(bytes: Uint8Array): Opened {
    const tag = bytes[0];
    if (isCiphered(tag) && (!this.#context || (isDedicated(tag) && !this.#dedicated)))
      throw dlmsError("key-unknown", "the message is ciphered with a key that is not configured or agreed on", {
        layer: "association",
      });
    const { requires } = this.#rules;
    if (this.#context) {
      const opened: Opened = { ...this.#context.unprotect(bytes, cipheringOf(requires)), signed: false };
      if (!opened.untrustedHint) checkStrength(bitsOf(opened), requires, "the message");
      if (this.#mirrors && isCiphered(tag)) this.#form = isGeneral(tag) ? "general" : "service";
      return opened;
    }
    return { apdu: bytes, protection: "none", authenticated: false, untrustedHint: false, signed: false };
  }

  /** Undefined where nothing is to be done. */
  #keysFor(bits: ProtectionBits): SecurityContext | undefined {
    const able = bits.signed ? false : cipheringOf(bits) === "none" || (this.#context && this.ciphered);
    if (able) return this.#context;
    throw dlmsError(
      "key-unknown",
      `the message must be protected by ${protectionText(bits)}: this association has no keys for that`,
      { layer: "association" },
    );
  }
}
