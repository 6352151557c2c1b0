import { concatBytes, dlmsError } from "../../base/index.js";
import { encodeParameter, KeyId, SecuritySetup } from "../../cosem/index.js";
import { decodeData, encodeData } from "../../data/index.js";
import {
  agreedKey,
  type CryptoProvider,
  type EphemeralPair,
  ephemeralPair,
  isKeySource,
  openKeyData,
  type PrivateKey,
  SecretKey,
  signedPart,
} from "../../security/index.js";
import { type Meter, sessionOf } from "../meter.js";
import type { KeyLike } from "../options.js";
import type { Session } from "../session.js";
import { keyOf } from "../settings.js";
import { checkPending, journaled } from "./journal.js";
import {
  type ChangeableKey,
  type ChangedKeys,
  countersFor,
  exclusively,
  invokeSetup,
  type KeyChangeOptions,
  keyIds,
  securitySetupOf,
  suiteOf,
  useKeys,
} from "./setup.js";

export interface KeyAgreementOptions extends KeyChangeOptions {
  /** Own private signature key. Default: that of the key store, or of `hls-ecdsa`. */
  readonly signaturePrivateKey?: KeyLike;
  /**
   * Signs in the place of a private key, for one that never leaves its module: r || s over the octets, by ECDSA with
   * the curve and digest of the suite.
   */
  readonly sign?: (octets: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** The meter's public signature key, x and y. Default: that of the key store, or of `hls-ecdsa`. */
  readonly meterSignaturePublicKey?: Uint8Array;
}

/**
 * Agrees on new keys with the meter (key_agreement, C(2e, 0s), suites 1 and 2): each end sends a signed ephemeral key,
 * and both derive the keys. The value of a key is lost with a lost answer; to be safe agree on the master key, and
 * transfer the others under it.
 * @throws SecurityError `key-change-unknown` when the answer was lost or its signature does not hold; `key-unknown`.
 * @throws RefusedError `access-refused`: nothing changed. UsageError `invalid-argument`.
 */
export async function agreeKeys(
  meter: Meter,
  names: readonly ChangeableKey[],
  options: KeyAgreementOptions = {},
): Promise<ChangedKeys> {
  const session = sessionOf(meter);
  if (names.length === 0 || new Set(names).size !== names.length || names.some((name) => !Object.hasOwn(keyIds, name)))
    throw dlmsError("invalid-argument", "name at least one key, and each once", { layer: "client" });
  checkPending(session, { secrets: {}, agreed: names });
  const agreement = new Agreement(session, options);
  const setup = await securitySetupOf(session, options);
  return await exclusively(session, names, async (ask) => {
    const offers = await Promise.all(names.map((name) => agreement.offer(name)));
    const parameter = offers.map(({ name, keyData }) => ({ keyId: keyIds[name], keyData }));
    return await journaled(session, { secrets: {}, agreed: names }, async () => {
      const encoded = encodeData(encodeParameter(SecuritySetup, "keyAgreement", parameter));
      const keys = agreement.accept(offers, await invokeSetup(ask, setup, "keyAgreement", encoded, options));
      useKeys(session, keys, await countersFor(session, keys));
      return keys;
    });
  });
}

interface Offer {
  readonly name: ChangeableKey;
  readonly pair: EphemeralPair;
  readonly keyData: Uint8Array;
}

/** Our end of a key agreement. */
class Agreement {
  readonly #crypto: CryptoProvider;
  readonly #suite: 0 | 1 | 2;
  readonly #sign: (octets: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly #meterKey: Uint8Array;
  readonly #titles: { readonly client: Uint8Array; readonly meter: Uint8Array };

  constructor(session: Session, options: KeyAgreementOptions) {
    const { crypto, security, systemTitle, authentication } = session.settings;
    const { negotiated, secrets } = session;
    const { stored } = secrets;
    const ecdsa = authentication.mechanism === "hls-ecdsa" ? authentication : undefined;
    const client = security?.systemTitle ?? systemTitle;
    const meter = negotiated.peerSystemTitle ?? stored?.secrets.systemTitle;
    const meterKey = options.meterSignaturePublicKey ?? stored?.secrets.meterSignaturePublicKey ?? ecdsa?.peerPublicKey;
    this.#crypto = crypto;
    this.#suite = suiteOf(session, options);
    this.#titles = { client: known("own system title", client), meter: known("meter's system title", meter) };
    this.#meterKey = known("meter's public signature key", meterKey);
    const { signaturePrivateKey } = options;
    const given = signaturePrivateKey === undefined ? undefined : keyOf("signaturePrivateKey", signaturePrivateKey);
    this.#sign =
      options.sign ??
      this.#signer(
        known("own private signature key", given ?? stored?.secrets.signaturePrivateKey ?? ecdsa?.privateKey),
      );
  }

  async offer(name: ChangeableKey): Promise<Offer> {
    const pair = ephemeralPair(this.#crypto, this.#suite);
    const signature = await this.#sign(signedPart(KeyId[keyIds[name]], pair.publicKey));
    return { name, pair, keyData: concatBytes(pair.publicKey, signature) };
  }

  /** The keys that come of the meter's part; each signature is checked before anything is made of it. */
  accept(offers: readonly Offer[], returned: Uint8Array | undefined): ChangedKeys {
    const answers = returned === undefined ? [] : keyParts.decode(decodeData(returned));
    const opened = offers.map(({ name, pair }) => {
      const [answer, ...more] = answers.filter(({ keyId }) => keyId === keyIds[name]);
      if (answer === undefined || more.length > 0 || answers.length !== offers.length)
        throw dlmsError("malformed", `the meter's part has not one answer for ${name}`, { layer: "client" });
      const keyId = KeyId[keyIds[name]];
      return { name, pair, peer: openKeyData(this.#crypto, this.#suite, keyId, answer.keyData, this.#meterKey) };
    });
    return Object.fromEntries(
      opened.map(({ name, pair, peer }) => [name, agreedKey(this.#crypto, this.#suite, pair, peer, this.#titles)]),
    );
  }

  #signer(privateKey: PrivateKey): (octets: Uint8Array) => Uint8Array | Promise<Uint8Array> {
    const curve = this.#suite === 2 ? "P-384" : "P-256";
    if (isKeySource(privateKey)) return (octets) => privateKey.sign(curve, octets);
    const { ellipticCurves } = this.#crypto;
    if (ellipticCurves === undefined)
      throw dlmsError("elliptic-curves-missing", `the crypto provider "${this.#crypto.name}" has no elliptic curves`, {
        layer: "client",
      });
    return (octets) => SecretKey.from(privateKey).use((key) => ellipticCurves.sign(curve, key, octets));
  }
}

/** The meter answers in the form that it was asked in. */
const keyParts = SecuritySetup.methods.keyAgreement.parameter;

function known<T>(what: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw dlmsError("key-unknown", `the ${what} is not known, which key agreement needs`, { layer: "client" });
}
