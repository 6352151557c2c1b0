import { decodeApdu, encodeApdu, encodeGeneralHeader, type GeneralHeader, type KeyInfo } from "../apdu/index.js";
import { ByteReader, ByteWriter, concatBytes, dlmsError, equalBytes, toHex } from "../base/index.js";
import { generalTags } from "./ciphered-tags.js";
import { type LastingKey, takeCounter } from "./context.js";
import { covers, decodeSecurityControl, isAuthenticated } from "./control.js";
import { type CounterSource, MemoryCounter } from "./counter.js";
import { keyFingerprint } from "./counter-store.js";
import { controlOctet, GcmLayer } from "./gcm-layer.js";
import { emptyHeader, innerHeader, putOctets, type ReceivedHeader, readGeneralHeader } from "./general-header.js";
import {
  ephemeralKeySigner,
  messageKey as givenKey,
  known,
  knownPrivate,
  onePass,
  publicKeyOf,
  receivedKey,
  sendingKey,
  staticKey,
} from "./general-keys.js";
import type {
  GeneralCipheringRequest,
  GeneralKeyChoice,
  GeneralOpened,
  GeneralProtectionOptions,
} from "./general-options.js";
import { curveOf } from "./key-derivation.js";
import { type KeyTask, runNow, signed as signedBy } from "./private-key.js";
import { WindowGuard } from "./replay-guard.js";
import type { SecretKey } from "./secret-key.js";
import { checkSystemTitle, ellipticCurvesOf, systemTitleLength } from "./suites.js";

const headerLength = 5;
/** Layers inside each other: a broker's around the parties' own, each ciphered and signed. */
const deepest = 6;
const rememberedKeys = 10_000;

/**
 * General-ciphering and general-signing (IEC 62056-5-3, general protection). The additional data of ciphering is
 * security control || authentication key || the header's octets [|| the APDU when it is only authenticated]; a
 * signature covers the header's octets and the content with its length.
 */
export class GeneralProtection {
  readonly #options: GeneralProtectionOptions;
  readonly #guards = new Map<string, WindowGuard>();
  readonly #agreedCounters = new Map<string, MemoryCounter>();

  /** @throws UsageError `invalid-argument`. */
  constructor(options: GeneralProtectionOptions) {
    if (options.systemTitle !== undefined) checkSystemTitle(options.systemTitle);
    this.#options = options;
  }

  /** True for general-ciphering and general-signing. */
  static handles(apdu: Uint8Array): boolean {
    return apdu[0] === generalTags.ciphering || apdu[0] === generalTags.signing;
  }

  /** Ciphers one APDU. @throws SecurityError `key-unknown` and those of the counter. */
  cipher(apdu: Uint8Array, request: GeneralCipheringRequest): Uint8Array {
    return runNow(this.ciphering(apdu, request));
  }

