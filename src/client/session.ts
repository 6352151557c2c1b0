import type { Negotiated, Notification, ServiceRequest, ServiceResponse } from "../association/index.js";
import { type AbortSignalLike, DlmsError, dlmsError, type Notice } from "../base/index.js";
import type { ObjectList } from "../cosem/index.js";
import type { KeyReplacement } from "../security/index.js";
import type { Clock, LineTrace } from "../transport/index.js";
import { asRightsDemand } from "./access-rights.js";
import type { AssociationDriver, AssociationHost, RequestHow } from "./association-driver.js";
import { AsyncQueue } from "./async-queue.js";
import { abortedError } from "./cancellation.js";
import type { CounterPool, SessionCounters } from "./counter-pool.js";
import { Learning } from "./dialects/index.js";
import { Gate } from "./gate.js";
import type { SessionSecrets } from "./keys/stored.js";
import { Line, type LineHost } from "./line.js";
import type { ValuePart } from "./profile-source.js";
import type { ReceivedCounters } from "./received-counters.js";
import { Recorder, type RecordingSink } from "./recording.js";
import { Redactor } from "./redaction.js";
import { isSensitive } from "./sensitive.js";
import { cheapGet, named, outcome, recordingStart } from "./session-requests.js";
import { SessionTimers } from "./session-timers.js";
import type { Settings } from "./settings.js";
import type { ShortNameTable } from "./short-names.js";
import { StatisticsCounter } from "./statistics.js";
import type { SessionState, TraceLayer } from "./trace.js";
import { traceTargets } from "./trace-targets.js";
import type { Tracer } from "./tracer.js";
import type { Wire } from "./wire.js";

/** How one request is carried out, and what cancels it. */
type HowToRequest = RequestHow & { readonly signal?: AbortSignalLike | undefined };

/** Names of notices that mean something was sent again. */
const repetitions = new Set(["request-repeated", "sign-on-repeated", "frame-repeated", "poll-repeated"]);

/**
 * One conversation with one meter: line, link and association with their timers, and the promises of those who wait.
 * How it is opened is told in `opening.ts`.
 */
export class Session implements LineHost, AssociationHost {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly line: Line;
  readonly tracer: Tracer;
  readonly statistics: StatisticsCounter;
  readonly linkKind: "hdlc" | "wrapper";
  readonly secrets: SessionSecrets = {};
  readonly #gate = new Gate();
  readonly beside: Session | undefined;
  readonly learning = new Learning();
  readonly #redactor: Redactor;
  readonly #recorder: Recorder;
  #state: SessionState = "new";
  #association: AssociationDriver | undefined;
  #counters: CounterPool | undefined;
  #received: ReceivedCounters | undefined;
  #shortNames: ShortNameTable | undefined;
  /** Rights to the objects, once they are known. */
  rights: ObjectList | undefined;
  #failure: DlmsError | undefined;
  #closing: Promise<void> | undefined;
  #requests = 0;
  #notifications: AsyncQueue<Notification> | undefined;
  readonly #timers: SessionTimers;

  /** @param beside the session whose line it shares, under another client address. */
  constructor(wire: Wire, settings: Settings, tracer: Tracer, beside?: Session) {
    const { endpoint, transport } = wire;
    this.settings = settings;
    this.clock = transport.clock;
    this.tracer = tracer;
    this.linkKind = endpoint.link;
    this.beside = beside;
    this.statistics = new StatisticsCounter(this.clock.now());
    // Each sees the octets of both, so that the secrets of both are hidden.
    this.#redactor = beside === undefined ? new Redactor(endpoint.link) : beside.#redactor;
    this.#recorder = new Recorder(recordingStart(wire, settings), this.clock.now());
    this.line = new Line(wire, settings, this);
    this.#timers = new SessionTimers(this.clock, {
      keepAlive: () => {
        if (this.linkKind === "hdlc") this.line.keepAlive();
        else this.request(cheapGet(this.#shortNames !== undefined)).catch(() => {});
      },
      pollEvents: () => this.line.pollEvents(),
    });
    this.rights = settings.objects;
  }

