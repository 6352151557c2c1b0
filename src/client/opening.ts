import { defaultProvider } from "#crypto";
import type { AttributeReference, ClientAssociationOptions, DataResult } from "../association/index.js";
import { DecodeError, DlmsError, dlmsError, RefusedError } from "../base/index.js";
import type { Endpoint } from "../transport/index.js";
import { AssociationDriver } from "./association-driver.js";
import { Cancellation } from "./cancellation.js";
import { CounterPool, type SessionCounters } from "./counter-pool.js";
import { counterFromMeter, counterUnknown, type PublicRead } from "./counter-recovery.js";
import { dataOf } from "./object-source.js";
import type { ConnectOptions } from "./options.js";
import { policyUnreadable, readPolicy } from "./policy.js";
import { Session } from "./session.js";
import { publicClient, type SecuritySettings, type Settings, settingsOf } from "./settings.js";
import { objectListBySn, ShortNameTable } from "./short-names.js";
import type { TraceSink } from "./trace.js";
import { Tracer } from "./tracer.js";
import { Wire } from "./wire.js";

interface HowToOpen {
  /** The meter is asked to associate a single time, whatever it answers. */
  readonly once?: boolean;
  /** The session whose line is shared. */
  readonly beside?: Session;
  /** For all meters: nobody answers. */
  readonly broadcast?: boolean;
}

/**
 * Opens a session: transport, sign-on, counters, link, association; `beside` another one, over its line. On any failure
 * everything that it opened is taken down again.
 */
export async function openSession(
  endpoint: Endpoint,
  options: ConnectOptions,
  { once = false, beside, broadcast = false }: HowToOpen = {},
): Promise<Session> {
  const settings = { ...settingsOf(options, endpoint.link, options.crypto ?? defaultProvider), broadcast };
  const wire = beside?.line.wire ?? new Wire(endpoint, endpoint.createTransport());
  const { clock } = wire.transport;
  const session = new Session(wire, settings, new Tracer(clock, traceOf(options, endpoint)), beside);
  const cancellation = new Cancellation(clock, options.signal);
  const { connectMs } = settings.timeouts;
  cancellation.limit(connectMs, () =>
    dlmsError("timeout", `the meter was not associated in ${connectMs} ms (${session.state})`, {
      layer: "client",
      phase: session.state,
      timeoutMs: connectMs,
      retryable: true,
    }),
  );
  try {
    await cancellation.race(new Opening(session, cancellation).run(once));
    session.opened();
    return session;
  } catch (error) {
    await session.close();
    throw cancellation.error ?? error;
  } finally {
    cancellation.dispose();
  }
}

/** The caller's subscriber, and that of the environment (`DEBUG=dlms:*` on Node). */
function traceOf({ trace }: ConnectOptions, endpoint: Endpoint): TraceSink | undefined {
  // Transports lie below the client and cannot name its events.
  const environment = endpoint.trace as TraceSink | undefined;
  if (trace === undefined || environment === undefined) return trace ?? environment;
  return (event) => {
    // What one throws must not keep the event from the other.
    try {
      trace(event);
    } finally {
      environment(event);
    }
  };
}

class Opening {
  readonly #session: Session;
  readonly #settings: Settings;
  readonly #cancellation: Cancellation;
  #counters: CounterPool | undefined;

  constructor(session: Session, cancellation: Cancellation) {
    this.#session = session;
    this.#settings = session.settings;
    this.#cancellation = cancellation;
  }

