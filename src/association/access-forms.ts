import type { AccessRequest, AccessRequestSpecification, AccessResponse, InvokeIdAndPriority } from "../apdu/index.js";
import { dlmsError } from "../base/index.js";
import type { Forms, PlainForms } from "./forms.js";
import type {
  AccessItem,
  AccessItemResult,
  AccessServiceRequest,
  AccessServiceResponse,
  ServiceResponse,
} from "./service.js";

/** Stands for the data of an item that gives or takes none. */
const nullData = new Uint8Array([0]);
const noTime = new Uint8Array();

/** The forms of GET, SET and ACTION with those of ACCESS beside them, which has no blocks of its own. */
export function withAccess(plain: PlainForms): Forms {
  return {
    request: (request, invoke) =>
      request.service === "access" ? accessRequest(request, invoke) : plain.request(request, invoke),
    requestBody: (request) => (request.service === "access" ? noBlocks() : plain.requestBody(request)),
    requestBlock: (request, invoke, block) =>
      request.service === "access" ? noBlocks() : plain.requestBlock(request, invoke, block),
    next: (request, invoke, blockNumber) =>
      request.service === "access" ? noBlocks() : plain.next(request, invoke, blockNumber),
    readResponse(request, apdu) {
      if (request.service !== "access") return plain.readResponse(request, apdu);
      if (apdu.type !== "access-response") return undefined;
      return { kind: "response", response: readResponse(request, apdu) };
    },
    streamHeader: plain.streamHeader,
    joinResponse: (request, body) => (request.service === "access" ? noBlocks() : plain.joinResponse(request, body)),
    readRequest: (apdu) =>
      apdu.type === "access-request" ? { kind: "request", request: readRequest(apdu) } : plain.readRequest(apdu),
    response(request, response, invoke) {
      if (request.service === "access") return accessResponse(request, checked(response), invoke);
      return response.service === "access" ? otherService() : plain.response(request, response, invoke);
    },
    responseToBlocks: (request, response, invoke, blockNumber) =>
      request.service === "access" || response.service === "access"
        ? noBlocks()
        : plain.responseToBlocks(request, response, invoke, blockNumber),
    responseBody(request, response) {
      if (request.service === "access") return undefined;
      return response.service === "access" ? otherService() : plain.responseBody(request, response);
    },
    responseBlock: (service, invoke, block) =>
      service === "access" ? noBlocks() : plain.responseBlock(service, invoke, block),
    refuseBlock: (service, invoke, blockNumber, result) =>
      service === "access" ? noBlocks() : plain.refuseBlock(service, invoke, blockNumber, result),
    acknowledge: (service, invoke, blockNumber) =>
      service === "access" ? noBlocks() : plain.acknowledge(service, invoke, blockNumber),
  };
}

function accessRequest(request: AccessServiceRequest, invoke: InvokeIdAndPriority): AccessRequest {
  return {
    type: "access-request",
    longInvokeIdAndPriority: longInvoke(invoke, request),
    dateTime: request.dateTime ?? noTime,
    specifications: request.items.map(specificationOf),
    data: request.items.map(dataOf),
  };
}

function longInvoke({ invokeId, confirmed, highPriority }: InvokeIdAndPriority, request: AccessServiceRequest) {
  const { selfDescriptive = false, breakOnError = false } = request;
  return { invokeId, confirmed, highPriority, selfDescriptive, breakOnError };
}

function specificationOf(item: AccessItem): AccessRequestSpecification {
  if (item.kind === "action") return { choice: "action", method: item.method };
  const { kind, attribute, access } = item;
  if (access === undefined) return { choice: kind, attribute };
  return { choice: kind === "get" ? "get-with-selection" : "set-with-selection", attribute, access };
}

function dataOf(item: AccessItem): Uint8Array {
  if (item.kind === "set") return item.value;
  return (item.kind === "action" ? item.parameter : undefined) ?? nullData;
}

function readRequest(apdu: AccessRequest): AccessServiceRequest {
  const { specifications, data, dateTime, longInvokeIdAndPriority } = apdu;
  if (specifications.length !== data.length)
    throw dlmsError("malformed", `an ACCESS names ${specifications.length} items and gives ${data.length} values`, {
      layer: "association",
    });
  return {
    service: "access",
    items: specifications.map((specification, i) => itemOf(specification, data[i] ?? nullData)),
    ...(dateTime.length > 0 && { dateTime }),
    ...(longInvokeIdAndPriority.selfDescriptive && { selfDescriptive: true }),
    ...(longInvokeIdAndPriority.breakOnError && { breakOnError: true }),
  };
}

function itemOf(specification: AccessRequestSpecification, data: Uint8Array): AccessItem {
  switch (specification.choice) {
    case "get":
      return { kind: "get", attribute: specification.attribute };
    case "get-with-selection":
      return { kind: "get", attribute: specification.attribute, access: specification.access };
    case "set":
      return { kind: "set", attribute: specification.attribute, value: data };
    case "set-with-selection":
      return { kind: "set", attribute: specification.attribute, access: specification.access, value: data };
    case "action":
      return { kind: "action", method: specification.method, parameter: data };
  }
}

function accessResponse(
  request: AccessServiceRequest,
  response: AccessServiceResponse,
  invoke: InvokeIdAndPriority,
): AccessResponse {
  return {
    type: "access-response",
    longInvokeIdAndPriority: longInvoke(invoke, request),
    dateTime: response.dateTime ?? noTime,
    ...(request.selfDescriptive && { requested: request.items.map(specificationOf) }),
    data: response.results.map(({ data }) => data ?? nullData),
    results: response.results.map(({ kind, result }) => ({ choice: kind, result })),
  };
}

/** Each item has a datum and a result of its own kind, or nobody can tell which is whose. */
function readResponse({ items }: AccessServiceRequest, apdu: AccessResponse): AccessServiceResponse {
  const { results, data, dateTime } = apdu;
  if (results.length !== items.length || data.length !== items.length)
    throw mismatch(`${results.length} results and ${data.length} values to ${items.length} items`);
  return {
    service: "access",
    results: results.map(({ choice, result }, i): AccessItemResult => {
      const kind = items[i]?.kind;
      if (choice !== kind) throw mismatch(`the result of a ${choice} to item ${i + 1}, a ${kind}`);
      const own = data[i];
      const given = own !== undefined && result === 0 && (kind === "get" || own[0] !== 0);
      return { kind, result, ...(given && { data: own }) };
    }),
    ...(dateTime.length > 0 && { dateTime }),
  };
}

function checked(response: ServiceResponse): AccessServiceResponse {
  return response.service === "access" ? response : otherService();
}

const mismatch = (what: string) => dlmsError("response-mismatch", `the meter gave ${what}`, { layer: "association" });

function noBlocks(): never {
  throw dlmsError("request-too-long", "ACCESS has no blocks of its own", { layer: "association" });
}

function otherService(): never {
  throw dlmsError("invalid-argument", "the answer is to another service", { layer: "association" });
}
