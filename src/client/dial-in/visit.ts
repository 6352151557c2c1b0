import { type AbortSignalLike, DlmsError, dlmsError } from "../../base/index.js";
import type { Clock, Endpoint } from "../../transport/index.js";
import { Cancellation } from "../cancellation.js";
import { connect } from "../connect.js";
import type { Meter } from "../meter.js";
import type { ConnectOptions } from "../options.js";
import type { Connection, Lease } from "./connection.js";
import type { MeterEntry, VisitSettings } from "./registry.js";

/** How long to wait for a meter, and what to connect with. */
export interface VisitOptions {
  /** Cancels the waiting. */
  readonly signal?: AbortSignalLike;
  /** How long the meter may take to dial in and associate. Default 1 h. */
  readonly withinMs?: number;
  /** Goes before what the registry says. */
  readonly connect?: ConnectOptions;
}

/** What a visit needs of the server. */
export interface Visited {
  readonly entry: MeterEntry;
  readonly clock: Clock;
  current(): Connection | undefined;
  /** Calls the listener whenever a meter is identified; gives what ends that. */
  onArrival(listener: () => void): () => void;
  isClosed(): boolean;
  /** The connection does not answer. */
  dead(connection: Connection, error: DlmsError): Promise<void>;
}

const hourMs = 3_600_000;

/** Connects to a meter over its own connection once it is there, and over the next one when that is dead. */
export async function visit(visited: Visited, options: VisitOptions): Promise<Meter> {
  const { withinMs = hourMs, signal } = options;
  if (!Number.isInteger(withinMs) || withinMs < 0 || withinMs > 0x7fff_ffff)
    throw dlmsError("invalid-argument", `withinMs is ${withinMs}, not a whole number from 0`, { layer: "client" });
  const cancellation = new Cancellation(visited.clock, signal);
  cancellation.limit(withinMs, () =>
    dlmsError("timeout", `${visited.entry.name} was not reached within ${withinMs} ms`, {
      layer: "client",
      phase: visited.current() === undefined ? "dial-in" : "connecting",
      timeoutMs: withinMs,
      retryable: true,
    }),
  );
  try {
    for (;;) {
      const connection = await arrival(visited, cancellation);
      const meter = await attempt(visited, connection, options, cancellation);
      if (meter !== undefined) return meter;
    }
  } finally {
    cancellation.dispose();
  }
}

/** The connection of the meter, as soon as there is one. */
async function arrival(visited: Visited, cancellation: Cancellation): Promise<Connection> {
  for (;;) {
    if (visited.isClosed()) throw dlmsError("connection-lost", "the dial-in server was closed", { layer: "client" });
    const connection = visited.current();
    if (connection !== undefined) return connection;
    let stop = () => {};
    try {
      await cancellation.race(
        new Promise<void>((resolve) => {
          stop = visited.onArrival(resolve);
        }),
      );
    } finally {
      stop();
    }
  }
}

/** Undefined when the connection turned out to be dead. */
async function attempt(
  visited: Visited,
  connection: Connection,
  options: VisitOptions,
  cancellation: Cancellation,
): Promise<Meter | undefined> {
  const lease = await turn(connection, cancellation);
  if (lease === undefined) return undefined;
  try {
    const settings = await connectOptions(visited.entry, options.connect);
    checkPassword(visited.entry, connection, settings);
    const meter = await connectWith(lease.endpoint, { ...settings, signal: cancellation });
    if (proves(settings)) {
      connection.proven = true;
      connection.fresh = true;
    }
    lease.handOver();
    return meter;
  } catch (error) {
    lease.release();
    if (cancellation.error !== undefined) throw cancellation.error;
    if (!DlmsError.is(error) || !(connection.closed || isDead(error))) throw error;
    await visited.dead(connection, error);
    return undefined;
  }
}

async function turn(connection: Connection, cancellation: Cancellation): Promise<Lease | undefined> {
  const leasing = connection.lease();
  try {
    return await cancellation.race(leasing);
  } catch (error) {
    leasing.then(
      (lease) => lease.release(),
      () => {},
    );
    if (cancellation.error !== undefined) throw cancellation.error;
    if (connection.closed) return undefined;
    throw error;
  }
}

function connectWith(endpoint: Endpoint, settings: VisitSettings): Promise<Meter> {
  return "keys" in settings ? connect(endpoint, settings) : connect(endpoint, settings);
}

/** What the registry says, with what the caller says instead; the title of the meter holds in any case. */
async function connectOptions(entry: MeterEntry, own: ConnectOptions | undefined): Promise<VisitSettings> {
  const registered = typeof entry.connect === "function" ? await entry.connect() : entry.connect;
  const options = { ...registered, ...own } as VisitSettings;
  const { security } = options;
  if (security === undefined || entry.systemTitle === undefined) return options;
  return { ...options, security: { ...security, meterSystemTitle: entry.systemTitle } } as VisitSettings;
}

/** A password goes in clear: to whom only says that he is the meter, it would be a gift. */
function checkPassword(entry: MeterEntry, connection: Connection, { authentication }: VisitSettings): void {
  if (authentication?.mechanism !== "low" || connection.fresh || entry.allowClaim === true) return;
  throw dlmsError(
    "identity-unproven",
    `${entry.name} has not proven who it is over this connection: no password is sent`,
    {
      layer: "client",
    },
  );
}

/** Whether a meter with which that association stands has proven who it is. */
function proves({ authentication, security }: VisitSettings): boolean {
  if (authentication?.mechanism.startsWith("hls-") === true) return true;
  return security !== undefined && (security.protection ?? "authenticated-encrypted").startsWith("authenticated");
}

function isDead({ code }: DlmsError): boolean {
  return code === "timeout" || code === "connection-lost";
}
