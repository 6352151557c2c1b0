import { decodeAddress, type HdlcAddress } from "./address.js";
import { decodeControl } from "./control.js";
import { isGoodRegister, runRegister } from "./fcs.js";
import { announcedLength, flag, type ReceivedFrame } from "./frame.js";

/** A frame, or octets that belong to none. Both are views that hold until the next call. */
export type HdlcChunk =
  | {
      readonly type: "frame";
      readonly frame: ReceivedFrame;
      /** From the opening flag to the frame check. */
      readonly bytes: Uint8Array;
      /** Position of the opening flag in the stream. */
      readonly offset: number;
      /** False where both checks held but no flag stands behind them. */
      readonly endFlag: boolean;
    }
  /** A long run comes in several pieces. */
  | { readonly type: "discarded"; readonly bytes: Uint8Array; readonly offset: number };

export interface FrameSplitterOptions {
  /**
   * Hand out frames whose checks fail too, if their flags are in place and no sound frame begins inside of them; for
   * diagnosis alone. What uses frames must drop them.
   */
  readonly damaged?: boolean;
}

const nothing: readonly HdlcChunk[] = [];
const longestRun = 2048;
/** Octets from the flag that are sure to hold format, addresses, control field and header check. */
const headRoom = 14;

/**
 * Cuts a stream into frames. It goes by the length field, so flags inside a frame do no harm; a candidate whose checks
 * fail is given up and the search goes on right behind its flag, so a false frame never hides a good one. Keeps at
 * most one unfinished frame and one run of octets that belong to none.
 */
export class FrameSplitter {
  readonly #damaged: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  /** `#bytes` is a copy and may be written to. */
  #ours = false;
  /** Where what was not handed out begins, where the search stands, and where the octets end. */
  #start = 0;
  #scan = 0;
  #end = 0;
  /** Octets from `#scan` on before another look is worth it. */
  #needed = 1;
  /** The header at `#scan` was found sound. */
  #headed = false;
  /** The flag at `#start` closed a frame already. */
  #shared = false;
  #ended = false;
  /** Position in the stream of `#bytes[0]`. */
  #base = 0;

  constructor(options: FrameSplitterOptions = {}) {
    this.#damaged = options.damaged ?? false;
  }

