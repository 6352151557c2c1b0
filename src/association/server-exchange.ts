import { encodeApdu, type InvokeIdAndPriority } from "../apdu/index.js";
import { noProtection, type ProtectionBits, stronger, weaker } from "../security/index.js";
import { BlockAssembler, BlockCutter, roomFor } from "./blocks.js";
import { type ExchangeState, type ExchangeStateEvent, exchangeMachine } from "./exchange.table.js";
import type { Block, Forms, RequestMessage } from "./forms.js";
import { checkStrength } from "./protection-rules.js";
import { changesSomething, type ServiceRequest, type ServiceResponse } from "./service.js";

type Service = ServiceRequest["service"];

/** What an exchange of a meter needs to know of its association. */
export interface ServerTerms {
  readonly forms: Forms;
  /** Octets of an APDU before protection, when it is protected by this at least; Infinity for no limit. */
  limitFor(protection: ProtectionBits): number;
  /** The least protection of the answer to a request that came so protected. */
  responseTo(request: ProtectionBits): ProtectionBits;
  readonly maxRequestBytes: number;
  /** What is too long goes in general blocks, where the service has none of its own. */
  readonly generalBlocks: boolean;
  readonly blocks: Readonly<Record<Service, boolean>>;
}

/** What an exchange wants done after it has taken an APDU. */
export interface ServerStep {
  /** An APDU, encoded, not yet protected. */
  readonly send?: Uint8Array;
  /** The request is whole: the owner answers it. */
  readonly request?: ServiceRequest;
}

const scopeOfAccess = 13;
const blockUnavailable = 14;
const blockNumberInvalid = 19;
const aborted = { get: 15, set: 17, action: 15, access: 15 } as const;
/** data-access-result and action-result for a block of a transfer that is not known. */
const notInProgress = { get: 16, set: 18, action: 16, access: 16 } as const;

/** One request as the meter sees it: put together, answered, given out in blocks. */
export class ServerExchange {
  readonly invoke: InvokeIdAndPriority;
  readonly service: Service;
  readonly #terms: ServerTerms;
  readonly #assembler: BlockAssembler;
  /** What all APDUs of the request were protected by; undefined before the first. */
  #asked: ProtectionBits | undefined;
  /** What the owner wants the answer protected by. */
  #wanted: ProtectionBits = noProtection;
  #state: ExchangeState = "idle";
  #join: ((body: Uint8Array) => ServiceRequest) | undefined;
  #request: ServiceRequest | undefined;
  #cutter: BlockCutter | undefined;
  /** Kept so that a block whose answer got lost can be given again. */
  #lastBlock: Uint8Array | undefined;

  constructor(service: Service, invoke: InvokeIdAndPriority, terms: ServerTerms) {
    this.service = service;
    this.invoke = invoke;
    this.#terms = terms;
    this.#assembler = new BlockAssembler(terms.maxRequestBytes);
  }

  get state(): ExchangeState {
    return this.#state;
  }

  /** No answer is wanted. Who only reads is answered whatever the service class: some clients leave the bit out. */
  get unconfirmed(): boolean {
    const reads = this.#request === undefined ? this.service === "get" : !changesSomething(this.#request);
    return !this.invoke.confirmed && !reads;
  }

  /** What all APDUs of the request were protected by. */
  get asked(): ProtectionBits {
    return this.#asked ?? noProtection;
  }

