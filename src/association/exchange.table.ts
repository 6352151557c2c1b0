import { defineMachine } from "../base/index.js";

/**
 * One confirmed service from request to answer, the same for both ends and for every service and addressing: the
 * request goes whole or in blocks that are each acknowledged, then the answer comes whole or in blocks that are
 * each asked for. Events are named by the APDU that is sent by one end and received by the other.
 */
export const exchangeMachine = defineMachine("idle", {
  idle: {
    request: "answering",
    "request-block": "request-block-sent",
    "request-last-block": "answering",
  },
  /** The sender of the request waits for the acknowledgement of its block. */
  "request-block-sent": {
    "request-block-acknowledged": "request-block-due",
    response: "done",
    refusal: "done",
    abandoned: "done",
  },
  "request-block-due": {
    "request-block": "request-block-sent",
    "request-last-block": "answering",
    abandoned: "done",
  },
  answering: {
    response: "done",
    "response-block": "response-block-sent",
    "response-last-block": "done",
    refusal: "done",
    abandoned: "done",
  },
  /** The sender of the response waits to be asked for its next block. */
  "response-block-sent": {
    "next-block": "response-block-due",
    abandoned: "done",
  },
  "response-block-due": {
    "response-block": "response-block-sent",
    "response-last-block": "done",
    response: "done",
    refusal: "done",
    abandoned: "done",
  },
  done: {},
});

export type ExchangeState = keyof typeof exchangeMachine.table;
export type ExchangeStateEvent =
  | "request"
  | "request-block"
  | "request-last-block"
  | "request-block-acknowledged"
  | "next-block"
  | "response"
  | "response-block"
  | "response-last-block"
  | "refusal"
  | "abandoned";