  /** The line is gone, or the meter ended the association: nobody here asked for it. */
  get isLost(): boolean {
    // While the keys are in doubt only their owner can say which to try.
    return this.#failure !== undefined && this.#failure.code !== "key-change-unknown";
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What was agreed on. @throws UsageError `wrong-state` while not associated. */
  get negotiated(): Negotiated {
    return this.#usable().negotiated;
  }

  /** The meter's short names, where it is addressed by them. */
  get shortNames(): ShortNameTable | undefined {
    return this.#shortNames;
  }

  /** Counters of what is sent under the global key; undefined where nothing is. */
  get counter() {
    return this.#counters?.source;
  }

  enter(state: SessionState, message?: string): void {
    if (this.#state === "closed") return;
    this.#state = state;
    this.tracer.state(state, message);
  }

  /** The association that is used from now on; a public one before may be replaced. */
  use(association: AssociationDriver, counters?: SessionCounters, shortNames?: ShortNameTable): void {
    this.#association = association;
    this.#counters = counters?.sent;
    this.#received = counters?.received;
    this.#shortNames = shortNames;
  }

  /** The meter is associated for what the caller wants. */
  opened(): void {
    this.statistics.connected(this.clock.now());
    this.enter("associated");
    this.#timers.start(this.settings.keepAliveMs, this.settings.eventPollMs);
  }

  /** Writes the session to `sink`: from its start when nothing was asked of the meter yet. */
  record(sink: RecordingSink): void {
    this.#usable();
    this.#recorder.attach(sink);
  }

  /** Releases the association, and lets the link stand. */
  async endAssociation(): Promise<void> {
    await this.#association?.release();
  }

  /**
   * Carries out a GET, SET or ACTION.
   * @throws RefusedError; TransportError, with `outcomeUnknown` when a write may have happened; SecurityError.
   */
  request(request: ServiceRequest, how?: HowToRequest, part?: (part: ValuePart) => void): Promise<ServiceResponse> {
    return this.#gate.shared(() => this.#request(request, how, part));
  }

  /**
   * Runs a task while nobody else asks anything: what is on its way is awaited before, and what others want meanwhile
   * waits. The task asks by what it is given.
   */
  alone<T>(task: (ask: (request: ServiceRequest, how?: HowToRequest) => Promise<ServiceResponse>) => Promise<T>) {
    return this.#gate.alone(() => task((request, how) => this.#request(request, how)));
  }

  /** The meter took new global keys: they hold from now, with counters of their own. @throws UsageError. */
  replaceKeys(keys: KeyReplacement, counters: CounterPool | undefined): void {
    this.#usable().replaceKeys(keys);
    if (counters === undefined) return;
    this.#counters = counters;
    void this.#received?.settle(this.tracer);
    this.#received = this.#received && counters.receivedAnew();
  }

  async #request(
    request: ServiceRequest,
    how: HowToRequest = {},
    part?: (part: ValuePart) => void,
  ): Promise<ServiceResponse> {
    const { signal, ...wished } = how;
    this.#usable();
    if (signal?.aborted === true) throw abortedError(`the ${request.service}`, signal);
    if (this.#counters?.low === true) await this.#counters.ready();
    const association = this.#usable();
    // Without ciphering rights cannot be followed: the meter says what it thinks of that.
    const rights = this.settings.ciphering ? this.rights : undefined;
    const rest = rights === undefined ? wished : asRightsDemand(rights, request, wished);
    const id = ++this.#requests;
    this.statistics.requests++;
    const onAbort = () => association.cancel(id);
    signal?.addEventListener("abort", onAbort);
    if (this.#state === "associated") this.#recorder.forget();
    const sensitive = isSensitive(request);
    if (sensitive) this.#redactor.hide();
    try {
      if (!this.tracer.active) return await association.request(id, request, rest, part);
      return await this.#traced(id, request, () => association.request(id, request, rest, part));
    } finally {
      if (sensitive) this.#redactor.reveal();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Notifications of this session, for one consumer. Those that came before anyone asked wait up to the limit. */
  get notifications(): AsyncQueue<Notification> {
    if (this.#notifications === undefined) {
      this.#notifications = new AsyncQueue<Notification>(undefined, this.settings.maxNotifications);
      if (this.#state === "closed") this.#notifications.finish(this.#failure && { error: this.#failure });
    }
    return this.#notifications;
  }

  /** Releases, disconnects and closes; bounded in time; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  // what the layers below tell

  octets({ direction, bytes }: LineTrace): void {
    this.#timers.lastActivity = this.clock.now();
    if (direction === "sent") this.statistics.sent(bytes.length);
    else this.statistics.received(bytes.length);
    if (!this.#watched) return;
    const shown = this.#redactor.line(direction, bytes);
    if (this.#recorder.active) this.#recorder.octets(direction, shown, this.#timers.lastActivity);
    if (this.tracer.active) this.tracer.emit({ type: "bytes", direction, bytes: shown.bytes });
  }

  transmit(apdu: Uint8Array, unconfirmed: boolean): void {
    this.statistics.apdusSent++;
    this.#counters?.topUp();
    const { gateway } = this.settings;
    if (this.#watched) {
      const shown = this.#redactor.sentApdu(apdu);
      this.#recorder.sentApdu(apdu);
      this.tracer.emit({ type: "apdu", direction: "sent", apdu: gateway?.wrap(shown) ?? shown });
    }
    try {
      this.line.send(gateway?.wrap(apdu) ?? apdu, unconfirmed);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      this.failed(error);
    }
  }

  apdu(apdu: Uint8Array): void {
    this.statistics.apdusReceived++;
    if (this.#watched) {
      const shown = this.#redactor.receivedApdu(apdu);
      this.tracer.emit({ type: "apdu", direction: "received", apdu: shown });
    }
    const { apdu: own, notice } = this.settings.gateway?.unwrap(apdu) ?? { apdu };
    if (notice !== undefined) this.notice(notice, "client");
    if (own === undefined) return;
    this.#association?.receive(own);
    if (this.#received !== undefined) this.#received.heard(this.#association?.received);
  }

  moreExpected(): void {
    this.line.keepAlive();
  }

  progress(): void {
    this.#association?.progress();
  }

  notice(notice: Notice, layer: TraceLayer = "link"): void {
    this.learning.notice(notice.name);
    this.statistics.notices++;
    if (repetitions.has(notice.name)) this.statistics.retries++;
    this.tracer.notice(layer, notice);
  }

  notification(notification: Notification): void {
    if (this.notifications.push(named(notification, this.#shortNames))) return;
    this.notice(
      { type: "notice", name: "notification-dropped", message: "nobody took the oldest notification" },
      "client",
    );
  }

  /** Lets the meter speak, where the line has no other way for it. @throws UsageError `not-supported`, `wrong-state`. */
  pollEvents(): void {
    this.#usable();
    if (this.linkKind !== "hdlc")
      throw dlmsError("not-supported", "over the wrapper a meter speaks unasked: nothing is polled", {
        layer: "client",
      });
    this.line.pollEvents();
  }

  /** The conversation is over: whoever waits is told now. */
  failed(error: DlmsError): void {
    if (this.#failure !== undefined || this.#state === "closed") return;
    this.#failure = error;
    this.#end(error);
    this.#closing ??= Promise.all([this.line.close(), this.#received?.settle(this.tracer)]).then(() => undefined);
  }

  /** Someone sees what crosses the line. */
  get #watched(): boolean {
    return this.tracer.active || this.#recorder.active;
  }

  #usable(): AssociationDriver {
    if (this.#failure !== undefined)
      throw dlmsError(this.#failure.code, `the session ended before: ${this.#failure.message}`, {
        ...this.#failure.details,
        layer: "client",
        advice: "Connect again.",
        cause: this.#failure,
        outcomeUnknown: false,
      });
    if (this.#association === undefined || this.#closing !== undefined)
      throw wrongState(this.#closing === undefined ? "the meter is not associated" : "the meter was closed");
    return this.#association;
  }

  async #traced(id: number, request: ServiceRequest, run: () => Promise<ServiceResponse>): Promise<ServiceResponse> {
    const { service } = request;
    const began = this.clock.now();
    this.tracer.emit({ type: "request", id, service, targets: traceTargets(request) });
    try {
      const response = await run();
      const { bytes, refused } = outcome(response);
      this.tracer.emit({ type: "response", id, durationMs: this.clock.now() - began, bytes, refused });
      return response;
    } catch (error) {
      if (DlmsError.is(error))
        this.tracer.emit({ type: "request-failed", id, durationMs: this.clock.now() - began, error });
      throw error;
    }
  }

  async #shutDown(): Promise<void> {
    const { closeMs } = this.settings.timeouts;
    const limit = this.clock.setTimer(() => {
      this.failed(
        dlmsError("timeout", `the meter was not released in ${closeMs} ms`, { layer: "client", phase: "close" }),
      );
      void this.line.close();
    }, closeMs);
    this.#timers.stop();
    try {
      if (this.#association?.associated === true && this.settings.release !== "silent") {
        this.enter("releasing");
        await this.#association.release().catch((error: unknown) => this.#unreleased("release", error));
      }
      if (this.line.linked) {
        this.enter("disconnecting");
        await this.line.disconnect().catch((error: unknown) => this.#unreleased("disconnect", error));
      }
    } finally {
      this.clock.clearTimer(limit);
      await this.#received?.settle(this.tracer);
      await this.line.close();
      this.#end(this.#failure);
    }
  }

  #unreleased(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : "unknown";
    this.notice({ type: "notice", name: `${what}-failed`, message }, "client");
  }

  #end(error: DlmsError | undefined): void {
    if (this.#state === "closed") return;
    this.#timers.stop();
    this.statistics.ended(this.clock.now());
    this.enter("closed", this.#failure?.message);
    // an error is dear to make, and after an orderly release nobody waits for one
    if (error !== undefined || this.#association?.idle === false) {
      const why = error ?? wrongState("the meter was closed");
      this.#association?.lost(why);
      this.line.lost(why);
    }
    this.#association?.destroy();
    for (const secret of this.settings.ownSecrets) secret.destroy();
    this.#notifications?.finish(error === undefined ? {} : { error });
  }
}

function wrongState(message: string): DlmsError {
  return dlmsError("wrong-state", message, { layer: "client" });
}
