import type { GeneralCiphering } from "../apdu/index.js";
import { DlmsError, equalBytes, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import {
  type GeneralOpened,
  GeneralProtection,
  type GeneralProtectionOptions,
  protectionOf,
  type SuiteId,
} from "../security/index.js";
import { problemOf } from "./data-json.js";
import type { Json, Problem, TranslateKeys } from "./types.js";

/** Titles to try for a header that leaves its parties to the association. */
type Titles = readonly Uint8Array[];
type Options = Omit<GeneralProtectionOptions, "crypto" | "suite">;

/** What came of a general-ciphering layer. */
export interface GeneralOutcome {
  readonly security: Json;
  readonly plaintext?: Uint8Array;
  readonly problem?: Problem;
}

/** What came of a signature. */
export interface SignatureOutcome {
  readonly signature: "valid" | "invalid" | "unchecked";
  readonly problem?: Problem;
}

const headerLength = 5;
const tagLength = 12;
const signingTag = 0xdf;
/** Most combinations of keys tried on one message. */
const mostTries = 64;
/** How far a key came before it failed: the problem told is that of the key that came furthest. */
const reached = ["key-unknown", "invalid-key", "wrong-key", "signature-invalid", "invalid-public-key"];

/** Opens general-ciphering and checks general-signing with whatever keys were given, one combination after the other. */
export class GeneralOpener {
  readonly #crypto: CryptoProvider;
  readonly #keys: TranslateKeys;

  constructor(crypto: CryptoProvider, keys: TranslateKeys) {
    this.#crypto = crypto;
    this.#keys = keys;
  }

  /**
   * Opens one layer. A content whose tag does not hold is shown in `security` where it reads as an APDU, for people
   * who look for the fault; it is not given out to be explained.
   */
  open(
    octets: Uint8Array,
    apdu: GeneralCiphering,
    titles: Titles,
    isPlausible: (plaintext: Uint8Array) => boolean,
  ): GeneralOutcome {
    const { content } = apdu;
    const control = content[0] as number;
    const suite = (control & 0x0f) as SuiteId;
    const gbcs = this.#isGbcs(apdu);
    const security = { ...(gbcs && { profile: "gbcs" }), key: keyText(apdu, gbcs) };
    const candidates = this.#candidates(apdu, gbcs, titles);
    if (protectionOf(control) === "none") return { security, plaintext: content.subarray(headerLength) };
    const readable = protectionOf(control) === "authenticated";
    if (readable && content.length < headerLength + tagLength)
      return { security, problem: told("truncated-tag", "no whole authentication tag") };
    if (readable && candidates.length === 0 && !this.#hasKeys())
      return { security, plaintext: content.subarray(headerLength, content.length - tagLength) };
    let refused: Problem | undefined;
    for (const candidate of candidates) {
      const opened = this.#attempt(octets, suite, { ...candidate, verify: "if-key" });
      if ("code" in opened) refused = nearer(refused, opened);
      else if (opened.authenticated || isPlausible(opened.apdu))
        return { security: { ...security, ...outcome(opened) }, plaintext: opened.apdu };
      else refused = nearer(refused, wrongKey);
    }
    return this.#unverified(octets, suite, candidates, { security, refused, isPlausible });
  }

  /** Checks the signature of a general-signing APDU. `covered`: a tag around it held. */
  signature(octets: Uint8Array, signature: Uint8Array | undefined, covered: boolean): SignatureOutcome {
    const keys = this.#keys.signerPublicKeys ?? [];
    const isEmpty = signature === undefined || signature.length === 0;
    // GBCS leaves the signature out where a tag around it proves the origin, and only there.
    if (isEmpty && covered && this.#keys.profile !== "green-book") return { signature: "unchecked" };
    if (keys.length === 0 || this.#crypto.ellipticCurves === undefined) return { signature: "unchecked" };
    let refused: Problem | undefined;
    for (const signaturePublicKey of keys) {
      const suite = signaturePublicKey.length > 65 ? 2 : 1;
      const party = () => ({ signaturePublicKey });
      const opened = this.#attempt(octets, suite, { party, verify: "required" });
      if (!("code" in opened)) return { signature: "valid" };
      if (refused?.code !== "signature-invalid") refused = opened;
    }
    const problem = isEmpty ? told("signature-invalid", "the APDU bears no signature") : refused;
    return { signature: "invalid", ...(problem && { problem }) };
  }

  #attempt(octets: Uint8Array, suite: SuiteId, options: Options): GeneralOpened | Problem {
    try {
      const rules = { requires: "none", replayProtection: false } as const;
      return new GeneralProtection({ crypto: this.#crypto, suite, ...rules, ...options }).open(octets);
    } catch (error) {
      if (DlmsError.is(error)) return problemOf(error);
      throw error;
    }
  }

  /** No key held: what can be read all the same, and why it is not to be trusted. */
  #unverified(
    octets: Uint8Array,
    suite: SuiteId,
    candidates: readonly Options[],
    state: { security: Json; refused: Problem | undefined; isPlausible: (plaintext: Uint8Array) => boolean },
  ): GeneralOutcome {
    const { security, refused, isPlausible } = state;
    if (refused === undefined)
      return { security, problem: told("key-unknown", "no key that was given fits this message") };
    const failed = /^(authentication-failed|signature-invalid)$/.test(refused.code);
    for (const candidate of candidates) {
      const opened = this.#attempt(octets, suite, { ...candidate, verify: "off" });
      if (!("code" in opened) && isPlausible(opened.apdu))
        return {
          security: {
            ...security,
            authenticated: false,
            ...(failed && unsigned(refused)),
            plaintext: toHex(opened.apdu),
          },
          problem: refused,
        };
    }
    return { security: { ...security, authenticated: failed ? false : null, ...unsigned(refused) }, problem: refused };
  }

  /** The profile of Great Britain, chosen or plain from its header: nothing in it, no key-info, counter zero. */
  #isGbcs(apdu: GeneralCiphering): boolean {
    if (this.#keys.profile !== undefined) return this.#keys.profile === "gbcs";
    const { content, keyInfo, ...fields } = apdu;
    const parties = [fields.transactionId, fields.originatorSystemTitle, fields.recipientSystemTitle];
    const isEmpty = [...parties, fields.dateTime, fields.otherInformation].every(({ length }) => length === 0);
    const shape = [0x11, 0, 0, 0, 0, signingTag];
    return isEmpty && keyInfo === undefined && equalBytes(content.subarray(0, shape.length), Uint8Array.from(shape));
  }

  #hasKeys(): boolean {
    const { encryptionKey, broadcastKey, masterKey, messageKeys = [], agreementPrivateKeys = [] } = this.#keys;
    return [encryptionKey, broadcastKey, masterKey, ...messageKeys, ...agreementPrivateKeys].some(Boolean);
  }

  /** Every combination of the given keys that the message calls for. */
  #candidates(apdu: GeneralCiphering, gbcs: boolean, titles: Titles): Options[] {
    const keys = this.#keys;
    const { authenticationKey } = keys;
    const base: Options = { ...(authenticationKey && { authenticationKey }), profile: gbcs ? "gbcs" : "green-book" };
    const own = this.#keyChoices(apdu, gbcs).map((choice) => ({ ...base, ...choice }));
    if (gbcs || apdu.originatorSystemTitle.length > 0) return own.slice(0, mostTries);
    return titles
      .flatMap((originatorSystemTitle) =>
        titlesBeside(originatorSystemTitle, titles).flatMap((recipientSystemTitle) =>
          own.map((choice) => ({ ...choice, originatorSystemTitle, recipientSystemTitle })),
        ),
      )
      .slice(0, mostTries);
  }

  #keyChoices({ keyInfo }: GeneralCiphering, gbcs: boolean): Options[] {
    const { encryptionKey, broadcastKey, masterKey, messageKeys = [] } = this.#keys;
    const given = messageKeys.map((messageKey) => ({ messageKey }));
    // Examples and test tools name the agreed or unwrapped key as the encryption key.
    const named = encryptionKey === undefined ? given : [...given, { messageKey: encryptionKey }];
    if (gbcs) return [...this.#agreements(true), ...given];
    switch (keyInfo?.choice) {
      case undefined:
        return [...(encryptionKey ? [{ encryptionKey }] : []), ...given];
      case "identified-key":
        if (keyInfo.keyId === 0) return encryptionKey ? [{ encryptionKey }] : [];
        return keyInfo.keyId === 1 && broadcastKey ? [{ broadcastKey }] : [];
      case "wrapped-key":
        return [...(masterKey ? [{ masterKey }] : []), ...named];
      case "agreed-key": {
        const signers = this.#signers();
        const direct = named.flatMap((choice) => signers.map((party) => ({ ...choice, party: () => party })));
        return [...this.#agreements(keyInfo.keyParameters[0] === 2), ...direct];
      }
    }
  }

  /** Either end's private key with the other's public one (or, for C(1e, 1s), that of the ephemeral key's signer). */
  #agreements(isStatic: boolean): Options[] {
    const { agreementPrivateKeys = [], agreementPublicKeys = [] } = this.#keys;
    const parties = isStatic
      ? agreementPublicKeys.map((agreementPublicKey) => ({ agreementPublicKey }))
      : this.#signers();
    return agreementPrivateKeys.flatMap((agreementPrivateKey) =>
      parties.map((party) => ({ agreementPrivateKey, party: () => party })),
    );
  }

  /** One empty entry where no signer is known: the ephemeral key then stays unchecked. */
  #signers(): { readonly signaturePublicKey?: Uint8Array }[] {
    const keys = this.#keys.signerPublicKeys ?? [];
    return keys.length === 0 ? [{}] : keys.map((signaturePublicKey) => ({ signaturePublicKey }));
  }
}

function outcome({ authenticated, keySignature, apdu }: GeneralOpened): Json {
  return {
    authenticated: authenticated ? true : null,
    ...(keySignature && { keySignature }),
    plaintext: toHex(apdu),
  };
}

function keyText({ keyInfo }: GeneralCiphering, gbcs: boolean): string {
  if (gbcs) return "agreed";
  if (keyInfo === undefined) return "unicast";
  if (keyInfo.choice !== "identified-key") return keyInfo.choice === "wrapped-key" ? "wrapped" : "agreed";
  return keyInfo.keyId === 1 ? "broadcast" : "unicast";
}

function titlesBeside(title: Uint8Array, titles: Titles): Titles {
  const others = titles.filter((other) => !equalBytes(other, title));
  return others.length === 0 ? [title] : others;
}

const unsigned = ({ code }: Problem): Json => (code === "signature-invalid" ? { keySignature: "invalid" } : {});

function nearer(one: Problem | undefined, other: Problem): Problem {
  const rank = ({ code }: Problem) => {
    const at = reached.indexOf(code);
    return at < 0 ? reached.length : at;
  };
  return one === undefined || rank(other) > rank(one) ? other : one;
}

function told(code: string, message: string): Problem {
  return { code, message, offset: null };
}

const wrongKey = told("wrong-key", "what was decrypted is no APDU: another key or system title protects it");
