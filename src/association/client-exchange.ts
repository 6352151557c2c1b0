import { type Apdu, encodeApdu, type InvokeIdAndPriority } from "../apdu/index.js";
import { type DlmsError, dlmsError, type Notice } from "../base/index.js";
import { BlockAssembler, BlockCutter, duplicateBlock, roomFor } from "./blocks.js";
import { type ExchangeState, type ExchangeStateEvent, exchangeMachine } from "./exchange.table.js";
import type { Block, Forms } from "./forms.js";
import { accessRefusal, accessResultName } from "./refusals.js";
import { changesSomething, type ServiceRequest, type ServiceResponse } from "./service.js";

/** What an exchange needs to know of its association. */
export interface ExchangeTerms {
  readonly forms: Forms;
  /** Octets of an APDU before protection; Infinity for no limit. */
  readonly limit: number;
  /** What is too long goes in general blocks, where the service has none of its own. */
  readonly generalBlocks: boolean;
  readonly requestBlocks: boolean;
  readonly responseBlocks: boolean;
  /** Blocks that were not agreed on are an error. */
  readonly refuseUnagreedBlocks: boolean;
  readonly maxResponseBytes: number;
}

/** What an exchange wants done after it was started or has taken an APDU. */
export interface ExchangeStep {
  /** An APDU, encoded, not yet protected. */
  readonly send?: Uint8Array;
  readonly part?: Block;
  readonly response?: ServiceResponse;
  readonly error?: DlmsError;
  readonly notice?: Notice;
}

/** One request of a client that fits one exchange, from its first APDU to its answer. */
export class ClientExchange {
  readonly request: ServiceRequest;
  readonly #invoke: InvokeIdAndPriority;
  readonly #terms: ExchangeTerms;
  readonly #streaming: boolean;
  readonly #assembler: BlockAssembler;
  /** Octets before a streamed value that came. */
  #headerOctets = 0;
  /** The blocks hold the value without the header that belongs before it. */
  #bareValue = false;
  #cutter: BlockCutter | undefined;
  #state: ExchangeState = "idle";
  #lastSent: Uint8Array | undefined;
  #partsGiven = false;
  #requestComplete = false;

  constructor(request: ServiceRequest, invoke: InvokeIdAndPriority, terms: ExchangeTerms, streaming: boolean) {
    this.request = request;
    this.#invoke = invoke;
    this.#terms = terms;
    this.#streaming = streaming && request.service === "get" && request.items.length === 1;
    this.#assembler = new BlockAssembler(terms.maxResponseBytes, !this.#streaming);
  }

  get state(): ExchangeState {
    return this.#state;
  }

  /** True once octets were handed out that a new start would hand out again. */
  get partsGiven(): boolean {
    return this.#partsGiven;
  }

  /** False while the meter cannot have carried out what it has not received whole. */
  get requestComplete(): boolean {
    return this.#requestComplete;
  }

