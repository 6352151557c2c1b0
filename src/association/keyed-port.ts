import type { Aare } from "../apdu/index.js";
import { DlmsError } from "../base/index.js";
import type { KeyTask } from "../security/index.js";
import { ApduPort, type ApduPortOptions, type Arrival } from "./apdu-port.js";
import { type KeyReport, type KeyRequest, KeyWork, type Outcome } from "./key-line.js";
import type { Transmission } from "./request-jobs.js";

const aareTag = 0x61;

/** Where what came goes: an AARE holds up what comes after it while it is being opened or answered. */
export interface Route {
  taken(arrival: Arrival | undefined): void;
  aare(aare: Aare): KeyTask<void>;
}

/** The port of a client, whose private keys may be kept elsewhere: what needs one leaves, or is taken, later. */
export class KeyedPort extends ApduPort {
  readonly #options: ApduPortOptions;
  readonly #keys: KeyWork;

  /** `tell` hands key operations to the owner, who has `keyTimeoutMs` for each. */
  constructor(options: ApduPortOptions, keyTimeoutMs: number, tell: (request: KeyRequest) => void) {
    super(options);
    this.#options = options;
    this.#keys = new KeyWork(keyTimeoutMs, tell);
  }

  /** Until when a key operation is waited for; undefined while none is. */
  get keyDeadline(): number | undefined {
    return this.#keys.deadline;
  }

  override end(): void {
    this.#keys.clear();
    super.end();
  }

  /** Something came of a key operation. */
  keyMoved(command: KeyReport, now: number): void {
    if (command.type === "key-answer") this.#keys.answer(command.id, command.outcome, now);
    else this.#keys.fail(command.id, command.cause, now);
  }

  handleKeyTimeout(now: number): void {
    this.#keys.handleTimeout(now);
  }

  /** Makes an ACSE request and hands it out. @throws DlmsError when it cannot be made at once. */
  request(task: () => KeyTask<Uint8Array>, outcome: Outcome<void>, now: number): void {
    const done = (apdu: Uint8Array, at: number) => {
      this.push(apdu);
      outcome.done(undefined, at);
    };
    this.#keys.outgoing.run(task, { done, failed: outcome.failed }, now);
  }

  /** Protects an APDU and hands it out: true when that is done, else `later` is told. @throws DlmsError as `transmit`. */
  send(apdu: Uint8Array, { confirmed, protection, wanted }: Transmission, later: Outcome<void>, now: number): boolean {
    if (this.#options.channel.direct && this.#keys.outgoing.idle) {
      if (confirmed) this.transmit(apdu, protection);
      else this.notify(apdu, protection);
      return true;
    }
    let late = false;
    const done = (sealed: Uint8Array, at: number) => {
      if (late && !wanted()) return later.done(undefined, at);
      if (confirmed) this.transmitSealed(sealed);
      else this.notifySealed(sealed);
      return late ? later.done(undefined, at) : undefined;
    };
    const sealing = () => this.#options.channel.sealing(apdu, protection, { unsolicited: !confirmed });
    const left = this.#keys.outgoing.run(sealing, { done, failed: later.failed }, now);
    late = true;
    return left;
  }

  /** Takes octets, after all that came before them, and has them routed; what cannot be used goes to `outcome.failed`. */
  take(bytes: Uint8Array, route: Route, outcome: Outcome<void>, now: number): void {
    const port = this;
    function* taking(): KeyTask<void> {
      const arrival = yield* port.receiving(bytes);
      if (arrival?.content.type === "aare") yield* route.aare(arrival.content);
      else route.taken(arrival);
    }
    const { incoming } = this.#keys;
    // Nearly always no key is waited for: then it is taken without the ado.
    const atOnce = bytes[0] !== aareTag && this.#options.channel.direct && incoming.idle;
    const take = atOnce ? () => route.taken(this.receive(bytes)) : () => void incoming.run(taking, outcome, now);
    tellingFailure(take, outcome, now);
  }

  /** Does something that belongs to what is being taken. */
  goOn(task: () => KeyTask<void>, outcome: Outcome<void>, now: number): void {
    tellingFailure(() => this.#keys.incoming.runNext(task, outcome, now), outcome, now);
  }
}

function tellingFailure(run: () => void, outcome: Outcome<void>, now: number): void {
  try {
    run();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    outcome.failed(error, now);
  }
}
