import { control, stripParity } from "./characters.js";

/** A whole message, or octets that belong to none. */
export type LocalChunk =
  | { readonly type: "message"; readonly bytes: Uint8Array }
  | { readonly type: "discarded"; readonly bytes: Uint8Array };

/** The longest data block kept: a read-out of some hundred kilobytes is already hours at 300 baud. */
const longestMessage = 1 << 20;

/**
 * Cuts a stream of characters into messages: lines that begin with `/`, ACK with its option, single ACK and NAK, blocks
 * from STX or SOH to the block check. Parity bits are stripped. What is none of these is handed out as discarded.
 */
export class LocalSplitter {
  #buffer = new Uint8Array(256);
  #length = 0;
  /** Offset up to which the pending octets were searched for the end of their message. */
  #searched = 0;

  /** True while a message has begun and not ended. */
  get pending(): boolean {
    return this.#length > 0;
  }

  push(bytes: Uint8Array): LocalChunk[] {
    this.#append(stripParity(bytes));
    const chunks: LocalChunk[] = [];
    let at = 0;
    for (;;) {
      const pending = this.#buffer.subarray(at, this.#length);
      const start = pending.findIndex(beginsMessage);
      const noise = start === -1 ? pending.length : start;
      if (noise > 0) chunks.push({ type: "discarded", bytes: pending.slice(0, noise) });
      if (noise > 0) this.#searched = 0;
      at += noise;
      const end = endOf(this.#buffer.subarray(at, this.#length), this.#searched);
      if (end === undefined) break;
      chunks.push({ type: "message", bytes: this.#buffer.slice(at, at + end) });
      at += end;
      this.#searched = 0;
    }
    this.#drop(at);
    this.#searched = Math.max(0, this.#length - 1);
    if (this.#length > longestMessage) chunks.push(...this.flush());
    return chunks;
  }

  /** Gives up the message that has begun, after silence on the line. A lone ACK is whole then. */
  flush(): LocalChunk[] {
    const rest = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    this.#searched = 0;
    if (rest.length === 0) return [];
    if (rest.length === 1 && rest[0] === control.ACK) return [{ type: "message", bytes: rest }];
    return [{ type: "discarded", bytes: rest }];
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

function beginsMessage(octet: number): boolean {
  return (
    octet === 0x2f || octet === control.STX || octet === control.SOH || octet === control.ACK || octet === control.NAK
  );
}

/** Where the message at the begin of `buffer` ends; undefined while octets are missing. */
function endOf(buffer: Uint8Array, from: number): number | undefined {
  const first = buffer[0];
  if (first === control.NAK) return 1;
  if (first === control.STX || first === control.SOH) {
    for (let i = Math.max(1, from); i < buffer.length; i++)
      if (buffer[i] === control.ETX || buffer[i] === control.EOT) return i + 1 < buffer.length ? i + 2 : undefined;
    return undefined;
  }
  if (first === control.ACK) {
    const second = buffer[1];
    if (second === undefined) return undefined;
    if (second < 0x30 || second > 0x39) return 1;
  }
  const lineFeed = buffer.indexOf(control.LF, from);
  return lineFeed === -1 ? undefined : lineFeed + 1;
}