  /** True while octets are held: a frame that has begun, or a run whose end is not known. */
  get pending(): boolean {
    const held = this.#end - this.#start;
    return held > 1 || (held === 1 && this.#bytes[this.#start] !== flag);
  }

  /** True while what is held ends where the frame that it begins with should, and yet is none: its checks failed. */
  get holdsSpoiltFrame(): boolean {
    const held = this.#end - this.#start;
    if (held < 4 || this.#bytes[this.#start] !== flag || this.#bytes[this.#end - 1] !== flag) return false;
    const length = announcedLength(this.#bytes[this.#start + 1] as number, this.#bytes[this.#start + 2] as number);
    return length !== undefined && held === length + 2;
  }

  push(bytes: Uint8Array): readonly HdlcChunk[] {
    if (this.#start === this.#end) this.#adopt(bytes);
    else if (bytes.length === 1 && this.#ours && this.#end < this.#bytes.length)
      this.#bytes[this.#end++] = bytes[0] as number;
    else this.#append(bytes);
    if (this.#end - this.#scan < this.#needed) {
      if (!this.#ours) this.#keep();
      return nothing;
    }
    return this.#drain();
  }

  /** Gives up the frame that has begun, after silence on the line; frames inside of it are found. */
  flush(): readonly HdlcChunk[] {
    if (this.#start === this.#end) return nothing;
    this.#ended = true;
    const chunks = [...this.#drain()];
    this.#ended = false;
    const flagAlone = this.#end - this.#scan === 1 && this.#bytes[this.#scan] === flag;
    const run = this.#takeRun(flagAlone ? this.#scan : this.#end);
    if (run !== undefined) chunks.push(run);
    return chunks;
  }

  #drain(): readonly HdlcChunk[] {
    const chunks: HdlcChunk[] = [];
    for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) chunks.push(chunk);
    if (!this.#ours) this.#keep();
    return chunks;
  }

  #next(): HdlcChunk | undefined {
    while (this.#scan < this.#end) {
      if (this.#scan - this.#start >= longestRun) return this.#takeRun(this.#scan);
      if (this.#bytes[this.#scan] !== flag) {
        const at = this.#bytes.indexOf(flag, this.#scan);
        this.#scan = at === -1 || at > this.#end ? this.#end : at;
        this.#needed = 1;
        continue;
      }
      const available = this.#end - this.#scan;
      const found = this.#examine(available);
      if (typeof found === "object") return found;
      if (found > available && (!this.#ended || available === 1)) {
        this.#needed = found;
        return undefined;
      }
      this.#passFlag();
    }
    return this.#scan - this.#start >= longestRun ? this.#takeRun(this.#scan) : undefined;
  }

  /** Looks at the flag at `#scan`: a frame, how many octets it takes to tell, or 0 when it opens nothing. */
  #examine(available: number): HdlcChunk | number {
    const bytes = this.#bytes;
    const at = this.#scan;
    if (available < 3) return available < 2 || ((bytes[at + 1] as number) & 0xf0) === 0xa0 ? 3 : 0;
    const length = announcedLength(bytes[at + 1] as number, bytes[at + 2] as number);
    if (length === undefined) return 0;
    const whole = length + 2;
    if (available < whole && !this.#headed && !this.#damaged) {
      if (available < headRoom && !this.#ended) return Math.min(headRoom, whole);
      if (available >= headRoom && headOf(bytes, at, length, false) === undefined) return 0;
      this.#headed = true;
    }
    if (available < whole && !(this.#ended && available === whole - 1)) return whole;
    const frame = this.#frameAt(at, length, available >= whole && bytes[at + whole - 1] === flag);
    if (frame === undefined) return 0;
    const run = this.#takeRun(at);
    if (run !== undefined) return run;
    this.#start = this.#scan = at + length + 1;
    this.#shared = frame.endFlag;
    this.#needed = 1;
    this.#headed = false;
    return frame;
  }

  #frameAt(at: number, length: number, endFlag: boolean): (HdlcChunk & { readonly type: "frame" }) | undefined {
    const bytes = this.#bytes;
    const head = headOf(bytes, at, length, this.#damaged);
    if (head === undefined) return undefined;
    const { end, register, destination, source } = head;
    const limit = at + 1 + length;
    const hasInformation = limit - 2 > end;
    if (!endFlag && !hasInformation) return undefined;
    const frameCheckOk = isGoodRegister(runRegister(bytes.subarray(end, limit), register));
    const headerCheckOk = hasInformation ? isGoodRegister(register) : undefined;
    if (!frameCheckOk || headerCheckOk === false) {
      if (!this.#damaged || !endFlag || this.#soundInside(at + 1, limit)) return undefined;
    }
    const controlField = bytes[head.control] as number;
    const control = decodeControl(controlField);
    // Field by field: spreading the control field costs ten times the check sequence.
    return {
      type: "frame",
      frame: {
        type: control.type,
        poll: control.poll,
        sendSequence: control.sendSequence,
        receiveSequence: control.receiveSequence,
        destination,
        source,
        controlField,
        segmented: ((bytes[at + 1] as number) & 8) !== 0,
        information: bytes.subarray(end, hasInformation ? limit - 2 : end),
        headerCheckOk,
        frameCheckOk,
      },
      bytes: bytes.subarray(at, limit),
      offset: this.#base + at,
      endFlag,
    };
  }

  /** True when a sound frame begins between the two positions. */
  #soundInside(from: number, to: number): boolean {
    const bytes = this.#bytes;
    for (let at = bytes.indexOf(flag, from); at >= 0 && at < to; at = bytes.indexOf(flag, at + 1)) {
      if (at + 2 >= this.#end) return false;
      const length = announcedLength(bytes[at + 1] as number, bytes[at + 2] as number);
      if (length === undefined || at + 1 + length >= this.#end || bytes[at + 1 + length] !== flag) continue;
      const head = headOf(bytes, at, length, false);
      if (head === undefined) continue;
      if (isGoodRegister(runRegister(bytes.subarray(head.end, at + 1 + length), head.register))) return true;
    }
    return false;
  }

  /** The flag at `#scan` opens nothing: it is fill between frames, or part of a run. */
  #passFlag(): void {
    const fill = this.#scan + 1 < this.#end && this.#bytes[this.#scan + 1] === flag;
    if (this.#scan === this.#start && (this.#shared || fill)) {
      this.#start++;
      this.#shared = false;
    }
    this.#scan++;
    this.#needed = 1;
    this.#headed = false;
  }

  #takeRun(to: number): HdlcChunk | undefined {
    const from = this.#start + (this.#shared ? 1 : 0);
    if (to <= from) return undefined;
    this.#start = to;
    this.#scan = Math.max(this.#scan, to);
    this.#shared = false;
    return { type: "discarded", bytes: this.#bytes.subarray(from, to), offset: this.#base + from };
  }

  #adopt(bytes: Uint8Array): void {
    this.#base += this.#end;
    this.#bytes = bytes;
    this.#ours = false;
    this.#start = this.#scan = 0;
    this.#end = bytes.length;
  }

  /** Copies what is left of the caller's octets. */
  #keep(): void {
    if (this.#start === this.#end) return;
    const room = new Uint8Array(this.#end - this.#start + 2 * longestRun);
    this.#moveTo(room);
  }

  #append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length)
      this.#moveTo(new Uint8Array(2 * (this.#end - this.#start + bytes.length) + 2 * longestRun));
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Views handed out before stay on the old octets. */
  #moveTo(room: Uint8Array): void {
    room.set(this.#bytes.subarray(this.#start, this.#end));
    this.#base += this.#start;
    this.#bytes = room;
    this.#ours = true;
    this.#scan -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
  }
}

interface Head {
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  /** Position of the control field. */
  readonly control: number;
  /** Where the information field begins, or the frame check if there is none; `register` has run up to here. */
  readonly end: number;
  readonly register: number;
}

/** Reads the header behind the flag at `at`; undefined when it makes no sense or, unless `damaged`, its check fails. */
function headOf(bytes: Uint8Array, at: number, length: number, damaged: boolean): Head | undefined {
  const fcs = at + length - 1;
  const destination = decodeAddress(bytes, at + 3, fcs);
  if (destination === undefined) return undefined;
  const source = decodeAddress(bytes, at + 3 + destination.size, fcs);
  if (source === undefined) return undefined;
  const control = at + 3 + destination.size + source.size;
  const bare = control + 1 === fcs;
  const end = bare ? fcs : control + 3;
  if (end > fcs) return undefined;
  const register = runRegister(bytes.subarray(at + 1, end));
  if (!bare && !damaged && !isGoodRegister(register)) return undefined;
  return { destination, source, control, end, register };
}
