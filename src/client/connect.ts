import { dlmsError } from "../base/index.js";
import type { Endpoint } from "../transport/index.js";
import { openStored } from "./keys/stored.js";
import { type Meter, meterOf } from "./meter.js";
import { openSession } from "./opening.js";
import type { AssociateOptions, ConnectOptions, StoredConnectOptions } from "./options.js";
import { Session } from "./session.js";
import { publicClient } from "./settings.js";

/**
 * Connects to a meter: opens the line, signs on (IEC 62056-21 mode E) where the endpoint says so, sets up the link and
 * associates. When any of it fails, what was open is taken down again before this throws. Secrets come with the
 * options, or from a store by `keys`.
 * @throws UsageError for options that do not go together, `keys-not-stored`; TransportError; RefusedError
 * `association-rejected`, `authentication-refused`; SecurityError, `keys-unsettled` among them.
 */
export function connect(endpoint: Endpoint, options: StoredConnectOptions): Promise<Meter>;
export function connect(endpoint: Endpoint, options?: ConnectOptions): Promise<Meter>;
export async function connect(endpoint: Endpoint, options: ConnectOptions | StoredConnectOptions = {}): Promise<Meter> {
  const open = (given: typeof options) =>
    "keys" in given ? openStored(endpoint, given) : openSession(endpoint, given);
  return meterOf(await open(options), {
    again: (before) => ("keys" in options ? open(withoutSignal(options)) : openAgain(endpoint, options, before)),
    beside: (session, more) => connectBeside(endpoint, session, options, more),
    policy: options.reassociate,
  });
}

/** Opens a session once more: over the line that others still use, else over a new one. */
function openAgain(endpoint: Endpoint, options: ConnectOptions, before: Session): Promise<Session> {
  const others = [...before.line.wire.hosts].filter((host): host is Session => host instanceof Session);
  const beside = others.find(({ state }) => state === "associated");
  return openSession(endpoint, withKeysOf(before, withoutSignal(options)), beside && { beside });
}

/** Another association over the line of `beside`. */
async function connectBeside(
  endpoint: Endpoint,
  beside: Session,
  first: Omit<ConnectOptions, "authentication" | "security">,
  options: AssociateOptions,
): Promise<Meter> {
  const { server, hdlc, timeouts, retries, gateway, trace, tolerances, dialect, crypto, reassociate } = first;
  const common = { server, hdlc, timeouts, retries, gateway, trace, tolerances, dialect, crypto, reassociate };
  const all: ConnectOptions = { ...defined(common), ...options };
  if ((all.client ?? publicClient) === beside.settings.client)
    throw dlmsError("invalid-argument", `client ${beside.settings.client} has an association over this line already`, {
      layer: "client",
    });
  return meterOf(await openSession(endpoint, all, { beside }), {
    again: (before) => openAgain(endpoint, all, before),
    beside: (session, more) => connectBeside(endpoint, session, all, more),
    policy: all.reassociate,
  });
}

/** The same without what is undefined. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

/** The signal was for connecting the first time. */
function withoutSignal<T extends ConnectOptions | StoredConnectOptions>(given: T): T {
  const { signal: _, ...options } = given;
  return options as T;
}

/** Keys, password and secret that were changed during the session before hold for the next. */
function withKeysOf({ secrets }: Session, given: ConnectOptions): ConnectOptions {
  const { globalKeys, nextAuthentication } = secrets;
  const options = nextAuthentication === undefined ? given : { ...given, authentication: nextAuthentication };
  if (options.security === undefined || globalKeys === undefined) return options;
  const { encryptionKey, authenticationKey } = globalKeys;
  const changed = { ...(encryptionKey && { encryptionKey }), ...(authenticationKey && { authenticationKey }) };
  return { ...options, security: { ...options.security, ...changed } };
}
