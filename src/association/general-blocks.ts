import { encodeApdu, type GeneralBlockTransfer } from "../apdu/index.js";
import { dlmsError, type Notice } from "../base/index.js";
import { IncomingStream, OutgoingStream } from "./block-streams.js";

/** What a general block transfer goes by. */
export interface GeneralBlocksTerms {
  /** The end that asks. It tells when an exchange is over; the other end sees it by block 1. */
  readonly initiator: boolean;
  /** Octets of an APDU that the peer takes; Infinity for no limit. */
  readonly limit: number;
  /** Blocks that we take at once, 1 to 63. */
  readonly window: number;
  /** Octets that one transfer may bring. */
  readonly maxBytes: number;
}

/** What is to be done after a block came. */
export interface GeneralBlocksStep {
  /** Blocks to send, encoded. */
  readonly send: readonly Uint8Array[];
  /** The APDU that the blocks carried, once it is whole. */
  readonly apdu?: Uint8Array;
  readonly notice?: Notice;
  /** More blocks follow that the peer sends without being asked. */
  readonly more?: boolean;
}

/** Answers in a row to blocks that bring nothing: more than any loss on the way explains. */
const longestRepetition = 16;

const blockNotice = (name: string, message: string) => ({ notice: { type: "notice", name, message } as const });

/** General block transfer both ways, at either end: cuts what is too long, puts together what comes in blocks. */
export class GeneralBlocks {
  readonly #terms: GeneralBlocksTerms;
  #incoming: IncomingStream;
  #outgoing: OutgoingStream | undefined;
  #numbersUsed = 0;
  /** Answers to blocks that brought nothing, one after the other. */
  #fruitless = 0;
  /** Blocks the peer takes at once, as it said last; one until it says. */
  #peerWindow = 1;

  constructor(terms: GeneralBlocksTerms) {
    this.#terms = terms;
    this.#incoming = new IncomingStream(terms.maxBytes);
  }

  /** True while blocks are on their way in or out. */
  get busy(): boolean {
    return this.#incoming.unfinished || this.#outgoing?.allSent === false;
  }

  /** How far blocks have got: the number up to which we have them, and how many of ours the peer has. */
  get reached(): { readonly taken: number; readonly acknowledged: number } {
    return { taken: this.#incoming.taken, acknowledged: this.#outgoing?.acknowledged ?? 0 };
  }

  /** Forgets the exchange before: what comes and goes next is numbered from 1. */
  reset(): void {
    this.#incoming = new IncomingStream(this.#terms.maxBytes);
    this.#outgoing = undefined;
    this.#numbersUsed = 0;
    this.#fruitless = 0;
    this.#peerWindow = 1;
  }

  /**
   * The first blocks of an APDU; the others follow as the peer takes them.
   * @throws ProtocolError `block-transfer-failed` when it would pass block 65,535.
   */
  start(octets: Uint8Array): readonly Uint8Array[] {
    this.#outgoing = new OutgoingStream(octets, this.#terms.limit, this.#numbersUsed);
    return this.#window(this.#outgoing);
  }

  /** All blocks of an APDU that nobody acknowledges. */
  unconfirmed(octets: Uint8Array): readonly Uint8Array[] {
    return new OutgoingStream(octets, this.#terms.limit, 0).window(0, 0, 0).map((block) => encodeApdu(block));
  }

  /** @throws DecodeError `limit-exceeded`, also for a peer that sends the same blocks again and again. */
  receive(block: GeneralBlockTransfer): GeneralBlocksStep {
    const restarted = !this.#terms.initiator && this.#incoming.unfinished && this.#incoming.beginsAnew(block);
    if (restarted || (!this.#terms.initiator && beginsTransfer(block) && !this.#incoming.unfinished)) this.reset();
    const outgoing = this.#outgoing;
    if (block.window > 0) this.#peerWindow = block.window;
    if (outgoing && block.blockData.length === 0) {
      this.#incoming.pass(block.blockNumber);
      outgoing.acknowledge(block.blockNumberAck);
      return { send: this.#window(outgoing) };
    }
    if (block.blockData.length === 0 && !this.#incoming.unfinished)
      return {
        send: [],
        ...blockNotice("unexpected-block-discarded", "a block came that acknowledges nothing we sent"),
      };
    const verdict = this.#incoming.take(block);
    if (verdict === "complete") {
      outgoing?.complete();
      this.#spend(outgoing);
      return { send: [], apdu: this.#incoming.finish() };
    }
    const notice = noticeOf(restarted ? "restarted" : verdict, block, this.#incoming.taken);
    if (verdict === "taken") this.#fruitless = 0;
    // A last block that came twice asks what it asked before: where is the answer?
    if (verdict === "duplicate" && outgoing) return { send: this.#window(outgoing), ...notice };
    const windowEnds = !block.streaming || block.lastBlock;
    const wantsAnswer = windowEnds && block.window > 0 && this.#incoming.state !== "done";
    const more = block.streaming && !block.lastBlock && this.#incoming.unfinished;
    if (wantsAnswer && verdict !== "taken") this.#countFruitless();
    return { send: wantsAnswer ? [this.#acknowledgement()] : [], more, ...notice };
  }

  /** What to send when nothing came for too long: where we stand, or the window that may be lost. */
  recover(): readonly Uint8Array[] | undefined {
    if (this.#incoming.unfinished) return [this.#acknowledgement()];
    if (this.#outgoing && !this.#outgoing.allSent) return this.#window(this.#outgoing);
    return undefined;
  }

  #countFruitless(): void {
    this.#fruitless += 1;
    if (this.#fruitless <= longestRepetition) return;
    this.#incoming = new IncomingStream(this.#terms.maxBytes);
    throw dlmsError("limit-exceeded", `${this.#fruitless} general blocks in a row brought nothing new`, {
      layer: "association",
    });
  }

  #window(outgoing: OutgoingStream): readonly Uint8Array[] {
    const blocks = outgoing.window(this.#peerWindow, this.#terms.window, this.#incoming.taken);
    return blocks.map((block) => encodeApdu(block));
  }

  #acknowledgement(): Uint8Array {
    this.#spend(this.#outgoing);
    this.#numbersUsed += 1;
    return encodeApdu({
      type: "general-block-transfer",
      lastBlock: true,
      streaming: false,
      window: this.#terms.window,
      blockNumber: this.#numbersUsed,
      blockNumberAck: this.#incoming.taken,
      blockData: new Uint8Array(),
    });
  }

  #spend(outgoing: OutgoingStream | undefined): void {
    if (outgoing) this.#numbersUsed = Math.max(this.#numbersUsed, outgoing.lastNumber);
  }
}

const beginsTransfer = ({ blockNumber, blockData }: GeneralBlockTransfer): boolean =>
  blockNumber === 1 && blockData.length > 0;

function noticeOf(
  verdict: "taken" | "duplicate" | "gap" | "restarted",
  { blockNumber }: GeneralBlockTransfer,
  taken: number,
): { readonly notice?: Notice } {
  switch (verdict) {
    case "taken":
      return {};
    case "duplicate":
      return blockNotice("duplicate-block-discarded", `general block ${blockNumber} came twice and was discarded`);
    case "gap":
      return blockNotice("block-lost", `general block ${blockNumber} came after block ${taken}`);
    case "restarted":
      return blockNotice("block-transfer-restarted", "general blocks began anew before the transfer was complete");
  }
}
