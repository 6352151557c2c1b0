import { concatBytes, DlmsError } from "../base/index.js";
import { KeyId, type MethodParameter, type SecuritySetup } from "../cosem/index.js";
import { agreedKey, ephemeralPair, openKeyData, SecretKey, signedPart, unwrapKey } from "../security/index.js";
import type { KeyName } from "./key-ring.js";
import { accessResult, Refusal } from "./results.js";
import type { SecuritySetupMethods, SecuritySetupState } from "./security-setup.js";

/** Methods of Security setup that are about policy and keys. A refused call changes nothing, not even in part. */
export function keyMethods(setup: SecuritySetupState) {
  return {
    securityActivate: (policy) => setup.activate(policy.code),
    keyTransfer: (transfers) => setup.keys.replace(transferred(setup, transfers)),
    keyAgreement: (offers) => {
      const { keys, answers } = agreedOn(setup, offers);
      setup.keys.replace(keys);
      return answers;
    },
  } satisfies SecuritySetupMethods;
}

type Transfers = MethodParameter<typeof SecuritySetup, "keyTransfer">;
type Offers = MethodParameter<typeof SecuritySetup, "keyAgreement">;

/** The keys of a transfer, each wrapped under the master key of before. */
function transferred(setup: SecuritySetupState, transfers: Transfers): ReadonlyMap<KeyName, SecretKey> {
  const { crypto, suite } = setup.options;
  const master = setup.keys.get("master");
  if (master === undefined) throw new Refusal(accessResult.readWriteDenied);
  const names = namesOf(transfers);
  return new Map(
    transfers.map(({ keyWrapped }, index) => [
      names[index] as KeyName,
      orRefuse(() => unwrapKey(crypto, suite, master, keyWrapped)),
    ]),
  );
}

/** The keys that come of the client's ephemeral public keys, and our own public keys with their signatures. */
function agreedOn(setup: SecuritySetupState, offers: Offers) {
  const { crypto, suite, signaturePrivateKey, clientSignaturePublicKey, ...titles } = setup.options;
  const signer = clientSignaturePublicKey?.();
  const curves = crypto.ellipticCurves;
  if (signaturePrivateKey === undefined || signer === undefined || curves === undefined || suite === 0)
    throw new Refusal(accessResult.readWriteDenied);
  const names = namesOf(offers);
  // Every signature is looked at before anything is made of any of the keys.
  const publicKeys = offers.map(({ keyData }, index) =>
    orRefuse(() => openKeyData(crypto, suite, KeyId[names[index] as KeyName], keyData, signer)),
  );
  const keys = new Map<KeyName, SecretKey>();
  const answers = publicKeys.map((publicKey, index) => {
    const keyId = names[index] as KeyName;
    const own = ephemeralPair(crypto, suite);
    const both = { client: titles.clientSystemTitle(), meter: titles.serverSystemTitle };
    keys.set(
      keyId,
      orRefuse(() => agreedKey(crypto, suite, own, publicKey, both)),
    );
    const curve = suite === 2 ? "P-384" : "P-256";
    const signed = signedPart(KeyId[keyId], own.publicKey);
    const signature = SecretKey.from(signaturePrivateKey).use((key) => curves.sign(curve, key, signed));
    return { keyId, keyData: concatBytes(own.publicKey, signature) };
  });
  return { keys, answers };
}

/** Names of the keys that are meant: at least one, none twice, none that does not exist. */
function namesOf(given: readonly { readonly keyId: KeyName | number }[]): readonly KeyName[] {
  const names = given.map(({ keyId }) => keyId).filter((keyId) => typeof keyId === "string");
  if (names.length !== given.length || names.length === 0 || new Set(names).size !== names.length)
    throw new Refusal(accessResult.otherReason);
  return names;
}

/** What cannot be unwrapped, verified or agreed on is refused without a word about why. */
function orRefuse<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    throw new Refusal(accessResult.otherReason);
  }
}
