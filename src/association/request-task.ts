import { protectionBits } from "../security/index.js";
import type { ClientAssociationCommand, ClientAssociationEvent, Negotiated } from "./messages.js";
import { checkRequest } from "./request-check.js";
import type { RequestTask } from "./request-jobs.js";
import { changesSomething } from "./service.js";

export type RequestCommand = Extract<ClientAssociationCommand, { type: "request" }>;

/** What is told of a request. */
export type RequestEvent = Extract<ClientAssociationEvent, { type: "part" | "response" | "failed" }>;

/**
 * A request of the owner as a task whose course is told in events.
 * @throws UsageError `invalid-argument`; NotSupportedError `not-supported` for what was not granted.
 */
export function requestTask(
  { id, request, ...how }: RequestCommand,
  negotiated: Negotiated,
  tell: (event: RequestEvent) => void,
): RequestTask {
  const { unconfirmed = false, streaming = false, highPriority = false } = how;
  const asked = protectionBits(how.protection ?? "none");
  checkRequest(request, unconfirmed, negotiated);
  return {
    request,
    streaming,
    unconfirmed,
    highPriority: highPriority && negotiated.conformance.has("priority-mgmt-supported"),
    retry: !unconfirmed && (how.retry ?? !changesSomething(request)),
    protection: { request: asked, response: protectionBits(how.responseProtection ?? asked) },
    part: (data, blockNumber, last) => tell({ type: "part", id, data, blockNumber, last }),
    done: (response) => tell({ type: "response", id, response }),
    failed: (error) => tell({ type: "failed", id, error }),
  };
}
