import { dlmsError, type LinkCommand } from "../base/index.js";
import { type HdlcAddress, isAllStations } from "./address.js";
import { frameText, type ReceivedFrame } from "./frame.js";
import type { ResolvedLinkOptions } from "./options.js";
import { decodeParameters, encodeParameters } from "./parameters.js";
import { Station } from "./station.js";

/** The meter's end of a link: it speaks when polled, and keeps the turn until its answer is there. */
export class ServerStation extends Station {
  protected readonly own: HdlcAddress;
  protected readonly peer: HdlcAddress;
  #deadline: number | undefined;
  /** An APDU was handed out, and no answer to it was given to `send` yet. */
  #owes = false;
  /** The client polled for events, and nothing ended the turn yet. */
  #eventsPolled = false;

  constructor(options: ResolvedLinkOptions) {
    super(options, "response");
    this.own = options.server;
    this.peer = options.client;
  }

  get deadline(): number | undefined {
    return this.#deadline;
  }

  send(command: LinkCommand, _now: number): void {
    switch (command.type) {
      case "send":
        // The last with the final bit, as nearly all meters send it: peers take a push by that.
        if (command.unconfirmed === true) return this.transmitUnnumbered(command.apdu, true);
        if (this.state !== "ready" && this.state !== "polled") throw this.wrongState("send");
        this.queue(command.apdu);
        this.#owes = false;
        if (this.state === "polled") this.#takeTurn();
        return;
      case "keep-alive":
        if (this.#eventsPolled) return this.#endEvents();
        this.#owes = false;
        if (this.state === "polled") this.#endTurn();
        return;
      case "connect":
      case "disconnect":
        // It is the client that sets up and takes down.
        return;
    }
  }

  receiveFrame(frame: ReceivedFrame, now: number): void {
    this.#deadline = this.options.inactivityTimeoutMs === 0 ? undefined : now + this.options.inactivityTimeoutMs;
    if (frame.type === "snrm") return this.#setUp(frame);
    if (frame.type === "disc") return this.#takeDown(frame);
    if (frame.type === "ui") return this.#unnumbered(frame);
    // What only a meter says is an echo, or meant for nobody.
    if (frame.type === "ua" || frame.type === "dm" || frame.type === "frmr") return;
    if (this.state === "disconnected") {
      if (frame.poll) this.transmit({ type: "dm", poll: true });
      return;
    }
    if (frame.type === "unknown") {
      // FRMR: the control field as received, V(S) and V(R), reason W.
      const states = (this.window.receiveSequence << 5) | (this.window.sendSequence << 1);
      this.transmit({ type: "frmr", poll: true, information: Uint8Array.of(frame.controlField, states, 1) });
      return;
    }
    this.#numbered(frame);
  }

  handleTimeout(now: number): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#deadline = undefined;
    if (this.state === "disconnected") return;
    this.fail(
      dlmsError("timeout", `no frame for ${this.options.inactivityTimeoutMs} ms`, {
        layer: "hdlc",
        phase: "inactivity",
        timeoutMs: this.options.inactivityTimeoutMs,
      }),
    );
  }

  #setUp(frame: ReceivedFrame): void {
    if (this.state !== "disconnected") {
      this.move("given up");
      this.events.push({ type: "disconnected" });
    }
    this.#owes = false;
    this.move("initiator sends SNRM");
    this.reset(decodeParameters(frame.information));
    this.transmit({ type: "ua", poll: true, information: encodeParameters(this.parameters) });
    this.move("responder sends UA");
    this.events.push({ type: "connected", parameters: this.parameters });
  }

  #takeDown(frame: ReceivedFrame): void {
    const connected = this.state !== "disconnected";
    this.transmit({ type: connected ? "ua" : "dm", poll: frame.poll });
    if (!connected) return;
    this.move("initiator sends DISC");
    this.move("responder sends UA");
    this.window.clear();
    this.#owes = false;
    this.#deadline = undefined;
    this.events.push({ type: "disconnected" });
  }

  #numbered(frame: ReceivedFrame): void {
    const polledAgain = this.state === "polled";
    if (this.takeNumbered(frame) && !this.numbered.open) this.#owes = true;
    if (!frame.poll || this.state === "disconnected") return;
    this.move("initiator ends its turn");
    if (frame.type === "rnr") return this.#endTurn();
    // A checkpoint: what the client did not acknowledge by now, it did not get.
    if (this.window.rewind())
      this.notice("frames-repeated", `sending again from N(R)=${frame.receiveSequence} (${frameText(frame)})`);
    if (this.window.hasMore) return this.#takeTurn();
    // The turn is kept until the answer is there; who asks twice hears that we live.
    if (!this.#owes || polledAgain) this.#endTurn();
  }

  /** An empty UI frame with P=1 polls for events: the owner is told, sends them, and ends its turn by `keep-alive`. */
  #unnumbered(frame: ReceivedFrame): void {
    const broadcast = isAllStations(frame.destination);
    if (frame.information.length > 0)
      this.deliver(this.unnumbered.push(frame.information, frame.segmented), true, broadcast);
    if (broadcast || !frame.poll) return;
    if (frame.information.length > 0) return void this.transmit({ type: "ui", poll: true });
    this.#eventsPolled = true;
    this.notice("event-poll", "the client polls for events");
  }

  #endEvents(): void {
    this.#eventsPolled = false;
    this.transmit({ type: "ui", poll: true });
  }

  #takeTurn(): void {
    this.transmitTurn();
    this.move("responder ends its turn");
  }

  #endTurn(): void {
    this.transmit({ type: "rr", poll: true, receiveSequence: this.window.receiveSequence });
    this.move("responder ends its turn");
  }
}
