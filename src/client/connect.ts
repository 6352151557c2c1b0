import type { Endpoint } from "../transport/index.js";
import { openStored } from "./keys/stored.js";
import { type Meter, meterOf } from "./meter.js";
import { openSession } from "./opening.js";
import type { ConnectOptions, StoredConnectOptions } from "./options.js";

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
  return meterOf("keys" in options ? await openStored(endpoint, options) : await openSession(endpoint, options));
}
