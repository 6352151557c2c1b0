import { DlmsError, dlmsError } from "../../base/index.js";
import { encodeParameter, type Obis, SecuritySetup } from "../../cosem/index.js";
import { encodeData } from "../../data/index.js";
import { SecretKey, securitySuites, wrapKey } from "../../security/index.js";
import { type Meter, sessionOf } from "../meter.js";
import type { KeyLike } from "../options.js";
import type { Session } from "../session.js";
import { keyOf } from "../settings.js";
import { checkPending, isRefused, journaled } from "./journal.js";
import {
  type Ask,
  type ChangeableKey,
  type ChangedKeys,
  checkNew,
  countersFor,
  exclusively,
  invokeSetup,
  type KeyChangeOptions,
  keyIds,
  namesOf,
  securitySetupOf,
  suiteOf,
  useKeys,
} from "./setup.js";

/** New keys by name; `true` draws one, which needs a key store to keep it. */
export type NewKeys = Readonly<Partial<Record<ChangeableKey, KeyLike | true>>>;

export interface KeyTransferOptions extends KeyChangeOptions {
  /** Wraps the new keys. Default: that of the key store. */
  readonly masterKey?: KeyLike;
}

/**
 * Gives the meter new keys, wrapped under the master key, in one call of key_transfer: it takes all of them or none.
 * The session goes on under them, with counters that begin anew, and the key store keeps them. The call is never
 * repeated by itself.
 *
 * @throws SecurityError `key-change-unknown` when the answer was lost: the session ends if its own keys were among
 * them, and old and new ones are kept (see `connect` with `keys`); `key-unknown` without a master key.
 * @throws RefusedError `access-refused`: nothing changed. UsageError `invalid-key`, `invalid-argument`.
 */
export async function changeKeys(meter: Meter, keys: NewKeys, options: KeyTransferOptions = {}): Promise<ChangedKeys> {
  const session = sessionOf(meter);
  const suite = suiteOf(session, options);
  const fresh = freshKeys(session, keys, suite);
  const isRepetition = session.secrets.stored?.secrets.pending !== undefined;
  if (isRepetition) checkPending(session, { secrets: fresh });
  else checkNew(session, fresh, suite);
  return await transfer(session, fresh, options, isRepetition);
}

/**
 * Sends a change again whose outcome is not known and which connecting does not tell: of master key or broadcast key.
 * Afterwards the meter has it. Does nothing when no key is pending.
 * @throws as `changeKeys`; SecurityError `key-change-unknown` when it takes it under neither master key.
 */
export async function settleKeys(meter: Meter, options: KeyTransferOptions = {}): Promise<ChangedKeys> {
  const session = sessionOf(meter);
  const pending = session.secrets.stored?.secrets.pending?.secrets ?? {};
  const keys = Object.fromEntries(Object.entries(pending).filter(([name]) => Object.hasOwn(keyIds, name)));
  return Object.keys(keys).length === 0 ? {} : await transfer(session, keys, options, true);
}

async function transfer(
  session: Session,
  keys: ChangedKeys,
  options: KeyTransferOptions,
  isRepetition: boolean,
): Promise<ChangedKeys> {
  const master = masterKeyOf(session, options);
  const setup = await securitySetupOf(session, options);
  return await exclusively(session, namesOf(keys), async (ask) => {
    const counters = await countersFor(session, keys);
    return await journaled(session, { secrets: keys }, async () => {
      const handOver = { session, setup, keys, options };
      const next = isRepetition ? keys.masterKey : undefined;
      if (next === undefined) await transferOnce(ask, handOver, master);
      else await transferUnderEither(ask, handOver, [master, next]);
      useKeys(session, keys, counters);
      return keys;
    });
  });
}

interface Transfer {
  readonly session: Session;
  readonly setup: Obis;
  readonly keys: ChangedKeys;
  readonly options: KeyTransferOptions;
}

async function transferOnce(ask: Ask, { session, setup, keys, options }: Transfer, master: SecretKey): Promise<void> {
  const { crypto } = session.settings;
  const suite = suiteOf(session, options);
  const wrapped = namesOf(keys).map((name) => ({
    keyId: keyIds[name],
    keyWrapped: wrapKey(crypto, suite, master, keys[name] as SecretKey),
  }));
  await invokeSetup(
    ask,
    setup,
    "keyTransfer",
    encodeData(encodeParameter(SecuritySetup, "keyTransfer", wrapped)),
    options,
  );
}

/** The meter may have taken the new master key before: what the old one does not open the new one does. */
async function transferUnderEither(
  ask: Ask,
  handOver: Transfer,
  [old, next]: readonly [SecretKey, SecretKey],
): Promise<void> {
  try {
    return await transferOnce(ask, handOver, old);
  } catch (error) {
    if (!DlmsError.is(error) || !isRefused(error)) throw error;
  }
  try {
    return await transferOnce(ask, handOver, next);
  } catch (cause) {
    if (!DlmsError.is(cause) || !isRefused(cause)) throw cause;
    throw dlmsError("keys-unsettled", "the meter opens the keys with neither master key", { layer: "client", cause });
  }
}

function freshKeys(session: Session, given: NewKeys, suite: 0 | 1 | 2): ChangedKeys {
  const { crypto } = session.settings;
  const keys = Object.entries(given).map(([name, key]) => {
    if (!Object.hasOwn(keyIds, name)) throw invalid(`there is no key ${name}`);
    if (key !== true) return [name, keyOf(name, key)];
    if (session.secrets.stored === undefined)
      throw invalid(`${name} is to be drawn, and there is no key store to keep it`);
    const octets = crypto.randomBytes(securitySuites[suite].keyLength);
    const drawn = new SecretKey(octets);
    octets.fill(0);
    return [name, drawn];
  });
  return Object.fromEntries(keys) as ChangedKeys;
}

function masterKeyOf(session: Session, { masterKey }: KeyTransferOptions): SecretKey {
  const known = masterKey === undefined ? session.secrets.stored?.secrets.masterKey : keyOf("masterKey", masterKey);
  if (known !== undefined) return known;
  throw dlmsError("key-unknown", "the master key is not known, which wraps the new keys", {
    layer: "client",
    advice: "Give `masterKey`, or connect with a key store that holds it.",
  });
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "client" });
}
