import type { Apdu, GeneralBlockTransfer } from "../apdu/index.js";
import { ByteReader, concatBytes, DlmsError } from "../base/index.js";
import { readLength } from "../codec/index.js";
import { decodeData } from "../data/index.js";
import { dataJson, encodedDataJson, problemOf } from "./data-json.js";
import type { Json, Problem } from "./types.js";

/** Octets of the longest transfer that is put together. */
const longestTransfer = 64 * 1024 * 1024;

/** Parts that must come with numbers from 1 upwards. */
class Parts {
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #next = 1;
  #broken = false;

  /** Takes a part; a repeated one is passed over, a gap spoils the transfer. */
  add(number: number, part: Uint8Array): void {
    if (number === this.#next - 1 && number > 0) return;
    if (number !== this.#next || this.#length + part.length > longestTransfer) this.#broken = true;
    this.#next = number + 1;
    this.#parts.push(part.slice());
    this.#length += part.length;
  }

  /** All of it, unless something is missing. */
  get whole(): Uint8Array | undefined {
    return this.#broken ? undefined : concatBytes(...this.#parts);
  }
}

/** One block of a service with blocks of its own. */
interface ServiceBlock {
  readonly transfer: string;
  readonly number: number;
  readonly last: boolean;
  readonly data: Uint8Array;
}

/** Puts service-specific blocks together (GET, SET, ACTION, Read and Write with blocks). */
export class BlockAssembly {
  readonly #transfers = new Map<string, Parts>();
  /** Whether the GET that is answered asked for a list, whose blocks hold results and not one value. */
  #listAsked = false;

  /** Takes an APDU; gives the value that its block completes. */
  add(apdu: Apdu, fail: (problem: Problem) => void): Json | Json[] | undefined {
    if (apdu.type === "get-request" && apdu.choice !== "next") this.#listAsked = apdu.choice === "with-list";
    const block = blockOf(apdu);
    if (block === undefined) return undefined;
    const open = block.number <= 1 ? undefined : this.#transfers.get(block.transfer);
    const parts = open ?? new Parts();
    parts.add(block.number, block.data);
    this.#transfers.set(block.transfer, parts);
    if (!block.last) return undefined;
    this.#transfers.delete(block.transfer);
    const { whole } = parts;
    if (whole === undefined) return undefined;
    const isList = /list/.test(block.transfer) || (block.transfer === "get-response" && this.#listAsked);
    return isList ? listJson(whole, block.transfer === "get-response", fail) : encodedDataJson(whole, fail);
  }
}

function blockOf(apdu: Apdu): ServiceBlock | undefined {
  if (apdu.type === "get-response" && apdu.choice === "with-datablock" && apdu.result.ok)
    return { transfer: apdu.type, number: apdu.blockNumber, last: apdu.lastBlock, data: apdu.result.data };
  const { datablock, pblock, choice } = apdu as {
    choice?: string;
    datablock?: { lastBlock: boolean; blockNumber: number; rawData: Uint8Array };
    pblock?: { lastBlock: boolean; blockNumber: number; rawData: Uint8Array };
  };
  const block = datablock ?? pblock;
  if (block === undefined) return undefined;
  const transfer = choice?.startsWith("with-list") ? `${apdu.type}-list` : apdu.type;
  return { transfer, number: block.blockNumber, last: block.lastBlock, data: block.rawData };
}

/** A count and values, each behind the choice of a Get-Data-Result where `results` says so. */
function listJson(bytes: Uint8Array, results: boolean, fail: (problem: Problem) => void): Json[] {
  const reader = new ByteReader(bytes);
  const list: Json[] = [];
  try {
    for (let left = readLength(reader); left > 0; left--) {
      if (results && reader.u8() !== 0) list.push({ result: reader.u8() });
      else list.push(dataJson(decodeData(reader)));
    }
    reader.expectEnd();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    fail(problemOf(error));
  }
  return list;
}

/** What a block of a general block transfer led to. */
export type BlockOutcome = "first" | "next" | "repeated" | "gap" | { readonly apdu: Uint8Array };

/** Puts the blocks of general block transfers together, one transfer a direction. */
export class GeneralBlockAssembly {
  #parts: Uint8Array[] | undefined;
  #next = 1;
  #length = 0;

  /** Numbers of blocks so far; 0 when no transfer is open. */
  get received(): number {
    return this.#parts === undefined ? 0 : this.#next - 1;
  }

  add({ blockNumber, lastBlock, blockData }: GeneralBlockTransfer): BlockOutcome {
    const isFirst = blockNumber === 1 && this.#next !== 2;
    if (blockNumber === 1 && !(this.#next === 2 && this.#parts?.length === 1 && same(this.#parts[0], blockData))) {
      this.#parts = [];
      this.#next = 1;
      this.#length = 0;
    } else if (this.#parts === undefined) return "gap";
    if (blockNumber === this.#next - 1) return "repeated";
    if (blockNumber !== this.#next || this.#length + blockData.length > longestTransfer) {
      this.#parts = undefined;
      return "gap";
    }
    this.#parts?.push(blockData.slice());
    this.#length += blockData.length;
    this.#next++;
    if (!lastBlock) return isFirst || blockNumber === 1 ? "first" : "next";
    const apdu = concatBytes(...(this.#parts ?? []));
    this.#parts = undefined;
    this.#next = 1;
    return { apdu };
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((octet, i) => octet === b[i]);
}
