import type { GeneralBlockTransfer } from "../../apdu/index.js";
import { concatBytes, dlmsError, equalBytes } from "../../base/index.js";

/** Octets of the longest push put together from blocks. */
const longestApdu = 1 << 20;
/** Meters pause for seconds between blocks; behind minutes nothing comes any more. */
const longestPauseMs = 120_000;
/** Transfers open at once; the oldest goes when one more comes. */
const mostOpen = 64;

interface Transfer {
  readonly parts: Uint8Array[];
  length: number;
  lastAt: number;
}

/** Puts the general block transfers of many senders together (Green Book 9.3.12): blocks counted from 1, in order. */
export class PushBlocks {
  readonly #open = new Map<string, Transfer>();

  /**
   * The APDU that a block completes; undefined while more are to come.
   * @throws ProtocolError `block-transfer-failed` when a block is missing; what came so far is dropped.
   * @throws DecodeError `limit-exceeded` above 1 MiB.
   */
  add(sender: string, block: GeneralBlockTransfer, now: number): Uint8Array | undefined {
    const { blockNumber, blockData } = block;
    let transfer = this.#open.get(sender);
    this.#open.delete(sender);
    if (transfer !== undefined && now - transfer.lastAt > longestPauseMs) transfer = undefined;
    const count = transfer?.parts.length ?? 0;
    const repeated = blockNumber === count && transfer !== undefined && same(transfer.parts.at(-1), blockData);
    if (!repeated) {
      if (blockNumber === 1) transfer = { parts: [], length: 0, lastAt: now };
      else if (transfer === undefined || blockNumber !== count + 1)
        throw dlmsError("block-transfer-failed", `block ${blockNumber} of a push came where ${count + 1} was next`, {
          layer: "client",
        });
      transfer.parts.push(blockData.slice());
      transfer.length += blockData.length;
    }
    if (transfer === undefined) return undefined;
    if (transfer.length > longestApdu)
      throw dlmsError("limit-exceeded", `a push exceeds ${longestApdu} octets`, { layer: "client" });
    if (block.lastBlock) return concatBytes(...transfer.parts);
    transfer.lastAt = now;
    this.#open.set(sender, transfer);
    const [oldest] = this.#open.keys();
    if (this.#open.size > mostOpen && oldest !== undefined) this.#open.delete(oldest);
    return undefined;
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b);
}
