import { dlmsError } from "../../base/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import type { Verify } from "../../security/index.js";
import type { Clock } from "../../transport/index.js";
import type { ConfirmOptions, PushObjectName, PushSender } from "../listen/index.js";
import type { MeterEntry } from "./registry.js";
import type { HeartbeatReader } from "./shared-line.js";

/** How meters that dial in are received. */
export interface DialInOptions {
  /** The meters that may. Nobody else is served. */
  readonly registry: readonly MeterEntry[];
  /** What the meters speak on this port. Default `wrapper`. */
  readonly link?: "wrapper" | "hdlc";
  /**
   * Asks a meter that says nothing of itself for its logical device name, by the public client and without any key.
   * `client` and `server` are the addresses for that; default 16 and 1. `false` asks nobody: then a push, a heartbeat
   * or a certificate has to tell. Nobody is asked over UDP, where the sender's address may be forged.
   */
  readonly ask?: false | { readonly client?: number; readonly server?: number };
  /** How long a meter may say nothing before it is asked. Default 2,000. */
  readonly quietMs?: number;
  /** How long a connection may stay that nobody knows. Default 30,000. */
  readonly identifyMs?: number;
  /** Octets that one may send who is not identified. Default 8,192. */
  readonly unidentifiedBytes?: number;
  /** Connections open at once that nobody knows yet; further ones are closed. Default 200. */
  readonly maxUnidentified?: number;
  /** The same of one network address. Default 20. */
  readonly maxUnidentifiedPerAddress?: number;
  /** Silence after which a connection is closed; 0 for never. Default 1 h. */
  readonly idleTimeoutMs?: number;
  /** Finds heartbeats, where modems send some. */
  readonly heartbeat?: HeartbeatReader;
  /**
   * What is asked of pushes of meters that have keys: a tag that holds (`required`, the default), one where the
   * authentication key is known (`if-key`), or nothing (`off`). Pushes of meters without keys are taken in clear.
   */
  readonly verify?: Verify;
  /** As `confirm` of `listen`. */
  readonly confirm?: ConfirmOptions;
  /** As `objects` of `listen`. */
  readonly objects?: readonly PushObjectName[] | ((push: PushSender) => readonly PushObjectName[] | undefined);
  /** Pushes held for a consumer that is behind, 1 or more. Default 100. */
  readonly queueLimit?: number;
  /** Octets of each connection held when the queue is full; what comes on top is lost and told. Default 65,536. */
  readonly pendingLimit?: number;
  /** Events held for a consumer that is behind; the oldest goes when one more comes. Default 1,000. */
  readonly eventLimit?: number;
  /** Time for the waits of `meter`; the connections bring their own. Default: the system's. */
  readonly clock?: Clock;
  /** Default: Node's crypto, or the portable provider. */
  readonly crypto?: CryptoProvider;
}

/** The limits with every default in its place. */
export type DialInLimits = Readonly<Record<keyof typeof defaults, number>>;

const defaults = {
  quietMs: 2_000,
  identifyMs: 30_000,
  unidentifiedBytes: 8_192,
  maxUnidentified: 200,
  maxUnidentifiedPerAddress: 20,
  idleTimeoutMs: 3_600_000,
  eventLimit: 1_000,
} as const;

/** @throws UsageError `invalid-argument`. */
export function limitsOf(options: DialInOptions): DialInLimits {
  const entries = Object.entries(defaults).map(([name, fallback]) => {
    const value = options[name as keyof typeof defaults] ?? fallback;
    const least = name === "idleTimeoutMs" || name === "quietMs" ? 0 : 1;
    if (!Number.isInteger(value) || value < least || value > 0x7fff_ffff)
      throw dlmsError("invalid-argument", `${name} is ${value}, not a whole number from ${least}`, { layer: "client" });
    return [name, value];
  });
  return Object.fromEntries(entries) as DialInLimits;
}
