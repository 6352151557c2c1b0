import type { ConformanceBit } from "../apdu/index.js";
import { dlmsError } from "../base/index.js";
import type { Conformance } from "./options.js";
import type { ServiceRequest } from "./service.js";

/** The services that a request needs, in the order to name a missing one. */
function neededFor(request: ServiceRequest): ConformanceBit[] {
  const bits: ConformanceBit[] = [request.service];
  if (request.service === "action") return bits;
  if (request.items.some(({ access }) => access)) bits.push("selective-access");
  if (request.items.some(({ attribute }) => attribute.attributeId === 0))
    bits.push(request.service === "get" ? "attribute0-supported-with-get" : "attribute0-supported-with-set");
  return bits;
}

/** The first service a request needs that was not agreed on. */
export function missingFor(request: ServiceRequest, conformance: Conformance): ConformanceBit | undefined {
  return neededFor(request).find((bit) => !conformance.has(bit));
}

/**
 * Holds a request against what was agreed on, before anything is sent.
 * @throws UsageError `invalid-argument`; NotSupportedError `not-supported`.
 */
export function checkRequest(request: ServiceRequest, unconfirmed: boolean, conformance: Conformance): void {
  if (request.items.length === 0)
    throw dlmsError("invalid-argument", "a request has at least one item", { layer: "association" });
  if (request.service === "get" && unconfirmed)
    throw dlmsError("invalid-argument", "a GET without an answer makes no sense", { layer: "association" });
  const missing = missingFor(request, conformance);
  if (missing)
    throw dlmsError("not-supported", `the meter did not grant ${missing}`, { layer: "association", reason: missing });
}