  async run(once: boolean): Promise<void> {
    const { security } = this.#settings;
    this.#session.enter("opening");
    await this.#session.line.open(this.#cancellation);
    if (security !== undefined && needsCounter(this.#settings)) await this.#prepareCounters(security);
    try {
      await this.#associate();
    } catch (error) {
      if (once || security === undefined || !(await this.#wasStale(security, error))) throw error;
      await this.#associate();
    }
  }

  /**
   * Whether the meter refused because it has seen a higher counter from us. It is asked; only then is there another
   * attempt, since some meters lock out after a few.
   */
  async #wasStale(security: SecuritySettings, error: unknown): Promise<boolean> {
    const pool = this.#counters;
    if (pool === undefined || !mayBeStale(error) || security.counterRecovery.enabled === false) return false;
    try {
      const lastUsed = await pool.lastUsed();
      await this.#takeDown();
      return (await this.#askMeter(security, await pool.stored(), lastUsed)) > lastUsed;
    } catch (cause) {
      if (this.#cancellation.aborted || (DlmsError.is(cause) && cause.code === "counter-jump")) throw cause;
      return false;
    }
  }

  async #associate(): Promise<void> {
    const { client } = this.#settings;
    await this.#link(client);
    await this.#counters?.ready();
    const received = await this.#counters?.received(this.#settings.security?.receivedCounters ?? "session");
    const counters = this.#counters && { sent: this.#counters, received };
    const association = await this.#open(associationOptions(this.#settings, counters), counters);
    if (this.#settings.security?.readsPolicy) await this.#learnPolicy(association);
  }

  /** What the meter says of its policy makes protection stronger, never weaker. */
  async #learnPolicy(association: AssociationDriver): Promise<void> {
    const session = this.#session;
    const read = async (attribute: AttributeReference): Promise<DataResult> => {
      if (session.shortNames?.missing(attribute) !== undefined) return { ok: false, result: 4 };
      const { results } = await session.request({ service: "get", items: [{ attribute }] }, { retry: true });
      return results[0] as DataResult;
    };
    try {
      association.usePolicy(await readPolicy(read, session.shortNames !== undefined));
    } catch (error) {
      if (!DlmsError.is(error) || (!(error instanceof DecodeError) && !(error instanceof RefusedError))) throw error;
      session.notice(policyUnreadable(error), "client");
    }
  }

  async #link(client: number): Promise<void> {
    const { line } = this.#session;
    if (line.needsSignOn) {
      this.#session.enter("signing-on");
      await line.signOn();
    }
    this.#session.enter("linking");
    await line.connect(client);
  }

  async #open(options: ClientAssociationOptions, counters: SessionCounters | undefined): Promise<AssociationDriver> {
    this.#session.enter("associating");
    const shortNames = this.#settings.referencing === "short-name" ? new ShortNameTable() : undefined;
    const names = shortNames && { referencing: "short-name" as const, shortNames };
    const association = new AssociationDriver({ ...options, ...names }, this.#session);
    this.#session.use(association, counters, shortNames);
    await association.associate();
    if (shortNames !== undefined) await this.#learnNames(shortNames);
    return association;
  }

  /** Each association shows a list of its own. */
  async #learnNames(names: ShortNameTable): Promise<void> {
    const { results } = await this.#session.request(
      { service: "get", items: [{ attribute: objectListBySn }] },
      { retry: true },
    );
    names.learn(dataOf(results[0] as DataResult, "the object list of the short name association"));
  }

  /** Ends the link, so that another client address may be used. */
  async #takeDown(): Promise<void> {
    await this.#session.line.disconnect();
  }

  async #prepareCounters(security: SecuritySettings): Promise<void> {
    const { crypto } = this.#settings;
    const { tracer } = this.#session;
    const pool = CounterPool.of(security.counters, crypto, security.encryptionKey, security.systemTitle);
    this.#counters = pool;
    const stored = await pool.stored();
    const { enabled = true, firstCounter } = security.counterRecovery;
    if (stored !== undefined) {
      const source = security.counters === undefined ? "memory" : "store";
      tracer.emit({ type: "counter", source, counter: stored, message: "invocation counter goes on" });
    } else if (firstCounter !== undefined) {
      await pool.raise(firstCounter);
    } else if (enabled) {
      await this.#askMeter(security, undefined);
    } else {
      throw counterUnknown("no invocation counter is stored, and the meter is not to be asked");
    }
  }

  /** Reads the meter's counter through the public client, on the same line, and goes on above it if it leads. */
  async #askMeter(security: SecuritySettings, stored: number | undefined, lastUsed = -1): Promise<number> {
    const { counterRecovery: recovery, counters } = security;
    const told = await this.#asPublicClient(recovery.publicClient ?? publicClient, (read) =>
      counterFromMeter(read, stored, recovery),
    );
    if (told.counter <= lastUsed) return told.counter;
    await this.#counters?.raise(told.next);
    const kept = counters === undefined ? "kept in memory alone: give a `counters` store" : "stored";
    this.#session.tracer.emit({
      type: "counter",
      source: "meter",
      counter: told.next,
      message: `invocation counter from ${told.object} of the meter, ${kept}`,
    });
    return told.counter;
  }

  async #asPublicClient<T>(client: number, task: (read: PublicRead) => Promise<T>): Promise<T> {
    const session = this.#session;
    const other = session.beside;
    if (other?.settings.client === client && other.state === "associated") return await task(reading(other));
    try {
      await this.#link(client);
      await this.#open(publicOptions(this.#settings), undefined);
    } catch (error) {
      if (this.#cancellation.aborted || !DlmsError.is(error) || error.code === "connection-lost") throw error;
      throw counterUnknown(`the public client cannot associate: ${error.message}`, error);
    }
    const result = await task(reading(session));
    await session.endAssociation();
    await this.#takeDown();
    return result;
  }
}

