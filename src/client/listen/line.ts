import { type DlmsError, dlmsError } from "../../base/index.js";
import { type Clock, DeadlineTimer, type Transport } from "../../transport/index.js";
import type { ListenEvent, PushOrigin, PushProtocol } from "./events.js";
import { framerOf } from "./framers.js";
import type { Framed, PushFramer } from "./framing.js";
import type { Delivery, PushReader } from "./push-reader.js";
import type { ListenCounts } from "./statistics.js";

/** Silence behind which what has begun is given up, in milliseconds: a stream over a network may stall for long. */
const silenceMs: Readonly<Record<PushProtocol, number>> = { wrapper: 60_000, hdlc: 1000, mbus: 1000, p1: 1000 };

/** What a line tells its receiver. */
export interface LineOwner {
  readonly counts: ListenCounts;
  /** Decides on an event before it is delivered. */
  admit?(delivery: Delivery, transport: Transport): Promise<ListenEvent | undefined>;
  /** Resolves when there was room for it. */
  deliver(delivery: Delivery, line: ListenLine): Promise<void>;
  closed(line: ListenLine, error?: DlmsError): void;
}

/** Limits of a line. */
export interface LineLimits {
  /** Octets that may wait. A sender that can be held up is from half of them on, others lose what comes on top. */
  readonly pendingLimit: number;
  /** Silence behind which the line is closed. */
  readonly idleTimeoutMs: number | undefined;
}

type Work =
  | { readonly type: "octets"; readonly bytes: Uint8Array }
  | { readonly type: "silence" }
  | { readonly type: "closed"; readonly error: DlmsError | undefined };

/** One open line: octets wait, in bounds, while the consumer does not take what came before. */
export class ListenLine {
  readonly #transport: Transport;
  readonly #framer: PushFramer;
  readonly #reader: PushReader;
  readonly #owner: LineOwner;
  readonly #origin: PushOrigin;
  readonly #limits: LineLimits;
  readonly #silence: DeadlineTimer;
  readonly #idle: DeadlineTimer;
  #inbox: Work[] = [];
  #waiting = 0;
  #lost = 0;
  #busy = false;
  #paused = false;

  constructor(transport: Transport, protocol: PushProtocol, reader: PushReader, owner: LineOwner, limits: LineLimits) {
    this.#transport = transport;
    this.#framer = framerOf(protocol, transport.datagrams);
    this.#reader = reader;
    this.#owner = owner;
    this.#origin = { line: transport.name, protocol };
    this.#limits = limits;
    this.#silence = new DeadlineTimer(transport.clock, () => this.#queue({ type: "silence" }));
    this.#idle = new DeadlineTimer(transport.clock, () => this.#stale());
  }

  get clock(): Clock {
    return this.#transport.clock;
  }

  get origin(): PushOrigin {
    return this.#origin;
  }

  async open(): Promise<void> {
    await this.#transport.open({
      data: (bytes) => this.#arrive(bytes),
      closed: (error) => {
        this.#stopTimers();
        this.#queue({ type: "closed", error });
      },
    });
    this.#armIdle();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#transport.write(bytes);
  }

  async close(): Promise<void> {
    this.#stopTimers();
    await this.#transport.close();
  }

  #arrive(bytes: Uint8Array): void {
    this.#armIdle();
    this.#silence.set(this.clock.now() + silenceMs[this.#origin.protocol]);
    const { pendingLimit } = this.#limits;
    const pausable = this.#transport.pause !== undefined;
    if (!pausable && this.#waiting + bytes.length > pendingLimit) {
      this.#lost += bytes.length;
      this.#owner.counts.count("lostOctets", bytes.length);
      if (this.#transport.datagrams) this.#owner.counts.count("lostDatagrams");
      return;
    }
    this.#waiting += bytes.length;
    if (pausable && !this.#paused && this.#waiting > pendingLimit / 2) this.#pause();
    this.#queue({ type: "octets", bytes: bytes.slice() });
  }

  /** While it lasts silence is our own doing. */
  #pause(): void {
    this.#paused = true;
    this.#stopTimers();
    this.#owner.counts.count("pauses");
    this.#transport.pause?.();
  }

  #resume(): void {
    this.#paused = false;
    this.#armIdle();
    this.#silence.set(this.clock.now() + silenceMs[this.#origin.protocol]);
    this.#transport.resume?.();
  }

  /** Nobody is there any more, or has nothing to say: the place is for others. */
  #stale(): void {
    this.#owner.counts.count("stale");
    this.#silence.set(undefined);
    void this.#transport.close();
    this.#queue({ type: "closed", error: undefined });
  }

  #queue(work: Work): void {
    this.#inbox.push(work);
    if (this.#busy) return;
    this.#busy = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    for (let work = this.#inbox.shift(); work !== undefined; work = this.#inbox.shift()) {
      const now = this.#transport.clock.now();
      const framed = work.type === "octets" ? this.#framer.push(work.bytes, now) : this.#framer.flush(now);
      for (const one of framed) await this.#handle(one, now);
      if (work.type === "octets") this.#waiting -= work.bytes.length;
      if (this.#paused && this.#waiting <= this.#limits.pendingLimit / 4) this.#resume();
      if (this.#lost > 0 && this.#inbox.every(({ type }) => type !== "octets")) await this.#tellLost(now);
      // Told behind all that came before.
      if (work.type === "closed") this.#owner.closed(this, work.error);
    }
    this.#busy = false;
  }

  async #handle(framed: Framed, now: number): Promise<void> {
    const delivery = await this.#read(framed, now);
    const admitted = delivery && (await this.#admit(delivery));
    if (admitted !== undefined) await this.#owner.deliver(admitted, this);
  }

  async #admit(delivery: Delivery): Promise<Delivery | undefined> {
    const { admit } = this.#owner;
    if (admit === undefined) return delivery;
    try {
      const event = await admit(delivery, this.#transport);
      return event && { ...delivery, event };
    } catch (cause) {
      return { event: this.#lookUpFailed(cause, new Uint8Array()) };
    }
  }

  /** A look-up of keys or names that fails is told like any other trouble with the message. */
  async #read(framed: Framed, now: number): Promise<Delivery | undefined> {
    try {
      return await this.#reader.read(framed, this.#origin, now);
    } catch (cause) {
      return { event: this.#lookUpFailed(cause, framed.type === "apdu" ? framed.apdu : framed.bytes) };
    }
  }

  #lookUpFailed(cause: unknown, bytes: Uint8Array): ListenEvent {
    const error = dlmsError("invalid-argument", "a look-up for this push failed", { layer: "client", cause });
    return { type: "rejected", origin: this.#origin, error, bytes };
  }

  /** What was begun when octets were lost cannot be finished. */
  async #tellLost(now: number): Promise<void> {
    const message = `${this.#lost} octets came while the consumer was behind by ${this.#limits.pendingLimit} and are lost`;
    this.#lost = 0;
    for (const one of this.#framer.flush(now)) await this.#handle(one, now);
    const error = dlmsError("limit-exceeded", message, { layer: "client" });
    const event = { type: "rejected", origin: this.#origin, error, bytes: new Uint8Array() } as const;
    await this.#owner.deliver({ event }, this);
  }

  #armIdle(): void {
    const { idleTimeoutMs } = this.#limits;
    this.#idle.set(idleTimeoutMs === undefined ? undefined : this.clock.now() + idleTimeoutMs);
  }

  #stopTimers(): void {
    this.#silence.set(undefined);
    this.#idle.set(undefined);
  }
}
