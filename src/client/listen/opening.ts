import { dlmsError, fromHex, toHex } from "../../base/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import {
  keyFingerprint,
  type PushKeys,
  PushOpener,
  readEnvelope,
  SecretKey,
  type UnprotectedApdu,
  type Verify,
} from "../../security/index.js";
import type { KeyLike } from "../options.js";

/** Keys under which one meter, or several, push. Texts are hexadecimal. */
export interface ListenKeys {
  readonly encryptionKey: KeyLike;
  /** Left out where the utility withholds it: see `verify`. */
  readonly authenticationKey?: KeyLike;
  readonly broadcastKey?: KeyLike;
  /** For messages that carry no title; others must carry this one. */
  readonly systemTitle?: Uint8Array | string;
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
  /** By title and keys, in the order of the last message that opened. */
  readonly #openers = new Map<string, PushOpener>();

  /** @throws UsageError `invalid-key`, `invalid-argument` for keys given as a list. */
  constructor(crypto: CryptoProvider, keys: KeySource, verify: Verify, anyContent: boolean) {
    this.#crypto = crypto;
    this.#verify = verify;
    this.#anyContent = anyContent;
    this.#lookUp = lookUpOf(keys);
    this.#common = typeof keys === "function" || "get" in keys ? undefined : this.#opener(keys.map(pushKeys));
  }

  /**
   * Opens one layer.
   * @throws SecurityError as `PushOpener.open`; `key-unknown` when no key belongs to the title.
   */
  async open(apdu: Uint8Array): Promise<UnprotectedApdu> {
    if (this.#common !== undefined) return this.#common.open(apdu);
    const { systemTitle } = readEnvelope(apdu);
    const found = await this.#lookUp(systemTitle?.slice());
    if (found === undefined)
      throw dlmsError("key-unknown", `no key is known for ${titleText(systemTitle)}`, { layer: "security" });
    const keys = pushKeys(found);
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

/** Keys with their texts read. @throws UsageError `invalid-key`, `invalid-argument`. */
export function pushKeys(keys: ListenKeys): PushKeys {
  const { authenticationKey, broadcastKey, systemTitle } = keys;
  return {
    encryptionKey: keyOf(keys.encryptionKey),
    ...(authenticationKey !== undefined && { authenticationKey: keyOf(authenticationKey) }),
    ...(broadcastKey !== undefined && { broadcastKey: keyOf(broadcastKey) }),
    ...(systemTitle !== undefined && {
      systemTitle: typeof systemTitle === "string" ? octetsOf(systemTitle, "a system title") : systemTitle,
    }),
  };
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
