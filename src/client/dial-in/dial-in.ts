import { DlmsError, dlmsError, RefusedError } from "../../base/index.js";
import { type Listener, systemClock, type Transport } from "../../transport/index.js";
import { AsyncQueue } from "../async-queue.js";
import { type ListenEvent, PushReceiver } from "../listen/index.js";
import { receiverSettings } from "../listen/listen.js";
import type { Delivery } from "../listen/push-reader.js";
import type { Meter } from "../meter.js";
import { publicClient } from "../settings.js";
import { Connection } from "./connection.js";
import type { ConnectedMeter, DialInEvent, DialInStatistics } from "./events.js";
import { claimOf } from "./identification.js";
import { type DialInLimits, type DialInOptions, limitsOf } from "./options.js";
import { type Claim, type IdentifiedBy, type MeterEntry, pushKeysOf, Registry } from "./registry.js";
import { Roster } from "./roster.js";
import type { Heartbeat } from "./shared-line.js";
import { type VisitOptions, visit } from "./visit.js";

/** Messages that did not open or decode, after which a connection is closed that nobody knows. */
const mostRejected = 3;

/**
 * Waits for meters that dial in: accepts their connections, finds out who they are, takes their pushes, and hands each
 * to whoever asks for it.
 */
export class DialIn {
  /** What the meters push, as `listen` gives it; `origin.meter` names the sender. */
  readonly pushes: PushReceiver;
  readonly #listener: Listener;
  readonly #options: DialInOptions;
  readonly #limits: DialInLimits;
  readonly #registry: Registry;
  readonly #events: AsyncQueue<DialInEvent>;
  readonly #roster: Roster;
  readonly #rejected = new Map<Connection, number>();
  readonly #asked = new WeakSet<Connection>();
  readonly #arrivals = new Set<() => void>();
  readonly #counts = { accepted: 0, identified: 0, unknown: 0, refused: 0, replaced: 0, stale: 0, droppedEvents: 0 };
  #toPushes: ((transport: Transport) => void) | undefined;
  #closed = false;

