import type { AssociationSecurity } from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { type GeneralProtectionKeys, generalProtection, type PrivateKeySource } from "../../src/security/index.js";
import { crypto, hex } from "./joined.js";

export const clientTitle = hex("434C490000000001");
export const meterTitle = hex("4D45540000000001");

const curves = () => {
  if (!crypto.ellipticCurves) throw new Error("the provider has elliptic curves");
  return crypto.ellipticCurves;
};

/** Key pairs and keys of both ends of one suite, fresh. */
export function parties(suite: 0 | 1 | 2) {
  const size = suite === 2 ? 32 : 16;
  const curve = suite === 2 ? "P-384" : "P-256";
  const pair = () => curves().generateKeyPair(curve);
  const pairs = { clientSigns: pair(), clientAgrees: pair(), meterSigns: pair(), meterAgrees: pair() };
  const masterKey = new Uint8Array(size).fill(4);
  const party = (title: Uint8Array) => {
    const [signs, agrees] =
      toHex(title) === toHex(clientTitle)
        ? [pairs.clientSigns, pairs.clientAgrees]
        : [pairs.meterSigns, pairs.meterAgrees];
    return { signaturePublicKey: signs.publicKey, agreementPublicKey: agrees.publicKey };
  };
  const client: GeneralProtectionKeys = {
    masterKey,
    party,
    signaturePrivateKey: pairs.clientSigns.privateKey,
    agreementPrivateKey: pairs.clientAgrees.privateKey,
  };
  const meter: GeneralProtectionKeys = {
    masterKey,
    party,
    signaturePrivateKey: pairs.meterSigns.privateKey,
    agreementPrivateKey: pairs.meterAgrees.privateKey,
  };
  const shared = {
    suite,
    protection: "authenticated-encrypted",
    encryptionKey: new Uint8Array(size).fill(1),
    authenticationKey: new Uint8Array(size).fill(2),
  } as const;
  /** Security of both ends; what is given is laid over. */
  const security = (
    keys: Partial<GeneralProtectionKeys> = {},
    own: Partial<AssociationSecurity> = {},
    meters: Partial<AssociationSecurity> = {},
  ): { client: AssociationSecurity; meter: AssociationSecurity } => ({
    client: {
      ...shared,
      systemTitle: clientTitle,
      peerSystemTitle: meterTitle,
      ciphering: "general-ciphering",
      general: generalProtection({ ...client, ...keys }),
      ...own,
    },
    meter: { ...shared, systemTitle: meterTitle, general: generalProtection(meter), ...meters },
  });
  return { curve, pairs, client, meter, shared, security } as const;
}

/** The private keys of a client in a module that answers at once, whose use is counted. */
export function hsm(of: ReturnType<typeof parties>) {
  const used: string[] = [];
  const keeper = (key: Uint8Array): PrivateKeySource => ({
    sign: (curve, message) => {
      used.push("sign");
      return curves().sign(curve, key, message);
    },
    agree: (curve, publicKey) => {
      used.push("agree");
      return curves().agree(curve, key, publicKey);
    },
  });
  return {
    used,
    signs: keeper(of.pairs.clientSigns.privateKey),
    agrees: keeper(of.pairs.clientAgrees.privateKey),
  };
}
