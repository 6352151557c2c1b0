import { apduTypeOf } from "../apdu/index.js";
import { toHex } from "../base/index.js";
import type { TraceEvent, TraceTarget } from "../client/index.js";
import { addressText, decodeFrame, frameText } from "../hdlc/index.js";
import { CaptureSplitter } from "../transport/index.js";
import { decodePacket } from "../wrapper/index.js";

/** The part of a session that a line is about; the name behind `dlms:`. */
export type TraceTopic =
  | "transport"
  | "iec62056-21"
  | "hdlc"
  | "wrapper"
  | "link"
  | "apdu"
  | "association"
  | "security"
  | "client";

/** A line for people. */
export interface TraceText {
  readonly topic: TraceTopic;
  readonly text: string;
}

/** Sessions whose pieces are kept; the one that was quiet longest goes first. */
const sessionLimit = 1_000;

/**
 * Puts trace events into lines for people. Pieces of the stream are put together first, so that each frame and packet
 * is a line, annotated.
 */
export class TraceWriter {
  readonly #splitters = new Map<string, CaptureSplitter>();

  /** The lines of one event. */
  lines(event: TraceEvent): TraceText[] {
    const at = `#${event.session}`;
    switch (event.type) {
      case "bytes":
        return this.#splitter(event)
          .push(event.bytes)
          .map((message) => messageText(`${at} ${arrow(event.direction)}`, message));
      case "apdu":
        return [{ topic: "apdu", text: `${at} ${arrow(event.direction)} ${apduText(event.apdu)}` }];
      case "state":
        if (event.state === "closed") this.#forget(event.session);
        return [{ topic: "client", text: join(`${at} ${event.state}`, event.message) }];
      case "notice":
        return [{ topic: event.layer, text: join(`${at} ${event.name}: ${event.message}`, hexOf(event.bytes)) }];
      case "request":
        return [{ topic: "client", text: `${at} ${event.service} ${event.targets.map(targetText).join(", ")}` }];
      case "response": {
        const refused = event.refused > 0 ? `, ${event.refused} refused` : "";
        const text = `${at} answered in ${Math.round(event.durationMs)} ms, ${event.bytes} octets${refused}`;
        return [{ topic: "client", text }];
      }
      case "request-failed":
        return [{ topic: "client", text: `${at} failed: ${event.error.code}: ${event.error.message}` }];
      case "counter":
        return [{ topic: "security", text: `${at} counter ${event.counter} from ${event.source}: ${event.message}` }];
    }
  }

  #splitter(event: { readonly session: number; readonly direction: string }): CaptureSplitter {
    const key = `${event.session} ${event.direction}`;
    const splitter = this.#splitters.get(key) ?? new CaptureSplitter();
    this.#splitters.delete(key);
    this.#splitters.set(key, splitter);
    if (this.#splitters.size > 2 * sessionLimit)
      for (const oldest of this.#splitters.keys()) {
        this.#splitters.delete(oldest);
        break;
      }
    return splitter;
  }

  #forget(session: number): void {
    for (const direction of ["sent", "received"]) this.#splitters.delete(`${session} ${direction}`);
  }
}

function messageText(prefix: string, message: Uint8Array): TraceText {
  const frame = message.length > 2 && message[0] === 0x7e ? decodeFrame(message, 1, message.length - 1) : undefined;
  if (frame !== undefined) {
    const way = `${addressText(frame.source)} -> ${addressText(frame.destination)}`;
    const checks = frame.frameCheckOk && frame.headerCheckOk !== false ? "" : " CHECK FAILED";
    return { topic: "hdlc", text: `${prefix} ${frameText(frame)} ${way}${checks} ${toHex(message)}` };
  }
  const packet = decodePacket(message);
  if (packet !== undefined) {
    const way = `${packet.source} -> ${packet.destination}`;
    return { topic: "wrapper", text: `${prefix} ${way}, ${packet.apdu.length} octets ${toHex(message)}` };
  }
  if (message.length > 1 && isText(message))
    return { topic: "iec62056-21", text: `${prefix} ${JSON.stringify(textOf(message))}` };
  return { topic: "transport", text: `${prefix} ${toHex(message)}` };
}

function apduText(apdu: Uint8Array): string {
  const tag = apdu[0];
  const type = tag === undefined ? "empty" : (apduTypeOf(tag) ?? `tag ${tag}`);
  return `${type}, ${apdu.length} octets ${toHex(apdu)}`;
}

function targetText({ classId, obis, index }: TraceTarget): string {
  return `${obis} ${classId}/${index}`;
}

function arrow(direction: "sent" | "received"): string {
  return direction === "sent" ? ">" : "<";
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}

function join(text: string, more: string | undefined): string {
  return more === undefined ? text : `${text} ${more}`;
}

/** Letters and the control characters of IEC 62056-21, parity aside. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => {
    const character = byte & 0x7f;
    return character >= 0x20
      ? character < 0x7f
      : "\u0001\u0002\u0003\u0004\u0006\r\n\u0015".includes(String.fromCharCode(character));
  });
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.map((byte) => byte & 0x7f));
}