  /** @throws NotSupportedError `request-too-long` when the request fits neither one APDU nor blocks. */
  start(): ExchangeStep {
    const octets = encodeApdu(this.#terms.forms.request(this.request, this.#invoke));
    const inBlocks = this.request.service !== "get" && this.#terms.requestBlocks && this.#invoke.confirmed;
    if (octets.length <= this.#terms.limit || (this.#terms.generalBlocks && !inBlocks)) {
      this.#move("request");
      return this.#sending(octets);
    }
    if (!inBlocks)
      throw dlmsError(
        "request-too-long",
        `the request takes ${octets.length} octets, the meter allows ${this.#terms.limit} before protection`,
        { layer: "association" },
      );
    this.#cutter = new BlockCutter(this.#terms.forms.requestBody(this.request));
    return this.#sendBlock(this.#cutter);
  }

  /** The APDU that asks for the next block once more, when nothing came; undefined where that is not allowed. */
  repeat(): Uint8Array | undefined {
    return this.#state === "response-block-due" && this.request.service === "get" ? this.#lastSent : undefined;
  }

  abandon(): void {
    this.#move("abandoned");
  }

  /** Takes an APDU with this exchange's invoke id. An error ends the exchange. */
  receive(apdu: Apdu): ExchangeStep {
    const message = this.#terms.forms.readResponse(this.request, apdu);
    if (!message)
      return this.#fail("response-mismatch", `the meter answers a ${this.request.service} with ${apdu.type}`);
    switch (message.kind) {
      case "response":
        return this.#whole(message.response);
      case "acknowledged":
        return this.#acknowledged(message.blockNumber);
      case "block":
        return this.#block(message.block);
      case "block-refused":
        return this.#blockRefused(message.result);
    }
  }

  #whole(response: ServiceResponse): ExchangeStep {
    const before = this.#state;
    if (!this.#move("response")) return this.#unexpected("an answer");
    const [first] = response.service === "get" ? response.results : [];
    if (before === "response-block-due") {
      if (first?.ok !== false)
        return this.#fail("block-transfer-failed", "the meter left the blocks and answered in one");
      if (transferFaults.has(first.result)) return this.#gaveUp(first.result);
    }
    if (!this.#streaming || !first?.ok) return { response };
    this.#partsGiven = true;
    return { part: { rawData: first.data, blockNumber: 1, lastBlock: true }, response: emptied };
  }

  #acknowledged(blockNumber: number): ExchangeStep {
    const cutter = this.#cutter;
    if (this.#state !== "request-block-sent" || !cutter) return this.#unexpected("an acknowledgement");
    if (blockNumber === cutter.number - 1) return { notice: duplicateBlock(blockNumber) };
    if (blockNumber !== cutter.number)
      return this.#fail(
        "block-transfer-failed",
        `block ${cutter.number} was sent, the meter acknowledged ${blockNumber}`,
      );
    this.#move("request-block-acknowledged");
    return this.#sendBlock(cutter);
  }

  #block(block: Block): ExchangeStep {
    const first = this.#state === "answering";
    if (!first && this.#state !== "response-block-due") return this.#unexpected("a block");
    const unagreed = first && !this.#terms.responseBlocks;
    if (unagreed && this.#terms.refuseUnagreedBlocks)
      return this.#fail("block-transfer-failed", "the meter sends blocks, which were not agreed on");
    const verdict = this.#assembler.take(block.blockNumber, block.rawData);
    if (verdict === "duplicate") return { notice: duplicateBlock(block.blockNumber) };
    if (verdict === "out-of-order")
      return this.#fail(
        "block-transfer-failed",
        `block ${this.#assembler.number + 1} was expected, block ${block.blockNumber} came`,
      );
    this.#bareValue ||= first && this.#isBare(block.rawData);
    const part = this.#streaming ? this.#partOf(block) : undefined;
    if (part === "no-value") return this.#fail("response-mismatch", "the blocks do not begin with one value");
    this.#move(block.lastBlock ? "response-last-block" : "response-block");
    if (part) this.#partsGiven = true;
    return {
      ...(part && { part }),
      ...(unagreed && { notice: blocksNotAgreed }),
      ...(first && this.#bareValue && { notice: headerMissing }),
      ...(block.lastBlock ? { response: this.#joined() } : this.#askNext(block.blockNumber)),
    };
  }

  /** True where the blocks hold the value alone, as servers of Gurux send it. */
  #isBare(rawData: Uint8Array): boolean {
    const [count, choice] = this.#terms.forms.streamHeader;
    if (count === undefined || this.request.service !== "get" || this.request.items.length !== 1) return false;
    return rawData.length > shortestRefusal && (rawData[0] !== count || rawData[1] !== choice);
  }

  /** What the block holds of the value: the header before it may be cut anywhere. */
  #partOf(block: Block): Block | "no-value" {
    if (this.#bareValue) return block;
    const { streamHeader } = this.#terms.forms;
    const header = streamHeader.slice(this.#headerOctets, this.#headerOctets + block.rawData.length);
    if (header.some((octet, i) => block.rawData[i] !== octet)) return "no-value";
    this.#headerOctets += header.length;
    if (block.lastBlock && this.#headerOctets < streamHeader.length) return "no-value";
    return header.length === 0 ? block : { ...block, rawData: block.rawData.subarray(header.length) };
  }

  #blockRefused(result: number): ExchangeStep {
    const first = this.#state === "answering";
    if (!this.#move("refusal")) return this.#unexpected("the refusal of a block");
    if (!first && transferFaults.has(result)) return this.#gaveUp(result);
    if (this.request.service !== "get" || this.#partsGiven)
      return { error: accessRefusal(result, "transfer in blocks") };
    const refused = { ok: false, result } as const;
    return { response: { service: "get", results: this.request.items.map(() => refused) } };
  }

  #gaveUp(result: number): ExchangeStep {
    return this.#fail("block-transfer-failed", `the meter gave the blocks up (${accessResultName(result)})`);
  }

  #joined(): ServiceResponse {
    if (this.#streaming) return emptied;
    const body = this.#assembler.finish();
    if (this.#bareValue) return { service: "get", results: [{ ok: true, data: body }] };
    return this.#terms.forms.joinResponse(this.request, body);
  }

  #askNext(blockNumber: number): ExchangeStep {
    this.#move("next-block");
    return this.#sending(encodeApdu(this.#terms.forms.next(this.request, this.#invoke, blockNumber)));
  }

  #sendBlock(cutter: BlockCutter): ExchangeStep {
    const { forms, limit } = this.#terms;
    const empty = { lastBlock: false, blockNumber: cutter.number + 1, rawData: new Uint8Array() };
    const header = encodeApdu(forms.requestBlock(this.request, this.#invoke, empty)).length - 1;
    const block = cutter.next(roomFor(limit, header));
    this.#move(block.lastBlock ? "request-last-block" : "request-block");
    return this.#sending(encodeApdu(forms.requestBlock(this.request, this.#invoke, block)));
  }

  #sending(send: Uint8Array): ExchangeStep {
    this.#lastSent = send;
    return { send };
  }

  #move(event: ExchangeStateEvent): boolean {
    const next = exchangeMachine.next(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    if (next === "answering") this.#requestComplete = true;
    return true;
  }

  #unexpected(what: string): ExchangeStep {
    return {
      notice: {
        type: "notice",
        name: "unexpected-answer-discarded",
        message: `${what} came while the exchange was at ${this.#state}`,
      },
    };
  }

  #fail(code: "response-mismatch" | "block-transfer-failed", message: string): ExchangeStep {
    return { error: dlmsError(code, message, { layer: "association", retryable: !changesSomething(this.request) }) };
  }
}

/** long-get-aborted, no-long-get-in-progress, data-block-number-invalid: the object itself was not refused. */
const transferFaults: ReadonlySet<number> = new Set([15, 16, 19]);

const emptied: ServiceResponse = { service: "get", results: [{ ok: true, data: new Uint8Array() }] };

/** Number of results, choice, reason. */
const shortestRefusal = 3;

const headerMissing: Notice = {
  type: "notice",
  name: "read-header-missing",
  message: "the blocks of a read carry the value without the header of a read response",
};

const blocksNotAgreed: Notice = {
  type: "notice",
  name: "blocks-not-negotiated",
  message: "the meter answers in blocks although that was not agreed on",
};
