import type { Apdu, InvokeIdAndPriority } from "../apdu/index.js";
import type { PlainRequest, PlainResponse, ServiceRequest, ServiceResponse } from "./service.js";

/** A block as it is on the wire, whatever the service. */
export interface Block {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/** An APDU of a server, brought to what it means for the exchange it belongs to. */
export type ResponseMessage<Response = ServiceResponse> =
  | { readonly kind: "response"; readonly response: Response }
  | { readonly kind: "block"; readonly block: Block }
  /** The transfer of the response was given up: a data-access-result. */
  | { readonly kind: "block-refused"; readonly result: number }
  /** A block of the request was taken. */
  | { readonly kind: "acknowledged"; readonly blockNumber: number };

/** An APDU of a client, brought to what it means for the exchange it belongs to. */
export type RequestMessage<Request = ServiceRequest> =
  | { readonly kind: "request"; readonly request: Request }
  /** The first block names the objects; `join` makes the request of everything the blocks carried. */
  | { readonly kind: "first-block"; readonly block: Block; join(body: Uint8Array): Request }
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "next"; readonly blockNumber: number };

/**
 * How services are put into APDUs: one implementation for logical names, one for short names. Both ends use it, so
 * that client and meter cannot differ in it.
 */
export interface FormsOf<Request extends ServiceRequest, Response extends ServiceResponse> {
  request(request: Request, invoke: InvokeIdAndPriority): Apdu;
  /** The octets that the blocks of a long request carry. */
  requestBody(request: Request): Uint8Array;
  requestBlock(request: Request, invoke: InvokeIdAndPriority, block: Block): Apdu;
  /** Asks for the block after `blockNumber`. */
  next(request: Request, invoke: InvokeIdAndPriority, blockNumber: number): Apdu;
  /**
   * @returns undefined when the APDU is no response to this kind of request.
   * @throws ProtocolError `response-mismatch` when it answers something else than was asked.
   */
  readResponse(request: Request, apdu: Apdu): ResponseMessage<Response> | undefined;
  /** What stands before the value in the blocks of an answer to a GET of one attribute. */
  readonly streamHeader: readonly number[];
  /** The response of everything the blocks carried. */
  joinResponse(request: Request, body: Uint8Array): Response;

  /** @returns undefined when the APDU is no request of this kind. */
  readRequest(apdu: Apdu): RequestMessage<Request> | undefined;
  response(request: Request, response: Response, invoke: InvokeIdAndPriority): Apdu;
  /** The answer to a request that came in blocks, where it has a form of its own. */
  responseToBlocks(request: Request, response: Response, invoke: InvokeIdAndPriority, blockNumber: number): Apdu;
  /** The octets that the blocks of a long response carry; undefined when it has no such form. */
  responseBody(request: Request, response: Response): Uint8Array | undefined;
  responseBlock(service: Request["service"], invoke: InvokeIdAndPriority, block: Block): Apdu;
  /** A block that cannot be given, or the refusal of a block of the request. */
  refuseBlock(service: Request["service"], invoke: InvokeIdAndPriority, blockNumber: number, result: number): Apdu;
  acknowledge(service: Request["service"], invoke: InvokeIdAndPriority, blockNumber: number): Apdu;
}

/** Forms of GET, SET and ACTION. */
export type PlainForms = FormsOf<PlainRequest, PlainResponse>;
/** Forms of every service. */
export type Forms = FormsOf<ServiceRequest, ServiceResponse>;
