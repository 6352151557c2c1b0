import {
  type Apdu,
  decodeApdu,
  encodeApdu,
  type ReadResult,
  type VariableAccessSpecification,
  type WriteResult,
} from "../apdu/index.js";
import { concatBytes, dlmsError } from "../base/index.js";
import { decodeData, encodeData } from "../data/index.js";
import type { Block, PlainForms, RequestMessage, ResponseMessage } from "./forms.js";
import { isReplyToHls, replyMethod } from "./hls.js";
import type { ShortNames } from "./options.js";
import type { ActionItem, GetItem, PlainRequest, PlainResponse } from "./service.js";

const readRequestTag = 0x05;
const writeRequestTag = 0x06;
const readResponseTag = 0x0c;
const nullData = new Uint8Array([0]);
/** Selector under which a method takes its parameter. */
const methodSelector = 1;
const blockUnavailable = 14;
/** A read response with one result, which is data. */
const oneDataResult = [1, 0];
const replyName = 0xfa58;

/**
 * GET, SET and ACTION by Read and Write with short names (IEC 62056-5-3, services with short name referencing).
 * A method that returns something is invoked by reading its short name, with its parameter as parameterized access;
 * one that returns nothing by writing its parameter there. Blocks carry the body of the whole APDU after its tag.
 */
export function snForms(table: ShortNames): PlainForms {
  const names = withReplyMethod(table);
  return {
    request(request, invoke) {
      switch (request.service) {
        case "get":
          return { type: "read-request", variables: request.items.map((item) => variableOf(item, names)) };
        case "action":
          if (isWritten(request)) return writtenInvocation(request.items, names, invoke.confirmed);
          return { type: "read-request", variables: request.items.map((item) => invocationOf(item, names)) };
        case "set":
          return {
            type: invoke.confirmed ? "write-request" : "unconfirmed-write-request",
            variables: request.items.map((item) => variableOf(item, names)),
            values: request.items.map(({ value }) => value),
          };
      }
    },
    requestBody(request) {
      return encodeApdu(this.request(request, { invokeId: 0, confirmed: true, highPriority: false })).subarray(1);
    },
    requestBlock: (request, _invoke, block) => requestBlock(isWritten(request), block),
    next: (_request, _invoke, blockNumber) => ({
      type: "read-request",
      variables: [{ choice: "block-number-access", blockNumber }],
    }),
    readResponse,
    streamHeader: oneDataResult,
    joinResponse(request, body) {
      const message = readResponse(request, decodeApdu(withTag(readResponseTag, body)));
      if (message?.kind === "response") return message.response;
      throw dlmsError("response-mismatch", "the blocks do not make an answer to the request", { layer: "association" });
    },
    readRequest: (apdu) => readRequest(apdu, names),
    response: responseOf,
    responseToBlocks: responseOf,
    responseBody: (request, response) =>
      isWritten(request) ? undefined : encodeApdu(responseOf(request, response)).subarray(1),
    responseBlock: (_service, _invoke, block) => ({
      type: "read-response",
      results: [{ choice: "data-block-result", ...block }],
    }),
    refuseBlock: (service, _invoke, _blockNumber, result): Apdu =>
      service === "set"
        ? { type: "write-response", results: [{ choice: "data-access-error", result }] }
        : { type: "read-response", results: [{ choice: "data-access-error", result }] },
    acknowledge: (service, _invoke, blockNumber): Apdu =>
      service === "set"
        ? { type: "write-response", results: [{ choice: "block-number", blockNumber }] }
        : { type: "read-response", results: [{ choice: "block-number", blockNumber }] },
  };
}

/** The current association's method for proofs has a fixed name: base name 0xFA00, offset 0x58. */
function withReplyMethod(table: ShortNames): ShortNames {
  return {
    nameOf: (reference) => (reference === replyMethod ? replyName : table.nameOf(reference)),
    targetOf: (name) => (name === replyName ? { method: replyMethod } : table.targetOf(name)),
  };
}

function nameOf(reference: Parameters<ShortNames["nameOf"]>[0], names: ShortNames): number {
  const name = names.nameOf(reference);
  if (name !== undefined) return name;
  const part = "methodId" in reference ? `method ${reference.methodId}` : `attribute ${reference.attributeId}`;
  throw dlmsError(
    "not-supported",
    `the meter gives no short name for ${part} of class ${reference.classId} named ${reference.instanceId.join(".")}`,
    { layer: "association" },
  );
}

