import {
  type ActionRequest,
  type Apdu,
  decodeApdu,
  encodeApdu,
  type GetRequest,
  type InvokeIdAndPriority,
  type SetRequest,
} from "../apdu/index.js";
import { ByteReader, ByteWriter, concatBytes, dlmsError } from "../base/index.js";
import { readLength, writeLength } from "../codec/index.js";
import { skipData } from "../data/index.js";
import type { Block, PlainForms, RequestMessage, ResponseMessage } from "./forms.js";
import type { ActionItem, GetItem, PlainRequest, PlainResponse, SetItem } from "./service.js";

/** An invoke id for APDUs that never leave: they are made to have a codec read or write what blocks carry. */
const anyInvoke: InvokeIdAndPriority = { invokeId: 0, confirmed: true, highPriority: false };
/** Tag, choice and invoke-id-and-priority. */
const headerSize = 3;
const nullData = new Uint8Array([0]);
const only = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);

/** GET, SET and ACTION with logical names (IEC 62056-5-3, COSEM services with logical name referencing). */
export const lnForms: PlainForms = {
  request(request, invoke) {
    switch (request.service) {
      case "get":
        return getRequest(request.items, invoke);
      case "set":
        return setRequest(request.items, invoke);
      case "action":
        return actionRequest(request.items, invoke);
    }
  },

  requestBody(request) {
    switch (request.service) {
      case "get":
        throw dlmsError("request-too-long", "a GET request has no form in blocks", { layer: "association" });
      case "set":
        return only(request.items)?.value ?? listBody(request.items.map(({ value }) => value));
      case "action": {
        const parameters = request.items.map(({ parameter }) => parameter ?? nullData);
        return only(parameters) ?? listBody(parameters);
      }
    }
  },

  requestBlock(request, invokeIdAndPriority, block) {
    if (request.service === "action") return actionBlock(request.items, invokeIdAndPriority, block);
    if (request.service === "set") return setBlock(request.items, invokeIdAndPriority, block);
    throw dlmsError("request-too-long", "a GET request has no form in blocks", { layer: "association" });
  },

  next: (request, invokeIdAndPriority, blockNumber) =>
    request.service === "action"
      ? { type: "action-request", choice: "next-pblock", invokeIdAndPriority, blockNumber }
      : { type: "get-request", choice: "next", invokeIdAndPriority, blockNumber },

  readResponse(request, apdu) {
    if (apdu.type !== `${request.service}-response`) return undefined;
    switch (apdu.type) {
      case "get-response":
        if (apdu.choice === "with-datablock") {
          const { lastBlock, blockNumber, result } = apdu;
          return result.ok
            ? { kind: "block", block: { lastBlock, blockNumber, rawData: result.data } }
            : { kind: "block-refused", result: result.result };
        }
        return whole(request, {
          service: "get",
          results: apdu.choice === "normal" ? spread(apdu.result, !apdu.result.ok, request) : apdu.results,
        });
      case "set-response":
        if (apdu.choice === "datablock") return { kind: "acknowledged", blockNumber: apdu.blockNumber };
        return whole(request, {
          service: "set",
          results:
            apdu.choice === "normal" || apdu.choice === "last-datablock"
              ? spread(apdu.result, apdu.result !== 0, request)
              : apdu.results,
        });
      case "action-response":
        if (apdu.choice === "next-pblock") return { kind: "acknowledged", blockNumber: apdu.blockNumber };
        if (apdu.choice === "with-pblock") return { kind: "block", block: apdu.pblock };
        return whole(request, {
          service: "action",
          results:
            apdu.choice === "normal" ? spread(apdu.response, apdu.response.result !== 0, request) : apdu.responses,
        });
      default:
        return undefined;
    }
  },

  streamHeader: [],
  joinResponse(request, body) {
    const single = request.items.length === 1;
    if (request.service === "get" && single) return { service: "get", results: [{ ok: true, data: body }] };
    const [tag, choice] = request.service === "get" ? [0xc4, 3] : [0xc7, single ? 1 : 3];
    const message = this.readResponse(request, decodeApdu(concatBytes(new Uint8Array([tag, choice, 0]), body)));
    if (message?.kind === "response") return message.response;
    throw dlmsError("response-mismatch", "the blocks do not make an answer to the request", { layer: "association" });
  },

  readRequest(apdu): RequestMessage<PlainRequest> | undefined {
    switch (apdu.type) {
      case "get-request":
        return readGet(apdu);
      case "set-request":
        return readSet(apdu);
      case "action-request":
        return readAction(apdu);
      default:
        return undefined;
    }
  },

  response(request, response, invokeIdAndPriority): Apdu {
    const single = request.items.length === 1;
    switch (response.service) {
      case "get": {
        const result = response.results[0];
        return single && result
          ? { type: "get-response", choice: "normal", invokeIdAndPriority, result }
          : { type: "get-response", choice: "with-list", invokeIdAndPriority, results: response.results };
      }
      case "set": {
        const result = response.results[0];
        return single && result !== undefined
          ? { type: "set-response", choice: "normal", invokeIdAndPriority, result }
          : { type: "set-response", choice: "with-list", invokeIdAndPriority, results: response.results };
      }
      case "action": {
        const first = response.results[0];
        return single && first
          ? { type: "action-response", choice: "normal", invokeIdAndPriority, response: first }
          : { type: "action-response", choice: "with-list", invokeIdAndPriority, responses: response.results };
      }
    }
  },

  responseToBlocks(request, response, invokeIdAndPriority, blockNumber): Apdu {
    if (response.service !== "set") return this.response(request, response, invokeIdAndPriority);
    const result = only(response.results);
    return result === undefined
      ? {
          type: "set-response",
          choice: "last-datablock-with-list",
          invokeIdAndPriority,
          results: response.results,
          blockNumber,
        }
      : { type: "set-response", choice: "last-datablock", invokeIdAndPriority, result, blockNumber };
  },

  responseBody(request, response) {
    if (response.service === "set") return undefined;
    if (response.service === "get" && request.items.length === 1) {
      const result = response.results[0];
      return result?.ok ? result.data : undefined;
    }
    return encodeApdu(this.response(request, response, anyInvoke)).subarray(headerSize);
  },

  responseBlock: (service, invokeIdAndPriority, block) =>
    service === "action"
      ? { type: "action-response", choice: "with-pblock", invokeIdAndPriority, pblock: block }
      : {
          type: "get-response",
          choice: "with-datablock",
          invokeIdAndPriority,
          lastBlock: block.lastBlock,
          blockNumber: block.blockNumber,
          result: { ok: true, data: block.rawData },
        },

  refuseBlock(service, invokeIdAndPriority, blockNumber, result): Apdu {
    switch (service) {
      case "get":
        return {
          type: "get-response",
          choice: "with-datablock",
          invokeIdAndPriority,
          lastBlock: true,
          blockNumber,
          result: { ok: false, result },
        };
      case "set":
        return { type: "set-response", choice: "last-datablock", invokeIdAndPriority, result, blockNumber };
      case "action":
        return { type: "action-response", choice: "normal", invokeIdAndPriority, response: { result } };
    }
  },

  acknowledge: (service, invokeIdAndPriority, blockNumber) =>
    service === "action"
      ? { type: "action-response", choice: "next-pblock", invokeIdAndPriority, blockNumber }
      : { type: "set-response", choice: "datablock", invokeIdAndPriority, blockNumber },
};

