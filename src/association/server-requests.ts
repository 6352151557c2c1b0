import type { Apdu } from "../apdu/index.js";
import { dlmsError } from "../base/index.js";
import type { Channel } from "./channel.js";
import type { RequestMessage } from "./forms.js";
import { isReplyToHls } from "./hls.js";
import { lnForms } from "./ln-forms.js";
import type { Negotiated } from "./messages.js";
import type { Conformance } from "./options.js";
import { missingFor } from "./request-check.js";
import { noTransfer, ServerExchange, type ServerTerms } from "./server-exchange.js";
import type { ServiceRequest, ServiceResponse } from "./service.js";

/** What an APDU of the client came to. */
export interface ServedStep {
  /** An APDU, encoded, not yet protected. */
  readonly send?: Uint8Array;
  readonly request?: { readonly id: number; readonly request: ServiceRequest; readonly unconfirmed: boolean };
}

/** The requests of a client as its meter sees them, by invoke id. */
export class ServerRequests {
  readonly #terms: ServerTerms;
  readonly #conformance: Conformance;
  readonly #byInvokeId = new Map<number, ServerExchange>();
  readonly #byId = new Map<number, ServerExchange>();
  #lastId = 0;

  constructor({ conformance, peerMaxPduSize }: Negotiated, channel: Channel, maxRequestBytes: number) {
    this.#conformance = conformance;
    this.#terms = {
      forms: lnForms,
      limit: channel.room(peerMaxPduSize),
      maxRequestBytes,
      generalBlocks: conformance.has("general-block-transfer"),
      blocks: {
        get: conformance.has("block-transfer-with-get-or-read"),
        set: conformance.has("block-transfer-with-set-or-write"),
        action: conformance.has("block-transfer-with-action"),
      },
    };
  }

  /**
   * Takes an APDU of the client.
   * @throws NotSupportedError `not-supported` for a service that was not agreed on; ProtocolError for no request.
   */
  receive(apdu: Apdu): ServedStep {
    const { forms } = this.#terms;
    const message = forms.readRequest(apdu);
    if (!message || !("invokeIdAndPriority" in apdu))
      throw dlmsError("unexpected-message", `${apdu.type} is no request of a client`, { layer: "association" });
    const invoke = apdu.invokeIdAndPriority;
    const service = serviceOf(apdu);
    const opens = message.kind === "request" || message.kind === "first-block";
    if (opens) this.#open(service, invoke);
    const exchange = this.#byInvokeId.get(invoke.invokeId);
    if (!exchange || exchange.service !== service)
      return { send: noTransfer(forms, service, invoke, blockNumberOf(message)) };
    this.#check(message, service);
    const { send, request } = exchange.receive(message);
    if (request && !isReplyToHls(request)) this.#checkRequest(request);
    return {
      ...(send && { send }),
      ...(request && { request: { id: this.#identify(exchange), request, unconfirmed: exchange.unconfirmed } }),
    };
  }

  /**
   * The APDU that answers the request, or its first block; `whole` where it goes in general blocks anyway. Undefined
   * when it is not awaited (any more).
   */
  respond(id: number, response: ServiceResponse, whole: boolean): Uint8Array | undefined {
    const exchange = this.#byId.get(id);
    this.#byId.delete(id);
    return exchange?.respond(response, whole);
  }

  /** True when the request was awaiting its answer and wanted one. */
  forget(id: number): boolean {
    const exchange = this.#byId.get(id);
    this.#byId.delete(id);
    return exchange?.unconfirmed === false;
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

  #checkRequest(request: ServiceRequest): void {
    const missing =
      request.items.length > 1 && !this.#conformance.has("multiple-references")
        ? "multiple-references"
        : missingFor(request, this.#conformance);
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

function serviceOf(apdu: Apdu): ServiceRequest["service"] {
  switch (apdu.type) {
    case "set-request":
      return "set";
    case "action-request":
      return "action";
    default:
      return "get";
  }
}

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
