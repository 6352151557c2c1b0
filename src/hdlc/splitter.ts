import { checkHolds } from "./fcs.js";
import { announcedLength, decodeFrame, flag, headerEnd, type ReceivedFrame } from "./frame.js";

/** A frame, or octets that belong to none. Both are views that hold until the next call. */
export type HdlcChunk =
  | {
      readonly type: "frame";
      readonly frame: ReceivedFrame;
      /** From the opening flag to the frame check. */
      readonly bytes: Uint8Array;
    }
  | { readonly type: "discarded"; readonly bytes: Uint8Array };

export interface FrameSplitterOptions {
  /**
   * Hand out frames whose checks fail too, if their flags are in place; for diagnosis alone. What uses frames must drop
   * them.
   */
  readonly damaged?: boolean;
}

const nothing: readonly HdlcChunk[] = [];

/**
 * Cuts a stream into frames. It goes by the length field, so flags inside a frame do no harm; a candidate whose checks
 * fail is given up and the search goes on right behind its flag, so a false flag never hides a good frame.
 */
export class FrameSplitter {
  readonly #damaged: boolean;
  /** Octets of a frame that has begun; grows by doubling up to two frames. */
  #pending = new Uint8Array(512);
  #length = 0;
  /** Octets that must be pending before another look is worth it. */
  #needed = 1;

  constructor(options: FrameSplitterOptions = {}) {
    this.#damaged = options.damaged ?? false;
  }

  /** True while a frame has begun and not ended. */
  get pending(): boolean {
    return this.#length > 1;
  }

  push(bytes: Uint8Array): readonly HdlcChunk[] {
    if (this.#length === 0) return this.#scan(bytes, bytes.length, false, true);
    this.#append(bytes);
    if (this.#length < this.#needed) return nothing;
    return this.#scan(this.#pending, this.#length, false, false);
  }

  /** Gives up the frame that has begun, after silence on the line; frames inside of it are found. */
  flush(): readonly HdlcChunk[] {
    return this.#length === 0 ? nothing : this.#scan(this.#pending, this.#length, true, false);
  }

  #scan(buffer: Uint8Array, end: number, ended: boolean, foreign: boolean): readonly HdlcChunk[] {
    const chunks: HdlcChunk[] = [];
    let at = 0;
    /** First octet that is not part of a frame. */
    let rest = 0;
    for (;;) {
      const start = nextFlag(buffer, at, end);
      const found = start === end ? end : this.#match(buffer, start, end, ended);
      if (found === undefined) {
        at = start + 1;
        continue;
      }
      if (start > rest && !isFlags(buffer, rest, start))
        chunks.push({ type: "discarded", bytes: buffer.subarray(rest, start) });
      if (typeof found === "number") {
        this.#keep(buffer, start, end, found, foreign);
        return chunks;
      }
      const bytes = buffer.subarray(start, start + 1 + found.length);
      chunks.push({ type: "frame", frame: found.frame, bytes });
      at = rest = start + 1 + found.length;
    }
  }

  /** The frame at the flag; undefined when there is none; a number of octets when it needs that many to tell. */
  #match(buffer: Uint8Array, start: number, end: number, ended: boolean) {
    const first = start + 1;
    if (end - first < 2) return ended ? undefined : 3;
    const length = announcedLength(buffer[first] as number, buffer[first + 1] as number);
    if (length === undefined) return undefined;
    const frameEnd = first + length;
    if (frameEnd > end) {
      if (ended || !headerMayHold(buffer, first, end, length)) return undefined;
      return length + 1;
    }
    const frame = decodeFrame(buffer, first, frameEnd);
    if (frame === undefined) return undefined;
    if (frame.frameCheckOk && frame.headerCheckOk !== false) return { frame, length };
    if (!this.#damaged) return undefined;
    // A damaged frame is one only if its closing flag stands where it should.
    if (frameEnd === end) return ended ? undefined : length + 2;
    return buffer[frameEnd] === flag ? { frame, length } : undefined;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#pending.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#pending.length));
      grown.set(this.#pending.subarray(0, this.#length));
      this.#pending = grown;
    }
    this.#pending.set(bytes, this.#length);
    this.#length = needed;
  }

  /** Keeps what has begun at `start`. Frames handed out are views on the old buffer, which is then left alone. */
  #keep(buffer: Uint8Array, start: number, end: number, needed: number, foreign: boolean): void {
    const length = end - start;
    if (foreign && this.#pending.length < length) this.#pending = new Uint8Array(length);
    if (!foreign && start > 0) this.#pending = new Uint8Array(Math.max(512, length));
    if (foreign || start > 0) this.#pending.set(buffer.subarray(start, end));
    this.#length = length;
    this.#needed = Math.max(needed, 1);
  }
}

/** Position of the next flag that another octet than a flag follows; `end` when there is none. */
function nextFlag(buffer: Uint8Array, from: number, end: number): number {
  let at = buffer.indexOf(flag, from);
  if (at === -1 || at >= end) return end;
  while (at + 1 < end && buffer[at + 1] === flag) at++;
  return at;
}

/** A header check that fails tells early that a flag was a false one. */
function headerMayHold(buffer: Uint8Array, first: number, end: number, length: number): boolean {
  const header = headerEnd(buffer, first, end);
  // Two addresses of four octets and the control field.
  if (header === undefined) return end - first < 11;
  if (header + 2 > end || header - first + 2 >= length) return true;
  return checkHolds(buffer, first, header);
}

function isFlags(buffer: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (buffer[at] !== flag) return false;
  return true;
}
