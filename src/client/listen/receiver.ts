import { DlmsError, dlmsError } from "../../base/index.js";
import type { Endpoint, Listener, Transport } from "../../transport/index.js";
import type { ProtectForPush } from "./confirming.js";
import type { ListenEvent, PushProtocol } from "./events.js";
import type { DeliveryLedger } from "./ledger.js";
import { type LineOwner, ListenLine } from "./line.js";
import type { Delivery, PushReader } from "./push-reader.js";
import { BoundedQueue } from "./queue.js";
import { ListenCounts, type ListenStatistics } from "./statistics.js";

/** What pushes come from: a listener (TCP, UDP), an endpoint (serial), or a line that is at hand. */
export type PushSource = Listener | Endpoint | Transport;

/** Takes one event; what it returns may be awaited. */
export type ListenHandler = (event: ListenEvent) => unknown;

/** How a handler is called. */
export interface HandlingOptions {
  /** Events handled at once, 1 or more. Default 1: one after the other, in the order they came. */
  readonly concurrency?: number;
  /** Hears of an event that the handler could not take; the receiver goes on. Without it the first failure ends it. */
  readonly failed?: (error: unknown, event: ListenEvent) => void;
}

export interface ReceiverSettings {
  readonly protocol: PushProtocol | undefined;
  readonly queueLimit: number;
  readonly pendingLimit: number;
  /** Silence after which a connection that somebody else opened is closed; undefined for never. */
  readonly idleTimeoutMs: number | undefined;
  readonly reader: (protocol: PushProtocol) => PushReader;
  readonly ledger: DeliveryLedger<Way>;
  readonly protect: ProtectForPush | undefined;
  /** Decides on each event before it is queued; may name the meter that it came from. Default: all are taken. */
  readonly admit?: (delivery: Delivery, transport: Transport) => Promise<ListenEvent | undefined>;
}

/** How a confirmation gets to its push's sender. */
export interface Way {
  readonly line: ListenLine;
  readonly frame: (apdu: Uint8Array) => Uint8Array;
}

interface Taken extends Delivery {
  readonly line: ListenLine;
}

/** A serial line that is gone is tried again after this time. */
const retryMs = 5000;

/**
 * Pushes as they come. An event counts as taken when the next one is asked for, or when what the handler of `handle`
 * returned has resolved; only then is it confirmed to a meter that wants that. A push that its meter repeats is
 * delivered once, unless it could not be taken. While nobody asks, no more than the queue's limit is read ahead.
 */
export class PushReceiver implements AsyncIterableIterator<ListenEvent, undefined> {
  readonly #source: PushSource;
  readonly #settings: ReceiverSettings;
  readonly #queue: BoundedQueue<Taken>;
  readonly #lines = new Set<ListenLine>();
  readonly #counts = new ListenCounts();
  readonly #owner: LineOwner;
  readonly #opened: Promise<void>;
  #last: Taken | undefined;
  #closed = false;
  #failure: unknown;
  #stopRetry: (() => void) | undefined;