/** Reads one attribute through an association that is there. */
const reading =
  (session: Session): PublicRead =>
  async (item) => {
    const response = await session.request({ service: "get", items: [item] });
    const [first] = response.results;
    return typeof first === "object" && "ok" in first ? first : { ok: false, result: 250 };
  };

/** What an association of this client is made with. */
function associationOptions(settings: Settings, counters: SessionCounters | undefined): ClientAssociationOptions {
  const { authentication, security, conformance, userId, systemTitle, preEstablished } = settings;
  return {
    ...commonOptions(settings),
    authentication,
    tolerances: settings.tolerances,
    maxPduSize: settings.maxPduSize,
    maxInFlight: settings.maxInFlight,
    blockWindow: settings.blockWindow,
    invokeIds: settings.invokeIds,
    ...(conformance !== undefined && { conformance }),
    ...(userId !== undefined && { userId }),
    ...(preEstablished !== undefined && { preEstablished }),
    ...(settings.release !== undefined && {
      releaseWithUserInformation: settings.release === "with-user-information",
    }),
    ...(systemTitle !== undefined && security === undefined && { systemTitle }),
    ...(security !== undefined && {
      security: {
        suite: security.suite,
        protection: security.protection,
        ...(security.policy !== undefined && { policy: security.policy }),
        encryptionKey: security.encryptionKey,
        systemTitle: security.systemTitle,
        ciphering: security.ciphering,
        signing: security.signing,
        ...(security.general !== undefined && { general: security.general }),
        ...(security.authenticationKey !== undefined && { authenticationKey: security.authenticationKey }),
        ...(security.meterSystemTitle !== undefined && { peerSystemTitle: security.meterSystemTitle }),
        ...(security.pushSystemTitle !== undefined && { pushSystemTitle: security.pushSystemTitle }),
        ...(security.verify !== undefined && { verify: security.verify }),
        ...(security.dedicatedKey && { dedicatedKey: true as const }),
        ...(settings.broadcast && {
          broadcast: true,
          broadcastKey: security.encryptionKey,
          ...(counters !== undefined && { broadcastCounter: counters.sent.source }),
        }),
        ...(counters !== undefined && { counter: counters.sent.source }),
        ...(counters?.received !== undefined && { lastReceivedOf: counters.received.lastOf }),
      },
    }),
  };
}

/** The public client: no authentication, nothing ciphered. */
function publicOptions(settings: Settings): ClientAssociationOptions {
  return { ...commonOptions(settings), authentication: { mechanism: "none" }, tolerances: settings.tolerances };
}

function commonOptions({ crypto, retries, answerMs, timeouts }: Settings): ClientAssociationOptions {
  return { crypto, retries, responseTimeoutMs: answerMs, keyTimeoutMs: timeouts.keyMs };
}

/** Anything sent with the global key uses up its counter. */
function needsCounter({ security, ciphering, authentication }: Settings): boolean {
  return security !== undefined && (ciphering || authentication.mechanism === "hls-gmac");
}

/** Refusals by which meters tell of a counter that is too low; each may have other reasons as well. */
const staleReasons = /invocation-counter-error|deciphering-error|authentication-failure/;

function mayBeStale(error: unknown): boolean {
  return DlmsError.is(error) && staleReasons.test(error.details.reason ?? "");
}