function variableOf({ attribute, access }: GetItem, names: ShortNames): VariableAccessSpecification {
  const name = nameOf(attribute, names);
  if (!access) return { choice: "variable-name", name };
  return { choice: "parameterized-access", name, selector: access.selector, parameter: access.parameters };
}

function invocationOf({ method, parameter }: ActionItem, names: ShortNames): VariableAccessSpecification {
  const name = nameOf(method, names);
  return { choice: "parameterized-access", name, selector: methodSelector, parameter: parameter ?? nullData };
}

/** Carried by Write: a SET, and methods that return nothing. */
function isWritten(request: PlainRequest): boolean {
  return (
    request.service === "set" ||
    (request.service === "action" && request.items.every(({ returnsNothing }) => returnsNothing === true))
  );
}

function writtenInvocation(items: readonly ActionItem[], names: ShortNames, confirmed: boolean): Apdu {
  return {
    type: confirmed ? "write-request" : "unconfirmed-write-request",
    variables: items.map(({ method }) => ({ choice: "variable-name", name: nameOf(method, names) })),
    values: items.map(({ parameter }) => parameter ?? nullData),
  };
}

/**
 * Pass 3 by Write, as clients of Gurux invoke it: a write response has no room for the meter's proof, so it is answered
 * as the Read that the standard has for it.
 */
function isWrittenProof(request: PlainRequest, response: PlainResponse): boolean {
  return isReplyToHls(request) && response.service === "action" && response.results[0]?.result === 0;
}

function requestBlock(written: boolean, block: Block): Apdu {
  const { lastBlock, blockNumber, rawData } = block;
  if (!written) return { type: "read-request", variables: [{ choice: "read-data-block-access", ...block }] };
  return {
    type: "write-request",
    variables: [{ choice: "write-data-block-access", lastBlock, blockNumber }],
    values: [encodeData({ type: "octet-string", value: rawData })],
  };
}

function readResponse(request: PlainRequest, apdu: Apdu): ResponseMessage<PlainResponse> | undefined {
  if (apdu.type === "write-response" && isWritten(request)) return readWritten(request, apdu.results);
  if (apdu.type !== "read-response" || request.service === "set") return undefined;
  const [only] = apdu.results.length === 1 ? apdu.results : [];
  if (only?.choice === "block-number") return { kind: "acknowledged", blockNumber: only.blockNumber };
  if (only?.choice === "data-block-result") return { kind: "block", block: only };
  requireCount(request, apdu.results.length);
  const results = apdu.results.map(resultOf);
  if (request.service === "get") return { kind: "response", response: { service: "get", results } };
  const outcomes = results.map((result) => (result.ok ? { result: 0, returned: result } : { result: result.result }));
  return { kind: "response", response: { service: "action", results: outcomes } };
}

function readWritten(request: PlainRequest, results: readonly WriteResult[]): ResponseMessage<PlainResponse> {
  const [only] = results.length === 1 ? results : [];
  if (only?.choice === "block-number") return { kind: "acknowledged", blockNumber: only.blockNumber };
  requireCount(request, results.length);
  const written = results.map((result) =>
    result.choice === "success" ? 0 : result.choice === "data-access-error" ? result.result : blockUnavailable,
  );
  const response: PlainResponse =
    request.service === "action"
      ? { service: "action", results: written.map((result) => ({ result })) }
      : { service: "set", results: written };
  return { kind: "response", response };
}

function resultOf(result: ReadResult): { ok: true; data: Uint8Array } | { ok: false; result: number } {
  switch (result.choice) {
    case "data":
      return { ok: true, data: result.data };
    case "data-access-error":
      return { ok: false, result: result.result };
    default:
      throw dlmsError("response-mismatch", `${result.choice} among several results`, { layer: "association" });
  }
}

function requireCount(request: PlainRequest, count: number): void {
  if (count !== request.items.length)
    throw dlmsError("response-mismatch", `the meter gave ${count} results to ${request.items.length} items`, {
      layer: "association",
    });
}

