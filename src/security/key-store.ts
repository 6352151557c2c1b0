import { dlmsError, toHex } from "../base/index.js";
import type { SecretKey } from "./secret-key.js";

/** Secrets that can be changed in a meter. */
export const secretNames = [
  "encryptionKey",
  "authenticationKey",
  "broadcastKey",
  "masterKey",
  "password",
  "secret",
] as const;

/** Name of a secret: the three global keys, the master key that wraps them, the LLS password, the HLS secret. */
export type SecretName = (typeof secretNames)[number];

/** A change whose outcome nobody knows: the meter has all of it, or nothing. */
export interface PendingSecrets {
  /** What the meter may have taken. */
  readonly secrets: Readonly<Partial<Record<SecretName, SecretKey>>>;
  /** Keys that were being agreed on: had the meter carried it out, their values were lost with its answer. */
  readonly agreed?: readonly SecretName[];
  /** When it was sent, ISO 8601. */
  readonly since: string;
  /** The meter refused both the new and the old ones: nothing tries again by itself. */
  readonly refused?: true;
}

/**
 * The secrets of one association with one meter. Dedicated keys are not among them: they live for one association and
 * are drawn anew for each.
 */
export interface MeterSecrets extends Readonly<Partial<Record<SecretName, SecretKey>>> {
  /** The meter's system title, eight octets. */
  readonly systemTitle?: Uint8Array;
  /** Our own system title towards this meter, eight octets. */
  readonly ownSystemTitle?: Uint8Array;
  /** Our own private signature key. */
  readonly signaturePrivateKey?: SecretKey;
  /** The meter's public signature key, x and y. */
  readonly meterSignaturePublicKey?: Uint8Array;
  readonly pending?: PendingSecrets;
  /** Set by the store: which state of the entry this is. */
  readonly revision?: string;
}

/**
 * Where keys, passwords and secrets of meters live. A file store is `fileKeyStore` of `dlms-cosem/node`; a key
 * management system implements these two.
 */
export interface KeyStore {
  /** The entry of a meter, by the name it was saved under or by its system title in hexadecimal; undefined without one. */
  load(meter: string): Promise<MeterSecrets | undefined>;
  /**
   * Saves the entry whole, and gives it with its new revision. Resolves only after it is lasting.
   * @throws SecurityError `key-store-changed` when the entry is no longer that of `secrets.revision` (without one: when
   * there is an entry); `key-store-failed`.
   */
  save(meter: string, secrets: MeterSecrets): Promise<MeterSecrets>;
}

/** The entry as it is once the pending change is known to be in force (`true`) or not. */
export function settled({ pending, ...secrets }: MeterSecrets, taken: boolean): MeterSecrets {
  return taken ? { ...secrets, ...pending?.secrets } : secrets;
}

/** The error of a save that came too late. For writers of stores. */
export function keyStoreChanged(meter: string) {
  return dlmsError("key-store-changed", `the entry of ${meter} was changed by someone else`, {
    layer: "store",
    retryable: true,
  });
}

/** Keeps secrets for the life of the process: for tests, and for programs that bring them from elsewhere. */
export function memoryKeyStore(meters: Readonly<Record<string, MeterSecrets>> = {}): KeyStore {
  const entries = new Map<string, MeterSecrets>();
  for (const [meter, secrets] of Object.entries(meters)) entries.set(meter, { ...secrets, revision: "1" });
  return {
    load: async (meter) => entries.get(meter) ?? [...entries.values()].find((entry) => isTitleOf(meter, entry)),
    save: async (meter, secrets) => {
      const name = entries.has(meter)
        ? meter
        : ([...entries].find(([, entry]) => isTitleOf(meter, entry))?.[0] ?? meter);
      const before = entries.get(name)?.revision;
      if (before !== secrets.revision) throw keyStoreChanged(meter);
      const saved = { ...secrets, revision: `${Number(before ?? 0) + 1}` };
      entries.set(name, saved);
      return saved;
    },
  };
}

/** True when `name` is the system title of this entry, in hexadecimal. */
export function isTitleOf(name: string, { systemTitle }: MeterSecrets): boolean {
  return systemTitle !== undefined && name.toUpperCase() === toHex(systemTitle);
}
