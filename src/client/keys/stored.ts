import { DlmsError, dlmsError } from "../../base/index.js";
import { type KeyStore, type MeterSecrets, type SecretName, settled } from "../../security/index.js";
import type { Endpoint } from "../../transport/index.js";
import { openSession } from "../opening.js";
import type { AuthenticationOptions, ConnectOptions, SecurityOptions, StoredConnectOptions } from "../options.js";
import type { Session } from "../session.js";
import type { ChangedKeys } from "./setup.js";

/** The entry of a store that a session was opened with. */
export interface StoredSecrets {
  readonly store: KeyStore;
  readonly meter: string;
  /** As last loaded or saved. */
  secrets: MeterSecrets;
}

/** What a session knows of its secrets beyond its settings. */
export interface SessionSecrets {
  /** Where they came from, and where what changes of them is written. */
  stored?: StoredSecrets;
  /** The global keys in force, once they were changed. */
  globalKeys?: ChangedKeys;
  /** How to prove who we are the next time, once password or secret were changed. */
  nextAuthentication?: AuthenticationOptions | undefined;
}

/**
 * Opens a session with the secrets of a store. A change whose outcome is not known is settled here: the new secrets
 * are tried, then the old ones, one attempt each; when both are refused nothing tries again by itself.
 * @throws UsageError `keys-not-stored`; SecurityError `keys-unsettled`, `key-store-failed`; else as `openSession`.
 */
export async function openStored(endpoint: Endpoint, options: StoredConnectOptions): Promise<Session> {
  const { store, meter, tryAgain = false } = options.keys;
  const secrets = await store.load(meter);
  if (secrets === undefined)
    throw dlmsError("keys-not-stored", `the key store has no entry ${meter}`, { layer: "client" });
  const { pending } = secrets;
  const names = [...(Object.keys(pending?.secrets ?? {}) as SecretName[]), ...(pending?.agreed ?? [])];
  const proven = provenBy(withSecrets(options, secrets));
  if (pending === undefined || !names.some((name) => proven.has(name))) {
    const session = await openSession(endpoint, withSecrets(options, secrets));
    session.secrets.stored = { store, meter, secrets };
    return session;
  }
  if (pending.refused === true && !tryAgain) throw unsettled(meter, "it refused both the new and the old ones");
  return await new Settling(endpoint, options, { store, meter, secrets }).run();
}

/** Finds out which of two sets of secrets a meter has. */
class Settling {
  readonly #endpoint: Endpoint;
  readonly #options: StoredConnectOptions;
  readonly #stored: StoredSecrets;

  constructor(endpoint: Endpoint, options: StoredConnectOptions, stored: StoredSecrets) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#stored = stored;
  }

  async run(): Promise<Session> {
    const { secrets, meter, store } = this.#stored;
    const agreed = secrets.pending?.agreed !== undefined;
    const refusals: unknown[] = [];
    // The value of an agreed key went with the answer that was lost: there is nothing new to try.
    for (const taken of agreed ? [false] : [true, false]) {
      const session = await this.#attempt(settled(secrets, taken), refusals);
      if (session !== undefined) return await this.#settle(session, taken);
    }
    const { pending } = secrets;
    if (pending !== undefined && refusals.every(isRefusal))
      await store.save(meter, { ...secrets, pending: { ...pending, refused: true } });
    const what = agreed ? "it refused the old ones, and the agreed ones were lost" : "it took neither";
    throw unsettled(meter, what, refusals.at(-1));
  }

  async #attempt(secrets: MeterSecrets, refusals: unknown[]): Promise<Session | undefined> {
    try {
      return await openSession(this.#endpoint, withSecrets(this.#options, secrets), { once: true });
    } catch (error) {
      if (!isRefusal(error) && !isSilence(error)) throw error;
      refusals.push(error);
      return undefined;
    }
  }

  async #settle(session: Session, taken: boolean): Promise<Session> {
    const { store, meter, secrets } = this.#stored;
    try {
      session.secrets.stored = { store, meter, secrets: await this.#save(settled(secrets, taken)) };
    } catch (error) {
      await session.close();
      throw error;
    }
    const message = `the meter has the ${taken ? "new" : "old"} secrets of the change of ${secrets.pending?.since}`;
    session.notice({ type: "notice", name: "keys-settled", message }, "client");
    return session;
  }

  /** Another process may have settled the same in the meantime. */
  async #save(secrets: MeterSecrets): Promise<MeterSecrets> {
    const { store, meter } = this.#stored;
    try {
      return await store.save(meter, secrets);
    } catch (error) {
      if (!DlmsError.is(error) || error.code !== "key-store-changed") throw error;
      const now = await store.load(meter);
      if (now === undefined || now.pending !== undefined) throw error;
      return now;
    }
  }
}

