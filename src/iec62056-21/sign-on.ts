import { type Connection, concatBytes, type DlmsError, dlmsError, equalBytes, type Notice } from "../base/index.js";
import { eightNoneOne, fromAscii, sevenEvenOne, stripParity } from "./characters.js";
import { type DataSet, parseDataSets } from "./data-set.js";
import {
  type Identification,
  modeBBaudRates,
  modeCBaudRates,
  offeredBaudRate,
  offeredMode,
  reactionTimeMs,
} from "./identification.js";
import { decodeLocalMessage, encodeLocalMessage, type LocalMessage } from "./messages.js";
import { type SignOnState, signOnMachine } from "./sign-on.table.js";
import { LocalSplitter } from "./splitter.js";

/** Line settings that the owner has to apply once everything taken so far has left. */
export interface LocalLine {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even";
  readonly stopBits: 1;
}

export interface SignOnOptions {
  /** What the sign-on is for: the hand-over to HDLC (mode E) or the data read-out (modes A to D). */
  readonly purpose: "hdlc" | "read-out";
  /** Address in the request message, at most 32 characters; empty addresses any meter. */
  readonly deviceAddress?: string;
  /** Baud rate of the request; 300 by the standard. */
  readonly initialBaudRate?: number;
  /** Upper limit to the baud rate chosen from the meter's offer. */
  readonly maxBaudRate?: number;
  /** How long the meter may take to begin its answer; the standard says 1500, plus 500 for slow probes. */
  readonly responseTimeoutMs?: number;
  /** Longest pause between two characters; 1500 by the standard. */
  readonly interCharacterTimeoutMs?: number;
  /** How often the request is repeated when no answer comes. */
  readonly retries?: number;
  /** Wait for the meter's confirmation at the new speed before HDLC begins without it. */
  readonly confirmationTimeoutMs?: number;
}

export type SignOnCommand = { readonly type: "start" };

export type SignOnEvent =
  | { readonly type: "line"; readonly line: LocalLine }
  | { readonly type: "identified"; readonly identification: Identification; readonly baudRate: number }
  /** HDLC may begin on this line; octets that came after the confirmation are in `rest`. */
  | { readonly type: "handed-over"; readonly baudRate: number; readonly rest: Uint8Array }
  /** A block of the read-out; `text` verbatim. */
  | { readonly type: "data"; readonly text: string; readonly dataSets: readonly DataSet[]; readonly last: boolean }
  | { readonly type: "failed"; readonly error: DlmsError }
  | Notice;

/** The initiator's side of a sign-on: the reading device. */
export class SignOn implements Connection<SignOnCommand, SignOnEvent> {
  readonly #options: Required<SignOnOptions>;
  readonly #splitter = new LocalSplitter();
  /** What came after the option select, parity bits and all. */
  #afterSelect = new Uint8Array();
  readonly #events: SignOnEvent[] = [];
  readonly #output: Uint8Array[] = [];
  #state: SignOnState = signOnMachine.initial;
  #deadline: number | undefined;
  #request: Uint8Array = new Uint8Array();
  #attempts = 0;
  #blockAttempts = 0;
  #identification: Identification | undefined;
  #baudRate: number;
  /** Characters discarded since the last request: they tell a wrong parity or speed from plain silence. */
  #noise = 0;

  constructor(options: SignOnOptions) {
    this.#options = {
      deviceAddress: "",
      initialBaudRate: 300,
      maxBaudRate: 19200,
      responseTimeoutMs: 2000,
      interCharacterTimeoutMs: 1500,
      retries: 2,
      confirmationTimeoutMs: 600,
      ...options,
    };
    if (!/^[\x20-\x7e]{0,32}$/.test(this.#options.deviceAddress) || /[/?!]/.test(this.#options.deviceAddress))
      throw dlmsError("invalid-argument", "a device address has at most 32 printable characters, without / ? !", {
        layer: "iec62056-21",
      });
    this.#baudRate = this.#options.initialBaudRate;
  }

  get state(): SignOnState {
    return this.#state;
  }

  get deadline(): number | undefined {
    return this.#deadline;
  }

  nextEvent(): SignOnEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.shift();
  }

