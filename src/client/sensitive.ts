import type { AccessItem, ServiceRequest } from "../association/index.js";

/** Attributes whose values are secrets: class and attribute (IEC 62056-6-2). */
const attributes: Readonly<Record<number, readonly number[]>> = {
  /** Association SN: LLS secret. */
  12: [7],
  /** Association LN: secret. */
  15: [7],
  /** PPP setup: authentication. */
  44: [5],
  /** GPRS modem setup: PIN. */
  45: [3],
};

/** Methods whose parameters are secrets, wrapped or not: class and method. */
const methods: Readonly<Record<number, readonly number[]>> = {
  /** Association SN: change_secret, reply_to_HLS_authentication. */
  12: [5, 8],
  /** Association LN: reply_to_HLS_authentication, change_HLS_secret. */
  15: [1, 2],
  /** Security setup: key transfer, key agreement, certificates with keys. */
  64: [2, 3, 4, 6],
  /** M-Bus client: set_encryption_key, transfer_key. */
  72: [7, 8],
};

/** True when the request or its answer holds a secret, so that neither may be shown. */
export function isSensitive(request: ServiceRequest): boolean {
  if (request.service === "access") return request.items.some(isSensitiveItem);
  if (request.service === "action")
    return request.items.some(({ method }) => methods[method.classId]?.includes(method.methodId) === true);
  // Attribute 0 is all of them.
  return request.items.some(({ attribute: { classId, attributeId } }) =>
    attributeId === 0 ? attributes[classId] !== undefined : attributes[classId]?.includes(attributeId) === true,
  );
}

function isSensitiveItem(item: AccessItem): boolean {
  return isSensitive(item.kind === "action" ? { service: "action", items: [item] } : { service: "get", items: [item] });
}