  /** `cipher` where private keys may be kept elsewhere. */
  *ciphering(apdu: Uint8Array, { header, key: choice, protection }: GeneralCipheringRequest): KeyTask<Uint8Array> {
    const { suite } = this.#options;
    const { key, keyInfo } = yield* sendingKey(this.#options, header, choice);
    const { layer, counter } = typeof key === "number" ? this.#lasting(key) : this.#oneOff(choice.kind, key);
    const securityControl = controlOctet(suite, protection, choice.kind === "broadcast");
    const invocationCounter = takeCounter(counter);
    const { body, tag } = layer.seal(
      { securityControl, systemTitle: header.originatorSystemTitle, invocationCounter },
      apdu,
      encodeGeneralHeader(header),
    );
    const content = new ByteWriter(headerLength + body.length + tag.length);
    content.u8(securityControl).u32(invocationCounter).bytes(body).bytes(tag);
    return encodeApdu({ type: "general-ciphering", ...header, keyInfo, content: content.finish() });
  }

  /**
   * Authenticates a general-signing APDU as the GBCS profile does; its transaction-id makes the key: never use it twice.
   * @throws SecurityError `key-unknown`.
   */
  cipherGbcs(signed: Uint8Array): Uint8Array {
    return runNow(this.cipheringGbcs(signed));
  }

  /** `cipherGbcs` where the private key may be kept elsewhere. */
  *cipheringGbcs(signed: Uint8Array): KeyTask<Uint8Array> {
    const { suite, crypto } = this.#options;
    const parties = innerHeader(signed);
    const key = yield* staticKey(this.#options, parties, parties.recipientSystemTitle);
    const securityControl = controlOctet(suite, "authenticated");
    if (this.#agreedCounter(key).next() !== 0)
      throw dlmsError("counter-repeated", "the GBCS profile takes a new transaction-id for each message", {
        layer: "security",
      });
    const layer = GcmLayer.withoutAuthenticationKey(crypto, suite, key);
    key.destroy();
    const { tag } = layer.seal(
      { securityControl, systemTitle: parties.originatorSystemTitle, invocationCounter: 0 },
      signed,
      encodeGeneralHeader(emptyHeader),
    );
    const content = concatBytes(Uint8Array.of(securityControl, 0, 0, 0, 0), signed, tag);
    return encodeApdu({ type: "general-ciphering", ...emptyHeader, content });
  }

  /** Signs one APDU. @throws SecurityError `key-unknown`. */
  sign(apdu: Uint8Array, header: GeneralHeader): Uint8Array {
    return runNow(this.signing(apdu, header));
  }

  /** `sign` where the private key may be kept elsewhere. */
  *signing(apdu: Uint8Array, header: GeneralHeader): KeyTask<Uint8Array> {
    const { crypto, suite, signaturePrivateKey } = this.#options;
    const content = new ByteWriter(apdu.length + headerLength);
    putOctets(content, apdu);
    const signed = concatBytes(encodeGeneralHeader(header), content.finish());
    const key = knownPrivate(signaturePrivateKey, "signature private key");
    const signature = yield* signedBy(crypto, curveOf(suite), key, signed);
    return encodeApdu({ type: "general-signing", ...header, content: apdu, signature });
  }

  /**
   * Checks and removes one layer.
   * @throws SecurityError as `SecurityContext.unprotect`, and `signature-invalid`, `key-unwrap-failed`,
   * `invalid-public-key`. @throws DecodeError.
   * @param covered the APDU came out of a layer whose tag held: the GBCS profile then leaves out signatures.
   */
  open(apdu: Uint8Array, covered = false): GeneralOpened {
    return runNow(this.opening(apdu, covered));
  }

  /** `open` where private keys may be kept elsewhere. */
  *opening(apdu: Uint8Array, covered = false): KeyTask<GeneralOpened> {
    if (apdu[0] === generalTags.signing) return this.#verifySignature(apdu, covered);
    if (apdu[0] === generalTags.ciphering) return yield* this.#decipher(apdu);
    throw dlmsError("unexpected-message", "neither general-ciphering nor general-signing", { layer: "security" });
  }

  /** All layers, the outermost first: the content of the last is the APDU that was meant. */
  openAll(apdu: Uint8Array): GeneralOpened[] {
    const layers: GeneralOpened[] = [];
    let inner = apdu;
    let covered = false;
    while (GeneralProtection.handles(inner)) {
      if (layers.length === deepest)
        throw dlmsError("limit-exceeded", `more than ${deepest} layers of protection`, { layer: "security" });
      const opened = this.open(inner, covered);
      layers.push(opened);
      inner = opened.apdu;
      covered ||= opened.authenticated;
    }
    return layers;
  }

  *#decipher(apdu: Uint8Array): KeyTask<GeneralOpened> {
    const header = readGeneralHeader(new ByteReader(apdu, 1));
    const message = decodeApdu(apdu);
    if (message.type !== "general-ciphering") throw notThat();
    if (message.content.length < headerLength)
      throw dlmsError("truncated", `${message.content.length} octets are too few for the security header`, {
        layer: "security",
      });
    const securityControl = message.content[0] as number;
    const invocationCounter = new ByteReader(message.content, 1).u32();
    const protection = this.#acceptControl(securityControl);
    const gbcs = this.#options.profile === "gbcs";
    const parties = gbcs ? innerHeader(message.content.subarray(headerLength)) : this.#withTitles(header);
    this.#checkParties(parties);
    const key = yield* this.#receivedKey(parties, message.keyInfo);
    const { layer, accepts } = this.#receiving(key, parties.originatorSystemTitle);
    const verify = this.#options.verify ?? "required";
    const checked =
      isAuthenticated(securityControl) && (verify === "required" || (verify === "if-key" && layer.canAuthenticate));
    const accept = accepts(invocationCounter, checked);
    const opened = layer.openFrom(
      message.content,
      headerLength,
      securityControl,
      parties.originatorSystemTitle,
      invocationCounter,
      checked,
      header.octets,
    );
    accept();
    return {
      ...named(header),
      kind: "general-ciphering",
      apdu: opened,
      protection,
      authenticated: checked,
      ...this.#keySignature(parties, message.keyInfo),
      securityControl,
      invocationCounter,
      ...(message.keyInfo && { key: keyKind(message.keyInfo) }),
    };
  }

  #verifySignature(apdu: Uint8Array, covered: boolean): GeneralOpened {
    const reader = new ByteReader(apdu, 1);
    const header = readGeneralHeader(reader);
    this.#checkRecipient(header);
    const message = decodeApdu(apdu);
    if (message.type !== "general-signing") throw notThat();
    // From the header's first octet to the last of the content, as received.
    const contentEnd = message.content.byteOffset - apdu.byteOffset + message.content.length;
    const signed = apdu.subarray(1, contentEnd);
    const signature = this.#checkSignature(header, signed, message.signature, covered);
    return {
      ...named(header),
      kind: "general-signing",
      apdu: message.content,
      protection: "none",
      authenticated: false,
      signature,
    };
  }

  #checkSignature(
    header: ReceivedHeader,
    signed: Uint8Array,
    signature: Uint8Array | undefined,
    covered: boolean,
  ): "valid" | "unchecked" {
    const { crypto, suite, party, verify = "required", profile } = this.#options;
    // GBCS leaves the signature out where a MAC around it proves the origin, and only there.
    if (verify === "off" || (profile === "gbcs" && covered && (signature?.length ?? 0) === 0)) return "unchecked";
    if (verify === "if-key" && party?.(header.originatorSystemTitle)?.signaturePublicKey === undefined)
      return "unchecked";
    const key = publicKeyOf(this.#options, header.originatorSystemTitle, "signaturePublicKey");
    if (signature === undefined || !ellipticCurvesOf(crypto).verify(curveOf(suite), key, signed, signature))
      throw dlmsError("signature-invalid", "the signature of the APDU does not hold", { layer: "security" });
    return "valid";
  }

  #acceptControl(octet: number) {
    const { suite, requires = "authenticated" } = this.#options;
    const control = decodeSecurityControl(octet);
    if (control.suite !== suite)
      throw dlmsError("wrong-security-suite", `suite ${control.suite} where ${suite} is configured`, {
        layer: "security",
      });
    if (control.compressed)
      throw dlmsError("compression-unsupported", "the message is compressed", { layer: "security" });
    if (!covers(control.protection, requires))
      throw dlmsError("weaker-than-policy", `the message is ${control.protection}, required is ${requires}`, {
        layer: "security",
      });
    return control.protection;
  }