/** The options with what the store has. @throws UsageError `keys-not-stored` when it lacks something. */
function withSecrets({ keys, ...given }: StoredConnectOptions, secrets: MeterSecrets): ConnectOptions {
  const { authentication, security, ...options } = given;
  const held = <Name extends keyof MeterSecrets>(name: Name) => {
    const value = secrets[name];
    if (value !== undefined) return value;
    throw dlmsError("keys-not-stored", `the key store has no ${name} in the entry ${keys.meter}`, { layer: "client" });
  };
  const ownTitle = secrets.ownSystemTitle && { systemTitle: secrets.ownSystemTitle };
  const proof = authentication && proofOf(authentication, held);
  if (security === undefined && proof?.mechanism !== "hls-gmac")
    return { ...ownTitle, ...options, ...(proof && { authentication: proof }) };
  const { authenticationKey, systemTitle } = secrets;
  const protection: SecurityOptions = {
    ...(systemTitle && { meterSystemTitle: systemTitle }),
    ...security,
    systemTitle: held("ownSystemTitle"),
    encryptionKey: held("encryptionKey"),
    ...(authenticationKey && { authenticationKey }),
  };
  return { ...options, ...(proof && { authentication: proof }), security: protection };
}

function proofOf(
  given: NonNullable<StoredConnectOptions["authentication"]>,
  held: <Name extends keyof MeterSecrets>(name: Name) => NonNullable<MeterSecrets[Name]>,
): AuthenticationOptions {
  const { mechanism } = given;
  switch (mechanism) {
    case "none":
    case "hls-gmac":
      return { mechanism };
    case "low":
      return { mechanism, password: held("password") };
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      return { mechanism, secret: held("secret") };
    case "hls-ecdsa": {
      const privateKey = "privateKey" in given ? given.privateKey : held("signaturePrivateKey");
      return { mechanism, privateKey, peerPublicKey: held("meterSignaturePublicKey") };
    }
    case "hls-manufacturer":
      if ("prove" in given) return given;
      throw dlmsError("invalid-argument", "hls-manufacturer needs `prove` and `verify`", { layer: "client" });
  }
}

/** The secrets that an association made with these options proves: with another one it does not come about. */
function provenBy({ authentication, security }: ConnectOptions): ReadonlySet<SecretName> {
  const proven = new Set<SecretName>();
  const mechanism = authentication?.mechanism ?? "none";
  const protection = security === undefined ? "none" : (security.protection ?? "authenticated-encrypted");
  if (mechanism === "low") proven.add("password");
  if (mechanism === "hls-md5" || mechanism === "hls-sha1" || mechanism === "hls-sha256") proven.add("secret");
  if (mechanism === "hls-gmac" || protection !== "none") proven.add("encryptionKey");
  if (mechanism === "hls-gmac" || protection.startsWith("authenticated")) proven.add("authenticationKey");
  return proven;
}

/** The meter, or its proof, says that the secrets are not right: this counts where meters lock out. */
function isRefusal(error: unknown): boolean {
  return DlmsError.is(error) && refusals.has(error.code);
}

const refusals: ReadonlySet<string> = new Set([
  "association-rejected",
  "authentication-refused",
  "request-refused",
  "hls-authentication-failed",
  "authentication-failed",
  "wrong-key",
]);

/** Some meters are mute to what they cannot decipher. */
function isSilence(error: unknown): boolean {
  return DlmsError.is(error) && error.code === "timeout" && error.details.phase === "association";
}

function unsettled(meter: string, what: string, cause?: unknown) {
  return dlmsError("keys-unsettled", `which secrets ${meter} has is not known: ${what}`, {
    layer: "client",
    ...(cause !== undefined && { cause }),
  });
}
