import { dlmsError, type LinkCommand } from "../base/index.js";
import type { HdlcAddress } from "./address.js";
import { frameText, type ReceivedFrame } from "./frame.js";
import { linkRefused, noAnswer } from "./link-errors.js";
import { lineTimeMs, type ResolvedLinkOptions } from "./options.js";
import { decodeParameters, encodeParameters } from "./parameters.js";
import { ReactionTime } from "./reaction-time.js";
import { rejectText } from "./reject.js";
import { frameOverhead, Station } from "./station.js";

/** What the time that runs is waited for. */
type Wait = "answer" | "poll" | "events" | "nothing";

/** The client's end of a link: it speaks first, and says when the meter may (normal response mode). */
export class ClientStation extends Station {
  protected readonly own: HdlcAddress;
  protected readonly peer: HdlcAddress;
  #wait: Wait = "nothing";
  #deadline: number | undefined;
  /** Latest time at which an answer under way is given up, however the line chatters. */
  #latest = 0;
  #attempts = 0;
  readonly #reaction = new ReactionTime();
  /** What awaits no answer, and waits for the line to be ours. */
  readonly #held: Uint8Array[] = [];
  /** How often the same frame went again because the meter, though it answered, did not have it. */
  #rewinds = 0;
  #last: Uint8Array = new Uint8Array();
  /** An answer is owed to what was sent: the meter is polled until it comes. */
  #awaiting = false;
  /** I frames of the last turn; 0 for a bare poll. */
  #turn = 0;
  /** I frames taken since. */
  #taken = 0;
  #thenConnect = false;
  #disconnectTried = false;
  #heard = false;
  /** When polling for an answer that does not come ends. */
  #answerLimit = 0;
  /** Polls that were repeated, and so may be answered twice. */
  #repeated = 0;

  constructor(options: ResolvedLinkOptions) {
    super(options, "command");
    this.own = options.client;
    this.peer = options.server;
  }

  get deadline(): number | undefined {
    return this.#deadline;
  }

  send(command: LinkCommand, now: number): void {
    switch (command.type) {
      case "connect":
        if (this.state !== "disconnected") throw this.wrongState("connect");
        this.#attempts = 0;
        this.#heard = false;
        this.#disconnectTried = this.options.disconnectFirst;
        return this.options.disconnectFirst ? this.#sendDisconnect(now, true) : this.#sendSnrm(now);
      case "send":
        if (command.unconfirmed === true) return this.#sendUnnumbered(command.apdu, now);
        if (this.state !== "ready" && this.state !== "polled") throw this.wrongState("send");
        this.queue(command.apdu);
        this.#awaiting = true;
        this.#answerLimit = now + this.options.answerTimeoutMs;
        if (this.state === "ready") this.#takeTurn(now);
        return;
      case "keep-alive":
        if (this.state === "ready") this.#poll(now);
        return;
      case "disconnect":
        if (this.state === "disconnected") {
          this.events.push({ type: "disconnected" });
          return;
        }
        this.#attempts = 0;
        this.window.clear();
        return this.#sendDisconnect(now, false);
    }
  }

  /** Octets came that make no frame: something is there that does not speak HDLC, or not at this speed. */
  noiseHeard(): void {
    this.#heard = true;
  }

