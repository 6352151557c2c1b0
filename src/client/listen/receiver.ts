import { DlmsError, dlmsError } from "../../base/index.js";
import type { Endpoint, Listener, Transport } from "../../transport/index.js";
import type { ListenEvent, PushEvent, PushProtocol } from "./events.js";
import { type LineOwner, ListenLine } from "./line.js";
import type { Delivery, PushReader } from "./push-reader.js";
import { BoundedQueue } from "./queue.js";

/** What pushes come from: a listener (TCP, UDP), an endpoint (serial), or a line that is at hand. */
export type PushSource = Listener | Endpoint | Transport;

export interface ReceiverSettings {
  readonly protocol: PushProtocol | undefined;
  readonly queueLimit: number;
  readonly pendingLimit: number;
  readonly reader: (protocol: PushProtocol) => PushReader;
  readonly protect: ((apdu: Uint8Array, push: PushEvent) => Uint8Array | Promise<Uint8Array>) | undefined;
}

interface Taken extends Delivery {
  readonly line: ListenLine;
}

/** A serial line that is gone is tried again after this time. */
const retryMs = 5000;

/**
 * Pushes as they come, one after the other. An event counts as taken when the next one is asked for, or `close` is not
 * called before; only then is it confirmed to a meter that wants that. While nobody asks, no more than the queue's
 * limit is read ahead.
 */
export class PushReceiver implements AsyncIterableIterator<ListenEvent, undefined> {
  readonly #source: PushSource;
  readonly #settings: ReceiverSettings;
  readonly #queue: BoundedQueue<Taken>;
  readonly #lines = new Set<ListenLine>();
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
      deliver: async (delivery, line) => {
        await this.#queue.put({ ...delivery, line });
      },
      closed: (line, error) => this.#lineClosed(line, error),
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

  /** Resolves when the source is open. @throws TransportError why it cannot be. */
  ready(): Promise<void> {
    return this.#opened;
  }

  /**
   * The next event; what was given before counts as taken and is confirmed where its sender asks for that.
   * @throws TransportError when the source could not be opened.
   */
  async next(): Promise<IteratorResult<ListenEvent, undefined>> {
    const failed = await this.#confirm();
    if (failed !== undefined) return { done: false, value: failed };
    const { done, value } = await this.#queue.take();
    if (done === true || value === undefined) {
      if (this.#failure !== undefined) throw this.#failure;
      return { done: true, value: undefined };
    }
    this.#last = value;
    return { done: false, value: value.event };
  }

  /** Leaving a `for await` loop closes the receiver; the event at hand is not confirmed. */
  async return(): Promise<IteratorResult<ListenEvent, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
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
    await source.listen((transport) => {
      // Who comes and is gone at once is no trouble of the others.
      this.#openLine(transport, "wrapper").catch(() => undefined);
    });
  }

  async #openLine(transport: Transport, usual: PushProtocol): Promise<void> {
    const protocol = this.#settings.protocol ?? usual;
    const { pendingLimit, reader } = this.#settings;
    const line = new ListenLine(transport, protocol, reader(protocol), this.#owner, pendingLimit);
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

  /** What could not be confirmed is told as an event: its sender will push it again. */
  async #confirm(): Promise<ListenEvent | undefined> {
    const last = this.#last;
    this.#last = undefined;
    if (last?.answer === undefined || last.event.type !== "push") return undefined;
    const { event, answer, line } = last;
    try {
      // A confirmation in clear of a ciphered push would be refused, or should be.
      const protect = event.protection === "none" ? undefined : this.#settings.protect;
      if (event.protection !== "none" && protect === undefined) return undefined;
      const apdu = protect === undefined ? answer.apdu : await protect(answer.apdu, event);
      await line.write(answer.frame(apdu));
      return undefined;
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      return { type: "rejected", origin: event.origin, error, bytes: answer.apdu };
    }
  }
}
