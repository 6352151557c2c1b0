import { type DlmsError, dlmsError } from "../../base/index.js";
import { DeadlineTimer, type Endpoint, type Transport } from "../../transport/index.js";
import { connect } from "../connect.js";
import { type Deferred, deferred } from "../deferred.js";
import type { ConnectOptions } from "../options.js";
import { textOf } from "./identification.js";
import type { Claim, IdentifiedBy, MeterEntry } from "./registry.js";
import { type Heartbeat, type HeartbeatReader, SharedLine } from "./shared-line.js";

/** What a connection tells the server. */
export interface ConnectionOwner {
  heartbeat(connection: Connection, heartbeat: Heartbeat): void;
  /** More octets than anybody may send who has not said who he is. */
  tooMuch(connection: Connection): void;
  /** Nothing came for too long. */
  stale(connection: Connection): void;
  lost(connection: Connection, error: DlmsError | undefined): void;
}

export interface ConnectionLimits {
  readonly unidentifiedBytes: number;
  readonly idleMs: number | undefined;
}

/** The right to talk over a connection, until `release`. */
export interface Lease {
  readonly endpoint: Endpoint;
  /** Whoever opened the last transport is the one now: its `close` releases. Attempts before that do not. */
  handOver(): void;
  /** Idempotent. */
  release(): void;
}

/** One accepted connection: what is known of its meter, and whose turn it is to talk. */
export class Connection {
  readonly address: string;
  readonly transport: Transport;
  readonly line: SharedLine;
  readonly since: number;
  entry: MeterEntry | undefined;
  by: IdentifiedBy | undefined;
  proven = false;
  /** Proven over this very connection, by a certificate or HLS: an old push can be sent again by anybody. */
  fresh = false;
  /** What it said of itself so far. */
  claim: Claim = {};
  /** Settled when it is identified, or closed before that. */
  readonly identity: Deferred<MeterEntry | undefined> = deferred();
  readonly #link: "wrapper" | "hdlc";
  readonly #limits: ConnectionLimits;
  readonly #idle: DeadlineTimer;
  #turn: Promise<void> = Promise.resolve();
  #sessions = 0;
  #bytes = 0;
  #heardAt: number;
  #closed = false;
  #answering = false;

  constructor(
    transport: Transport,
    link: "wrapper" | "hdlc",
    owner: ConnectionOwner,
    limits: ConnectionLimits,
    heartbeat: HeartbeatReader | undefined,
  ) {
    this.transport = transport;
    this.address = transport.peer?.address ?? transport.name;
    this.since = transport.clock.wallTime();
    this.#heardAt = transport.clock.now();
    this.#link = link;
    this.#limits = limits;
    this.#idle = new DeadlineTimer(transport.clock, () => owner.stale(this));
    this.line = new SharedLine(
      transport,
      link,
      {
        received: (bytes) => this.#received(bytes, owner),
        heartbeat: (found) => owner.heartbeat(this, found),
        closed: (error) => {
          if (!this.#closed) owner.lost(this, error);
        },
      },
      heartbeat,
    );
  }

  get closed(): boolean {
    return this.#closed;
  }

  get busy(): boolean {
    return this.#sessions > 0;
  }

  /** Milliseconds since anything came. */
  get silentMs(): number {
    return this.transport.clock.now() - this.#heardAt;
  }

  async open(): Promise<void> {
    await this.line.open();
    this.#armIdle();
  }

  /** Resolves when it is the caller's turn to talk. @throws TransportError when the connection is gone by then. */
  async lease(): Promise<Lease> {
    const turn = deferred<void>();
    const before = this.#turn;
    this.#turn = before.then(() => turn.promise);
    this.#sessions++;
    let over = false;
    const release = () => {
      if (over) return;
      over = true;
      this.#sessions--;
      turn.resolve();
    };
    await before;
    if (this.#closed) {
      release();
      throw dlmsError("connection-lost", `${this.address} has hung up`, { layer: "client", retryable: true });
    }
    let open = 0;
    let handedOver = false;
    const left = () => {
      open--;
      if (handedOver && open === 0) release();
    };
    const createTransport = () => {
      open++;
      return this.line.session(left);
    };
    const handOver = () => {
      handedOver = true;
      if (open === 0) release();
    };
    return { endpoint: { createTransport, link: this.#link, signOn: { mode: "none" } }, handOver, release };
  }

  /**
   * Asks the meter who it is, by the public client and without any key.
   * @throws TransportError, RefusedError when it does not say.
   */
  async ask(options: ConnectOptions): Promise<Claim> {
    const lease = await this.lease();
    try {
      const meter = await connect(lease.endpoint, options);
      try {
        const systemTitle = meter.negotiated.peerSystemTitle;
        const logicalDeviceName = textOf(await meter.data("0-0:42.0.0*255").value.get());
        return {
          ...(systemTitle !== undefined && { systemTitle }),
          ...(logicalDeviceName !== undefined && { logicalDeviceName }),
        };
      } finally {
        await meter.close();
      }
    } finally {
      lease.release();
    }
  }

  /** Answers a heartbeat, unless the answer to the one before is still on its way. */
  answer(octets: Uint8Array): void {
    if (this.#answering) return;
    this.#answering = true;
    const done = () => {
      this.#answering = false;
    };
    this.line.write(octets).then(done, done);
  }

  async close(error: DlmsError): Promise<void> {
    this.ended();
    await this.line.close(error);
  }

  /** The connection is gone. */
  ended(): void {
    this.#closed = true;
    this.#idle.set(undefined);
    this.identity.resolve(undefined);
  }

  #received(bytes: number, owner: ConnectionOwner): boolean {
    if (this.#closed) return false;
    this.#bytes += bytes;
    this.#heardAt = this.transport.clock.now();
    this.#armIdle();
    if (this.entry !== undefined || this.#bytes <= this.#limits.unidentifiedBytes) return true;
    owner.tooMuch(this);
    return false;
  }

  #armIdle(): void {
    const { idleMs } = this.#limits;
    if (idleMs !== undefined) this.#idle.set(this.#heardAt + idleMs);
  }
}
