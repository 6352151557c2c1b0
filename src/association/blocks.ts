import { concatBytes, dlmsError, type Notice } from "../base/index.js";
import { lengthSize } from "../codec/index.js";

/** Block numbers have four octets on the wire, and 0 is none. */
const lastBlockNumber = 0xffffffff;

/** Cuts octets into numbered blocks. */
export class BlockCutter {
  readonly #octets: Uint8Array;
  #offset = 0;
  #number = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** Number of the block handed out last; 0 before the first. */
  get number(): number {
    return this.#number;
  }

  /** The next block of at most `room` octets. */
  next(room: number): { readonly lastBlock: boolean; readonly blockNumber: number; readonly rawData: Uint8Array } {
    if (room < 1 || this.#number === lastBlockNumber)
      throw dlmsError("request-too-long", "the PDU size agreed on leaves no room for a block", {
        layer: "association",
      });
    const rawData = this.#octets.subarray(this.#offset, this.#offset + room);
    this.#offset += rawData.length;
    this.#number += 1;
    return { lastBlock: this.#offset === this.#octets.length, blockNumber: this.#number, rawData };
  }
}

/** Octets of raw data that fit beside `header` octets under `limit`, their length field counted. */
export function roomFor(limit: number, header: number): number {
  const rest = limit - header;
  for (let size = 1; size <= 5; size++) {
    const room = rest - size;
    if (room >= 0 && lengthSize(room) <= size) return room;
  }
  return 0;
}

/** Blocks in a row that may bring nothing: a sender that goes on like that never comes to an end. */
const mostEmptyBlocks = 16;

/** What became of a block: taken, seen before, or out of order. */
export type BlockVerdict = "taken" | "duplicate" | "out-of-order";

/** Puts received blocks together, in their order only and never above a limit. */
export class BlockAssembler {
  readonly #limit: number;
  readonly #keep: boolean;
  #parts: Uint8Array[] = [];
  #size = 0;
  #empty = 0;
  #number: number | undefined;

  /** `keep` false counts and orders the blocks but leaves their octets to whoever takes them on the way. */
  constructor(limit: number, keep = true) {
    this.#limit = limit;
    this.#keep = keep;
  }

  /** Number of the block taken last; 0 before the first. */
  get number(): number {
    return this.#number ?? 0;
  }

  /** @throws DecodeError `limit-exceeded` when the whole would grow above the limit. */
  take(blockNumber: number, rawData: Uint8Array): BlockVerdict {
    // Some meters number from 0; whatever the first is, the others follow it.
    const first = this.#number === undefined && blockNumber <= 1;
    if (!first && blockNumber === this.#number) return "duplicate";
    if (!first && blockNumber !== (this.#number ?? 0) + 1) return "out-of-order";
    this.#size += rawData.length;
    this.#empty = rawData.length > 0 ? 0 : this.#empty + 1;
    if (this.#empty > mostEmptyBlocks)
      throw dlmsError("limit-exceeded", `more than ${mostEmptyBlocks} empty blocks in a row`, { layer: "association" });
    if (this.#keep && this.#size > this.#limit)
      throw dlmsError("limit-exceeded", `blocks of more than ${this.#limit} octets`, { layer: "association" });
    if (this.#keep) this.#parts.push(rawData);
    this.#number = blockNumber;
    return "taken";
  }

  /** Everything taken, joined. */
  finish(): Uint8Array {
    const [only] = this.#parts;
    const whole = this.#parts.length === 1 && only ? only : concatBytes(...this.#parts);
    this.#parts = [];
    return whole;
  }
}

/** The notice for a block that came twice. */
export function duplicateBlock(blockNumber: number): Notice {
  return {
    type: "notice",
    name: "duplicate-block-discarded",
    message: `block ${blockNumber} came twice and was discarded`,
  };
}
