import { fromHex, toHex } from "../../src/base/index.js";
import { GeneralProtection, type GeneralProtectionOptions, MemoryCounter } from "../../src/security/index.js";
import { clientTitle, crypto, serverTitle } from "./helpers.js";

export const empty = new Uint8Array(0);
export const header = {
  transactionId: fromHex("0102030405060708"),
  originatorSystemTitle: clientTitle,
  recipientSystemTitle: serverTitle,
  dateTime: empty,
  otherInformation: empty,
};
export const master = new Uint8Array(16).fill(0x77);

/** Both parties of one suite with certified keys of each other. */
export function parties(suite: 1 | 2, both: Partial<GeneralProtectionOptions> = {}, provider = crypto) {
  const curves = provider.ellipticCurves!;
  const curve = suite === 1 ? "P-256" : "P-384";
  const pairs = [0, 1, 2, 3].map(() => curves.generateKeyPair(curve)) as [
    KeyPairLike,
    KeyPairLike,
    KeyPairLike,
    KeyPairLike,
  ];
  const size = suite === 1 ? 16 : 32;
  const end = (own: number, title: Uint8Array): GeneralProtectionOptions => ({
    crypto: provider,
    suite,
    systemTitle: title,
    encryptionKey: new Uint8Array(size).fill(1),
    broadcastKey: new Uint8Array(size).fill(2),
    authenticationKey: new Uint8Array(size).fill(3),
    masterKey: new Uint8Array(size).fill(4),
    agreementPrivateKey: pairs[own]!.privateKey,
    signaturePrivateKey: pairs[own + 1]!.privateKey,
    party: (peer) => {
      const at = toHex(peer) === toHex(clientTitle) ? 0 : 2;
      return { agreementPublicKey: pairs[at]!.publicKey, signaturePublicKey: pairs[at + 1]!.publicKey };
    },
    counter: new MemoryCounter(1),
    broadcastCounter: new MemoryCounter(1),
    ...both,
  });
  const client = end(0, clientTitle);
  const server = end(2, serverTitle);
  return { client: new GeneralProtection(client), server: new GeneralProtection(server), options: { client, server } };
}
interface KeyPairLike {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}
