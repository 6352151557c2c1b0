import { decodeApdu, encodeApdu, encodeGeneralHeader, type GeneralHeader, type KeyInfo } from "../apdu/index.js";
import { ByteReader, ByteWriter, concatBytes, dlmsError, equalBytes, toHex } from "../base/index.js";
import { generalTags } from "./ciphered-tags.js";
import { takeCounter } from "./context.js";
import { covers, decodeSecurityControl, isAuthenticated } from "./control.js";
import { type CounterSource, MemoryCounter } from "./counter.js";
import { keyFingerprint } from "./counter-store.js";
import { controlOctet, GcmLayer } from "./gcm-layer.js";
import { innerHeader, putOctets, type ReceivedHeader, readGeneralHeader } from "./general-header.js";
import { known, publicKeyOf, receivedKey, sendingKey, staticKey } from "./general-keys.js";
import type {
  GeneralCipheringRequest,
  GeneralKeyChoice,
  GeneralOpened,
  GeneralProtectionOptions,
} from "./general-options.js";
import { curveOf } from "./key-derivation.js";
import { WindowGuard } from "./replay-guard.js";
import type { SecretKey } from "./secret-key.js";
import { checkSystemTitle, ellipticCurvesOf, systemTitleLength } from "./suites.js";

const headerLength = 5;
/** Layers inside each other: a broker's around the parties' own, each ciphered and signed. */
const deepest = 6;
const rememberedKeys = 10_000;
const empty = new Uint8Array(0);
const emptyHeader: GeneralHeader = {
  transactionId: empty,
  originatorSystemTitle: empty,
  recipientSystemTitle: empty,
  dateTime: empty,
  otherInformation: empty,
};

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
  cipher(apdu: Uint8Array, { header, key: choice, protection }: GeneralCipheringRequest): Uint8Array {
    const { suite, crypto } = this.#options;
    const { key, keyInfo } = sendingKey(this.#options, header, choice);
    const counter = this.#counterFor(choice.kind, key);
    const securityControl = controlOctet(suite, protection, choice.kind === "broadcast");
    const invocationCounter = takeCounter(counter);
    const layer = new GcmLayer(crypto, suite, key, this.#options.authenticationKey);
    if (keyInfo.choice !== "identified-key") key.destroy();
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
   * Authenticates a general-signing APDU as the GBCS profile does. Its transaction-id makes the key, so it must never
   * be used twice. @throws SecurityError `key-unknown`.
   */
  cipherGbcs(signed: Uint8Array): Uint8Array {
    const { suite, crypto } = this.#options;
    const parties = innerHeader(signed);
    const key = staticKey(this.#options, parties, parties.recipientSystemTitle);
    const securityControl = controlOctet(suite, "authenticated");
    if (this.#counterFor("static", key).next() !== 0)
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
    const { crypto, suite, signaturePrivateKey } = this.#options;
    const content = new ByteWriter(apdu.length + headerLength);
    putOctets(content, apdu);
    const signed = concatBytes(encodeGeneralHeader(header), content.finish());
    const signature = known(signaturePrivateKey, "signature private key").use((key) =>
      ellipticCurvesOf(crypto).sign(curveOf(suite), key, signed),
    );
    return encodeApdu({ type: "general-signing", ...header, content: apdu, signature });
  }

  /**
   * Checks and removes one layer.
   * @throws SecurityError as `SecurityContext.unprotect`, and `signature-invalid`, `key-unwrap-failed`,
   * `invalid-public-key`. @throws DecodeError.
   * @param covered the APDU came out of a layer whose tag held: the GBCS profile then leaves out signatures.
   */
  open(apdu: Uint8Array, covered = false): GeneralOpened {
    if (apdu[0] === generalTags.signing) return this.#verifySignature(apdu, covered);
    if (apdu[0] === generalTags.ciphering) return this.#decipher(apdu);
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

  #decipher(apdu: Uint8Array): GeneralOpened {
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
    const parties = gbcs ? innerHeader(message.content.subarray(headerLength)) : header;
    this.#checkParties(parties);
    const key = this.#receivedKey(parties, message.keyInfo);
    const layer = gbcs
      ? GcmLayer.withoutAuthenticationKey(this.#options.crypto, this.#options.suite, key)
      : new GcmLayer(this.#options.crypto, this.#options.suite, key, this.#options.authenticationKey);
    const guard = this.#guard(key, parties.originatorSystemTitle);
    if (gbcs || isOneOff(message.keyInfo)) key.destroy();
    guard?.guard.check(invocationCounter);
    const verify = this.#options.verify ?? "required";
    const checked =
      isAuthenticated(securityControl) && (verify === "required" || (verify === "if-key" && layer.canAuthenticate));
    const opened = layer.openFrom(
      message.content,
      headerLength,
      securityControl,
      parties.originatorSystemTitle,
      invocationCounter,
      checked,
      header.octets,
    );
    if (checked && guard !== undefined) this.#remember(guard.name, guard.guard, invocationCounter);
    return {
      ...named(header),
      kind: "general-ciphering",
      apdu: opened,
      protection,
      authenticated: checked,
      securityControl,
      invocationCounter,
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

  #receivedKey(parties: ReceivedHeader, keyInfo: KeyInfo | undefined): SecretKey {
    if (this.#options.profile !== "gbcs") return receivedKey(this.#options, parties, keyInfo);
    if (keyInfo !== undefined)
      throw dlmsError("unexpected-message", "key-info where the GBCS profile has none", { layer: "security" });
    return staticKey(this.#options, parties, parties.originatorSystemTitle);
  }

  /** Keys made for one message count from 0; one agreed on again by the same transaction-id goes on counting. */
  #counterFor(kind: GeneralKeyChoice["kind"], key: SecretKey): CounterSource {
    if (kind === "unicast") return counterOf(this.#options.counter);
    if (kind === "broadcast") return counterOf(this.#options.broadcastCounter);
    if (kind !== "static") return new MemoryCounter();
    const name = keyFingerprint(this.#options.crypto, key);
    const counter = this.#agreedCounters.get(name) ?? new MemoryCounter();
    put(this.#agreedCounters, name, counter);
    return counter;
  }

  #guard(key: SecretKey, title: Uint8Array) {
    if (this.#options.replayProtection === false) return undefined;
    const name = `${keyFingerprint(this.#options.crypto, key)}/${toHex(title)}`;
    return { name, guard: this.#guards.get(name) ?? new WindowGuard() };
  }

  #remember(name: string, guard: WindowGuard, counter: number): void {
    guard.accept(counter);
    put(this.#guards, name, guard);
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

/** True when the key was made for this message: nobody else holds it. */
function isOneOff(keyInfo: KeyInfo | undefined): boolean {
  return keyInfo !== undefined && keyInfo.choice !== "identified-key";
}

/** Lasting keys need a counter that lasts: none is made up here. */
function counterOf(counter: CounterSource | undefined): CounterSource {
  if (counter === undefined)
    throw dlmsError("invalid-argument", "no invocation counter is configured for this key", { layer: "security" });
  return counter;
}

function notThat() {
  return dlmsError("unexpected-message", "the APDU is not what its tag says", { layer: "security" });
}
