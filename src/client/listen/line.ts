import { type DlmsError, dlmsError } from "../../base/index.js";
import type { Transport } from "../../transport/index.js";
import type { PushOrigin, PushProtocol } from "./events.js";
import { framerOf } from "./framers.js";
import type { Framed, PushFramer } from "./framing.js";
import type { Delivery, PushReader } from "./push-reader.js";

/** Silence behind which what has begun is given up, in milliseconds: a stream over a network may stall for long. */
const silenceMs: Readonly<Record<PushProtocol, number>> = { wrapper: 60_000, hdlc: 1000, mbus: 1000, p1: 1000 };

/** What a line tells its receiver. */
export interface LineOwner {
  /** Resolves when there was room for it. */
  deliver(delivery: Delivery, line: ListenLine): Promise<void>;
  closed(line: ListenLine, error?: DlmsError): void;
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
  readonly #limit: number;
  #inbox: Work[] = [];
  #waiting = 0;
  #lost = 0;
  #busy = false;
  #timer: unknown;

  /** @param limit octets that may wait. */
  constructor(transport: Transport, protocol: PushProtocol, reader: PushReader, owner: LineOwner, limit: number) {
    this.#transport = transport;
    this.#framer = framerOf(protocol, transport.datagrams);
    this.#reader = reader;
    this.#owner = owner;
    this.#origin = { line: transport.name, protocol };
    this.#limit = limit;
  }

  get origin(): PushOrigin {
    return this.#origin;
  }

  async open(): Promise<void> {
    await this.#transport.open({
      data: (bytes) => this.#arrive(bytes),
      closed: (error) => {
        this.#clearTimer();
        this.#queue({ type: "closed", error });
      },
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#transport.write(bytes);
  }

  async close(): Promise<void> {
    this.#clearTimer();
    await this.#transport.close();
  }

  #arrive(bytes: Uint8Array): void {
    this.#armTimer();
    if (this.#waiting + bytes.length > this.#limit) {
      this.#lost += bytes.length;
      return;
    }
    this.#waiting += bytes.length;
    this.#queue({ type: "octets", bytes: bytes.slice() });
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
      if (this.#lost > 0 && this.#inbox.every(({ type }) => type !== "octets")) await this.#tellLost(now);
      // Told behind all that came before.
      if (work.type === "closed") this.#owner.closed(this, work.error);
    }
    this.#busy = false;
  }

  async #handle(framed: Framed, now: number): Promise<void> {
    const delivery = await this.#read(framed, now);
    if (delivery !== undefined) await this.#owner.deliver(delivery, this);
  }

  /** A look-up of keys or names that fails is told like any other trouble with the message. */
  async #read(framed: Framed, now: number): Promise<Delivery | undefined> {
    try {
      return await this.#reader.read(framed, this.#origin, now);
    } catch (cause) {
      const error = dlmsError("invalid-argument", "a look-up for this push failed", { layer: "client", cause });
      const bytes = framed.type === "apdu" ? framed.apdu : framed.bytes;
      return { event: { type: "rejected", origin: this.#origin, error, bytes } };
    }
  }

  /** What was begun when octets were lost cannot be finished. */
  async #tellLost(now: number): Promise<void> {
    const message = `${this.#lost} octets came while the consumer was behind by ${this.#limit} and are lost`;
    this.#lost = 0;
    for (const one of this.#framer.flush(now)) await this.#handle(one, now);
    const error = dlmsError("limit-exceeded", message, { layer: "client" });
    const event = { type: "rejected", origin: this.#origin, error, bytes: new Uint8Array() } as const;
    await this.#owner.deliver({ event }, this);
  }

  #armTimer(): void {
    this.#clearTimer();
    const { clock } = this.#transport;
    this.#timer = clock.setTimer(() => this.#queue({ type: "silence" }), silenceMs[this.#origin.protocol]);
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#transport.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