function getRequest(items: readonly GetItem[], invokeIdAndPriority: InvokeIdAndPriority): GetRequest {
  const item = only(items);
  return item
    ? { type: "get-request", choice: "normal", invokeIdAndPriority, ...item }
    : { type: "get-request", choice: "with-list", invokeIdAndPriority, attributes: items };
}

function setRequest(items: readonly SetItem[], invokeIdAndPriority: InvokeIdAndPriority): SetRequest {
  const item = only(items);
  if (item) return { type: "set-request", choice: "normal", invokeIdAndPriority, ...item };
  const values = items.map(({ value }) => value);
  return { type: "set-request", choice: "with-list", invokeIdAndPriority, attributes: items, values };
}

function actionRequest(items: readonly ActionItem[], invokeIdAndPriority: InvokeIdAndPriority): ActionRequest {
  const item = only(items);
  if (item) return { type: "action-request", choice: "normal", invokeIdAndPriority, ...item };
  const methods = items.map(({ method }) => method);
  const parameters = items.map(({ parameter }) => parameter ?? nullData);
  return { type: "action-request", choice: "with-list", invokeIdAndPriority, methods, parameters };
}

function setBlock(items: readonly SetItem[], invokeIdAndPriority: InvokeIdAndPriority, datablock: Block): SetRequest {
  const item = only(items);
  if (datablock.blockNumber !== 1)
    return { type: "set-request", choice: "with-datablock", invokeIdAndPriority, datablock };
  if (!item)
    return {
      type: "set-request",
      choice: "with-list-and-first-datablock",
      invokeIdAndPriority,
      attributes: items,
      datablock,
    };
  const { attribute, access } = item;
  return {
    type: "set-request",
    choice: "with-first-datablock",
    invokeIdAndPriority,
    attribute,
    ...(access && { access }),
    datablock,
  };
}