  constructor(source: PushSource, settings: ReceiverSettings) {
    this.#source = source;
    this.#settings = settings;
    this.#queue = new BoundedQueue(settings.queueLimit);
    this.#owner = {
      deliver: (delivery, line) => this.#deliver(delivery, line),
      closed: (line, error) => this.#lineClosed(line, error),
      ...(settings.admit && { admit: settings.admit }),
      counts: this.#counts,
    };
    this.#opened = this.#open();
    this.#opened.catch((error: unknown) => {
      this.#failure = error;
      this.#queue.end();
    });
  }

  /** Where it listens, for people; a listener tells its port once `ready` resolved. */
  get name(): string {
    return "name" in this.#source ? this.#source.name : ([...this.#lines][0]?.origin.line ?? "push receiver");
  }

  /** What happened so far. */
  get statistics(): ListenStatistics {
    const dropped = "dropped" in this.#source ? (this.#source.dropped ?? 0) : 0;
    return this.#counts.snapshot(this.#lines.size, dropped);
  }

  /** Resolves when the source is open. @throws TransportError why it cannot be. */
  ready(): Promise<void> {
    return this.#opened;
  }

  /**
   * The next event; what was given before counts as taken and is confirmed where its sender asks for that.
   * @throws TransportError when the source could not be opened.
   */
  async next(): Promise<IteratorResult<ListenEvent, undefined>> {
    const last = this.#last;
    this.#last = undefined;
    const failed = last && (await this.#taken(last));
    if (failed !== undefined) return { done: false, value: failed };
    this.#last = await this.#take();
    return this.#last === undefined ? { done: true, value: undefined } : { done: false, value: this.#last.event };
  }

  /** Leaving a `for await` loop closes the receiver; the event at hand is not confirmed. */
  async return(): Promise<IteratorResult<ListenEvent, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Gives every event to `handler`. A push is confirmed once what the handler returned has resolved; when the handler
   * fails it is not, and is delivered again when its meter repeats it. Resolves when the receiver is closed.
   * @throws what the handler throws, with the receiver closed, unless `failed` takes it; TransportError when the source
   * could not be opened; UsageError `invalid-argument`.
   */
  async handle(handler: ListenHandler, options: HandlingOptions = {}): Promise<void> {
    const { concurrency = 1, failed } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw dlmsError("invalid-argument", `concurrency is ${concurrency}, not a whole number from 1`, {
        layer: "client",
      });
    const work = async () => {
      for (let one = await this.#take(); one !== undefined; one = await this.#take()) {
        const unconfirmed = await this.#attempt(one, handler, failed);
        // The push is stored; that its sender will repeat it is told, and no reason to stop.
        if (unconfirmed !== undefined) await this.#attempt({ event: unconfirmed, line: one.line }, handler, failed);
      }
    };
    try {
      await Promise.all(Array.from({ length: concurrency }, work));
    } finally {
      await this.close();
    }
  }

  /** Stops listening and closes every line. Events not taken yet are not confirmed. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#last = undefined;
    this.#stopRetry?.();
    this.#queue.end();
    await this.#opened.catch(() => undefined);
    if ("listen" in this.#source) await this.#source.close();
    await Promise.all([...this.#lines].map((line) => line.close()));
    this.#lines.clear();
  }

  async #open(): Promise<void> {
    const source = this.#source;
    if ("createTransport" in source) return this.#openLine(source.createTransport(), source.link);
    if ("open" in source) return this.#openLine(source, "wrapper");
    const { idleTimeoutMs } = this.#settings;
    await source.listen((transport) => {
      // Who comes and is gone at once is no trouble of the others.
      this.#openLine(transport, "wrapper", idleTimeoutMs).catch(() => undefined);
    });
  }

  async #openLine(transport: Transport, usual: PushProtocol, idleTimeoutMs?: number): Promise<void> {
    const protocol = this.#settings.protocol ?? usual;
    const { pendingLimit, reader } = this.#settings;
    const line = new ListenLine(transport, protocol, reader(protocol), this.#owner, { pendingLimit, idleTimeoutMs });
    this.#lines.add(line);
    try {
      await line.open();
    } catch (error) {
      this.#lines.delete(line);
      throw error;
    }
    if (this.#closed) await line.close();
  }

  #lineClosed(line: ListenLine, error: DlmsError | undefined): void {
    this.#lines.delete(line);
    if (this.#closed || "listen" in this.#source) return;
    const cause = error ?? dlmsError("connection-lost", `${line.origin.line} was closed`, { layer: "transport" });
    const event = { type: "rejected", origin: line.origin, error: cause, bytes: new Uint8Array() } as const;
    void this.#queue.put({ event, line }).then(() => {
      if ("createTransport" in this.#source) this.#retry(this.#source);
      else this.#queue.end();
    });
  }

  #retry(endpoint: Endpoint): void {
    if (this.#closed) return;
    const transport = endpoint.createTransport();
    const timer = transport.clock.setTimer(() => {
      this.#openLine(transport, endpoint.link).catch(() => this.#retry(endpoint));
    }, retryMs);
    this.#stopRetry = () => transport.clock.clearTimer(timer);
  }

  /** A push that waits or was taken already is not delivered again. */
  async #deliver(delivery: Delivery, line: ListenLine): Promise<void> {
    const { key, answer } = delivery;
    if (key !== undefined && answer !== undefined) {
      const verdict = this.#settings.ledger.seen(key, delivery, { line, frame: answer.frame }, line.clock.now());
      if (verdict !== "deliver") this.#counts.count("duplicates");
      if (verdict === "wait") return;
      if (verdict === "confirm") {
        const failed = await this.#confirm(delivery, { line, frame: answer.frame });
        if (failed !== undefined) await this.#queue.put({ event: failed, line });
        return;
      }
    }
    this.#counts.count(delivery.event.type === "push" ? "pushes" : "rejected");
    await this.#queue.put({ ...delivery, line });
  }

  async #take(): Promise<Taken | undefined> {
    const { done, value } = await this.#queue.take();
    if (done !== true && value !== undefined) return value;
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }

  async #attempt(
    one: Taken,
    handler: ListenHandler,
    failed: HandlingOptions["failed"],
  ): Promise<ListenEvent | undefined> {
    try {
      await handler(one.event);
    } catch (error) {
      this.#counts.count("failed");
      if (one.key !== undefined) this.#settings.ledger.failed(one.key);
      if (failed === undefined) {
        await this.close();
        throw error;
      }
      failed(error, one.event);
      return undefined;
    }
    return this.#taken(one);
  }

  /** The consumer has it: its sender is told. What could not be confirmed is told as an event. */
  async #taken(one: Taken): Promise<ListenEvent | undefined> {
    if (one.event.type === "push") this.#counts.count("taken");
    const { key, answer, line } = one;
    if (answer === undefined) return undefined;
    // Its sender may have called again meanwhile.
    const newest = key === undefined ? undefined : this.#settings.ledger.taken(key);
    return this.#confirm(one, newest ?? { line, frame: answer.frame });
  }

  async #confirm({ event, answer, cipher }: Delivery, way: Way): Promise<ListenEvent | undefined> {
    if (answer === undefined || event.type !== "push" || this.#closed) return undefined;
    try {
      // A confirmation in clear of a ciphered push would be refused, or should be.
      const protect = event.protection === "none" ? undefined : this.#settings.protect;
      if (event.protection !== "none" && protect === undefined) return undefined;
      const apdu = protect === undefined ? answer.apdu : await protect(answer.apdu, event, cipher);
      await way.line.write(way.frame(apdu));
      this.#counts.count("confirmed");
      return undefined;
    } catch (cause) {
      const error = DlmsError.is(cause)
        ? cause
        : dlmsError("invalid-argument", "the confirmation could not be protected", { layer: "client", cause });
      return { type: "rejected", origin: event.origin, error, bytes: answer.apdu };
    }
  }
}
