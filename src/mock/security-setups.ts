import { DlmsError } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { u32 } from "../data/index.js";
import { type GeneralProtectionKeys, isKeySource, type PrivateKey, type Protection } from "../security/index.js";
import type { ClientRecord } from "./clients.js";
import { logicalName } from "./household-meter.js";
import { KeyRing } from "./key-ring.js";
import type { MockObject } from "./object.js";
import { SecuritySetupState, securitySetupObject } from "./security-setup.js";
import { dataObject } from "./simple-objects.js";

/** Security setups by the address of their client: each client that ciphers has one of its own, 0-0:43.0.e. */
export function securitySetups(
  records: ReadonlyMap<number, ClientRecord>,
  crypto: CryptoProvider,
  version?: 0 | 1,
): ReadonlyMap<number, SecuritySetupState> {
  const setups = new Map<number, SecuritySetupState>();
  for (const [clientSap, record] of records) {
    const { security, authentication } = record.client;
    if (security === undefined || record.keys === undefined) continue;
    const ecdsa = authentication.mechanism === "hls-ecdsa" ? authentication : undefined;
    const ofClass = version ?? (security.suite === 0 ? 0 : 1);
    const state = new SecuritySetupState({
      crypto,
      logicalName: logicalName(`0.0.43.0.${setups.size}.255`),
      version: ofClass,
      suite: security.suite,
      policy:
        security.policy ?? policies[security.protection][ofClass] + (ofClass && security.signing ? signedBits : 0),
      keys: record.keys,
      serverSystemTitle: security.systemTitle,
      // A new key pair may be put in use at any time.
      get signaturePrivateKey() {
        return security.signaturePrivateKey ?? atHand(ecdsa?.privateKey);
      },
      clientSystemTitle: () => record.systemTitle,
      clientSignaturePublicKey: () =>
        security.clientSignaturePublicKey ?? ecdsa?.peerPublicKey ?? certifiedKey(ecdsa?.party, record.systemTitle),
      certificates: security.certificates,
    });
    setups.set(clientSap, state);
  }
  return setups;
}

/**
 * The objects of these setups, and beside each the highest counter received under its unicast key, 0-0:43.1.e: read
 * by the public client before it ciphers anything. A meter that ciphers nothing has one setup that says so.
 */
export function securitySetupObjects(
  setups: readonly SecuritySetupState[],
  systemTitle: Uint8Array,
  crypto: CryptoProvider,
): MockObject[] {
  const nothing = new SecuritySetupState({
    crypto,
    logicalName: logicalName("0.0.43.0.0.255"),
    version: 0,
    suite: 0,
    policy: 0,
    keys: new KeyRing({}),
    serverSystemTitle: systemTitle,
    clientSystemTitle: () => new Uint8Array(8),
  });
  return [
    ...(setups.length === 0 ? [nothing] : setups).map(securitySetupObject),
    ...setups.map(({ keys }, index) =>
      dataObject(logicalName(`0.0.43.1.${index}.255`), () => u32(Math.max(0, keys.counters().received))),
    ),
  ];
}

/** Requests and responses signed, in version 1. */
const signedBits = 0b1001_0000;

/** The key of a client whose certificate is good; the key agreement is refused where there is none. */
function certifiedKey(party: GeneralProtectionKeys["party"], systemTitle: Uint8Array): Uint8Array | undefined {
  try {
    return party?.(systemTitle)?.signaturePublicKey;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return undefined;
  }
}

/** The policy that a protection stands for, in version 0 and in the bits of version 1: the same both ways. */
const policies: Readonly<Record<Protection, readonly [number, number]>> = {
  none: [0, 0],
  authenticated: [1, 0b0010_0100],
  encrypted: [2, 0b0100_1000],
  "authenticated-encrypted": [3, 0b0110_1100],
};

/** A meter's keys are its own: none is kept elsewhere. */
const atHand = (key: PrivateKey | undefined) => (key === undefined || isKeySource(key) ? undefined : key);
