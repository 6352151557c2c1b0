import { dlmsError, equalBytes } from "../base/index.js";
import {
  cipheringOf,
  type GeneralLayers,
  type KeyReplacement,
  type KeyTask,
  noProtection,
  type ProtectionBits,
  protectionBits,
  protectionText,
  runNow,
  SecurityContext,
  type SecurityPolicy,
  stronger,
  type UnprotectedApdu,
} from "../security/index.js";
import { roomFor } from "./blocks.js";
import type { AssociationSecurity, Crypto } from "./options.js";
import {
  deepestLayers,
  type Form,
  generalCipheringTag,
  isCiphered,
  isDedicated,
  isGeneral,
  isLayer,
  keyOfAnswer,
  keyUnknown,
  notGbcs,
  type Sealing,
} from "./protection-form.js";
import { bitsOf, checkStrength, isCipheringContext, ProtectionRules } from "./protection-rules.js";

/** What arrived, with its protection removed. */
export interface Opened
  extends Pick<
    UnprotectedApdu,
    "apdu" | "protection" | "authenticated" | "untrustedHint" | "systemTitle" | "invocationCounter"
  > {
  /** It bore a signature that was checked and held. */
  readonly signed: boolean;
}

/** Security control and invocation counter. */
const securityHeaderSize = 5;
const tagSize = 12;
const initiateRequestTag = 0x01;
const initiateResponseTag = 0x08;
/** Tag of the APDU, and system title with its length. */
const generalHeaderSize = 10;
const systemTitleSize = 8;

/** The protection of one end: adds it to what is sent, checks and removes it from what is received. */
export class Channel {
  readonly #security: AssociationSecurity | undefined;
  readonly #rules: ProtectionRules;
  readonly #context: SecurityContext | undefined;
  readonly #general: GeneralLayers | undefined;
  #peerSystemTitle: Uint8Array | undefined;
  #dedicated = false;
  #form: Form;
  /** Answer in the form that the peer last used: what a meter does unless it is told which form to use. */
  readonly #mirrors: boolean;
  readonly #role: "client" | "server";
  /** The client asked under the global key although there is a dedicated one: it is answered so. */
  #askedGlobally = false;

