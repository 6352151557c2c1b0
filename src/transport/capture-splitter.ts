/** Longest piece that waits for its end; a wrapper packet has at most 65,543 octets. */
const longest = 65_543;
const flag = 0x7e;

/**
 * Cuts captured octets of one direction into HDLC frames, wrapper packets and the text between them, for display and
 * for files. It judges nothing: check sequences are not looked at, and no octet is lost.
 */
export class CaptureSplitter {
  #waiting = new Uint8Array();

  /** The messages that are complete now. */
  push(bytes: Uint8Array): Uint8Array[] {
    const all = new Uint8Array(this.#waiting.length + bytes.length);
    all.set(this.#waiting);
    all.set(bytes, this.#waiting.length);
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < all.length) {
      const length = messageLength(all, at);
      if (length === undefined || at + length > all.length) break;
      messages.push(all.slice(at, at + length));
      at += length;
    }
    this.#waiting = all.slice(at);
    if (this.#waiting.length > longest) messages.push(...this.flush());
    return messages;
  }

  /** What is left without an end. */
  flush(): Uint8Array[] {
    const rest = this.#waiting;
    this.#waiting = new Uint8Array();
    return rest.length > 0 ? [rest] : [];
  }
}

/** Length of the message at `at`; undefined while too little of it is there to tell. */
function messageLength(all: Uint8Array, at: number): number | undefined {
  const [first, second, third] = [all[at], all[at + 1], all[at + 2]];
  if (first === flag) return second === undefined ? undefined : frameLength(all, at, second, third);
  if (first === 0) {
    if (second === undefined) return undefined;
    const [high, low] = [all[at + 6], all[at + 7]];
    if (second === 1) return high === undefined || low === undefined ? undefined : 8 + (high << 8) + low;
  }
  return textLength(all, at);
}

/** A type 3 frame tells its length between its flags; a frame that shares its flag with the next keeps both. */
function frameLength(all: Uint8Array, at: number, second: number, third: number | undefined): number | undefined {
  if ((second & 0xf0) !== 0xa0) return textLength(all, at);
  if (third === undefined) return undefined;
  const inner = ((second & 7) << 8) | third;
  const end = at + 1 + inner;
  if (all.length < end) return undefined;
  return all[end] === flag || all[end] === undefined ? inner + 2 : textLength(all, at);
}

/** Up to where a frame may begin. */
function textLength(all: Uint8Array, at: number): number {
  const next = all.indexOf(flag, at + 1);
  return (next < 0 ? all.length : next) - at;
}
