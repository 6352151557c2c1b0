import { type Connection, dlmsError, type Notice } from "../base/index.js";
import { eightNoneOne, sevenEvenOne } from "./characters.js";
import { modeCBaudRates, offeredBaudRate, parseIdentification } from "./identification.js";
import { decodeLocalMessage, encodeLocalMessage, type LocalMessage } from "./messages.js";
import type { LocalLine } from "./sign-on.js";
import { type SignOnState, signOnMachine } from "./sign-on.table.js";
import { LocalSplitter } from "./splitter.js";

export interface SignOnResponderOptions {
  /** The identification line, as `/DLM5\2MOCKMETER`. */
  readonly identification: string;
  /** Answers requests with this address and those without one. */
  readonly deviceAddress?: string;
  /** The data read-out of mode C, lines with CR LF and the closing `!`. */
  readonly readOut?: string;
  readonly initialBaudRate?: number;
  /** Pause before each answer; 200 to 1500 by the standard. */
  readonly reactionTimeMs?: number;
  /** Whether the option select is repeated at the new speed, as annex E asks; some meters do not. */
  readonly confirms?: boolean;
  /** After so long a silence the meter falls back to the begin; 60 to 120 s by the standard. */
  readonly inactivityTimeoutMs?: number;
}

export type SignOnResponderEvent =
  | { readonly type: "line"; readonly line: LocalLine }
  | { readonly type: "handed-over"; readonly baudRate: number; readonly rest: Uint8Array }
  | Notice;

type Step = "identify" | "confirm" | "read-out" | "repeat" | "fall-back";

/** The responder's side of a sign-on: the meter. It runs the initiator's table. */
export class SignOnResponder implements Connection<never, SignOnResponderEvent> {
  readonly #options: Required<SignOnResponderOptions>;
  readonly #splitter = new LocalSplitter();
  readonly #events: SignOnResponderEvent[] = [];
  readonly #output: Uint8Array[] = [];
  #state: SignOnState = signOnMachine.initial;
  #step: Step = "fall-back";
  #deadline: number | undefined;
  #select: (LocalMessage & { type: "option-select" }) | undefined;
  #baudRate: number;

  constructor(options: SignOnResponderOptions) {
    this.#options = {
      deviceAddress: "",
      readOut: "!\r\n",
      initialBaudRate: 300,
      reactionTimeMs: 200,
      confirms: true,
      inactivityTimeoutMs: 60_000,
      ...options,
    };
    this.#baudRate = this.#options.initialBaudRate;
    this.#events.push({ type: "line", line: { baudRate: this.#baudRate, ...sevenEvenOne } });
  }

  get deadline(): number | undefined {
    return this.#deadline;
  }

  nextEvent(): SignOnResponderEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.shift();
  }

  /** A responder speaks only when asked. */
  send(_command: never, _now: number): void {
    throw dlmsError("wrong-state", "a responder takes no commands", { layer: "iec62056-21" });
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.#state === "handed-over") return;
    for (const chunk of this.#splitter.push(bytes))
      if (chunk.type === "message") this.#message(chunk.bytes, now);
      else this.#events.push({ type: "notice", name: "noise-discarded", message: "no message", bytes: chunk.bytes });
  }

  handleTimeout(now: number): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#deadline = undefined;
    switch (this.#step) {
      case "identify":
        this.#state = "identified";
        this.#send({ type: "identification", identification: parseIdentification(this.#options.identification) });
        return this.#later("fall-back", this.#options.inactivityTimeoutMs, now);
      case "confirm":
        if (this.#options.confirms && this.#select !== undefined) this.#send(this.#select);
        this.#state = "handed-over";
        this.#line(this.#baudRate, eightNoneOne);
        this.#events.push({ type: "handed-over", baudRate: this.#baudRate, rest: new Uint8Array() });
        return;
      case "read-out":
      case "repeat":
        this.#send({ type: "data", text: this.#options.readOut, last: true, checkOk: true, checkIsSum: false });
        this.#state = "done";
        return this.#later("fall-back", this.#options.inactivityTimeoutMs, now);
      case "fall-back":
        this.#state = signOnMachine.initial;
        return this.#line(this.#options.initialBaudRate, sevenEvenOne);
    }
  }

  #message(bytes: Uint8Array, now: number): void {
    let message: LocalMessage;
    try {
      message = decodeLocalMessage(bytes);
    } catch {
      return;
    }
    if (message.type === "request" && this.#isOurs(message.address)) {
      this.#state = "requested";
      return this.#later("identify", this.#options.reactionTimeMs, now);
    }
    if (message.type === "repeat-request" && this.#state === "done")
      return this.#later("repeat", this.#options.reactionTimeMs, now);
    if (message.type === "option-select" && this.#state === "identified") this.#selected(message, now);
  }

  #selected(select: LocalMessage & { type: "option-select" }, now: number): void {
    const offered = offeredBaudRate(parseIdentification(this.#options.identification));
    const baudRate = modeCBaudRates[Number.parseInt(select.baudrate, 10)];
    this.#select = select;
    if (baudRate === undefined || baudRate > offered) return this.#later("read-out", this.#options.reactionTimeMs, now);
    this.#baudRate = baudRate;
    this.#line(baudRate, sevenEvenOne);
    this.#later(select.mode === "2" ? "confirm" : "read-out", this.#options.reactionTimeMs, now);
  }

  /** Leading zeros do not count, and no address means any (clause 6.3.1). */
  #isOurs(address: string): boolean {
    const bare = (text: string) => text.replace(/^0+/, "");
    return address === "" || bare(address) === bare(this.#options.deviceAddress);
  }

  #send(message: LocalMessage): void {
    this.#output.push(encodeLocalMessage(message));
  }

  #line(baudRate: number, frame: Pick<LocalLine, "dataBits" | "parity" | "stopBits">): void {
    this.#events.push({ type: "line", line: { baudRate, ...frame } });
  }

  #later(step: Step, delayMs: number, now: number): void {
    this.#step = step;
    this.#deadline = now + delayMs;
  }
}