  /** The least protection of the answer. */
  get answered(): ProtectionBits {
    return stronger(this.#terms.responseTo(this.asked), this.#wanted);
  }

  /**
   * Takes an APDU that came so protected.
   * @throws DecodeError when blocks that are complete make no request, or grow above the limit.
   * @throws SecurityError `weaker-than-policy` when a block of the answer is asked for by less than the answer was.
   */
  receive(message: RequestMessage, given: ProtectionBits): ServerStep {
    if (message.kind === "next") checkStrength(given, this.asked, "the wish for the next block");
    else this.#asked = this.#asked === undefined ? given : weaker(this.#asked, given);
    switch (message.kind) {
      case "request":
        this.#move("request");
        this.#request = message.request;
        return { request: message.request };
      case "first-block":
        this.#join = message.join;
        return this.#block(message.block);
      case "block":
        return this.#block(message.block);
      case "next":
        return { send: this.#next(message.blockNumber) };
    }
  }

  /**
   * The APDU that answers, or its first block; `whole` where it goes in general blocks anyway. `wanted` is the least
   * protection of all of it. Undefined where no answer is due.
   */
  respond(response: ServiceResponse, whole: boolean, wanted: ProtectionBits): Uint8Array | undefined {
    this.#wanted = wanted;
    const request = this.#request;
    if (!request || this.#state !== "answering") return undefined;
    if (this.unconfirmed) {
      this.#move("response");
      return undefined;
    }
    const { forms, blocks } = this.#terms;
    const limit = this.#terms.limitFor(this.answered);
    const apdu = this.#join
      ? forms.responseToBlocks(request, response, this.invoke, this.#assembler.number)
      : forms.response(request, response, this.invoke);
    const octets = encodeApdu(apdu);
    if (octets.length <= limit || whole) return this.#finish(octets);
    const body = blocks[this.service] ? forms.responseBody(request, response) : undefined;
    if (!body && this.#terms.generalBlocks) return this.#finish(octets);
    if (!body) return this.#finish(encodeApdu(forms.response(request, tooLong(request), this.invoke)));
    this.#cutter = new BlockCutter(body);
    return this.#sendBlock(this.#cutter);
  }

  #block(block: Block): ServerStep {
    const { forms } = this.#terms;
    if (this.#state !== "idle" && this.#state !== "request-block-due")
      return this.#state === "answering" ? {} : this.#refuse(block.blockNumber, notInProgress[this.service]);
    const verdict = this.#assembler.take(block.blockNumber, block.rawData);
    if (verdict === "out-of-order")
      return this.#refuse(block.blockNumber, this.service === "action" ? aborted.action : blockNumberInvalid);
    if (verdict === "taken") {
      this.#move(block.lastBlock ? "request-last-block" : "request-block");
      if (block.lastBlock) return this.#assembled();
      this.#move("request-block-acknowledged");
    }
    return { send: encodeApdu(forms.acknowledge(this.service, this.invoke, block.blockNumber)) };
  }

  #assembled(): ServerStep {
    const request = this.#join?.(this.#assembler.finish());
    if (!request) return {};
    this.#request = request;
    return { request };
  }

  #next(blockNumber: number): Uint8Array {
    const cutter = this.#cutter;
    if (cutter && this.#lastBlock && blockNumber === cutter.number - 1) return this.#lastBlock;
    if (cutter && this.#state === "response-block-sent" && blockNumber === cutter.number) {
      this.#move("next-block");
      return this.#sendBlock(cutter);
    }
    this.#move("abandoned");
    const result = cutter && this.service === "get" ? blockNumberInvalid : notInProgress[this.service];
    return encodeApdu(this.#terms.forms.refuseBlock(this.service, this.invoke, blockNumber + 1, result));
  }

  #sendBlock(cutter: BlockCutter): Uint8Array {
    const { forms } = this.#terms;
    const limit = this.#terms.limitFor(this.answered);
    const empty = { lastBlock: false, blockNumber: 1, rawData: new Uint8Array() };
    const header = encodeApdu(forms.responseBlock(this.service, this.invoke, empty)).length - 1;
    const block = cutter.next(roomFor(limit, header));
    this.#move(block.lastBlock ? "response-last-block" : "response-block");
    this.#lastBlock = encodeApdu(forms.responseBlock(this.service, this.invoke, block));
    return this.#lastBlock;
  }

  #refuse(blockNumber: number, result: number): ServerStep {
    this.#move("request-block");
    this.#move("refusal");
    return { send: encodeApdu(this.#terms.forms.refuseBlock(this.service, this.invoke, blockNumber, result)) };
  }

  #finish(octets: Uint8Array): Uint8Array {
    this.#move("response");
    return octets;
  }

  #move(event: ExchangeStateEvent): void {
    this.#state = exchangeMachine.next(this.#state, event) ?? this.#state;
  }
}

/** The answer to a block or a wish for one when there is no such transfer. */
export function noTransfer(
  forms: Forms,
  service: Service,
  invoke: InvokeIdAndPriority,
  blockNumber: number,
): Uint8Array {
  return encodeApdu(forms.refuseBlock(service, invoke, blockNumber, notInProgress[service]));
}

/** What a meter says when its answer does not fit and blocks were not agreed on: a shorter list may still do. */
function tooLong(request: ServiceRequest): ServiceResponse {
  const result = request.items.length > 1 ? scopeOfAccess : blockUnavailable;
  switch (request.service) {
    case "get":
      return { service: "get", results: request.items.map(() => ({ ok: false, result })) };
    case "set":
      return { service: "set", results: request.items.map(() => result) };
    case "action":
      return { service: "action", results: request.items.map(() => ({ result })) };
    case "access":
      return { service: "access", results: request.items.map(({ kind }) => ({ kind, result })) };
  }
}