  #checkParties(header: ReceivedHeader): void {
    if (header.originatorSystemTitle.length !== systemTitleLength)
      throw dlmsError("system-title-unknown", "the message names no originator", { layer: "security" });
    this.#checkRecipient(header);
  }

  #checkRecipient({ recipientSystemTitle: recipient }: ReceivedHeader): void {
    const own = this.#options.systemTitle;
    if (own !== undefined && recipient.length !== 0 && !equalBytes(own, recipient))
      throw dlmsError("wrong-system-title", "the message is for another party", {
        layer: "security",
        received: recipient,
      });
  }

  *#receivedKey(parties: ReceivedHeader, keyInfo: KeyInfo | undefined): KeyTask<SecretKey | number> {
    const { profile, messageKey } = this.#options;
    if (profile !== "gbcs") return yield* receivedKey(this.#options, parties, keyInfo);
    if (keyInfo !== undefined)
      throw dlmsError("unexpected-message", "key-info where the GBCS profile has none", { layer: "security" });
    if (messageKey !== undefined) return givenKey(messageKey);
    return yield* staticKey(this.#options, parties, parties.originatorSystemTitle);
  }

  /** A global key and the counter of what is sent under it: lasting keys need a counter that lasts, none is made up. */
  #lasting(keyId: number): Pick<LastingKey, "layer" | "counter"> {
    const { shared, crypto, suite, authenticationKey } = this.#options;
    if (shared && (keyId === 0 || keyId === 1)) return shared.lasting(keyId);
    const counter = keyId === 0 ? this.#options.counter : this.#options.broadcastCounter;
    const layer = new GcmLayer(crypto, suite, this.#identified(keyId), authenticationKey);
    if (counter === undefined)
      throw dlmsError("invalid-argument", "no invocation counter is configured for this key", { layer: "security" });
    return { layer, counter };
  }

  #identified(keyId: number): SecretKey {
    if (keyId === 0) return known(this.#options.encryptionKey, "unicast encryption key");
    if (keyId === 1) return known(this.#options.broadcastKey, "broadcast encryption key");
    throw dlmsError("key-unknown", `there is no identified key ${keyId}`, { layer: "security" });
  }

  /** The parties, where the header leaves them to the association. */
  #withTitles(header: ReceivedHeader): ReceivedHeader {
    const { originatorSystemTitle: originator, recipientSystemTitle: recipient } = this.#options;
    return {
      ...header,
      ...(header.originatorSystemTitle.length === 0 && originator && { originatorSystemTitle: originator }),
      ...(header.recipientSystemTitle.length === 0 && recipient && { recipientSystemTitle: recipient }),
    };
  }

  #keySignature(parties: ReceivedHeader, keyInfo: KeyInfo | undefined): Pick<GeneralOpened, "keySignature"> {
    if (keyInfo?.choice !== "agreed-key" || keyInfo.keyParameters[0] !== onePass) return {};
    return { keySignature: ephemeralKeySigner(this.#options, parties) === undefined ? "unchecked" : "valid" };
  }

  /** Keys made for one message count from 0; one agreed on again by the same transaction-id goes on counting. */
  #oneOff(kind: GeneralKeyChoice["kind"], key: SecretKey): Pick<LastingKey, "layer" | "counter"> {
    const counter = kind === "static" ? this.#agreedCounter(key) : new MemoryCounter();
    return { layer: this.#layerOf(key), counter };
  }

  #agreedCounter(key: SecretKey): CounterSource {
    const name = keyFingerprint(this.#options.crypto, key);
    const counter = this.#agreedCounters.get(name) ?? new MemoryCounter();
    put(this.#agreedCounters, name, counter);
    return counter;
  }

  /** The layer of a key made for one message; the key itself is overwritten. */
  #layerOf(key: SecretKey): GcmLayer {
    const { shared, crypto, suite, authenticationKey, profile } = this.#options;
    const layer =
      profile === "gbcs"
        ? GcmLayer.withoutAuthenticationKey(crypto, suite, key)
        : (shared?.layerOf(key) ?? new GcmLayer(crypto, suite, key, authenticationKey));
    key.destroy();
    return layer;
  }

  /** The layer to open with, and who has to take the counter before and after: what is given back accepts it. */
  #receiving(key: SecretKey | number, title: Uint8Array) {
    const { shared, crypto, suite, authenticationKey } = this.#options;
    if (shared && (key === 0 || key === 1)) {
      const { layer, verified, unverified } = shared.lasting(key);
      const accepts = (counter: number, checked: boolean) => {
        verified.check(counter);
        if (!checked) unverified.check(counter);
        return () => (checked ? verified : unverified).accept(counter);
      };
      return { layer, accepts };
    }
    const secret = typeof key === "number" ? this.#identified(key) : key;
    const guarded = this.#guard(secret, title);
    const layer = typeof key === "number" ? new GcmLayer(crypto, suite, secret, authenticationKey) : this.#layerOf(key);
    const accepts = (counter: number, checked: boolean) => {
      guarded?.guard.check(counter);
      return () => {
        if (!checked || guarded === undefined) return;
        guarded.guard.accept(counter);
        put(this.#guards, guarded.name, guarded.guard);
      };
    };
    return { layer, accepts };
  }

  #guard(key: SecretKey, title: Uint8Array) {
    if (this.#options.replayProtection === false) return undefined;
    const name = `${keyFingerprint(this.#options.crypto, key)}/${toHex(title)}`;
    return { name, guard: this.#guards.get(name) ?? new WindowGuard() };
  }
}

/** Sets an entry as the newest of a bounded map. */
function put<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map.keys();
  if (map.size > rememberedKeys && oldest !== undefined) map.delete(oldest);
}

function named(header: ReceivedHeader): GeneralHeader {
  const { octets: _, ...fields } = header;
  return fields;
}

/** How the message says its key was come by. */
function keyKind(keyInfo: KeyInfo): GeneralKeyChoice["kind"] {
  switch (keyInfo.choice) {
    case "identified-key":
      return keyInfo.keyId === 1 ? "broadcast" : "unicast";
    case "wrapped-key":
      return "wrapped";
    case "agreed-key":
      return keyInfo.keyParameters[0] === 1 ? "one-pass" : "static";
  }
}

function notThat() {
  return dlmsError("unexpected-message", "the APDU is not what its tag says", { layer: "security" });
}
