import { dlmsError } from "../../base/index.js";
import {
  addressText,
  encodeFrame,
  FrameSplitter,
  type HdlcAddress,
  type HdlcChunk,
  type ReceivedFrame,
  SegmentAssembler,
} from "../../hdlc/index.js";
import type { Framed, PushFramer, Spoilt } from "./framing.js";

/** Fewer octets than the shortest frame between its flags are noise and no lost segment. */
const shortestFrame = 7;
/** Segments of one APDU follow each other at once; behind a longer pause another begins. */
const segmentPauseMs = 10_000;
/** Senders with an APDU begun; the oldest goes when one more comes. */
const mostOpen = 64;
const commandHeader = Uint8Array.of(0xe6, 0xe6, 0);

interface OpenApdu {
  readonly assembler: SegmentAssembler;
  readonly head: Uint8Array;
  lastAt: number;
  sequence: number | undefined;
}

/** UI and I frames of any number of senders on one line (IEC 62056-46); segments joined for each. */
export class HdlcFramer implements PushFramer {
  readonly #splitter = new FrameSplitter({ damaged: true });
  readonly #open = new Map<string, OpenApdu>();

  push(bytes: Uint8Array, now: number): Framed[] {
    return this.#splitter.push(bytes).flatMap((chunk) => this.#take(chunk, now));
  }

  flush(now: number): Framed[] {
    return this.#splitter.flush().flatMap((chunk) => this.#take(chunk, now));
  }

  #take(chunk: HdlcChunk, now: number): Framed[] {
    if (chunk.type === "discarded") {
      if (chunk.bytes.every((octet) => octet === 0x7e)) return [];
      // It may have been a segment of any sender.
      if (chunk.bytes.length >= shortestFrame) this.#open.clear();
      return [spoilt("octets that are no HDLC frame", chunk.bytes)];
    }
    const { frame } = chunk;
    if (!frame.frameCheckOk || frame.headerCheckOk === false) {
      if (frame.headerCheckOk === true) this.#open.delete(keyOf(frame));
      else this.#open.clear();
      return [spoilt("the check sequence of an HDLC frame does not hold", chunk.bytes)];
    }
    if ((frame.type !== "ui" && frame.type !== "i") || frame.information.length === 0) return [];
    return this.#segment(frame, now);
  }

  #segment(frame: ReceivedFrame, now: number): Framed[] {
    const key = keyOf(frame);
    const dropped: Framed[] = [];
    let open = this.#open.get(key);
    const { sequence } = open ?? {};
    if (open !== undefined && sequence !== undefined && frame.sendSequence === sequence) return [];
    if (open !== undefined && !continues(open, frame, now)) {
      dropped.push(spoilt("segments of an APDU are missing", open.head));
      open = undefined;
    }
    open ??= { assembler: new SegmentAssembler("response"), head: frame.information.slice(), lastAt: now, sequence };
    open.lastAt = now;
    open.sequence = frame.sendSequence;
    this.#open.delete(key);
    const { apdu, error } = open.assembler.push(frame.information, frame.segmented);
    if (error !== undefined) return [...dropped, { type: "spoilt", error, bytes: open.head }];
    if (apdu === undefined) {
      this.#open.set(key, open);
      const [oldest] = this.#open.keys();
      if (this.#open.size > mostOpen && oldest !== undefined) this.#open.delete(oldest);
      return dropped;
    }
    const { source, destination } = frame;
    const answer = { answer: (octets: Uint8Array) => uiFrame(destination, source, octets) };
    const addresses = { source: addressText(source), destination: addressText(destination) };
    return [...dropped, { type: "apdu", apdu, ...addresses, ...(frame.type === "ui" && answer) }];
  }
}

/** Whether a segment goes on with the APDU begun: in its turn, in time, and not the begin of the same push again. */
function continues(open: OpenApdu, frame: ReceivedFrame, now: number): boolean {
  if (now - open.lastAt > segmentPauseMs) return false;
  if (frame.sendSequence !== undefined && open.sequence !== undefined)
    return frame.sendSequence === ((open.sequence + 1) & 7);
  const { head } = open;
  return !(head[0] === 0xe6 && head.subarray(0, 4).every((octet, i) => octet === frame.information[i]));
}

function uiFrame(from: HdlcAddress, to: HdlcAddress, apdu: Uint8Array): Uint8Array {
  const information = new Uint8Array(commandHeader.length + apdu.length);
  information.set(commandHeader);
  information.set(apdu, commandHeader.length);
  return encodeFrame({
    type: "ui",
    poll: false,
    sendSequence: undefined,
    receiveSequence: undefined,
    destination: to,
    source: from,
    segmented: false,
    information,
  });
}

function keyOf({ type, source, destination }: ReceivedFrame): string {
  return `${type} ${addressText(source)}>${addressText(destination)}`;
}

function spoilt(message: string, bytes: Uint8Array): Spoilt {
  return { type: "spoilt", error: dlmsError("malformed", message, { layer: "hdlc" }), bytes: bytes.slice() };
}
