import type { GeneralBlockTransfer } from "../apdu/index.js";
import { concatBytes, dlmsError, equalBytes } from "../base/index.js";
import { type BlockStreamEvent, type BlockStreamState, blockStreamMachine } from "./block-stream.table.js";
import { roomFor } from "./blocks.js";

/** Tag, block control, block number, number acknowledged. */
const headerSize = 6;
const highestBlockNumber = 0xffff;

/** Octets on their way out in general blocks. */
export class OutgoingStream {
  readonly #octets: Uint8Array;
  readonly #room: number;
  readonly #count: number;
  readonly #offset: number;
  #state: BlockStreamState = "idle";
  /** Blocks the peer has, and blocks sent, counted from 0. */
  #acknowledged = 0;
  #sent = 0;

  /**
   * @param limit octets of an APDU that the peer takes; @param numbersUsed block numbers that are spent.
   * @throws ProtocolError `block-transfer-failed` when it would take more blocks than there are numbers.
   */
  constructor(octets: Uint8Array, limit: number, numbersUsed: number) {
    this.#octets = octets;
    this.#room = limit === Number.POSITIVE_INFINITY ? Math.max(octets.length, 1) : roomFor(limit, headerSize);
    this.#count = this.#room > 0 ? Math.max(1, Math.ceil(octets.length / this.#room)) : Number.POSITIVE_INFINITY;
    this.#offset = numbersUsed;
    if (numbersUsed + this.#count > highestBlockNumber)
      throw dlmsError(
        "block-transfer-failed",
        `${octets.length} octets in blocks of ${this.#room} would pass block ${highestBlockNumber}`,
        { layer: "association" },
      );
  }

  get state(): BlockStreamState {
    return this.#state;
  }

  /** Blocks that the peer has. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Highest block number used. */
  get lastNumber(): number {
    return this.#offset + this.#sent;
  }

  /** True once the last block was sent. */
  get allSent(): boolean {
    return this.#sent === this.#count;
  }

  /** The peer has everything up to `number`. */
  acknowledge(number: number): void {
    const taken = number - this.#offset;
    if (taken >= this.#acknowledged && taken <= this.#sent) this.#acknowledged = taken;
    this.#move("acknowledged");
  }

  /** The peer answers: it has everything. */
  complete(): void {
    this.#acknowledged = this.#count;
    this.#move("complete");
  }

  /** The blocks after what was acknowledged, as many as the peer takes; 0 takes all, unasked. */
  window(size: number, ownWindow: number, acknowledging: number): GeneralBlockTransfer[] {
    const end = size === 0 ? this.#count : Math.min(this.#acknowledged + size, this.#count);
    const blocks: GeneralBlockTransfer[] = [];
    for (let index = this.#acknowledged; index < end; index++) {
      const lastBlock = index === this.#count - 1;
      const streaming = !lastBlock && index !== end - 1;
      this.#move(lastBlock ? "last" : streaming ? "streamed" : "window-end");
      blocks.push({
        type: "general-block-transfer",
        lastBlock,
        streaming,
        window: ownWindow,
        blockNumber: this.#offset + index + 1,
        blockNumberAck: acknowledging,
        blockData: this.#octets.subarray(index * this.#room, (index + 1) * this.#room),
      });
    }
    this.#sent = Math.max(this.#sent, end);
    return blocks;
  }

  #move(event: BlockStreamEvent): void {
    this.#state = blockStreamMachine.next(this.#state, event) ?? this.#state;
  }
}

/** What became of a received block. */
export type StreamVerdict = "taken" | "complete" | "duplicate" | "gap" | "restarted";

/** Octets coming in by general blocks. Blocks after a gap are dropped: the sender is told how far they came. */
export class IncomingStream {
  readonly #limit: number;
  #state: BlockStreamState = "idle";
  #parts: Uint8Array[] = [];
  #size = 0;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get state(): BlockStreamState {
    return this.#state;
  }

  /** Number of the last block that came in order. */
  get taken(): number {
    return this.#taken;
  }

  /** True while blocks have come and more are expected. */
  get unfinished(): boolean {
    return this.#parts.length > 0 && this.#state !== "done";
  }

  /** A block without octets came: it acknowledges, and uses up a number. */
  pass(blockNumber: number): void {
    if (this.#state === "idle" && blockNumber > this.#taken) this.#taken = blockNumber;
  }

  /** Block 1 begins anew unless it is the first block once more. */
  beginsAnew({ blockNumber, blockData }: GeneralBlockTransfer): boolean {
    const [first] = this.#parts;
    return blockNumber === 1 && (this.#taken !== 1 || first === undefined || !equalBytes(first, blockData));
  }

  /** @throws DecodeError `limit-exceeded` when the whole would grow above the limit. */
  take(block: GeneralBlockTransfer): StreamVerdict {
    const { blockNumber, blockData, lastBlock, streaming } = block;
    const begins = this.beginsAnew(block);
    const unfinished = this.unfinished;
    if (begins) this.#reset();
    if (blockNumber <= this.#taken) return "duplicate";
    if (blockNumber !== this.#taken + 1) return "gap";
    this.#size += blockData.length;
    if (this.#size > this.#limit)
      throw dlmsError("limit-exceeded", `general blocks of more than ${this.#limit} octets`, { layer: "association" });
    this.#parts.push(blockData);
    this.#taken = blockNumber;
    if (this.#state !== "idle") this.#move("acknowledged");
    this.#move(lastBlock ? "last" : streaming ? "streamed" : "window-end");
    if (lastBlock) {
      this.#move("complete");
      return "complete";
    }
    return begins && unfinished ? "restarted" : "taken";
  }

  /** Everything taken, joined. */
  finish(): Uint8Array {
    const whole = concatBytes(...this.#parts);
    this.#parts = [];
    return whole;
  }

  #reset(): void {
    this.#state = "idle";
    this.#parts = [];
    this.#size = 0;
    this.#taken = 0;
  }

  #move(event: BlockStreamEvent): void {
    this.#state = blockStreamMachine.next(this.#state, event) ?? this.#state;
  }
}
