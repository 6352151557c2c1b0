import type { Apdu } from "../apdu/index.js";
import { dlmsError } from "../base/index.js";
import { noProtection, type ProtectionBits } from "../security/index.js";
import { withAccess } from "./access-forms.js";
import type { Channel } from "./channel.js";
import type { RequestMessage } from "./forms.js";
import { isReplyToHls } from "./hls.js";
import { lnForms } from "./ln-forms.js";
import type { Negotiated } from "./messages.js";
import type { ShortNames } from "./options.js";
import { missingFor } from "./request-check.js";
import { noTransfer, ServerExchange, type ServerTerms } from "./server-exchange.js";
import type { ServiceRequest, ServiceResponse } from "./service.js";
import { snForms } from "./sn-forms.js";

/** An APDU, encoded, not yet protected, and the least that it is to be protected by. */
export interface Answer {
  readonly apdu: Uint8Array;
  readonly protection: ProtectionBits;
}

/** What an APDU of the client came to. */
export interface ServedStep {
  readonly send?: Answer;
  readonly request?: {
    readonly id: number;
    readonly request: ServiceRequest;
    readonly unconfirmed: boolean;
    /** What all its APDUs were protected by. */
    readonly asked: ProtectionBits;
  };
}

/** The requests of a client as its meter sees them, by invoke id. */
export class ServerRequests {
  readonly #terms: ServerTerms;
  readonly #negotiated: Negotiated;
  readonly #byInvokeId = new Map<number, ServerExchange>();
  readonly #byId = new Map<number, ServerExchange>();
  #lastId = 0;

  constructor(negotiated: Negotiated, channel: Channel, maxRequestBytes: number, shortNames: ShortNames | undefined) {
    this.#negotiated = negotiated;
    const { conformance, peerMaxPduSize, applicationContext } = negotiated;
    const byName = applicationContext.referencing === "short-name";
    this.#terms = {
      forms: withAccess(byName && shortNames ? snForms(shortNames) : lnForms),
      // Asked for each answer: it depends on the form in which the client ciphers, and that may change.
      limitFor: (protection) => channel.room(peerMaxPduSize, protection),
      responseTo: (request) => channel.rules.responseTo(request),
      maxRequestBytes,
      generalBlocks: conformance.has("general-block-transfer"),
      blocks: {
        get: conformance.has("block-transfer-with-get-or-read"),
        set: conformance.has("block-transfer-with-set-or-write"),
        access: false,
        action: conformance.has(byName ? "block-transfer-with-get-or-read" : "block-transfer-with-action"),
      },
    };
  }

  /**
   * Takes an APDU of the client, protected as given.
   * @throws NotSupportedError `not-supported` for a service that was not agreed on; ProtocolError for no request;
   * SecurityError `weaker-than-policy`.
   */
  receive(apdu: Apdu, given: ProtectionBits): ServedStep {
    const { forms } = this.#terms;
    const message = forms.readRequest(apdu);
    if (!message)
      throw dlmsError("unexpected-message", `${apdu.type} is no request of a client`, { layer: "association" });
    const invoke = invokeOf(apdu);
    const service = this.#serviceOf(apdu, message);
    const opens = message.kind === "request" || message.kind === "first-block";
    // Long invoke ids are too many to be remembered: an ACCESS is known by its id here until it is answered.
    const single = service === "access" ? new ServerExchange(service, invoke, this.#terms) : undefined;
    if (opens && !single) this.#open(service, invoke);
    const exchange = single ?? this.#byInvokeId.get(invoke.invokeId);
    if (!exchange || exchange.service !== service)
      return {
        send: {
          apdu: noTransfer(forms, service, invoke, blockNumberOf(message)),
          protection: this.#terms.responseTo(given),
        },
      };
    this.#check(message, service);
    const { send, request } = exchange.receive(message, given);
    if (request && !isReplyToHls(request)) this.#checkRequest(request, exchange.unconfirmed);
    return {
      ...(send && { send: { apdu: send, protection: exchange.answered } }),
      ...(request && {
        request: { id: this.#identify(exchange), request, unconfirmed: exchange.unconfirmed, asked: exchange.asked },
      }),
    };
  }

  /**
   * The APDU that answers the request, or its first block; `whole` where it goes in general blocks anyway, `wanted` the
   * least protection of all of it. Undefined when it is not awaited (any more).
   */
  respond(id: number, response: ServiceResponse, whole: boolean, wanted = noProtection): Answer | undefined {
    const exchange = this.#byId.get(id);
    this.#byId.delete(id);
    const apdu = exchange?.respond(response, whole, wanted);
    return exchange && apdu && { apdu, protection: exchange.answered };
  }

  /** True while an answer is being given in blocks. */
  get inBlocks(): boolean {
    return [...this.#byInvokeId.values()].some(({ state }) => state === "response-block-sent");
  }

  /** True when the request was awaiting its answer and wanted one. */
  forget(id: number): boolean {
    const exchange = this.#byId.get(id);
    this.#byId.delete(id);
    return exchange?.unconfirmed === false;
  }

  #serviceOf(apdu: Apdu, message: RequestMessage): ServiceRequest["service"] {
    if (message.kind === "request") return message.request.service;
    if (apdu.type === "set-request" || apdu.type === "write-request") return "set";
    if (apdu.type === "action-request") return "action";
    // With short names a block continues whatever reading or method is going on.
    const current =
      apdu.type === "read-request" && message.kind !== "first-block" ? this.#byInvokeId.get(0) : undefined;
    return current && current.service !== "set" ? current.service : "get";
  }

  #open(service: ServiceRequest["service"], invoke: ServerExchange["invoke"]): void {
    // A client that asks anew under the same invoke id has given the old request up.
    const old = this.#byInvokeId.get(invoke.invokeId);
    for (const [id, exchange] of this.#byId) if (exchange === old) this.#byId.delete(id);
    this.#byInvokeId.set(invoke.invokeId, new ServerExchange(service, invoke, this.#terms));
  }

  #check(message: RequestMessage, service: ServiceRequest["service"]): void {
    if (message.kind === "request" || message.kind === "next") return;
    if (!this.#terms.blocks[service]) throw notGranted(`blocks with ${service}`);
  }

  #checkRequest(request: ServiceRequest, unconfirmed: boolean): void {
    const missing =
      request.service !== "access" &&
      request.items.length > 1 &&
      !this.#negotiated.conformance.has("multiple-references")
        ? "multiple-references"
        : missingFor(request, unconfirmed, this.#negotiated);
    if (missing) throw notGranted(missing);
  }

  #identify(exchange: ServerExchange): number {
    this.#lastId += 1;
    this.#byId.set(this.#lastId, exchange);
    return this.#lastId;
  }
}

const notGranted = (what: string) =>
  dlmsError("not-supported", `the client uses ${what}, which was not granted`, { layer: "association" });

function invokeOf(apdu: Apdu): ServerExchange["invoke"] {
  if ("invokeIdAndPriority" in apdu) return apdu.invokeIdAndPriority;
  return apdu.type === "access-request" ? apdu.longInvokeIdAndPriority : withoutInvokeId(apdu);
}

/** With short names there is one request at a time; what is not to be answered has a tag of its own. */
const withoutInvokeId = (apdu: Apdu): ServerExchange["invoke"] => ({
  invokeId: 0,
  confirmed: apdu.type !== "unconfirmed-write-request",
  highPriority: false,
});

function blockNumberOf(message: RequestMessage): number {
  switch (message.kind) {
    case "next":
      return message.blockNumber;
    case "request":
      return 0;
    default:
      return message.block.blockNumber;
  }
}