  send(_command: SignOnCommand, now: number): void {
    if (this.#state !== "idle" && this.#state !== "done")
      throw dlmsError("wrong-state", `sign-on is under way (${this.#state})`, { layer: "iec62056-21" });
    this.#attempts = 0;
    this.#baudRate = this.#options.initialBaudRate;
    this.#events.push({ type: "line", line: { baudRate: this.#baudRate, ...sevenEvenOne } });
    // The request leaves with the next turn, so that the owner sets the line before.
    this.#deadline = now;
    this.#request = new Uint8Array();
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.#state === "handed-over" || this.#state === "idle") return;
    if (this.#state === "confirming") return this.#confirm(bytes, now);
    for (const chunk of this.#splitter.push(bytes)) {
      if (chunk.type === "message") this.#message(chunk.bytes, now);
      else this.#discard(chunk.bytes);
    }
    if (this.#splitter.pending) this.#deadline = now + this.#options.interCharacterTimeoutMs;
  }

  handleTimeout(now: number): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#deadline = undefined;
    switch (this.#state) {
      case "idle":
      case "done":
        return this.#sendRequest(now);
      case "requested":
        this.#giveUpMessage(now);
        if (this.#state === "requested") this.#repeatRequest(now);
        return;
      case "identified":
        return this.#select(now);
      case "confirming":
        this.#notice("confirmation-omitted", "the meter did not repeat the option select; HDLC begins without it");
        return this.#handOver("confirmation omitted", new Uint8Array());
      case "reading":
        return this.#repeatBlock(now);
      case "handed-over":
        return;
    }
  }

  #sendRequest(now: number): void {
    this.#state = signOnMachine.next(this.#state, "initiator sends request") ?? this.#state;
    this.#request = encodeLocalMessage({ type: "request", address: this.#options.deviceAddress });
    this.#noise = 0;
    this.#attempts++;
    this.#output.push(this.#request);
    this.#deadline = now + this.#lineTime(this.#request.length) + this.#options.responseTimeoutMs;
  }

  #repeatRequest(now: number): void {
    if (this.#attempts <= this.#options.retries) {
      this.#notice("sign-on-repeated", `no identification; request ${this.#attempts + 1}`);
      return this.#sendRequest(now);
    }
    const heard = this.#noise > 0 ? `, but ${this.#noise} characters that make no message` : "";
    this.#fail(
      dlmsError("timeout", `no identification after ${this.#attempts} requests${heard}`, {
        layer: "iec62056-21",
        sent: this.#request,
        phase: "sign-on",
        timeoutMs: this.#options.responseTimeoutMs,
        retryable: true,
        advice:
          this.#noise > 0
            ? "Check parity and speed of the line (300 baud, 7E1), and the probe for stray light."
            : "Check that the probe sits on the meter the right way up, the cable and the port, and the device address.",
      }),
    );
  }

