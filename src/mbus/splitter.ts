import { concatBytes } from "../base/index.js";
import { matchMbusFrame, type ParsedMbusFrame } from "./frame.js";

/** A frame, or octets that belong to none. */
export type MbusChunk =
  | { readonly type: "frame"; readonly frame: ParsedMbusFrame; readonly bytes: Uint8Array }
  | { readonly type: "discarded"; readonly bytes: Uint8Array };

/** Cuts a stream into long frames; goes by the length field and survives noise between frames. */
export class MbusSplitter {
  #pending: Uint8Array = new Uint8Array();

  push(bytes: Uint8Array): MbusChunk[] {
    // At most one frame (517 octets) is ever pending, so joining costs little.
    return this.#scan(concatBytes(this.#pending, bytes), false);
  }

  /** Gives up what is incomplete, after silence on the line. */
  flush(): MbusChunk[] {
    return this.#scan(this.#pending, true);
  }

  #scan(buffer: Uint8Array, ended: boolean): MbusChunk[] {
    const chunks: MbusChunk[] = [];
    let at = 0;
    let discardFrom = 0;
    const discard = () => {
      if (at > discardFrom) chunks.push({ type: "discarded", bytes: buffer.subarray(discardFrom, at) });
    };
    while (at < buffer.length) {
      const match = matchMbusFrame(buffer, at);
      if (match === "incomplete" && !ended) break;
      if (typeof match === "string") {
        at++;
        continue;
      }
      discard();
      chunks.push({ type: "frame", frame: match, bytes: buffer.subarray(at, at + match.size) });
      at += match.size;
      discardFrom = at;
    }
    discard();
    this.#pending = buffer.slice(at);
    return chunks;
  }
}
