import type { DlmsError, LinkCommand, LinkEvent } from "../base/index.js";
import { dlmsError } from "../base/index.js";
import type { HdlcAddress } from "./address.js";
import type { FrameType } from "./control.js";
import { encodeFrame, type HdlcFrame, type ReceivedFrame } from "./frame.js";
import { type LinkMove, type LinkState, linkMachine } from "./link.table.js";
import { agree, type ResolvedLinkOptions } from "./options.js";
import { defaultParameters, type LinkParameters } from "./parameters.js";
import { type Assembled, type LlcSide, SegmentAssembler, segment } from "./segments.js";
import { Window } from "./window.js";

const noInformation = new Uint8Array();
/** Flags, format, addresses, control, two checks. */
export const frameOverhead = 17;

/**
 * What both ends of a link have in common: state, numbers, segments, frames out and events out. The ends add when to
 * speak. Frames come in, so that several stations can share a line.
 */
export abstract class Station {
  readonly options: ResolvedLinkOptions;
  protected readonly events: LinkEvent[] = [];
  protected readonly output: Uint8Array[] = [];
  protected window = new Window(1);
  protected parameters: LinkParameters = defaultParameters;
  protected readonly numbered: SegmentAssembler;
  protected readonly unnumbered: SegmentAssembler;
  protected abstract readonly own: HdlcAddress;
  protected abstract readonly peer: HdlcAddress;
  readonly #side: LlcSide;
  #state: LinkState = linkMachine.initial;

  /** `side` is what this station sends as. */
  constructor(options: ResolvedLinkOptions, side: LlcSide) {
    this.options = options;
    this.#side = side;
    const peerSide = side === "command" ? "response" : "command";
    this.numbered = new SegmentAssembler(peerSide);
    this.unnumbered = new SegmentAssembler(peerSide);
  }

  abstract receiveFrame(frame: ReceivedFrame, now: number): void;
  abstract send(command: LinkCommand, now: number): void;
  abstract handleTimeout(now: number): void;
  abstract readonly deadline: number | undefined;

  get state(): LinkState {
    return this.#state;
  }

  /** What was negotiated; the defaults before. */
  get negotiated(): LinkParameters {
    return this.parameters;
  }

  nextEvent(): LinkEvent | undefined {
    return this.events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.output.shift();
  }

  protected move(move: LinkMove): boolean {
    const next = linkMachine.next(this.#state, move);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  /** Begins a link anew: all numbers at 0 (IEC 62056-46 clause 6.4.4.4.2). */
  protected reset(peer: LinkParameters): void {
    this.parameters = agree(this.options.parameters, peer);
    this.window = new Window(this.parameters.windowTransmit);
    this.numbered.reset();
    this.unnumbered.reset();
  }

  protected queue(apdu: Uint8Array): void {
    this.window.queue(segment(apdu, this.#side, this.parameters.maxInfoTransmit));
  }

  protected transmit(frame: Partial<HdlcFrame> & { readonly type: FrameType; readonly poll: boolean }): number {
    const bytes = encodeFrame({
      destination: this.peer,
      source: this.own,
      segmented: false,
      information: noInformation,
      ...frame,
    });
    this.output.push(bytes);
    return bytes.length;
  }

  /** The I frames of a turn; the last carries the poll or final bit. Returns the octets sent. */
  protected transmitTurn(): number {
    const turn = this.window.takeTurn();
    return turn.reduce((sum, { segment: { information, segmented }, sendSequence }, index) => {
      const poll = index === turn.length - 1;
      const receiveSequence = this.window.receiveSequence;
      return sum + this.transmit({ type: "i", poll, sendSequence, receiveSequence, segmented, information });
    }, 0);
  }

  /** Sends an APDU in UI frames, where nothing is acknowledged. */
  protected transmitUnnumbered(apdu: Uint8Array, poll: boolean): void {
    for (const { information, segmented } of segment(apdu, this.#side, this.parameters.maxInfoTransmit))
      this.transmit({ type: "ui", poll: poll && !segmented, segmented, information });
  }

  /** Takes the acknowledgement and the information of a numbered frame. True when it brought something new. */
  protected takeNumbered(frame: ReceivedFrame): boolean {
    const acknowledged = this.window.acknowledge(frame.receiveSequence ?? 0);
    if (acknowledged === undefined)
      this.notice("acknowledgement-out-of-range", `N(R)=${frame.receiveSequence} is no number that was sent`);
    else if (acknowledged.ended) this.events.push({ type: "sent" });
    if (frame.type !== "i") return false;
    if (this.options.ignoreSendSequence && frame.sendSequence !== this.window.receiveSequence) {
      this.notice("send-sequence-ignored", `N(S)=${frame.sendSequence} taken for ${this.window.receiveSequence}`);
      this.window.accept(this.window.receiveSequence);
    } else if (!this.window.accept(frame.sendSequence ?? 0)) {
      this.notice(
        "frame-out-of-sequence",
        `N(S)=${frame.sendSequence} where ${this.window.receiveSequence} is next: not taken`,
      );
      return false;
    }
    this.deliver(this.numbered.push(frame.information, frame.segmented), false);
    if (this.numbered.open) this.events.push({ type: "progress", receivedBytes: this.numbered.receivedBytes });
    return true;
  }

  protected deliver({ apdu, tolerated, error }: Assembled, unsolicited: boolean, broadcast = false): void {
    for (const name of tolerated) this.notice(name, "the LLC header is not where the standard puts it");
    if (apdu !== undefined) this.events.push({ type: "apdu", apdu, unsolicited, ...(broadcast && { broadcast }) });
    if (error !== undefined) this.fail(error);
  }

  protected notice(name: string, message: string): void {
    this.events.push({ type: "notice", name, message });
  }

  /** The link is lost: everything on it has failed. */
  protected fail(error: DlmsError): void {
    this.move("given up");
    this.window.clear();
    this.numbered.reset();
    this.events.push({ type: "failed", error });
  }

  protected wrongState(doing: string): DlmsError {
    return dlmsError("wrong-state", `cannot ${doing} while the link is ${this.#state}`, { layer: "hdlc" });
  }
}
