import { accessRefusal, type MethodReference } from "../../association/index.js";
import { type AbortSignalLike, DlmsError, dlmsError } from "../../base/index.js";
import { AssociationLnV1, AssociationSnV2, type KeyId, Obis, type ObisLike, SecuritySetup } from "../../cosem/index.js";
import { decodeData } from "../../data/index.js";
import { type KeyReplacement, type SecretKey, type SecretName, securitySuites } from "../../security/index.js";
import { CounterPool } from "../counter-pool.js";
import { methodText } from "../object-source.js";
import type { Session } from "../session.js";
import { isEqual } from "./journal.js";

/** Keys that a security setup holds, by their key_id. */
export const keyIds = {
  encryptionKey: "global-unicast-encryption",
  broadcastKey: "global-broadcast-encryption",
  authenticationKey: "authentication",
  masterKey: "master",
} as const satisfies Partial<Record<SecretName, keyof typeof KeyId>>;

/** Name of a key that can be transferred or agreed on. */
export type ChangeableKey = keyof typeof keyIds;

/** The keys in force after a change. They show nothing of themselves when they are printed. */
export type ChangedKeys = Readonly<Partial<Record<ChangeableKey, SecretKey>>>;

/** Where keys are changed. */
export interface KeyChangeOptions {
  /** The security setup (class 64), where the association does not name its own. Default `0-0:43.0.0*255`. */
  readonly securitySetup?: ObisLike;
  /** Suite of the security setup, where the session itself is not ciphered. Default 0. */
  readonly suite?: 0 | 1 | 2;
  readonly signal?: AbortSignalLike;
}

/** Asks while nobody else does. */
export type Ask = Parameters<Parameters<Session["alone"]>[0]>[0];

const firstSetup = "0-0:43.0.0*255";
const currentAssociation = Uint8Array.of(0, 0, 40, 0, 0, 255);

/** The suite whose keys are changed. */
export function suiteOf(session: Session, { suite = 0 }: KeyChangeOptions): 0 | 1 | 2 {
  return session.settings.security?.suite ?? suite;
}

/** Names in the order of the table. */
export function namesOf(keys: ChangedKeys): readonly ChangeableKey[] {
  return (Object.keys(keyIds) as ChangeableKey[]).filter((name) => keys[name] !== undefined);
}

/** @throws UsageError `invalid-key`, `invalid-argument` for keys that are not new, or equal among themselves. */
export function checkNew(session: Session, keys: ChangedKeys, suite: 0 | 1 | 2): void {
  const { keyLength } = securitySuites[suite];
  const names = namesOf(keys);
  if (names.length === 0) throw invalid("there is no new key");
  names.forEach((name, index) => {
    const key = keys[name] as SecretKey;
    if (key.length !== keyLength)
      throw dlmsError("invalid-key", `${name} has ${key.length} octets; suite ${suite} takes ${keyLength}`, {
        layer: "client",
      });
    if (Object.values(currentKeys(session)).some((current) => isEqual(current, key)))
      throw invalid(`${name} is in use already`);
    if (names.slice(0, index).some((other) => isEqual(keys[other], key))) throw invalid(`${name} is given twice`);
  });
}

/** The security setup that holds for this association. @throws UsageError when another one is named. */
export async function securitySetupOf(session: Session, options: KeyChangeOptions): Promise<Obis> {
  const given = options.securitySetup === undefined ? undefined : Obis.from(options.securitySetup);
  const named = await namedSetup(session, options);
  if (given !== undefined && named !== undefined && !given.equals(named))
    throw invalid(`the security setup of this association is ${named.toString()}, not ${given.toString()}`);
  return named ?? given ?? Obis.parse(firstSetup);
}