function actionBlock(
  items: readonly ActionItem[],
  invokeIdAndPriority: InvokeIdAndPriority,
  pblock: Block,
): ActionRequest {
  const item = only(items);
  if (pblock.blockNumber !== 1) return { type: "action-request", choice: "with-pblock", invokeIdAndPriority, pblock };
  if (item)
    return {
      type: "action-request",
      choice: "with-first-pblock",
      invokeIdAndPriority,
      method: item.method,
      pblock,
    };
  const methods = items.map(({ method }) => method);
  return { type: "action-request", choice: "with-list-and-first-pblock", invokeIdAndPriority, methods, pblock };
}

function readGet(apdu: GetRequest): RequestMessage<PlainRequest> {
  switch (apdu.choice) {
    case "normal":
      return { kind: "request", request: { service: "get", items: [itemOf(apdu)] } };
    case "with-list":
      return { kind: "request", request: { service: "get", items: apdu.attributes } };
    case "next":
      return { kind: "next", blockNumber: apdu.blockNumber };
  }
}

function readSet(apdu: SetRequest): RequestMessage<PlainRequest> {
  switch (apdu.choice) {
    case "normal":
      return { kind: "request", request: { service: "set", items: [{ ...itemOf(apdu), value: apdu.value }] } };
    case "with-list":
      return { kind: "request", request: setList(apdu.attributes, apdu.values) };
    case "with-first-datablock":
      return {
        kind: "first-block",
        block: apdu.datablock,
        join: (value) => ({ service: "set", items: [{ ...itemOf(apdu), value }] }),
      };
    case "with-list-and-first-datablock":
      return {
        kind: "first-block",
        block: apdu.datablock,
        join: (body) => setList(apdu.attributes, readListBody(body)),
      };
    case "with-datablock":
      return { kind: "block", block: apdu.datablock };
  }
}

function readAction(apdu: ActionRequest): RequestMessage<PlainRequest> {
  switch (apdu.choice) {
    case "normal": {
      const { method, parameter } = apdu;
      return { kind: "request", request: { service: "action", items: [{ method, ...(parameter && { parameter }) }] } };
    }
    case "with-list":
      return { kind: "request", request: actionList(apdu.methods, apdu.parameters) };
    case "with-first-pblock":
      return {
        kind: "first-block",
        block: apdu.pblock,
        join: (parameter) => ({ service: "action", items: [{ method: apdu.method, parameter }] }),
      };
    case "with-list-and-first-pblock":
      return {
        kind: "first-block",
        block: apdu.pblock,
        join: (body) => actionList(apdu.methods, readListBody(body)),
      };
    case "with-pblock":
      return { kind: "block", block: apdu.pblock };
    case "next-pblock":
      return { kind: "next", blockNumber: apdu.blockNumber };
  }
}

const itemOf = ({ attribute, access }: GetItem): GetItem => ({ attribute, ...(access && { access }) });

function setList(attributes: readonly GetItem[], values: readonly Uint8Array[]): PlainRequest {
  requireSameCount(attributes.length, values.length);
  return { service: "set", items: attributes.map((item, i) => ({ ...item, value: values[i] ?? nullData })) };
}

function actionList(methods: readonly ActionItem["method"][], parameters: readonly Uint8Array[]): PlainRequest {
  requireSameCount(methods.length, parameters.length);
  return { service: "action", items: methods.map((method, i) => ({ method, parameter: parameters[i] ?? nullData })) };
}

function requireSameCount(names: number, values: number): void {
  if (names !== values)
    throw dlmsError("malformed", `a list names ${names} items and gives ${values} values`, { layer: "association" });
}

/** One result for a list means that the whole list was refused: it stands for each item. */
function spread<T>(result: T, refused: boolean, request: PlainRequest): readonly T[] {
  return refused ? request.items.map(() => result) : [result];
}

function whole(request: PlainRequest, response: PlainResponse): ResponseMessage<PlainResponse> {
  if (response.results.length !== request.items.length)
    throw dlmsError(
      "response-mismatch",
      `the meter gave ${response.results.length} results to ${request.items.length} items`,
      { layer: "association" },
    );
  return { kind: "response", response };
}

/** SEQUENCE OF Data. */
function listBody(values: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  writeLength(writer, values.length);
  for (const value of values) writer.bytes(value);
  return writer.finish();
}

function readListBody(body: Uint8Array): readonly Uint8Array[] {
  const reader = new ByteReader(body);
  const count = readLength(reader);
  const values: Uint8Array[] = [];
  while (values.length < count) {
    const start = reader.offset;
    skipData(reader);
    values.push(body.subarray(start, reader.offset));
  }
  reader.expectEnd();
  return values;
}
