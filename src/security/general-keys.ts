import type { GeneralHeader, KeyInfo } from "../apdu/index.js";
import { concatBytes, dlmsError } from "../base/index.js";
import type { GeneralKeyChoice, GeneralProtectionOptions, PartyKeys } from "./general-options.js";
import { agree, curveOf, deriveKey, openEphemeralKey } from "./key-derivation.js";
import { unwrapKey } from "./key-wrap.js";
import { isKeySource, type KeyTask, type PrivateKey, shared, signed } from "./private-key.js";
import { SecretKey } from "./secret-key.js";
import { ellipticCurvesOf, securitySuites } from "./suites.js";

/** key-parameters of agreed keys (IEC 62056-5-3, key agreement in general-ciphering). */
export const onePass = 1;
const staticUnified = 2;
const empty = new Uint8Array(0);
/** GBCS encodes 2.16.756.6.8.3.0 where the Green Book has 2.16.756.5.8.3.0. */
const gbcsAlgorithmId = Uint8Array.of(0x60, 0x85, 0x74, 0x06, 0x08, 0x03, 0x00);

/**
 * The key that a received message is ciphered under: made for it, or the number of a lasting one.
 * @throws SecurityError `key-unknown`, `key-unwrap-failed`, `signature-invalid`, `invalid-public-key`,
 * `private-key-failed`.
 */
export function* receivedKey(
  options: GeneralProtectionOptions,
  header: GeneralHeader,
  keyInfo: KeyInfo | undefined,
): KeyTask<SecretKey | number> {
  if (options.messageKey !== undefined) {
    if (keyInfo?.choice === "agreed-key" && keyInfo.keyParameters[0] === onePass)
      ephemeralKey(options, header, keyInfo.keyCipheredData);
    return messageKey(options.messageKey);
  }
  switch (keyInfo?.choice) {
    case undefined:
      return 0;
    case "identified-key":
      return keyInfo.keyId;
    case "wrapped-key":
      return unwrapped(options, keyInfo.kekId, keyInfo.keyCipheredData);
    case "agreed-key":
      return yield* agreed(options, header, keyInfo.keyParameters, keyInfo.keyCipheredData);
  }
}

/** The key to send under (made for it, or the number of a lasting one), and how the message names it. */
export function* sendingKey(
  options: GeneralProtectionOptions,
  header: GeneralHeader,
  choice: GeneralKeyChoice,
): KeyTask<{ key: SecretKey | number; keyInfo: KeyInfo }> {
  const { crypto, suite } = options;
  switch (choice.kind) {
    case "unicast":
      return { key: 0, keyInfo: { choice: "identified-key", keyId: 0 } };
    case "broadcast":
      return { key: 1, keyInfo: { choice: "identified-key", keyId: 1 } };
    case "wrapped": {
      const octets = crypto.randomBytes(securitySuites[suite].keyLength);
      const master = known(options.masterKey, "master key");
      const keyCipheredData = master.use((kek) => crypto.aesKey(kek).wrap(octets));
      const key = new SecretKey(octets);
      octets.fill(0);
      return { key, keyInfo: { choice: "wrapped-key", kekId: 0, keyCipheredData } };
    }
    case "one-pass": {
      const signing = knownPrivate(options.signaturePrivateKey, "signature private key");
      const peer = publicKeyOf(options, header.recipientSystemTitle, "agreementPublicKey");
      const curve = curveOf(suite);
      const pair = ellipticCurvesOf(crypto).generateKeyPair(curve);
      const signature = yield* signed(crypto, curve, signing, pair.publicKey);
      const ephemeral = new SecretKey(pair.privateKey);
      pair.privateKey.fill(0);
      const z = agree(crypto, suite, ephemeral, peer);
      ephemeral.destroy();
      const keyCipheredData = concatBytes(pair.publicKey, signature);
      return {
        key: derived(options, z, header),
        keyInfo: { choice: "agreed-key", keyParameters: Uint8Array.of(onePass), keyCipheredData },
      };
    }
    case "static":
      return {
        key: yield* staticKey(options, header, header.recipientSystemTitle),
        keyInfo: { choice: "agreed-key", keyParameters: Uint8Array.of(staticUnified), keyCipheredData: empty },
      };
  }
}