  constructor(listener: Listener, options: DialInOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#limits = limitsOf(options);
    this.#roster = new Roster(this.#limits);
    this.#registry = new Registry(options.registry);
    this.#events = new AsyncQueue<DialInEvent>(() => {}, this.#limits.eventLimit);
    this.pushes = new PushReceiver(
      {
        name: listener.name,
        listen: async (onConnection) => {
          this.#toPushes = onConnection;
          await listener.listen((transport) => void this.#accept(transport));
        },
        close: () => this.#shut(),
      },
      { ...receiverSettings(this.#pushOptions()), admit: (delivery, branch) => this.#admit(delivery, branch) },
    );
  }

  /** Where it listens; its port is known once `ready` resolved. */
  get name(): string {
    return this.#listener.name;
  }

  /** What happens to connections, for one consumer. */
  get events(): AsyncIterable<DialInEvent> {
    return { [Symbol.asyncIterator]: () => this.#events };
  }

  /** The meters that are there now. */
  get meters(): readonly ConnectedMeter[] {
    return this.#roster.meters;
  }

  get statistics(): DialInStatistics {
    return { ...this.#counts, unidentified: this.#roster.unidentified };
  }

  /** Resolves when it listens. @throws TransportError why it cannot. */
  ready(): Promise<void> {
    return this.pushes.ready();
  }

  /**
   * The meter of that name, associated as the registry says: at once when it is there, else when it dials in. Its
   * `close` leaves the connection to the meter open. Those who ask for one meter get it one after the other.
   * @throws TransportError `timeout` when it has not come within the time, `aborted`; UsageError `invalid-argument` for
   * a name that the registry does not have; SecurityError `identity-unproven` when a password would go to a meter that
   * only claims who it is; whatever `connect` throws but the failures of a connection that is dead, after which the
   * next one is waited for.
   */
  async meter(name: string, options: VisitOptions = {}): Promise<Meter> {
    const entry = this.#registry.named(name);
    if (entry === undefined)
      throw dlmsError("invalid-argument", `the registry has no meter ${name}`, {
        layer: "client",
        advice: `It has: ${this.#registry.names.slice(0, 20).join(", ") || "none"}.`,
      });
    return visit(
      {
        entry,
        clock: this.#options.clock ?? systemClock,
        current: () => this.#roster.current(name),
        onArrival: (listener) => {
          this.#arrivals.add(listener);
          return () => this.#arrivals.delete(listener);
        },
        isClosed: () => this.#closed,
        dead: (connection, error) => this.#close(connection, error),
      },
      options,
    );
  }

  /** Stops listening and closes every connection. Idempotent. */
  close(): Promise<void> {
    return this.pushes.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    this.#closed = true;
    const error = dlmsError("connection-lost", "the dial-in server was closed", { layer: "client" });
    await this.#listener.close();
    await Promise.all(this.#roster.all.map((connection) => this.#close(connection, error)));
    this.#arrived();
    this.#events.finish();
  }

  async #accept(transport: Transport): Promise<void> {
    this.#counts.accepted++;
    const address = transport.peer?.address ?? transport.name;
    const over = this.#closed ? "the server is closed" : this.#roster.full(address);
    if (over !== undefined) {
      this.#refuse(address, dlmsError("limit-exceeded", over, { layer: "client" }));
      await transport.close();
      return;
    }
    const { unidentifiedBytes, idleTimeoutMs } = this.#limits;
    const connection = new Connection(
      transport,
      this.#options.link ?? "wrapper",
      {
        heartbeat: (one, found) => this.#heartbeat(one, found),
        tooMuch: (one) => this.#tooMuch(one),
        stale: (one) => this.#stale(one),
        lost: (one, error) => this.#lost(one, error),
      },
      { unidentifiedBytes, idleMs: idleTimeoutMs === 0 ? undefined : idleTimeoutMs },
      this.#options.heartbeat,
    );
    this.#roster.add(connection);
    try {
      await connection.open();
    } catch (error) {
      this.#forget(connection);
      const cause = DlmsError.is(error) ? error : dlmsError("connection-lost", "it hung up", { layer: "client" });
      return this.#refuse(address, cause);
    }
    this.#toPushes?.(connection.line.pushes);
    await this.#identify(connection);
  }

  /** By certificate, by what it says itself within the quiet time, else by asking; and not for ever. */
  async #identify(connection: Connection): Promise<void> {
    const { clock, peer, datagrams } = connection.transport;
    const certificate = peer?.certificate;
    const certified = certificate && this.#registry.find({ certificate });
    if (certified !== undefined) return this.#identified(connection, certified.entry, "certificate", true);
    const { quietMs, identifyMs } = this.#limits;
    const tooLate = clock.setTimer(() => {
      const seconds = identifyMs / 1000;
      this.#unknown(connection, `it did not say who it is in ${seconds} s`);
    }, identifyMs);
    const ask = () => void this.#ask(connection);
    const quiet = this.#options.ask === false || datagrams ? undefined : clock.setTimer(ask, quietMs);
    await connection.identity.promise;
    clock.clearTimer(tooLate);
    if (quiet !== undefined) clock.clearTimer(quiet);
  }

  async #ask(connection: Connection): Promise<void> {
    const { ask = {}, crypto } = this.#options;
    if (ask === false || connection.entry !== undefined || connection.closed || this.#asked.has(connection)) return;
    this.#asked.add(connection);
    const { client = publicClient, server = 1 } = ask;
    const responseMs = Math.max(1, Math.ceil(this.#limits.identifyMs / 3));
    let claim: Claim;
    try {
      claim = await connection.ask({
        client,
        server,
        retries: 1,
        timeouts: { responseMs, connectMs: this.#limits.identifyMs, closeMs: 1_000 },
        ...(crypto && { crypto }),
      });
    } catch {
      // It may still push: the time for that runs.
      return;
    }
    await this.#claimed(connection, claim, false);
    if (connection.entry === undefined) this.#unknown(connection, "its marks are not in the registry");
  }

  /** A push, or octets that gave none: decides whether it is delivered, and under whose name. */
  async #admit({ event, repeated }: Delivery, branch: Transport): Promise<ListenEvent | undefined> {
    const connection = this.#roster.ofPushes(branch);
    if (connection === undefined) return undefined;
    if (event.type === "rejected") return this.#admitRejected(event, connection);
    const genuine = event.authenticated === true;
    const proven = genuine && repeated !== true;
    const titled = event.systemTitle && this.#registry.titled(event.systemTitle);
    if (connection.entry === undefined) await this.#claimed(connection, claimOf(event), proven);
    else if (proven && titled === connection.entry) connection.proven = true;
    const known = connection.entry ?? (await this.#identityOf(connection));
    const entry = genuine ? (titled ?? known) : known;
    if (entry === undefined || known === undefined) return undefined;
    const origin = { ...event.origin, meter: entry.name };
    const { verify = "required" } = this.#options;
    if (verify !== "required" || genuine || (await pushKeysOf(entry)) === undefined) return { ...event, origin };
    const error = dlmsError("weaker-than-policy", "the push has no tag that holds, and its meter has keys", {
      layer: "security",
    });
    return { type: "rejected", origin, error, bytes: event.rawBody };
  }

  #admitRejected(event: ListenEvent & { readonly type: "rejected" }, connection: Connection): ListenEvent | undefined {
    if (connection.entry !== undefined) return { ...event, origin: { ...event.origin, meter: connection.entry.name } };
    const count = (this.#rejected.get(connection) ?? 0) + 1;
    this.#rejected.set(connection, count);
    if (count >= mostRejected) this.#unknown(connection, `it sent nothing but what does not open: ${event.error.code}`);
    else if (!connection.transport.datagrams) void this.#ask(connection);
    return undefined;
  }

  /** A push said nothing of its sender: that is asked now. */
  async #identityOf(connection: Connection): Promise<MeterEntry | undefined> {
    if (!connection.transport.datagrams) void this.#ask(connection);
    return connection.identity.promise;
  }

  async #claimed(connection: Connection, claim: Claim, proven: boolean): Promise<void> {
    connection.claim = { ...connection.claim, ...claim };
    const found = this.#registry.find(claim);
    if (found === undefined || connection.entry !== undefined) return;
    await this.#identified(connection, found.entry, proven ? "push" : found.by, proven);
  }

  /** The newest connection of a meter wins; but a mere claim does not take the place of a proven one that lives. */
  async #identified(connection: Connection, entry: MeterEntry, by: IdentifiedBy, proven: boolean): Promise<void> {
    const old = this.#roster.current(entry.name);
    if (old !== undefined && old !== connection && old.proven && !proven && (await this.#lives(old))) {
      const message = `it claims to be ${entry.name}, whose proven connection from ${old.address} lives`;
      this.#refuse(connection.address, dlmsError("identity-unproven", message, { layer: "client" }), entry.name);
      return this.#close(connection, dlmsError("identity-unproven", message, { layer: "client" }));
    }
    if (connection.closed || connection.entry !== undefined) return;
    Object.assign(connection, { entry, by, proven });
    connection.fresh = by === "certificate";
    this.#rejected.delete(connection);
    const before = this.#roster.enthrone(entry.name, connection);
    this.#counts.identified++;
    if (before !== undefined) {
      this.#counts.replaced++;
      const message = `${entry.name} dialled in again from ${connection.address}`;
      void this.#close(before, dlmsError("connection-replaced", message, { layer: "client", retryable: true }));
    }
    this.#tell({ type: "connected", meter: entry.name, address: connection.address, by, proven });
    connection.identity.resolve(entry);
    this.#arrived();
  }

  /** A meter that is being read, or that answers the public client, is there. */
  async #lives(connection: Connection): Promise<boolean> {
    if (connection.busy) return connection.silentMs < this.#limits.identifyMs;
    const { ask = {} } = this.#options;
    const { client = publicClient, server = 1 } = ask === false ? {} : ask;
    const connectMs = Math.max(1, Math.ceil(this.#limits.identifyMs / 2));
    try {
      await connection.ask({
        client,
        server,
        retries: 0,
        timeouts: { responseMs: connectMs, connectMs, closeMs: 500 },
      });
      return true;
    } catch (error) {
      // A refusal is an answer too.
      return error instanceof RefusedError && !connection.closed;
    }
  }

  #heartbeat(connection: Connection, { id, answer }: Heartbeat): void {
    if (connection.entry === undefined && id !== undefined) {
      void this.#claimed(connection, { heartbeat: id }, false);
      if (this.#registry.find({ heartbeat: id }) === undefined)
        return this.#unknown(connection, "its heartbeat is not in the registry");
    }
    if (answer !== undefined) connection.answer(answer);
    const { entry, address } = connection;
    if (entry !== undefined) this.#tell({ type: "heartbeat", meter: entry.name, address });
  }

  #unknown(connection: Connection, message: string): void {
    if (connection.entry !== undefined || connection.closed) return;
    this.#counts.unknown++;
    const error = dlmsError("meter-unknown", `${connection.address}: ${message}`, { layer: "client" });
    const { certificate: _, ...claim } = connection.claim;
    this.#tell({ type: "unknown", address: connection.address, error, ...claim });
    void this.#close(connection, error);
  }

  #tooMuch(connection: Connection): void {
    const message = `${this.#limits.unidentifiedBytes} octets and more of a connection that nobody knows`;
    const error = dlmsError("limit-exceeded", message, { layer: "client" });
    this.#refuse(connection.address, error);
    void this.#close(connection, error);
  }

  #stale(connection: Connection): void {
    this.#counts.stale++;
    const ms = this.#limits.idleTimeoutMs;
    void this.#close(connection, dlmsError("timeout", `nothing came for ${ms} ms`, { layer: "client", phase: "idle" }));
  }

  #lost(connection: Connection, error: DlmsError | undefined): void {
    connection.ended();
    this.#forget(connection, error);
  }

  async #close(connection: Connection, error: DlmsError): Promise<void> {
    if (connection.closed) return;
    const closing = connection.close(error);
    this.#forget(connection, error);
    await closing;
  }

  #forget(connection: Connection, error?: DlmsError): void {
    this.#roster.remove(connection);
    this.#rejected.delete(connection);
    const { entry, address } = connection;
    if (entry === undefined) return;
    this.#tell({ type: "disconnected", meter: entry.name, address, ...(error && { error }) });
  }

