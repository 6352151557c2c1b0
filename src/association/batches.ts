import { encodeApdu, type InvokeIdAndPriority } from "../apdu/index.js";
import type { Forms } from "./forms.js";
import type { ServiceRequest, ServiceResponse } from "./service.js";

/** What decides how many items go in one exchange. */
export interface BatchTerms {
  readonly forms: Forms;
  /** Octets of an APDU before protection. */
  readonly limit: number;
  /** Several references in one request were agreed on. */
  readonly lists: boolean;
  /** A request that is too long goes in blocks. */
  readonly blocks: boolean;
  /** An ACCESS that is too long goes in general blocks. */
  readonly generalBlocks: boolean;
}

/** Part of a request that goes in one exchange, and where its results belong. */
export interface Batch {
  readonly first: number;
  readonly request: ServiceRequest;
}

const anyInvoke: InvokeIdAndPriority = { invokeId: 0, confirmed: true, highPriority: false };

/** Cuts a request into as few exchanges as the terms allow; an item that is too long alone stays alone. */
export function batchesOf(request: ServiceRequest, terms: BatchTerms): Batch[] {
  const { length } = request.items;
  if (!terms.lists && request.service !== "access")
    return request.items.map((_, i) => ({ first: i, request: part(request, i, i + 1) }));
  if (request.service === "access" ? terms.generalBlocks : request.service !== "get" && terms.blocks)
    return [{ first: 0, request }];
  const size = (from: number, to: number) => encodeApdu(terms.forms.request(part(request, from, to), anyInvoke)).length;
  const batches: Batch[] = [];
  for (let first = 0; first < length; ) {
    const end = longestFit(first, length, (to) => size(first, to) <= terms.limit);
    batches.push({ first, request: part(request, first, end) });
    first = end;
  }
  return batches;
}

/** Both halves of a batch that was refused as a whole; undefined when there is nothing to halve. */
export function halvesOf(batch: Batch): [Batch, Batch] | undefined {
  const { length } = batch.request.items;
  if (length < 2) return undefined;
  const middle = length >> 1;
  return [
    { first: batch.first, request: part(batch.request, 0, middle) },
    { first: batch.first + middle, request: part(batch.request, middle, length) },
  ];
}

/** Collects the results of batches in the order of the items. */
export class BatchResults {
  readonly #service: ServiceRequest["service"];
  readonly #results: unknown[];
  #dateTime: Uint8Array | undefined;

  constructor(request: ServiceRequest) {
    this.#service = request.service;
    this.#results = new Array(request.items.length);
  }

  put(first: number, response: ServiceResponse): void {
    if (response.service === "access") this.#dateTime ??= response.dateTime;
    response.results.forEach((result, i) => {
      this.#results[first + i] = result;
    });
  }

  /** The response of the whole request. */
  finish(): ServiceResponse {
    const dateTime = this.#dateTime && { dateTime: this.#dateTime };
    return { service: this.#service, results: this.#results, ...dateTime } as ServiceResponse;
  }
}

/** The largest `to` that fits, found by halving; at least one item. */
function longestFit(first: number, length: number, fits: (to: number) => boolean): number {
  if (fits(length)) return length;
  let low = first + 1;
  let high = length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function part(request: ServiceRequest, from: number, to: number): ServiceRequest {
  if (from === 0 && to === request.items.length) return request;
  switch (request.service) {
    case "access":
      return { ...request, items: request.items.slice(from, to) };
    case "get":
      return { service: "get", items: request.items.slice(from, to) };
    case "set":
      return { service: "set", items: request.items.slice(from, to) };
    case "action":
      return { service: "action", items: request.items.slice(from, to) };
  }
}
