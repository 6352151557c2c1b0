import type { Endpoint } from "../transport/index.js";
import { type Meter, meterOf } from "./meter.js";
import { openSession } from "./opening.js";
import type { ConnectOptions } from "./options.js";

/**
 * Connects to a meter: opens the line, signs on (IEC 62056-21 mode E) where the endpoint says so, sets up the link and
 * associates. When any of it fails, what was open is taken down again before this throws.
 * @throws UsageError for options that do not go together; TransportError; RefusedError `association-rejected`,
 * `authentication-refused`; SecurityError.
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Meter> {
  return meterOf(await openSession(endpoint, options));
}
