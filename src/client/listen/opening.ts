import { dlmsError, fromHex, toHex } from "../../base/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import {
  GeneralProtection,
  type GeneralProtectionOptions,
  keyFingerprint,
  type PrivateKeySource,
  type PushKeys,
  PushOpener,
  readEnvelope,
  SecretKey,
  type UnprotectedApdu,
  type Verify,
} from "../../security/index.js";
import type { KeyLike } from "../options.js";
import { type GeneralKeys, GeneralOpening } from "./general-opening.js";

/** Keys under which one meter, or several, push. Texts are hexadecimal. */
export interface ListenKeys {
  /** Left out where the meter only signs, or agrees on keys. */
  readonly encryptionKey?: KeyLike;
  /** Left out where the utility withholds it: see `verify`. */
  readonly authenticationKey?: KeyLike;
  readonly broadcastKey?: KeyLike;
  /** For messages that carry no title; others must carry this one. */
  readonly systemTitle?: Uint8Array | string;
  /** For general-ciphering under other than the global keys, and for general-signing. */
  readonly general?: GeneralListenKeys;
}

/** Keys of general-ciphering and general-signing; public ones are the meter's, x || y. */
export interface GeneralListenKeys {
  /** `green-book` unless chosen otherwise: `gbcs` is Great Britain's. */
  readonly profile?: "green-book" | "gbcs";
  /** Our own system title: messages to another recipient are refused where it is given. */
  readonly systemTitle?: Uint8Array | string;
  readonly masterKey?: KeyLike;
  /** Our private key of key agreement; it may stay in an HSM. */
  readonly agreementPrivateKey?: KeyLike | PrivateKeySource;
  readonly agreementPublicKey?: Uint8Array | string;
  /** With `verify: "required"` every signature must hold under it. */
  readonly signaturePublicKey?: Uint8Array | string;
}

/** All keys that may apply, keys by system title (16 hexadecimal digits), or a look-up by title. */
export type KeySource =
  | readonly ListenKeys[]
  | ReadonlyMap<string, ListenKeys>
  | ((systemTitle: Uint8Array | undefined) => ListenKeys | undefined | Promise<ListenKeys | undefined>);

/** Meters whose invocation counters are remembered. */
const mostSenders = 10_000;

/** Opens ciphered pushes: finds the keys by system title and holds the counters of each sender and key. */
export class KeyRing {
  readonly #crypto: CryptoProvider;
  readonly #verify: Verify;
  readonly #anyContent: boolean;
  readonly #lookUp: (title: Uint8Array | undefined) => ListenKeys | undefined | Promise<ListenKeys | undefined>;
  readonly #common: PushOpener | undefined;
  readonly #general: GeneralOpening;
  /** By title and keys, in the order of the last message that opened. */
  readonly #openers = new Map<string, PushOpener>();

