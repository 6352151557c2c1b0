import { decodeApdu, encodeApdu } from "../../apdu/index.js";
import { type DlmsError, dlmsError, DlmsError as Errors } from "../../base/index.js";
import { Obis, type ObisLike } from "../../cosem/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import { type Data, encodeData, structure } from "../../data/index.js";
import { isCipheredTag, type Protection, SecurityContext, type SecurityContextOptions } from "../../security/index.js";
import type { Clock, Endpoint, Transport } from "../../transport/index.js";
import { framingOf, inGeneralBlocks, type PushCarrier, type PushFraming } from "./carriers.js";
import type { PushPlan } from "./push-setup.js";

/** What the meter tells unasked, and nobody in particular. */
export type PushMessage =
  | {
      readonly kind: "data-notification";
      readonly body: Data;
      /** Twelve octets; none when left out. */
      readonly dateTime?: Uint8Array;
      readonly longInvokeId?: number;
    }
  | {
      readonly kind: "event-notification";
      readonly classId: number;
      readonly obis: ObisLike;
      readonly attributeId: number;
      readonly value: Data;
      readonly dateTime?: Uint8Array;
    }
  | {
      readonly kind: "information-report";
      readonly variables: readonly { readonly name: number; readonly value: Data }[];
    }
  /** The characters of a consumer port, for the carrier `p1`. */
  | { readonly kind: "telegram"; readonly octets: Uint8Array };

/** How a meter pushes. */
export interface PusherOptions {
  /** Default: the wrapper; UI frames where the endpoint's link is HDLC. */
  readonly carrier?: PushCarrier;
  /** The client that it is for, by whose keys it is ciphered. Default 16, the public one: in clear. */
  readonly client?: number;
  /** Default: as the client's security says. */
  readonly protection?: Protection;
  /** Cuts the push into general blocks of so many octets. */
  readonly blockSize?: number;
  /** Milliseconds between frames or blocks. Default 0: as the line takes them. */
  readonly pauseMs?: number;
  /** Asks for a confirmation. Default: as the Push setup says, else not. */
  readonly confirmed?: boolean;
  /** How long it is waited for. Default 10,000. */
  readonly confirmationTimeoutMs?: number;
  /** Attempts after the first, where no Push setup says. Default 0. */
  readonly retries?: number;
  /** Milliseconds before each of them, where no Push setup says. Default 1,000. */
  readonly repetitionDelayMs?: number;
  /** Repeats the very octets, counter included, as simple meters do. Default: each attempt is ciphered anew. */
  readonly repeatsOctets?: boolean;
}

/** How a push went. */
export interface PushOutcome {
  readonly attempts: number;
  readonly confirmed: boolean;
  /** Why the last attempt failed; undefined when it went well. */
  readonly error?: DlmsError;
}

/** What a pusher needs of its meter. */
export interface PusherHost {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly server: number;
  readonly client: number;
  readonly security: Omit<SecurityContextOptions, "crypto"> | undefined;
  /** Reads the Push setup of that name. */
  plan(setup: ObisLike): PushPlan;
  nextInvokeId(): number;
}

interface Work {
  readonly octets: Uint8Array;
  readonly invokeId: number | undefined;
  readonly retries: number;
  delayMs(attempt: number): number;
}