  /** @throws UsageError `invalid-argument`, `invalid-key`. */
  constructor(
    security: AssociationSecurity | undefined,
    crypto: Crypto | undefined,
    role: "client" | "server" = "client",
  ) {
    this.#security = security;
    this.#rules = new ProtectionRules(role, security);
    this.#peerSystemTitle = security?.peerSystemTitle;
    this.#role = role;
    this.#mirrors = role === "server" && security?.ciphering === undefined;
    this.#form = { ciphering: security?.ciphering ?? "service", key: "unicast" };
    if (!security) return;
    if (!crypto) throw dlmsError("invalid-argument", "security needs a crypto provider", { layer: "association" });
    this.#context = new SecurityContext({ ...security, crypto });
    const { protection, ciphering } = security;
    this.#general = security.general?.({ crypto, context: this.#context, role, protection, ciphering });
    if (this.#general)
      this.#form = { ciphering: this.#onlyGbcs ? "general-ciphering" : this.#form.ciphering, key: this.#general.key };
    else if (security.ciphering === "general-ciphering" || security.signing === true)
      throw dlmsError("invalid-argument", "general-ciphering and signing need `general: generalProtection(...)`", {
        layer: "association",
      });
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

  /** The peer, and the highest counter of its messages that held; undefined without keys. */
  get received() {
    return this.#context && { systemTitle: this.#peerSystemTitle, counter: this.#context.lastReceivedCounter };
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
    this.#askedGlobally = false;
    if (dedicatedKey) this.#context?.useDedicatedKey(dedicatedKey);
  }

  end(): void {
    this.#dedicated = false;
    const { transactionId: _, ...form } = this.#form;
    this.#form = form;
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
  room(limit: number, wanted: ProtectionBits = noProtection, how: Sealing = {}): number {
    if (limit === 0) return Number.POSITIVE_INFINITY;
    const bits = stronger(this.#rules.sends, wanted);
    let room = limit;
    if (cipheringOf(bits) !== "none")
      room = roomFor(room, this.#cipherHeader(bits, how)) - securityHeaderSize - (bits.authenticated ? tagSize : 0);
    return bits.signed ? roomFor(room, this.#layers().signHeader(this.#transactionLike(how))) : room;
  }

  /** `sealing` where all keys are at hand. */
  seal(apdu: Uint8Array, wanted: ProtectionBits = noProtection, how: Sealing = {}): Uint8Array {
    if (this.#general) return runNow(this.sealing(apdu, wanted, how));
    const bits = stronger(this.#rules.sends, wanted);
    const context = this.#keysFor(bits);
    return context && cipheringOf(bits) !== "none" ? this.#cipher(context, apdu, apdu[0], bits, how) : apdu;
  }

  /** An answer bears the transaction-id of the request before it: the next has to wait. */
  get oneAtATime(): boolean {
    return this.#onlyGbcs;
  }

  /** True when all is sealed and opened at once: no private key has a part in it. */
  get direct(): boolean {
    return this.#general === undefined;
  }

  /**
   * Protects an APDU as the policy and `wanted` demand: signed first, then ciphered.
   * @throws SecurityError `key-unknown` where no key is configured for it, and those of the counter.
   */
  *sealing(apdu: Uint8Array, wanted: ProtectionBits = noProtection, how: Sealing = {}): KeyTask<Uint8Array> {
    const bits = stronger(this.#rules.sends, wanted);
    const protection = cipheringOf(bits);
    const context = this.#keysFor(bits);
    if (!context || (protection === "none" && !bits.signed)) return apdu;
    const { ciphering, key } = this.#form;
    const inFull = ciphering === "general-ciphering" && protection !== "none";
    const layers = bits.signed || inFull ? this.#layers() : undefined;
    const transactionId = layers ? this.#transaction(how) : noTransaction;
    const octets = bits.signed && layers ? yield* layers.sign(apdu, transactionId) : apdu;
    if (protection === "none") return octets;
    if (!inFull || !layers) return this.#cipher(context, octets, apdu[0], bits, how);
    return yield* layers.cipher(octets, {
      protection,
      key: this.#isBroadcast(how) ? "broadcast" : key,
      transactionId,
    });
  }

  /** Protects what is sent where no association is: with the global key, and our system title in it. */
  sealAlone(apdu: Uint8Array): Uint8Array {
    const protection = cipheringOf(this.#rules.sends);
    if (!this.#context || protection === "none") return apdu;
    return this.#context.protect(apdu, { form: "general", key: "unicast", protection });
  }

  /** `opening` where all keys are at hand. */
  open(bytes: Uint8Array): Opened {
    return this.#general ? runNow(this.opening(bytes)) : this.#openDirectly(bytes);
  }

  /**
   * Checks and removes all protection.
   * @throws SecurityError when it does not hold, is weaker than agreed, or cannot be removed.
   */
  *opening(bytes: Uint8Array): KeyTask<Opened> {
    const context = this.#context;
    if (!this.#general || !context || !isCiphered(bytes[0])) return this.#openDirectly(bytes);
    const opened = yield* this.#removeLayers(bytes, context);
    checkStrength(bitsOf(opened), this.#rules.requires, "the message");
    return opened;
  }

  /** Opens what has no layer of general-ciphering or general-signing. */
  #openDirectly(bytes: Uint8Array): Opened {
    const context = this.#context;
    const { requires } = this.#rules;
    const tag = bytes[0];
    const least = cipheringOf(requires);
    if (isCiphered(tag)) {
      if (!context || isLayer(tag) || (isDedicated(tag) && !this.#dedicated)) throw keyUnknown();
      const opened = { ...context.unprotect(bytes, least), signed: false };
      if (isCiphered(opened.apdu[0])) throw keyUnknown();
      this.#asked(isGeneral(tag) ? generalForm : serviceForm, !isDedicated(tag));
      checkStrength(bitsOf(opened), requires, "the message");
      return opened;
    }
    if (!context) return { apdu: bytes, ...unprotected };
    // Where a signature is demanded too, what comes bare can be a hint of a failure at best.
    return {
      ...context.unprotect(bytes, requires.signed && least === "none" ? "authenticated" : least),
      signed: false,
    };
  }

  *#removeLayers(bytes: Uint8Array, context: SecurityContext): KeyTask<Opened> {
    let opened: Opened = { apdu: bytes, ...unprotected };
    let form: Form = serviceForm;
    let globally = false;
    for (let depth = 0; isCiphered(opened.apdu[0]); depth++) {
      if (depth === deepestLayers)
        throw dlmsError("limit-exceeded", `more than ${deepestLayers} layers of protection`, { layer: "association" });
      const tag = opened.apdu[0];
      if (isLayer(tag)) {
        const layer = yield* this.#layers().open(opened.apdu, opened.authenticated);
        form = { ...form, transactionId: layer.transactionId };
        if (tag === generalCipheringTag)
          form = { ...form, ciphering: "general-ciphering", key: keyOfAnswer(layer.key) };
        const { apdu, originatorSystemTitle: systemTitle, invocationCounter } = layer;
        const signed = opened.signed || layer.signature === "valid";
        opened = {
          apdu,
          ...within(opened, layer),
          signed,
          systemTitle,
          ...(invocationCounter !== undefined && { invocationCounter }),
        };
      } else {
        if (this.#onlyGbcs) throw notGbcs();
        if (isDedicated(tag) && !this.#dedicated) throw keyUnknown();
        globally = !isDedicated(tag);
        if (isGeneral(tag)) form = { ...form, ciphering: "general" };
        // Alone it is refused before it is deciphered; within others all count together.
        const layer = context.unprotect(opened.apdu, depth === 0 ? cipheringOf(this.#rules.requires) : "none");
        opened =
          depth === 0 ? { ...layer, signed: false } : { ...layer, ...within(opened, layer), signed: opened.signed };
      }
    }
    this.#asked(form, globally);
    return opened;
  }

  /** A meter answers as it was asked, unless it is told how. */
  #asked(form: Form, globally: boolean): void {
    if (this.#role !== "server") return;
    this.#askedGlobally = globally;
    if (this.#mirrors && !this.#onlyGbcs) this.#form = form;
    else if (form.transactionId) this.#form = { ...this.#form, transactionId: form.transactionId };
  }

  /** Ciphers by glo, ded or their general forms; `tag` is that of the service within. */
  #cipher(context: SecurityContext, octets: Uint8Array, tag: number | undefined, bits: ProtectionBits, how: Sealing) {
    const initiate = tag === initiateRequestTag || tag === initiateResponseTag;
    const dedicated = this.#dedicated && !initiate && !this.#askedGlobally;
    return context.protect(octets, {
      form: this.#form.ciphering === "service" && !bits.signed ? "service" : "general",
      key: this.#isBroadcast(how) ? "broadcast" : dedicated ? "dedicated" : "unicast",
      protection: cipheringOf(bits),
    });
  }

  #isBroadcast(how: Sealing): boolean {
    return how.broadcast === true || this.#security?.broadcast === true;
  }

  /** Undefined where nothing is to be done. */
  #keysFor(bits: ProtectionBits): SecurityContext | undefined {
    const able = (cipheringOf(bits) === "none" && !bits.signed) || (this.#context && this.ciphered);
    if (able && (!bits.signed || this.#general)) return this.#context;
    throw dlmsError(
      "key-unknown",
      `the message must be protected by ${protectionText(bits)}: this association has no keys for that`,
      { layer: "association" },
    );
  }

  #cipherHeader({ signed }: ProtectionBits, how: Sealing): number {
    const { ciphering, key } = this.#form;
    if (ciphering === "general-ciphering")
      return this.#layers().cipherHeader({
        key: this.#isBroadcast(how) ? "broadcast" : key,
        transactionId: this.#transactionLike(how),
      });
    return ciphering === "general" || signed ? generalHeaderSize : 1;
  }

  #layers(): GeneralLayers {
    if (this.#general) return this.#general;
    throw dlmsError("key-unknown", "general-ciphering and signing need `general: generalProtection(...)`", {
      layer: "association",
    });
  }

  /** An answer bears that of its request. */
  #transaction({ unsolicited = false }: Sealing): Uint8Array {
    return (unsolicited ? undefined : this.#form.transactionId) ?? this.#layers().newTransaction();
  }

  /** As long as the one that will be sent; none is used up. */
  #transactionLike({ unsolicited = false }: Sealing): Uint8Array {
    const asked = unsolicited ? undefined : this.#form.transactionId;
    return asked ?? new Uint8Array(this.#layers().transactionLength);
  }

  /** All that comes and goes is in the GBCS profile. */
  get #onlyGbcs(): boolean {
    return this.#general?.profile === "gbcs";
  }
}

const serviceForm: Form = { ciphering: "service", key: "unicast" };
const generalForm: Form = { ciphering: "general", key: "unicast" };
const noTransaction = new Uint8Array();
const unprotected = { protection: "none", authenticated: false, untrustedHint: false, signed: false } as const;

/** What two layers come to, one within the other. */
function within(outer: Opened, inner: Pick<Opened, "protection" | "authenticated">) {
  return {
    protection: cipheringOf(stronger(protectionBits(outer.protection), protectionBits(inner.protection))),
    authenticated: outer.authenticated || inner.authenticated,
    untrustedHint: false,
  };
}
