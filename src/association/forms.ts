import type { Apdu, InvokeIdAndPriority } from "../apdu/index.js";
import type { ServiceRequest, ServiceResponse } from "./service.js";

/** A block as it is on the wire, whatever the service. */
export interface Block {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/** An APDU of a server, brought to what it means for the exchange it belongs to. */
export type ResponseMessage =
  | { readonly kind: "response"; readonly response: ServiceResponse }
  | { readonly kind: "block"; readonly block: Block }
  /** The transfer of the response was given up: a data-access-result. */
  | { readonly kind: "block-refused"; readonly result: number }
  /** A block of the request was taken. */
  | { readonly kind: "acknowledged"; readonly blockNumber: number };

/** An APDU of a client, brought to what it means for the exchange it belongs to. */
export type RequestMessage =
  | { readonly kind: "request"; readonly request: ServiceRequest }
  /** The first block names the objects; `join` makes the request of everything the blocks carried. */
  | { readonly kind: "first-block"; readonly block: Block; join(body: Uint8Array): ServiceRequest }
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "next"; readonly blockNumber: number };

/**
 * How services are put into APDUs: one implementation for logical names, one for short names. Both ends use it, so
 * that client and meter cannot differ in it.
 */
export interface Forms {
  request(request: ServiceRequest, invoke: InvokeIdAndPriority): Apdu;
  /** The octets that the blocks of a long request carry. */
  requestBody(request: ServiceRequest): Uint8Array;
  requestBlock(request: ServiceRequest, invoke: InvokeIdAndPriority, block: Block): Apdu;
  /** Asks for the block after `blockNumber`. */
  next(request: ServiceRequest, invoke: InvokeIdAndPriority, blockNumber: number): Apdu;
  /**
   * @returns undefined when the APDU is no response to this kind of request.
   * @throws ProtocolError `response-mismatch` when it answers something else than was asked.
   */
  readResponse(request: ServiceRequest, apdu: Apdu): ResponseMessage | undefined;
  /** The response of everything the blocks carried. */
  joinResponse(request: ServiceRequest, body: Uint8Array): ServiceResponse;

  /** @returns undefined when the APDU is no request of this kind. */
  readRequest(apdu: Apdu): RequestMessage | undefined;
  response(request: ServiceRequest, response: ServiceResponse, invoke: InvokeIdAndPriority): Apdu;
  /** The answer to a request that came in blocks, where it has a form of its own. */
  responseToBlocks(
    request: ServiceRequest,
    response: ServiceResponse,
    invoke: InvokeIdAndPriority,
    blockNumber: number,
  ): Apdu;
  /** The octets that the blocks of a long response carry; undefined when it has no such form. */
  responseBody(request: ServiceRequest, response: ServiceResponse): Uint8Array | undefined;
  responseBlock(service: ServiceRequest["service"], invoke: InvokeIdAndPriority, block: Block): Apdu;
  /** A block that cannot be given, or the refusal of a block of the request. */
  refuseBlock(
    service: ServiceRequest["service"],
    invoke: InvokeIdAndPriority,
    blockNumber: number,
    result: number,
  ): Apdu;
  acknowledge(service: ServiceRequest["service"], invoke: InvokeIdAndPriority, blockNumber: number): Apdu;
}