function readRequest(apdu: Apdu, names: ShortNames): RequestMessage<PlainRequest> | undefined {
  if (apdu.type === "read-request") {
    const [only] = apdu.variables.length === 1 ? apdu.variables : [];
    if (only?.choice === "block-number-access") return { kind: "next", blockNumber: only.blockNumber };
    if (only?.choice === "read-data-block-access") return blockOf(only, readRequestTag, names);
    return { kind: "request", request: readOf(apdu.variables, names) };
  }
  if (apdu.type !== "write-request" && apdu.type !== "unconfirmed-write-request") return undefined;
  const [only] = apdu.variables.length === 1 ? apdu.variables : [];
  if (only?.choice === "write-data-block-access") {
    const value = apdu.values[0] && decodeData(apdu.values[0]);
    if (value?.type !== "octet-string")
      throw dlmsError("malformed", "a block of a write carries no octets", { layer: "association" });
    return blockOf({ ...only, rawData: value.value }, writeRequestTag, names);
  }
  if (apdu.variables.length !== apdu.values.length)
    throw dlmsError("malformed", "a write names another number of variables than values", { layer: "association" });
  return { kind: "request", request: writeOf(apdu.variables, apdu.values, names) };
}

function blockOf(block: Block, tag: number, names: ShortNames): RequestMessage<PlainRequest> {
  if (block.blockNumber !== 1) return { kind: "block", block };
  const join = (body: Uint8Array): PlainRequest => {
    const message = readRequest(decodeApdu(withTag(tag, body)), names);
    if (message?.kind === "request") return message.request;
    throw dlmsError("malformed", "the blocks do not make a request", { layer: "association" });
  };
  return { kind: "first-block", block, join };
}

/** Reading the short name of a method invokes it. */
function readOf(variables: readonly VariableAccessSpecification[], names: ShortNames): PlainRequest {
  const methods = variables.flatMap((variable) => {
    const target = "name" in variable ? names.targetOf(variable.name) : undefined;
    if (!target?.method) return [];
    return [
      variable.choice === "parameterized-access"
        ? { method: target.method, parameter: variable.parameter }
        : { method: target.method },
    ];
  });
  if (methods.length === variables.length) return { service: "action", items: methods };
  return { service: "get", items: variables.map((variable) => attributeOf(variable, names)) };
}

/** Writing to the short name of a method invokes it. */
function writeOf(
  variables: readonly VariableAccessSpecification[],
  values: readonly Uint8Array[],
  names: ShortNames,
): PlainRequest {
  const methods = variables.flatMap((variable, i) => {
    const method = variable.choice === "variable-name" ? names.targetOf(variable.name)?.method : undefined;
    const value = values[i];
    const parameter = value && value[0] !== nullData[0] ? { parameter: value } : {};
    return method ? [{ method, ...parameter, returnsNothing: true }] : [];
  });
  if (methods.length > 0 && methods.length === variables.length) return { service: "action", items: methods };
  const items = variables.map((variable, i) => ({ ...attributeOf(variable, names), value: values[i] ?? nullData }));
  return { service: "set", items };
}

function attributeOf(variable: VariableAccessSpecification, names: ShortNames): GetItem {
  const attribute =
    "name" in variable ? (names.targetOf(variable.name)?.attribute ?? unknown(variable.name)) : undefined;
  if (!attribute)
    throw dlmsError("malformed", `${variable.choice} where a variable is named`, { layer: "association" });
  return variable.choice === "parameterized-access"
    ? { attribute, access: { selector: variable.selector, parameters: variable.parameter } }
    : { attribute };
}

/** A name that the meter does not have: asked for as an attribute that no object has, so that it is refused by item. */
const unknown = (name: number) => ({
  classId: 0,
  instanceId: new Uint8Array([0, 0, 0, 0, name >> 8, name & 0xff]),
  attributeId: 0,
});

function responseOf(request: PlainRequest, response: PlainResponse): Apdu {
  if (response.service === "action" && isWritten(request) && !isWrittenProof(request, response))
    return { type: "write-response", results: response.results.map(({ result }) => writeResultOf(result)) };
  switch (response.service) {
    case "get":
      return { type: "read-response", results: response.results.map(readResultOf) };
    case "set":
      return { type: "write-response", results: response.results.map(writeResultOf) };
    case "action":
      return {
        type: "read-response",
        results: response.results.map(({ result, returned }) =>
          result === 0
            ? readResultOf(returned ?? { ok: true, data: nullData })
            : { choice: "data-access-error", result },
        ),
      };
  }
}

const writeResultOf = (result: number): WriteResult =>
  result === 0 ? { choice: "success" } : { choice: "data-access-error", result };

const readResultOf = (result: { ok: true; data: Uint8Array } | { ok: false; result: number }): ReadResult =>
  result.ok ? { choice: "data", data: result.data } : { choice: "data-access-error", result: result.result };

const withTag = (tag: number, body: Uint8Array): Uint8Array => concatBytes(new Uint8Array([tag]), body);
