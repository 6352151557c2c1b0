import { DlmsError, dlmsError, equalBytes, toHex } from "../../base/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import {
  covers,
  type GeneralOpened,
  GeneralProtection,
  type GeneralPushKeys,
  GeneralPushOpener,
  type KeyTask,
  keyFailure,
  keyFingerprint,
  originatorOf,
  type UnprotectedApdu,
  type Verify,
} from "../../security/index.js";

/** Keys as they apply to one sender, and the sender, where they are for that one alone. */
export interface GeneralKeys {
  readonly sender: Uint8Array | undefined;
  readonly keys: GeneralPushKeys;
}

/** What finds the keys for a title; several may apply. */
export type GeneralKeySource = (title: Uint8Array | undefined) => Promise<readonly GeneralKeys[]>;

/** Layers around each other: those of the parties, each ciphered and signed, and those of a broker. */
const mostLayers = 6;
/** Senders whose invocation counters are remembered. */
const mostSenders = 10_000;

/** Opens what is ciphered and signed by general-ciphering and general-signing, all layers of it. */
export class GeneralOpening {
  readonly #crypto: CryptoProvider;
  readonly #verify: Verify;
  readonly #source: GeneralKeySource;
  /** By sender and keys, in the order of the last message that opened. */
  readonly #openers = new Map<string, GeneralPushOpener>();

  constructor(crypto: CryptoProvider, verify: Verify, source: GeneralKeySource) {
    this.#crypto = crypto;
    this.#verify = verify;
    this.#source = source;
  }

  /** @throws SecurityError as `GeneralProtection.openAll`; `key-unknown` when no key belongs to the sender. */
  async open(apdu: Uint8Array): Promise<UnprotectedApdu> {
    const layers: GeneralOpened[] = [];
    let inner = apdu;
    let sender: Uint8Array | undefined;
    let fingerprint: string | undefined;
    while (GeneralProtection.handles(inner)) {
      if (layers.length === mostLayers)
        throw dlmsError("limit-exceeded", `more than ${mostLayers} layers of protection`, { layer: "security" });
      sender = originatorOf(inner);
      const covered = layers.some(({ authenticated }) => authenticated);
      const { opened, keys } = await this.#layer(inner, sender, covered);
      const { encryptionKey } = keys;
      if (opened.key === "unicast" && encryptionKey) fingerprint = keyFingerprint(this.#crypto, encryptionKey);
      layers.push(opened);
      inner = opened.apdu;
    }
    return together(layers, inner, sender, fingerprint);
  }

  async #layer(apdu: Uint8Array, sender: Uint8Array | undefined, covered: boolean) {
    const fitting = (await this.#source(sender?.slice())).filter(
      (one) => one.sender === undefined || (sender !== undefined && equalBytes(one.sender, sender)),
    );
    let first: DlmsError | undefined;
    for (const { keys } of fitting) {
      const name = `${sender === undefined ? "" : toHex(sender)}/${this.#nameOf(keys)}`;
      const opener = this.#openers.get(name) ?? new GeneralPushOpener(this.#crypto, keys, this.#verify);
      try {
        const opened = await perform(opener.opening(apdu, covered));
        this.#remember(name, opener);
        return { opened, keys };
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        first = first === undefined || first.code === "key-unknown" ? error : first;
      }
    }
    const title = sender === undefined ? "a message without system title" : toHex(sender);
    throw first ?? dlmsError("key-unknown", `no key is known for ${title}`, { layer: "security" });
  }

  /** Only who holds the keys is remembered. */
  #remember(name: string, opener: GeneralPushOpener): void {
    this.#openers.delete(name);
    this.#openers.set(name, opener);
    const [oldest] = this.#openers.keys();
    if (this.#openers.size > mostSenders && oldest !== undefined) this.#openers.delete(oldest);
  }

  #nameOf({ encryptionKey, broadcastKey, authenticationKey, masterKey, signaturePublicKey, ...keys }: GeneralPushKeys) {
    const { agreementPrivateKey: own } = keys;
    const secrets = [
      encryptionKey,
      broadcastKey,
      authenticationKey,
      masterKey,
      own && "agree" in own ? undefined : own,
    ];
    const names = secrets.map((key) => (key === undefined ? "" : keyFingerprint(this.#crypto, key)));
    const points = [signaturePublicKey, keys.agreementPublicKey].map((key) => (key === undefined ? "" : toHex(key)));
    return [...names, ...points, keys.profile].join("/");
  }
}

/** All layers as one: what any of them proves holds for what is inside. */
function together(
  layers: readonly GeneralOpened[],
  apdu: Uint8Array,
  sender: Uint8Array | undefined,
  keyFingerprint: string | undefined,
): UnprotectedApdu {
  const ciphered = layers.filter(({ kind }) => kind === "general-ciphering");
  const last = ciphered.at(-1);
  const protection = ciphered.reduce((least, layer) => (covers(layer.protection, least.protection) ? layer : least), {
    protection: "none",
  } as Pick<GeneralOpened, "protection">).protection;
  return {
    apdu,
    protection,
    authenticated: layers.some(({ authenticated, signature }) => authenticated || signature === "valid"),
    untrustedHint: false,
    ...(sender && { systemTitle: sender.slice() }),
    ...(last?.securityControl !== undefined && { securityControl: last.securityControl }),
    ...(last?.invocationCounter !== undefined && { invocationCounter: last.invocationCounter }),
    ...(keyFingerprint !== undefined && { keyFingerprint }),
  };
}

/** Runs a task whose private key may be kept elsewhere. @throws SecurityError `private-key-failed`. */
async function perform<T>(task: KeyTask<T>): Promise<T> {
  let step = task.next();
  while (!step.done) {
    const operation = step.value;
    const outcome = await Promise.resolve()
      .then(() => operation.perform())
      .catch((cause: unknown) => {
        throw keyFailure("the keeper of the private key failed", cause);
      });
    step = task.next(outcome);
  }
  return step.value;
}