/**
 * The key that signed an ephemeral key: undefined where it may stay unchecked.
 * @throws SecurityError `key-unknown`.
 */
export function ephemeralKeySigner(options: GeneralProtectionOptions, header: GeneralHeader): Uint8Array | undefined {
  const { verify = "required", party } = options;
  const title = header.originatorSystemTitle;
  if (verify === "required") return publicKeyOf(options, title, "signaturePublicKey");
  return verify === "off" ? undefined : party?.(title)?.signaturePublicKey;
}

/** The key of C(0e, 2s) with `peer`: both ends derive it from their static keys and the transaction-id. */
export function* staticKey(
  options: GeneralProtectionOptions,
  header: GeneralHeader,
  peer: Uint8Array,
): KeyTask<SecretKey> {
  const own = knownPrivate(options.agreementPrivateKey, "key agreement private key");
  const publicKey = publicKeyOf(options, peer, "agreementPublicKey");
  const z = yield* shared(options.crypto, curveOf(options.suite), own, publicKey);
  return derived(options, z, header, header.transactionId);
}

/** @throws SecurityError `key-unknown` when the party or its key is not known. */
export function publicKeyOf(
  options: GeneralProtectionOptions,
  systemTitle: Uint8Array,
  use: keyof PartyKeys,
): Uint8Array {
  const key = options.party?.(systemTitle)?.[use];
  if (key === undefined)
    throw dlmsError("key-unknown", `the other party's ${use} is not known`, {
      layer: "security",
      received: systemTitle,
    });
  return key;
}

/** @throws SecurityError `key-unknown`. */
export function known(key: SecretKey | Uint8Array | undefined, name: string): SecretKey {
  if (key === undefined) throw dlmsError("key-unknown", `the ${name} is not known`, { layer: "security" });
  return SecretKey.from(key);
}

/** @throws SecurityError `key-unknown`. */
export function knownPrivate(key: PrivateKey | undefined, name: string): PrivateKey {
  if (key !== undefined && isKeySource(key)) return key;
  return known(key, name);
}

/** A copy: the caller destroys keys that served one message. */
export function messageKey(key: SecretKey | Uint8Array): SecretKey {
  return SecretKey.from(key).use((octets) => new SecretKey(octets));
}

function unwrapped(options: GeneralProtectionOptions, kekId: number, wrapped: Uint8Array): SecretKey {
  if (kekId !== 0) throw dlmsError("key-unknown", `there is no key encrypting key ${kekId}`, { layer: "security" });
  return unwrapKey(options.crypto, options.suite, known(options.masterKey, "master key"), wrapped);
}

function* agreed(
  options: GeneralProtectionOptions,
  header: GeneralHeader,
  parameters: Uint8Array,
  keyData: Uint8Array,
): KeyTask<SecretKey> {
  const scheme = parameters.length === 1 ? parameters[0] : undefined;
  if (scheme === staticUnified) {
    if (keyData.length !== 0)
      throw dlmsError("malformed", "key data where C(0e, 2s) has none", { layer: "security", received: keyData });
    return yield* staticKey(options, header, header.originatorSystemTitle);
  }
  if (scheme !== onePass)
    throw dlmsError("key-unknown", "the key agreement scheme is neither C(1e, 1s) nor C(0e, 2s)", {
      layer: "security",
      received: parameters,
    });
  const ephemeral = ephemeralKey(options, header, keyData);
  const own = knownPrivate(options.agreementPrivateKey, "key agreement private key");
  return derived(options, yield* shared(options.crypto, curveOf(options.suite), own, ephemeral), header);
}

function ephemeralKey(options: GeneralProtectionOptions, header: GeneralHeader, keyData: Uint8Array): Uint8Array {
  return openEphemeralKey(options.crypto, options.suite, keyData, ephemeralKeySigner(options, header));
}

function derived(
  { crypto, suite, profile }: GeneralProtectionOptions,
  secret: SecretKey,
  header: GeneralHeader,
  transactionId?: Uint8Array,
): SecretKey {
  const { originatorSystemTitle: originator, recipientSystemTitle: recipient } = header;
  const info = {
    originator,
    recipient,
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(profile === "gbcs" ? { algorithmId: gbcsAlgorithmId } : {}),
  };
  const key = secret.use((z) => deriveKey(crypto, suite, z, info));
  secret.destroy();
  return key;
}