  #message(bytes: Uint8Array, now: number): void {
    if (equalBytes(bytes, this.#request)) return this.#notice("echo-discarded", "our own request came back");
    let message: LocalMessage;
    try {
      message = decodeLocalMessage(bytes);
    } catch (error) {
      return this.#discard(bytes, error);
    }
    if (this.#state === "requested" && message.type === "identification")
      return this.#identified(message.identification, now);
    if ((this.#state === "identified" || this.#state === "reading") && message.type === "data")
      return this.#data(message, now);
    this.#notice("message-discarded", `a ${message.type} message is not expected while ${this.#state}`, bytes);
  }

  #identified(identification: Identification, now: number): void {
    this.#state = signOnMachine.next(this.#state, "responder sends identification") ?? this.#state;
    this.#identification = identification;
    const mode = offeredMode(identification);
    this.#baudRate = this.#chooseBaudRate(identification, mode);
    this.#events.push({ type: "identified", identification, baudRate: this.#baudRate });
    if (this.#options.purpose === "hdlc" && mode !== "e")
      this.#notice("mode-e-not-announced", "the identification does not offer HDLC (\\2); it is tried all the same");
    if (this.#options.purpose === "read-out" && mode === "b")
      this.#events.push({ type: "line", line: { baudRate: this.#baudRate, ...sevenEvenOne } });
    const selects = this.#options.purpose === "hdlc" || mode === "c" || mode === "e";
    this.#deadline = now + (selects ? reactionTimeMs(identification) : this.#options.responseTimeoutMs);
  }

  #chooseBaudRate(identification: Identification, mode: "a" | "b" | "c" | "e"): number {
    if (mode === "b") return modeBBaudRates[identification.baudrateCharacter] ?? 300;
    if (mode === "a" && this.#options.purpose === "read-out") return this.#options.initialBaudRate;
    const limit = Math.min(offeredBaudRate(identification), this.#options.maxBaudRate);
    return Math.max(300, ...modeCBaudRates.filter((rate) => rate <= limit));
  }

  /** Acknowledgement and option select, after the reaction time. */
  #select(now: number): void {
    const mode = this.#identification === undefined ? "a" : offeredMode(this.#identification);
    if (this.#options.purpose === "read-out" && (mode === "a" || mode === "b")) return this.#repeatBlock(now);
    const hdlc = this.#options.purpose === "hdlc";
    const baudrate = String(modeCBaudRates.findIndex((rate) => rate === this.#baudRate));
    const select: LocalMessage = {
      type: "option-select",
      protocol: hdlc ? "2" : "0",
      baudrate,
      mode: hdlc ? "2" : "0",
    };
    this.#request = encodeLocalMessage(select);
    this.#output.push(this.#request);
    this.#afterSelect = new Uint8Array();
    this.#state =
      signOnMachine.next(this.#state, hdlc ? "initiator selects hdlc" : "initiator selects read-out") ?? this.#state;
    const settled = now + this.#lineTime(this.#request.length, this.#options.initialBaudRate);
    // For HDLC the line goes to 8N1 at once: the confirmation in 7E1 is read with its parity bits stripped.
    const line = { baudRate: this.#baudRate, ...(hdlc ? eightNoneOne : sevenEvenOne) };
    this.#events.push({ type: "line", line });
    const wait = hdlc ? this.#options.confirmationTimeoutMs : this.#options.responseTimeoutMs;
    this.#deadline = settled + wait;
  }

  #confirm(bytes: Uint8Array, now: number): void {
    // Flags of HDLC would not survive the parity strip: what follows the confirmation is kept as it came.
    const confirmation = fromAscii(`\u0006${String.fromCharCode(...this.#request.subarray(1, 4))}\r\n`);
    this.#afterSelect = concatBytes(this.#afterSelect, bytes).slice(-64);
    const end = endOfSequence(stripParity(this.#afterSelect), confirmation);
    if (end === undefined) {
      this.#deadline = Math.max(this.#deadline ?? now, now + Math.min(200, this.#options.confirmationTimeoutMs));
      return;
    }
    this.#handOver("responder confirms", this.#afterSelect.slice(end));
  }

  #handOver(how: "responder confirms" | "confirmation omitted", rest: Uint8Array): void {
    this.#state = signOnMachine.next(this.#state, how) ?? this.#state;
    this.#deadline = undefined;
    this.#events.push({ type: "handed-over", baudRate: this.#baudRate, rest });
  }

  #data(message: LocalMessage & { type: "data" }, now: number): void {
    if (!message.checkOk) {
      this.#notice("block-check-failed", "the block check of a data block does not hold");
      this.#state = "reading";
      return this.#repeatBlock(now);
    }
    if (message.checkIsSum) this.#notice("block-check-is-sum", "the block check is a sum, not an exclusive-or");
    this.#blockAttempts = 0;
    this.#state = signOnMachine.next(this.#state, "responder sends data") === undefined ? this.#state : "reading";
    if (message.last) this.#state = signOnMachine.next(this.#state, "responder sends last data") ?? this.#state;
    this.#events.push({
      type: "data",
      text: message.text,
      dataSets: parseDataSets(message.text),
      last: message.last,
    });
    if (message.last) this.#deadline = undefined;
    else {
      this.#output.push(encodeLocalMessage({ type: "acknowledge" }));
      this.#deadline = now + this.#options.responseTimeoutMs;
    }
  }

  /** A damaged or missing block is asked for again with NAK (clause 6.3.9). */
  #repeatBlock(now: number): void {
    for (const chunk of this.#splitter.flush()) this.#discard(chunk.bytes);
    if (this.#blockAttempts++ < this.#options.retries) {
      this.#output.push(encodeLocalMessage({ type: "repeat-request" }));
      this.#deadline = now + this.#options.responseTimeoutMs;
      return;
    }
    this.#fail(
      dlmsError("timeout", "the data block did not arrive whole", {
        layer: "iec62056-21",
        phase: "read-out",
        timeoutMs: this.#options.responseTimeoutMs,
        retryable: true,
        advice: "Check the probe's seat and the line; try a lower maximum baud rate.",
      }),
    );
  }

  #giveUpMessage(now: number): void {
    for (const chunk of this.#splitter.flush())
      if (chunk.type === "message") this.#message(chunk.bytes, now);
      else this.#discard(chunk.bytes);
  }

  #discard(bytes: Uint8Array, cause?: unknown): void {
    this.#noise += bytes.length;
    this.#notice(
      "noise-discarded",
      `${bytes.length} characters make no message${cause ? ` (${String(cause)})` : ""}`,
      bytes,
    );
  }

  #notice(name: string, message: string, bytes?: Uint8Array): void {
    this.#events.push({ type: "notice", name, message, ...(bytes === undefined ? {} : { bytes }) });
  }

  #fail(error: DlmsError): void {
    this.#deadline = undefined;
    this.#state = "idle";
    this.#events.push({ type: "failed", error });
  }

  /** Ten bits a character: start, seven data, parity, stop. */
  #lineTime(characters: number, baudRate = this.#baudRate): number {
    return (characters * 10_000) / baudRate;
  }
}

function endOfSequence(bytes: Uint8Array, sequence: Uint8Array): number | undefined {
  for (let at = 0; at + sequence.length <= bytes.length; at++)
    if (equalBytes(bytes.subarray(at, at + sequence.length), sequence)) return at + sequence.length;
  return undefined;
}