  /** @throws UsageError `invalid-key`, `invalid-argument` for keys given as a list. */
  constructor(crypto: CryptoProvider, keys: KeySource, verify: Verify, anyContent: boolean) {
    this.#crypto = crypto;
    this.#verify = verify;
    this.#anyContent = anyContent;
    this.#lookUp = lookUpOf(keys);
    const isList = !(typeof keys === "function" || "get" in keys);
    this.#common = isList ? this.#opener(keys.flatMap((one) => pushKeys(one) ?? [])) : undefined;
    const common = isList ? keys.map(generalKeys) : undefined;
    this.#general = new GeneralOpening(crypto, verify, async (title) => {
      if (common !== undefined) return common;
      const found = await this.#lookUp(title);
      return found === undefined ? [] : [generalKeys(found)];
    });
  }

  /** True for APDUs that this opens. */
  static handles(apdu: Uint8Array): boolean {
    return PushOpener.handles(apdu) || GeneralProtection.handles(apdu);
  }

  /**
   * Opens one layer; of general-ciphering and general-signing all that are around each other. A signature that holds
   * authenticates as a tag does.
   * @throws SecurityError as `PushOpener.open`; `key-unknown` when no key belongs to the title.
   */
  async open(apdu: Uint8Array): Promise<UnprotectedApdu> {
    if (GeneralProtection.handles(apdu)) return this.#general.open(apdu);
    if (this.#common !== undefined) return this.#common.open(apdu);
    const { systemTitle } = readEnvelope(apdu);
    const found = await this.#lookUp(systemTitle?.slice());
    const keys = found && pushKeys(found);
    if (keys === undefined)
      throw dlmsError("key-unknown", `no key is known for ${titleText(systemTitle)}`, { layer: "security" });
    const name = `${titleText(systemTitle)}/${this.#fingerprint(keys)}`;
    const opener = this.#openers.get(name) ?? this.#opener([keys]);
    const opened = opener.open(apdu);
    // Only who holds the key is remembered.
    this.#openers.delete(name);
    this.#openers.set(name, opener);
    const [oldest] = this.#openers.keys();
    if (this.#openers.size > mostSenders && oldest !== undefined) this.#openers.delete(oldest);
    return opened;
  }

  #opener(keys: readonly PushKeys[]): PushOpener {
    return new PushOpener({
      crypto: this.#crypto,
      keys,
      verify: this.#verify,
      requires: this.#verify === "required" ? "authenticated" : "none",
      content: this.#anyContent ? "any" : "apdu",
    });
  }

  #fingerprint({ encryptionKey, authenticationKey, broadcastKey }: PushKeys): string {
    return [encryptionKey, authenticationKey, broadcastKey]
      .map((key) => (key === undefined ? "" : keyFingerprint(this.#crypto, key)))
      .join("/");
  }
}

/** The look-up that a source of keys stands for. */
export function lookUpOf(keys: KeySource) {
  if (typeof keys === "function") return keys;
  if (!("get" in keys)) return () => undefined;
  const byTitle = new Map([...keys].map(([title, one]) => [title.replace(/[\s:-]/g, "").toUpperCase(), one] as const));
  return (title: Uint8Array | undefined) => (title === undefined ? undefined : byTitle.get(toHex(title)));
}

/**
 * Keys with their texts read; undefined where there is no encryption key.
 * @throws UsageError `invalid-key`, `invalid-argument`.
 */
export function pushKeys(keys: ListenKeys): PushKeys | undefined {
  const { authenticationKey, broadcastKey, systemTitle } = keys;
  if (keys.encryptionKey === undefined) return undefined;
  return {
    encryptionKey: keyOf(keys.encryptionKey),
    ...(authenticationKey !== undefined && { authenticationKey: keyOf(authenticationKey) }),
    ...(broadcastKey !== undefined && { broadcastKey: keyOf(broadcastKey) }),
    ...(systemTitle !== undefined && {
      systemTitle: publicOctets(systemTitle, "a system title"),
    }),
  };
}

/** The same for general-ciphering and general-signing. */
function generalKeys({ general = {}, ...keys }: ListenKeys): GeneralKeys {
  const { encryptionKey, authenticationKey, broadcastKey } = keys;
  const { masterKey, agreementPrivateKey, agreementPublicKey, signaturePublicKey } = general;
  return {
    sender: keys.systemTitle === undefined ? undefined : publicOctets(keys.systemTitle, "a system title"),
    keys: {
      ...(general.profile && { profile: general.profile }),
      ...(general.systemTitle !== undefined && { systemTitle: publicOctets(general.systemTitle, "a system title") }),
      ...(encryptionKey !== undefined && { encryptionKey: keyOf(encryptionKey) }),
      ...(authenticationKey !== undefined && { authenticationKey: keyOf(authenticationKey) }),
      ...(broadcastKey !== undefined && { broadcastKey: keyOf(broadcastKey) }),
      ...(masterKey !== undefined && { masterKey: keyOf(masterKey) }),
      ...(agreementPrivateKey !== undefined && { agreementPrivateKey: privateKeyOf(agreementPrivateKey) }),
      ...(agreementPublicKey !== undefined && { agreementPublicKey: publicOctets(agreementPublicKey, "a public key") }),
      ...(signaturePublicKey !== undefined && { signaturePublicKey: publicOctets(signaturePublicKey, "a public key") }),
    },
  };
}

function privateKeyOf(key: KeyLike | PrivateKeySource): NonNullable<GeneralProtectionOptions["agreementPrivateKey"]> {
  return typeof key === "object" && "agree" in key ? key : keyOf(key);
}

function publicOctets(octets: Uint8Array | string, what: string): Uint8Array {
  return typeof octets === "string" ? octetsOf(octets, what) : octets;
}

function keyOf(key: KeyLike): SecretKey {
  return SecretKey.from(typeof key === "string" ? octetsOf(key, "a key") : key);
}

/** A key never shows in the message, whatever is wrong with it. */
export function octetsOf(text: string, what: string): Uint8Array {
  const clean = text.replace(/[\s:-]/g, "");
  if (clean.length % 2 === 0 && /^[0-9a-f]*$/i.test(clean)) return fromHex(clean);
  throw dlmsError("invalid-argument", `${what} is not hexadecimal text of whole octets`, { layer: "client" });
}

function titleText(title: Uint8Array | undefined): string {
  return title === undefined ? "messages without system title" : toHex(title);
}
