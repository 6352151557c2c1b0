import { equalBytes, type Link, type LinkCommand, type LinkEvent } from "../base/index.js";
import { addressText, decodeAddress, isAllStations, sameStation } from "./address.js";
import { ClientStation } from "./client-station.js";
import { announcedLength, frameText, type ReceivedFrame, shortestFrame } from "./frame.js";
import type { LinkState } from "./link.table.js";
import { type HdlcLinkOptions, resolveOptions } from "./options.js";
import type { LinkParameters } from "./parameters.js";
import { FrameSplitter, type HdlcChunk } from "./splitter.js";

/** Silence after which a frame that is spoilt, but as long as it announced, is taken for the whole answer. */
const afterSpoiltFrameMs = 60;

/**
 * A client's HDLC link over a line of its own: octets in and out.
 * Errors it fails with: `timeout`, `link-refused`, `link-disconnected`, `frame-rejected`, `limit-exceeded`.
 */
export class HdlcClientLink implements Link {
  readonly #station: ClientStation;
  readonly #splitter = new FrameSplitter();
  readonly #notices: LinkEvent[] = [];
  /** When the frame that has begun is given up. */
  #silence: number | undefined;
  /** What was put out last, to know our own echo. */
  #sent: Uint8Array[] = [];
  /** This line echoes. Known for sure only where addresses do not tell. */
  #echoes = false;

  constructor(options: HdlcLinkOptions) {
    this.#station = new ClientStation(resolveOptions(options));
  }

  get state(): LinkState {
    return this.#station.state;
  }

  /** What was negotiated at set-up. */
  get negotiated(): LinkParameters {
    return this.#station.negotiated;
  }

  get deadline(): number | undefined {
    const { deadline } = this.#station;
    if (this.#silence === undefined) return deadline;
    return deadline === undefined ? this.#silence : Math.min(deadline, this.#silence);
  }

  send(command: LinkCommand, now: number): void {
    this.#station.send(command, now);
  }

  receive(bytes: Uint8Array, now: number): void {
    if (bytes.length > 0) this.#station.lineIsBusy(now);
    this.#take(this.#splitter.push(bytes), now);
    this.#silence = this.#splitter.pending ? now + this.#silenceMs() : undefined;
  }

  handleTimeout(now: number): void {
    if (this.#silence !== undefined && now >= this.#silence) {
      this.#silence = undefined;
      const chunks = this.#splitter.flush();
      this.#take(chunks, now);
      if (chunks.some((chunk) => this.#isSpoiltAnswer(chunk))) this.#station.answerSpoilt(now);
    }
    this.#station.handleTimeout(now);
  }

  nextEvent(): LinkEvent | undefined {
    return this.#notices.shift() ?? this.#station.nextEvent();
  }

  takeOutput(): Uint8Array | undefined {
    const output = this.#station.takeOutput();
    if (output !== undefined) this.#sent = [...this.#sent.slice(-6), output];
    return output;
  }

  #take(chunks: readonly HdlcChunk[], now: number): void {
    for (const chunk of chunks)
      if (chunk.type === "discarded") {
        this.#station.noiseHeard();
        this.#notice("noise-discarded", `${chunk.bytes.length} octets make no frame`, chunk.bytes.slice());
      } else if (this.#isForUs(chunk.frame, chunk.bytes)) this.#station.receiveFrame(chunk.frame, now);
  }

  /** After a frame that is all there and spoilt nothing more comes, unless a window lets the meter send another. */
  #silenceMs(): number {
    const { interOctetTimeoutMs } = this.#station.options;
    const isOver = this.#splitter.holdsSpoiltFrame && this.#station.negotiated.windowReceive === 1;
    return isOver ? Math.min(afterSpoiltFrameMs, interOctetTimeoutMs) : interOctetTimeoutMs;
  }

  /** The last of what came begins as a frame to us, but its checks failed. */
  #isSpoiltAnswer({ type, bytes }: HdlcChunk): boolean {
    if (type === "frame" || bytes.length < shortestFrame + 1) return false;
    if (announcedLength(bytes[1] as number, bytes[2] as number) === undefined) return false;
    const destination = decodeAddress(bytes, 3, bytes.length);
    return destination !== undefined && sameStation(destination, this.#station.options.client);
  }

  /**
   * Our own frame came back. Where client and server have the same number, an answer may be the very octets of what it
   * answers (RR): then only a line that has echoed a command echoes, and each frame once.
   */
  #isEcho({ type }: ReceivedFrame, bytes: Uint8Array): boolean {
    const { client, server } = this.#station.options;
    const at = this.#sent.findIndex((sent) => equalBytes(sent.subarray(0, -1), bytes));
    if (at < 0 || server.size !== client.size || server.upper !== client.upper) return at >= 0;
    if (type === "snrm" || type === "disc") this.#echoes = true;
    if (this.#echoes) this.#sent = this.#sent.filter((_, index) => index !== at);
    return this.#echoes;
  }

  #isForUs(frame: ReceivedFrame, bytes: Uint8Array): boolean {
    const { client, server } = this.#station.options;
    if (this.#isEcho(frame, bytes)) {
      this.#notice("echo-discarded", `our own ${frameText(frame)} came back`);
      return false;
    }
    // Pushes go to a client address of their own, or to all.
    if (frame.type === "ui") return true;
    if (frame.type === "i" && this.state === "disconnected" && this.#station.options.listen) return true;
    if (!sameStation(frame.destination, client)) {
      this.#notice("foreign-frame", `${frameText(frame)} is for ${addressText(frame.destination)}`);
      return false;
    }
    if (!sameStation(frame.source, server)) {
      // Asked were all stations, or only the logical device is named in the answer.
      if (isAllStations(server)) return true;
      const logicalAlone = frame.source.size === 1 && frame.source.upper === server.upper;
      this.#notice(
        logicalAlone ? "address-width" : "foreign-frame",
        `${frameText(frame)} is from ${addressText(frame.source)}`,
      );
      return logicalAlone;
    }
    if (frame.source.size !== server.size)
      this.#notice("address-width", `the meter answers with ${frame.source.size} address octets to ${server.size}`);
    return true;
  }

  #notice(name: string, message: string, bytes?: Uint8Array): void {
    this.#notices.push({ type: "notice", name, message, ...(bytes === undefined ? {} : { bytes }) });
  }
}
