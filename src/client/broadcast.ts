import type { AttributeReference, DataResult, MethodReference } from "../association/index.js";
import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import { type InterfaceClass, Obis, type ObisLike, type ObjectHandle } from "../cosem/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import type { InvocationCounterStore, Protection } from "../security/index.js";
import type { Endpoint } from "../transport/index.js";
import { objectHandle } from "./object.js";
import { type InvokeOptions, ObjectSource, type WriteOptions } from "./object-source.js";
import { openSession } from "./opening.js";
import type { ConnectOptions, KeyLike, SecurityOptions } from "./options.js";
import type { ValuePart } from "./profile-source.js";
import { RawObject } from "./raw-object.js";
import { CurrentSession } from "./reassociation.js";
import type { TraceSink } from "./trace.js";

/** Keys of a broadcast: all meters that shall take it hold the broadcast key. */
export interface BroadcastSecurity {
  readonly suite?: 0 | 1 | 2;
  /** Default `authenticated-encrypted`. */
  readonly protection?: Protection;
  /** Global broadcast encryption key. */
  readonly broadcastKey: KeyLike;
  readonly authenticationKey?: KeyLike;
  /** Own system title, the one that the meters know this client by. */
  readonly systemTitle: Uint8Array | string;
  /** Where the counters of what is sent under the broadcast key live. No meter is asked for them. */
  readonly counters?: InvocationCounterStore;
  /** Where to begin when nothing is stored. */
  readonly firstCounter?: number;
}

/** How to speak to many meters at once. */
export interface BroadcastOptions {
  /** Address of the client: the meters must have an association with it, open or pre-established. Default 16. */
  readonly client?: number;
  /**
   * Over HDLC: how wide the addresses of the meters are, octets. Default 1: address 7F; 7F7F and 3FFF3FFF with 2 and 4.
   */
  readonly addressSize?: 1 | 2 | 4;
  readonly security?: BroadcastSecurity;
  /**
   * Longest APDU that every meter takes. Default over HDLC what a frame of 128 octets holds, over the wrapper 1,024.
   */
  readonly maxPduSize?: number;
  /** Pause after each message, in which slow meters carry it out. Default 0. */
  readonly pauseMs?: number;
  readonly signal?: AbortSignalLike;
  readonly trace?: TraceSink;
  readonly crypto?: CryptoProvider;
}

const llcHeader = 3;
const largestFrameInformation = 2030;

/**
 * Many meters at once: what is written or invoked goes to all of them, and none answers (UI frames to 7F or 3FFF over
 * HDLC, service access point 127 with the wrapper). Ask each meter afterwards what it has got.
 */
export class Broadcast {
  readonly #current: CurrentSession;
  readonly #source: ObjectSource;

  constructor(current: CurrentSession, pauseMs: number) {
    this.#current = current;
    this.#source = new UnansweredSource(current, pauseMs);
  }

  /** An object of all meters, by the table of its class: to be written and invoked, never read. */
  object<C extends InterfaceClass>(table: C, obis: ObisLike): ObjectHandle<C> {
    return objectHandle(this.#source, table, Obis.from(obis));
  }

  /** The same by the numbers of attributes and methods. */
  raw(classId: number, obis: ObisLike): RawObject {
    return new RawObject(this.#source, classId, Obis.from(obis));
  }

  /** Octets and messages so far. */
  get statistics() {
    const { statistics, clock } = this.#current.session;
    return statistics.snapshot(clock.now());
  }

  /** Closes the line. Idempotent, never throws. */
  close(): Promise<void> {
    return this.#current.close();
  }
}

/**
 * Opens a line for broadcasts. Nothing is set up: the meters take what comes under an association that they have.
 * @throws UsageError; TransportError; SecurityError `counter-unknown` when the broadcast key has no counter stored.
 */
export async function broadcast(endpoint: Endpoint, options: BroadcastOptions = {}): Promise<Broadcast> {
  if (endpoint.signOn.mode !== "none")
    throw dlmsError("invalid-argument", "a line that begins with a sign-on has one meter: connect to it", {
      layer: "client",
    });
  const session = await openSession(endpoint, connectOptions(endpoint.link, options), { broadcast: true });
  const never = () =>
    Promise.reject(dlmsError("wrong-state", "the line of the broadcast is gone", { layer: "client" }));
  return new Broadcast(new CurrentSession(session, never), options.pauseMs ?? 0);
}

function connectOptions(link: "hdlc" | "wrapper", options: BroadcastOptions): ConnectOptions {
  const { security, addressSize = 1, client, signal, trace, crypto } = options;
  const maxPduSize = options.maxPduSize ?? (link === "hdlc" ? 128 - llcHeader : 1024);
  return {
    server: { logical: link === "hdlc" && addressSize === 4 ? 0x3fff : 0x7f, size: addressSize },
    preEstablished: { conformance: new Set(["set", "action", "priority-mgmt-supported"]), maxPduSize },
    ...(link === "hdlc" && { hdlc: { maxInfoTransmit: Math.min(maxPduSize + llcHeader, largestFrameInformation) } }),
    ...(client !== undefined && { client }),
    ...(security && { security: securityOf(security) }),
    ...(signal && { signal }),
    ...(trace && { trace }),
    ...(crypto && { crypto }),
  };
}

function securityOf({ broadcastKey, firstCounter, ...security }: BroadcastSecurity): SecurityOptions {
  const counterRecovery = { enabled: false, ...(firstCounter !== undefined && { firstCounter }) };
  return { ...security, encryptionKey: broadcastKey, ciphering: "general", counterRecovery };
}

/** Writes and methods that nobody answers; each is awaited until it left, and the pause after it. */
class UnansweredSource extends ObjectSource {
  readonly #pauseMs: number;
  #last: Promise<void> = Promise.resolve();

  constructor(current: CurrentSession, pauseMs: number) {
    super(current);
    this.#pauseMs = pauseMs;
  }

  override getEncoded(): Promise<Uint8Array> {
    return Promise.reject(unanswered());
  }

  override getList(): Promise<readonly DataResult[]> {
    return Promise.reject(unanswered());
  }

  // biome-ignore lint/correctness/useYield: nothing is ever given
  override async *getParts(): AsyncGenerator<ValuePart, void, undefined> {
    throw unanswered();
  }

  override async set(attribute: AttributeReference, value: Uint8Array, options: WriteOptions = {}): Promise<void> {
    await this.#inTurn(() => super.set(attribute, value, { ...options, confirmed: false }));
  }

  override async invoke(
    method: MethodReference,
    parameter: Uint8Array | undefined,
    options: InvokeOptions = {},
  ): Promise<undefined> {
    await this.#inTurn(() => super.invoke(method, parameter, { ...options, confirmed: false }));
  }

  #inTurn(send: () => Promise<unknown>): Promise<void> {
    const turn = this.#last.then(async () => {
      await send();
      await this.session.session.line.wire.flushed();
      if (this.#pauseMs > 0) await new Promise<void>((done) => void this.clock.setTimer(done, this.#pauseMs));
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const unanswered = (): DlmsError =>
  dlmsError("invalid-argument", "nothing answers a broadcast: read from each meter by itself", { layer: "client" });
