import type { ConformanceBit } from "../apdu/index.js";
import { dlmsError } from "../base/index.js";
import type { Negotiated } from "./messages.js";
import { changesSomething, type PlainRequest, type ServiceRequest } from "./service.js";

type Referencing = "logical-name" | "short-name";

/** The services that a request needs, in the order to name a missing one. */
function neededFor(request: ServiceRequest, unconfirmed: boolean, referencing: Referencing): ConformanceBit[] {
  if (request.service === "access") return ["access"];
  if (referencing === "short-name") return neededByName(request, unconfirmed);
  const bits: ConformanceBit[] = [request.service];
  if (request.service === "action") return bits;
  if (request.items.some(({ access }) => access)) bits.push("selective-access");
  if (request.items.some(({ attribute }) => attribute.attributeId === 0))
    bits.push(request.service === "get" ? "attribute0-supported-with-get" : "attribute0-supported-with-set");
  return bits;
}

function neededByName(request: PlainRequest, unconfirmed: boolean): ConformanceBit[] {
  if (request.service === "set") return [unconfirmed ? "unconfirmed-write" : "write"];
  if (request.service === "action" && request.items.every(({ returnsNothing }) => returnsNothing === true))
    return [unconfirmed ? "unconfirmed-write" : "write"];
  const parameterized = request.service === "action" || request.items.some(({ access }) => access);
  return parameterized ? ["read", "parameterized-access"] : ["read"];
}

/** The first service a request needs that was not agreed on. */
export function missingFor(
  request: ServiceRequest,
  unconfirmed: boolean,
  { conformance, applicationContext }: Pick<Negotiated, "conformance" | "applicationContext">,
): ConformanceBit | undefined {
  return neededFor(request, unconfirmed, applicationContext.referencing).find((bit) => !conformance.has(bit));
}

/**
 * Holds a request against what was agreed on, before anything is sent.
 * @throws UsageError `invalid-argument`; NotSupportedError `not-supported`.
 */
export function checkRequest(request: ServiceRequest, unconfirmed: boolean, negotiated: Negotiated): void {
  if (request.items.length === 0)
    throw dlmsError("invalid-argument", "a request has at least one item", { layer: "association" });
  if (unconfirmed && !changesSomething(request))
    throw dlmsError("invalid-argument", "a GET without an answer makes no sense", { layer: "association" });
  const missing = missingFor(request, unconfirmed, negotiated);
  if (missing)
    throw dlmsError("not-supported", `the meter did not grant ${missing}`, { layer: "association", reason: missing });
}