  /** An answer came, spoilt, and the line fell silent: no more of it will come, so the meter is asked at once. */
  answerSpoilt(now: number): void {
    if (this.#wait === "answer" && this.#deadline !== undefined) this.#deadline = Math.min(this.#deadline, now);
  }

  /** Octets are coming: the answer is on its way. */
  lineIsBusy(now: number): void {
    this.#reaction.heard(now);
    if (this.#wait === "answer")
      this.#deadline = Math.min(this.#latest, Math.max(this.#deadline ?? 0, now + this.options.responseTimeoutMs));
  }

  receiveFrame(frame: ReceivedFrame, now: number): void {
    if (frame.type === "ui") return this.#unnumbered(frame);
    if (this.#wait === "events" && frame.poll) this.#rest();
    switch (this.state) {
      case "connecting":
        return this.#whileConnecting(frame, now);
      case "clearing":
      case "disconnecting":
        return this.#whileDisconnecting(frame, now);
      case "ready":
      case "polled":
        return this.#whileConnected(frame, now);
      case "disconnected":
        // Meters push in I frames too, outside of any link.
        if (frame.type === "i") this.deliver(this.unnumbered.push(frame.information, frame.segmented), true);
        else this.notice("frame-discarded", `${frame.type.toUpperCase()} without a link`);
    }
  }

  handleTimeout(now: number): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    const waited = this.#wait;
    this.#rest();
    if (waited === "poll") {
      if (this.state === "ready") this.#poll(now);
      return;
    }
    if (waited === "events") return this.notice("no-event", "the meter has nothing to report");
    if (this.state === "disconnecting") return this.#disconnected("the meter did not answer DISC");
    if (this.#attempts >= this.options.retries) return this.#silent();
    this.#attempts++;
    if (this.state === "connecting") return this.#retryConnect(now);
    if (this.state === "clearing") return this.#sendSnrm(now);
    this.notice("no-answer", `no answer: asking again, attempt ${this.#attempts + 1}`);
    this.#repeated++;
    this.#poll(now);
  }

  #whileConnecting(frame: ReceivedFrame, now: number): void {
    if (frame.type === "ua") {
      this.move("responder sends UA");
      this.reset(decodeParameters(frame.information));
      // What the set-up took is nothing against what follows.
      this.#attempts = 0;
      this.#heard = false;
      this.#rest();
      this.events.push({ type: "connected", parameters: this.parameters });
      return;
    }
    if (frame.type === "dm" || frame.type === "frmr") {
      if (this.#attempts >= this.options.retries) return this.#refused(frame);
      this.#attempts++;
      this.notice("link-set-up-refused", `${frame.type.toUpperCase()} to SNRM: taking down an old session first`);
      return this.#sendDisconnect(now, true);
    }
    this.notice("frame-discarded", `${frame.type.toUpperCase()} while waiting for UA`);
  }

  #whileDisconnecting(frame: ReceivedFrame, now: number): void {
    if (frame.type !== "ua" && frame.type !== "dm")
      return this.notice("frame-discarded", `${frame.type.toUpperCase()} while waiting for the answer to DISC`);
    if (this.state === "clearing" && this.#thenConnect) return this.#sendSnrm(now);
    this.#disconnected(undefined);
  }

  #whileConnected(frame: ReceivedFrame, now: number): void {
    switch (frame.type) {
      case "i":
        return this.#numbered(frame, now);
      case "rr":
        return this.#numbered(frame, now);
      case "rnr":
        this.takeNumbered(frame);
        this.move("responder ends its turn");
        this.notice("peer-busy", "the meter asks to wait (RNR)");
        return this.#pause(now, 10 * this.options.pollIntervalMs);
      case "rej":
      case "srej":
        this.notice(
          "reject-tolerated",
          `${frame.type.toUpperCase()} is not in the profile; going back to N(R)=${frame.receiveSequence}`,
        );
        // It names what was lost, so the turn it ends was heard.
        this.#turn = 0;
        return this.#numbered({ ...frame, type: "rr", poll: true }, now);
      case "dm":
        this.#rest();
        this.move("responder sends DM");
        return this.fail(
          dlmsError("link-disconnected", "the meter has no link (DM)", {
            layer: "hdlc",
            retryable: true,
          }),
        );
      case "frmr":
        this.#rest();
        this.move("responder sends FRMR");
        return this.fail(
          dlmsError("frame-rejected", `the meter rejected a frame (FRMR): ${rejectText(frame.information)}`, {
            layer: "hdlc",
            sent: this.#last,
          }),
        );
      default:
        this.notice("frame-discarded", `${frameText(frame)} while connected`);
    }
  }

  /** I and RR: data, acknowledgement, and with the final bit the turn. */
  #numbered(received: ReceivedFrame, now: number): void {
    if (this.state === "ready") return this.notice("frame-discarded", `${frameText(received)} out of turn`);
    const frame = this.#withFinalBit(received);
    const before = this.window.acknowledged;
    const repetition = frame.type === "i" && frame.sendSequence === ((this.window.receiveSequence + 7) & 7);
    const news = this.takeNumbered(frame);
    if (this.#isGone()) return;
    if (news) this.#taken++;
    if (news) this.#acknowledgeByAnswer(frame);
    const progress = news || this.window.acknowledged !== before;
    // It answers an earlier poll a second time: the answer to what was sent last is still to come.
    if (!progress && repetition && this.#turn > 0)
      return this.notice("stale-answer", `${frameText(frame)} came before`);
    // A meter that lost the only frame of a turn heard no poll: what answers here is an echo of an earlier answer.
    if (!progress && frame.type === "rr" && this.#turn === 1)
      return this.notice("stale-answer", `${frameText(frame)} answers nothing that was sent now`);
    const delivered = news && !this.numbered.open;
    if (delivered) this.#awaiting = false;
    if (progress) {
      this.#attempts = 0;
      this.#rewinds = 0;
      this.#answerLimit = now + this.options.answerTimeoutMs;
    }
    // What brings nothing new buys no time: else a meter that repeats itself would never be given up.
    if (!frame.poll) return progress ? this.#expect(0, now) : undefined;
    this.move("responder ends its turn");
    this.#rest();
    this.#repeated = 0;
    const lost = this.window.rewind();
    // Whoever answers is there, though it may have nothing to say yet; but it must take our frame some time.
    this.#attempts = 0;
    if (lost && ++this.#rewinds > this.options.retries) return this.#silent();
    if (lost) this.notice("frames-repeated", "the meter did not get every frame: sending again from its N(R)");
    if (this.window.hasMore) return this.#takeTurn(now);
    if (this.numbered.open || frame.type === "i") {
      if (!progress && now >= this.#answerLimit) return this.#silent();
      if (this.numbered.open || this.#awaiting) this.#poll(now);
      return;
    }
    // Nothing to say yet, although an answer is owed.
    if (this.#awaiting) this.#pause(now, this.options.pollIntervalMs);
  }

  /**
   * A meter whose window is full sends no more before it is asked, so its turn is over, whether it says so or not: some
   * set the final bit on the last segment of an answer alone.
   */
  #withFinalBit(frame: ReceivedFrame): ReceivedFrame {
    const last = this.#taken + 1 >= this.parameters.windowReceive;
    if (frame.poll || frame.type !== "i" || !last || frame.sendSequence !== this.window.receiveSequence) return frame;
    this.notice("final-bit-missing", `${frameText(frame)} fills the window of ${this.parameters.windowReceive}`);
    return { ...frame, poll: true };
  }

  /**
   * A meter that answers the only frame of a turn has taken it, though its N(R) may not say so (N(R)=0 is seen in the
   * frame of an AARE). After repeated polls the answer may belong to an earlier one, and nothing follows from it.
   */
  #acknowledgeByAnswer(frame: ReceivedFrame): void {
    if (!frame.poll || this.#turn !== 1 || this.#repeated > 0 || !this.window.acknowledgeAll()) return;
    this.notice("acknowledgement-missing", `${frameText(frame)} answers a frame that it does not acknowledge`);
    this.events.push({ type: "sent" });
  }

  #unnumbered(frame: ReceivedFrame): void {
    if (this.#wait === "events" && frame.poll) this.#rest();
    if (frame.information.length > 0) this.deliver(this.unnumbered.push(frame.information, frame.segmented), true);
  }

  /** UI frames; an empty one polls for events, which come as UI frames (normal response mode). */
  #sendUnnumbered(apdu: Uint8Array, now: number): void {
    if (apdu.length > 0 && this.state === "polled") this.#held.push(apdu);
    else if (apdu.length > 0) this.transmitUnnumbered(apdu, false);
    if (apdu.length > 0 || this.state === "polled") return;
    const octets = this.transmit({ type: "ui", poll: true });
    if (this.#wait !== "nothing") return;
    this.#expect(octets, now);
    this.#wait = "events";
  }

  #isGone(): boolean {
    return this.state === "disconnected";
  }

  #takeTurn(now: number): void {
    this.#taken = 0;
    const waiting = this.output.length;
    const octets = this.transmitTurn();
    this.#turn = this.output.length - waiting;
    this.#last = this.output.at(-1) ?? this.#last;
    this.move("initiator ends its turn");
    this.#expect(octets, now);
  }

  #poll(now: number): void {
    this.#turn = 0;
    this.#taken = 0;
    // The next segment lies ready in the meter: only then its reaction is the same each time.
    const ready = this.numbered.open && this.options.baudRate !== undefined;
    const octets = this.transmit({ type: "rr", poll: true, receiveSequence: this.window.receiveSequence });
    this.#last = this.output.at(-1) ?? this.#last;
    this.move("initiator ends its turn");
    this.#expect(octets, now, ready ? this.#reaction.timeoutMs(this.options.responseTimeoutMs) : undefined);
    if (ready && this.#repeated === 0) this.#reaction.asked(now + lineTimeMs(octets, this.options.baudRate));
  }

  #sendSnrm(now: number): void {
    this.#thenConnect = false;
    this.move("initiator sends SNRM");
    const { parameters } = this.options;
    const octets = this.transmit({ type: "snrm", poll: true, information: encodeParameters(parameters) });
    this.#last = this.output.at(-1) ?? this.#last;
    this.#expect(octets, now);
  }

  #sendDisconnect(now: number, thenConnect: boolean): void {
    this.#thenConnect = thenConnect;
    if (thenConnect) this.#disconnectTried = true;
    this.move("initiator sends DISC");
    const octets = this.transmit({ type: "disc", poll: true });
    this.#last = this.output.at(-1) ?? this.#last;
    this.#expect(octets, now);
  }

  #retryConnect(now: number): void {
    this.notice("no-answer", `no answer to SNRM, attempt ${this.#attempts + 1}`);
    // An answer came and was spoilt: SNRM again, for DISC would end what a sign-on has just begun.
    const spoilt = this.#heard && this.#attempts === 1;
    // An old session may keep the meter silent.
    if (!this.#disconnectTried && !spoilt) return this.#sendDisconnect(now, true);
    this.#disconnectTried = false;
    this.#sendSnrm(now);
  }

  #expect(octetsSent: number, now: number, timeoutMs = this.options.responseTimeoutMs): void {
    const { baudRate, responseTimeoutMs } = this.options;
    this.#reaction.forget();
    const frame = this.parameters.maxInfoReceive + frameOverhead;
    const answer = lineTimeMs(frame * this.parameters.windowReceive, baudRate);
    const sent = lineTimeMs(octetsSent, baudRate);
    this.#wait = "answer";
    this.#deadline = now + sent + timeoutMs + lineTimeMs(frame, baudRate);
    this.#latest = now + sent + 2 * (responseTimeoutMs + answer) + 5000;
  }

  #pause(now: number, delayMs: number): void {
    if (this.#awaiting && now >= this.#answerLimit) {
      this.#awaiting = false;
      return this.notice(
        "answer-given-up",
        `the meter acknowledges but gave no answer for ${this.options.answerTimeoutMs} ms`,
      );
    }
    this.#wait = "poll";
    this.#deadline = now + delayMs;
  }

  #rest(): void {
    this.#wait = "nothing";
    this.#deadline = undefined;
    for (const apdu of this.#held.splice(0)) this.transmitUnnumbered(apdu, false);
  }

  #disconnected(notice: string | undefined): void {
    if (notice !== undefined) this.notice("disconnect-unanswered", notice);
    this.#rest();
    this.move(notice === undefined ? "responder sends UA" : "given up");
    this.window.clear();
    this.numbered.reset();
    this.events.push({ type: "disconnected" });
  }

  #refused(frame: ReceivedFrame): void {
    this.#rest();
    this.fail(linkRefused(frame, this.#attempts + 1, this.#last));
  }

  #silent(): void {
    const connecting = this.state === "connecting" || this.state === "clearing";
    this.#rest();
    this.fail(
      noAnswer({
        connecting,
        from: this.peer,
        attempts: Math.max(this.#attempts + 1, this.#rewinds),
        heard: this.#heard,
        sent: this.#last,
        timeoutMs: this.options.responseTimeoutMs,
      }),
    );
  }
}
