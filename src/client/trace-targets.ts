import type { ServiceRequest } from "../association/index.js";
import { Obis } from "../cosem/index.js";
import type { TraceTarget } from "./trace.js";

/** What a request asks for, as the trace shows it. */
export function traceTargets(request: ServiceRequest): TraceTarget[] {
  if (request.service === "access")
    return request.items.map((item) =>
      item.kind === "action"
        ? target(item.method.classId, item.method.instanceId, item.method.methodId)
        : target(item.attribute.classId, item.attribute.instanceId, item.attribute.attributeId),
    );
  if (request.service === "action")
    return request.items.map(({ method }) => target(method.classId, method.instanceId, method.methodId));
  return request.items.map(({ attribute }) => target(attribute.classId, attribute.instanceId, attribute.attributeId));
}

function target(classId: number, instanceId: Uint8Array, index: number): TraceTarget {
  return { classId, obis: Obis.fromOctets(instanceId).toString(), index };
}