/** Pushes over one line: cuts and ciphers, waits for confirmations, and tries again. One push after the other. */
export class Pusher {
  readonly #line: Endpoint | Transport;
  readonly #options: PusherOptions;
  readonly #host: PusherHost;
  readonly #framing: PushFraming;
  readonly #security: SecurityContext | undefined;
  #transport: Transport | undefined;
  #waiting: { readonly invokeId: number; resolve(): void } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(line: Endpoint | Transport, options: PusherOptions, host: PusherHost) {
    this.#line = line;
    this.#options = options;
    this.#host = host;
    const usual = "link" in line && line.link === "hdlc" ? "hdlc-ui" : "wrapper";
    this.#framing = framingOf(options.carrier ?? { kind: usual }, host);
    const { protection = host.security?.protection ?? "none" } = options;
    this.#security =
      host.security === undefined || protection === "none"
        ? undefined
        : new SecurityContext({ ...host.security, protection, crypto: host.crypto, lastReceivedCounter: -1 });
  }

  /**
   * Pushes a message, or what the Push setup of that logical name lists. Never rejects for a line that fails: the
   * outcome tells.
   * @throws UsageError `invalid-argument` when there is no such Push setup.
   */
  push(what: PushMessage | ObisLike): Promise<PushOutcome> {
    const work = this.#work(what);
    const outcome = this.#turn.then(() => this.#carryOut(work));
    this.#turn = outcome;
    return outcome;
  }

  async close(): Promise<void> {
    await this.#transport?.close();
    this.#transport = undefined;
  }

  #work(what: PushMessage | ObisLike): Work {
    const { retries = 0, repetitionDelayMs = 1_000, confirmed } = this.#options;
    const delayMs = () => repetitionDelayMs;
    if (typeof what === "object" && "kind" in what) {
      const isNotification = what.kind === "data-notification";
      const invokeId = isNotification ? (what.longInvokeId ?? this.#host.nextInvokeId()) : undefined;
      const octets = octetsOf(what, invokeId ?? 0, confirmed === true);
      return { octets, invokeId: confirmed === true ? invokeId : undefined, retries, delayMs };
    }
    const plan = this.#host.plan(what);
    const invokeId = this.#host.nextInvokeId();
    const wanted = confirmed ?? plan.confirmed ?? false;
    const body = structure(...plan.values);
    const octets = octetsOf({ kind: "data-notification", body }, invokeId, wanted);
    return { octets, invokeId: wanted ? invokeId : undefined, retries: plan.retries, delayMs: plan.delayMs };
  }

  async #carryOut(work: Work): Promise<PushOutcome> {
    const { clock } = this.#host;
    const once = this.#options.repeatsOctets === true ? this.#pieces(work.octets) : undefined;
    for (let attempts = 1; ; attempts++) {
      const error = await this.#attempt(once ?? this.#pieces(work.octets), work.invokeId);
      if (error === undefined) return { attempts, confirmed: work.invokeId !== undefined };
      if (attempts > work.retries) return { attempts, confirmed: false, error };
      await new Promise<void>((resolve) => clock.setTimer(resolve, work.delayMs(attempts)));
    }
  }

  #pieces(octets: Uint8Array): Uint8Array[] {
    const protectedOctets = this.#security?.protect(octets, { form: "general" }) ?? octets;
    const { blockSize } = this.#options;
    const apdus = blockSize === undefined ? [protectedOctets] : inGeneralBlocks(protectedOctets, blockSize);
    return apdus.flatMap((apdu) => this.#framing.frame(apdu));
  }

  /** Undefined when it went well. */
  async #attempt(pieces: readonly Uint8Array[], invokeId: number | undefined): Promise<DlmsError | undefined> {
    const { clock } = this.#host;
    const { pauseMs = 0, confirmationTimeoutMs = 10_000 } = this.#options;
    try {
      const transport = await this.#opened();
      const answered = invokeId === undefined ? undefined : this.#confirmation(invokeId, confirmationTimeoutMs);
      for (const [at, piece] of pieces.entries()) {
        if (at > 0 && pauseMs > 0) await new Promise<void>((resolve) => clock.setTimer(resolve, pauseMs));
        await transport.write(piece);
      }
      if (answered === undefined || (await answered)) return undefined;
      return dlmsError("timeout", `no confirmation came in ${confirmationTimeoutMs} ms`, {
        layer: "mock",
        phase: "confirmation",
        timeoutMs: confirmationTimeoutMs,
      });
    } catch (cause) {
      if (!Errors.is(cause)) throw cause;
      this.#waiting = undefined;
      return cause;
    }
  }

  /** False when it does not come. */
  #confirmation(invokeId: number, timeoutMs: number): Promise<boolean> {
    const { clock } = this.#host;
    return new Promise((resolve) => {
      const timer = clock.setTimer(() => {
        this.#waiting = undefined;
        resolve(false);
      }, timeoutMs);
      this.#waiting = {
        invokeId,
        resolve: () => {
          clock.clearTimer(timer);
          this.#waiting = undefined;
          resolve(true);
        },
      };
    });
  }

  async #opened(): Promise<Transport> {
    if (this.#transport !== undefined) return this.#transport;
    const transport = "createTransport" in this.#line ? this.#line.createTransport() : this.#line;
    await transport.open({
      data: (bytes) => this.#heard(bytes),
      closed: () => {
        this.#transport = undefined;
      },
    });
    this.#transport = transport;
    return transport;
  }

  #heard(bytes: Uint8Array): void {
    for (const octets of this.#framing.answers(bytes)) {
      try {
        const apdu = decodeApdu(this.#open(octets));
        if (apdu.type !== "data-notification-confirm") continue;
        if (apdu.longInvokeIdAndPriority.invokeId === this.#waiting?.invokeId) this.#waiting.resolve();
      } catch (error) {
        // What does not open confirms nothing.
        if (!Errors.is(error)) throw error;
      }
    }
  }

  /** A push that was ciphered is confirmed by what is ciphered, and by nothing less. */
  #open(octets: Uint8Array): Uint8Array {
    if (this.#security === undefined) return octets;
    if (!isCipheredTag(octets[0] ?? 0))
      throw dlmsError("weaker-than-policy", "the confirmation came in clear", { layer: "mock" });
    return this.#security.unprotect(octets).apdu;
  }
}

function octetsOf(message: PushMessage, invokeId: number, confirmed: boolean): Uint8Array {
  switch (message.kind) {
    case "data-notification":
      return encodeApdu({
        type: "data-notification",
        longInvokeIdAndPriority: {
          invokeId,
          selfDescriptive: false,
          breakOnError: false,
          confirmed,
          highPriority: false,
        },
        dateTime: message.dateTime ?? new Uint8Array(),
        body: encodeData(message.body),
      });
    case "event-notification": {
      const { classId, obis, attributeId, value, dateTime } = message;
      return encodeApdu({
        type: "event-notification-request",
        ...(dateTime && { time: dateTime }),
        attribute: { classId, instanceId: Obis.from(obis).octets, attributeId },
        value: encodeData(value),
      });
    }
    case "information-report":
      return encodeApdu({
        type: "information-report-request",
        variables: message.variables.map(({ name }) => ({ choice: "variable-name", name }) as const),
        values: message.variables.map(({ value }) => encodeData(value)),
      });
    case "telegram":
      return message.octets;
  }
}