/** Associations of version 0 name none, some meters do not let it be read, and some give a name of zeros. */
async function namedSetup(session: Session, { signal }: KeyChangeOptions): Promise<Obis | undefined> {
  const table = session.shortNames === undefined ? AssociationLnV1 : AssociationSnV2;
  const { id: attributeId, type } = table.attributes.securitySetupReference;
  const attribute = { classId: table.id, instanceId: currentAssociation, attributeId };
  const { results } = await session.request({ service: "get", items: [{ attribute }] }, { signal });
  const [result] = results;
  if (typeof result !== "object" || !("ok" in result) || !result.ok) return undefined;
  try {
    const name = type.decode(decodeData(result.data));
    return name.octets.some((octet) => octet !== 0) ? name : undefined;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return undefined;
  }
}

/** Invokes a method of the security setup, once. @throws RefusedError `access-refused`. */
export async function invokeSetup(
  ask: Ask,
  setup: Obis,
  name: "keyTransfer" | "keyAgreement",
  parameter: Uint8Array,
  { signal }: KeyChangeOptions,
): Promise<Uint8Array | undefined> {
  const method: MethodReference = {
    classId: SecuritySetup.id,
    instanceId: setup.octets,
    methodId: SecuritySetup.methods[name].id,
  };
  const response = await ask({ service: "action", items: [{ method, parameter }] }, { retry: false, signal });
  const outcome = response.service === "action" ? response.results[0] : undefined;
  if (outcome === undefined || outcome.result !== 0) throw accessRefusal(outcome?.result ?? 250, methodText(method));
  return outcome.returned?.ok === true ? outcome.returned.data : undefined;
}

/**
 * The counters of a new encryption key, reserved: nothing may come between the meter's answer and its use. A new
 * broadcast key gets its record too, so that a broadcast under it finds where to begin.
 */
export async function countersFor(session: Session, keys: ChangedKeys): Promise<CounterPool | undefined> {
  const { security, crypto } = session.settings;
  if (security === undefined) return undefined;
  if (keys.broadcastKey !== undefined) {
    const broadcast = CounterPool.of(security.counters, crypto, keys.broadcastKey, security.systemTitle);
    if ((await broadcast.stored()) === undefined) await broadcast.ready();
  }
  if (keys.encryptionKey === undefined) return undefined;
  const pool = CounterPool.of(security.counters, crypto, keys.encryptionKey, security.systemTitle);
  await pool.ready();
  return pool;
}

/** The session goes on under the new keys. */
export function useKeys(session: Session, keys: ChangedKeys, counters: CounterPool | undefined): void {
  session.secrets.globalKeys = { ...currentKeys(session), ...keys };
  const { encryptionKey, authenticationKey } = keys;
  const replacement: KeyReplacement = {
    ...(encryptionKey && { encryptionKey, ...(counters && { counter: counters.source }) }),
    ...(authenticationKey && { authenticationKey }),
  };
  if (session.settings.security !== undefined && Object.keys(replacement).length > 0)
    session.replaceKeys(replacement, counters);
}

/** Runs a change while nothing else is asked. A session whose own keys are in doubt ends: the meter would refuse it. */
export async function exclusively<T>(
  session: Session,
  names: readonly ChangeableKey[],
  task: (ask: Ask) => Promise<T>,
): Promise<T> {
  try {
    return await session.alone(task);
  } catch (error) {
    const inDoubt = DlmsError.is(error) && error.code === "key-change-unknown";
    const isOurs = names.includes("encryptionKey") || names.includes("authenticationKey");
    if (inDoubt && isOurs && session.settings.security !== undefined) session.failed(error);
    throw error;
  }
}

/** The keys that are in use now, as far as this session knows them. */
function currentKeys(session: Session): ChangedKeys {
  if (session.secrets.globalKeys !== undefined) return session.secrets.globalKeys;
  const { encryptionKey, authenticationKey } = session.settings.security ?? {};
  const { masterKey, broadcastKey } = session.secrets.stored?.secrets ?? {};
  return {
    ...(encryptionKey && { encryptionKey }),
    ...(authenticationKey && { authenticationKey }),
    ...(masterKey && { masterKey }),
    ...(broadcastKey && { broadcastKey }),
  };
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "client" });
}