  #refuse(address: string, error: DlmsError, meter?: string): void {
    this.#counts.refused++;
    this.#tell({ type: "refused", address, error, ...(meter !== undefined && { meter }) });
  }

  #tell(event: DialInEvent): void {
    if (!this.#events.push(event)) this.#counts.droppedEvents++;
  }

  #arrived(): void {
    for (const listener of [...this.#arrivals]) listener();
  }

  #pushOptions() {
    const { confirm, objects, queueLimit, pendingLimit = 65_536, crypto, verify } = this.#options;
    return {
      protocol: this.#options.link ?? "wrapper",
      // By title, so that the key of one meter never opens what another says.
      keys: async (title: Uint8Array | undefined) => {
        const entry = title && this.#registry.titled(title);
        return entry && pushKeysOf(entry);
      },
      // What meters without keys say in clear passes here; meters with keys are held to more in `#admit`.
      verify: verify === "off" ? ("off" as const) : ("if-key" as const),
      idleTimeoutMs: 0,
      pendingLimit,
      ...(queueLimit !== undefined && { queueLimit }),
      ...(confirm && { confirm }),
      ...(objects && { objects }),
      ...(crypto && { crypto }),
    };
  }
}

/**
 * Waits for meters that dial in over `listener`: that of TCP or TLS of `dlms-cosem/node`, or one in memory.
 * @throws UsageError `invalid-argument` for a registry in which two meters cannot be told apart.
 */
export function dialIn(listener: Listener, options: DialInOptions): DialIn {
  return new DialIn(listener, options);
}
