import { type DlmsError, dlmsError, type Notice } from "../base/index.js";
import type { ProtectionBits } from "../security/index.js";
import type { Batch, BatchResults } from "./batches.js";
import type { ClientExchange, ExchangeTerms } from "./client-exchange.js";
import type { Outcome } from "./key-line.js";
import type { ExchangeProtection } from "./protection-rules.js";
import { changesSomething, type ServiceRequest, type ServiceResponse } from "./service.js";

/** What the association agreed on, as far as requests care. */
export interface RequestTerms extends Omit<ExchangeTerms, "limit"> {
  /** Octets of an APDU before protection, when it is protected by this at least; Infinity for no limit. */
  limitFor(protection: ProtectionBits): number;
  readonly lists: boolean;
  readonly setBlocks: boolean;
  readonly actionBlocks: boolean;
  readonly responseTimeoutMs: number;
  readonly retries: number;
  readonly maxInFlight: number;
  /** Answers bear no invoke id: one that comes late could not be told from the next. */
  readonly withoutInvokeIds: boolean;
}

/** How one request is to be carried out, and who is told. */
export interface RequestTask {
  readonly request: ServiceRequest;
  readonly streaming: boolean;
  readonly highPriority: boolean;
  readonly unconfirmed: boolean;
  readonly retry: boolean;
  /** Beyond what the association does to all. */
  readonly protection: ExchangeProtection;
  part(data: Uint8Array, blockNumber: number, last: boolean): void;
  done(response: ServiceResponse): void;
  failed(error: DlmsError): void;
}

/** How an APDU goes out. */
export interface Transmission {
  /** One that is not confirmed gets no answer. */
  readonly confirmed: boolean;
  readonly protection: ProtectionBits;
  /** Asked when it is protected: what nobody wants any more is not sent. */
  wanted(): boolean;
}

/** What the requests need of the association they belong to. */
export interface RequestHost {
  /** A request begins while no other is on its way: blocks that still come are of none. */
  quiet(): void;
  /** Protects an APDU by this at least and hands it out: true when that is done, else `later` is told. */
  transmit(apdu: Uint8Array, how: Transmission, later: Outcome<void>): boolean;
  notice(notice: Notice): void;
  /** What comes from now on could be an answer to something else: the association is of no use any more. */
  confused(error: DlmsError): void;
}

/** A request with what has become of it. */
export interface Job {
  readonly task: RequestTask;
  readonly batches: Batch[];
  readonly results: BatchResults;
  /** New starts that are left. */
  attemptsLeft: number;
  over: boolean;
  /** Earlier batches of a write or action were answered: a later failure leaves them done. */
  partlyDone: boolean;
  /** Why an answer that came was not taken: the better story when time runs out. */
  discarded?: DlmsError;
}

/** A part of a request on its way. */
export interface Slot {
  readonly invokeId: number;
  readonly job: Job;
  readonly batch: Batch;
  readonly exchange: ClientExchange;
  deadline: number;
  /** Times that the same block may still be asked for. */
  repeatsLeft: number;
  /** Its APDU waits to be signed or ciphered: it has not left. */
  unsent: boolean;
}

/** What an unconfirmed request is told. */
export const emptyResponse = (request: ServiceRequest): ServiceResponse =>
  ({ service: request.service, results: [] }) as ServiceResponse;

const scopeOfAccessViolated = 13;
/** data-access-result other-reason. */
export const otherReason = 250;

/** The failure of a write or action that was, or may have been, carried out in part or whole. */
export function unknownOutcome(error: DlmsError): DlmsError {
  return dlmsError(error.code, `${error.message}; it may have been carried out, in part or whole`, {
    ...error.details,
    cause: error,
    outcomeUnknown: true,
  });
}

/** Every item of a list of reads refused for its scope: the list as a whole was too much. */
export function isTooLong(response: ServiceResponse): boolean {
  if (response.results.length === 0) return false;
  if (response.service === "access")
    return response.results.every(({ kind, result }) => kind === "get" && result === scopeOfAccessViolated);
  return (
    response.service === "get" &&
    response.results.every((result) => !result.ok && result.result === scopeOfAccessViolated)
  );
}

/** True when a write or method may have been carried out although its answer is missing. */
export function mayHaveHappened(request: ServiceRequest, slot: Slot | undefined): boolean {
  return changesSomething(request) && slot?.exchange.requestComplete === true && !slot.unsent;
}
