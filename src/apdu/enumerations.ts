/**
 * Numbers of the standard with their names. Wire values stay numbers, so that unknown ones survive;
 * `nameIn(table, value)` gives the name of a known one.
 */

/** Data-Access-Result (Green Book 9.5). */
export const dataAccessResults = {
  success: 0,
  "hardware-fault": 1,
  "temporary-failure": 2,
  "read-write-denied": 3,
  "object-undefined": 4,
  "object-class-inconsistent": 9,
  "object-unavailable": 11,
  "type-unmatched": 12,
  "scope-of-access-violated": 13,
  "data-block-unavailable": 14,
  "long-get-aborted": 15,
  "no-long-get-in-progress": 16,
  "long-set-aborted": 17,
  "no-long-set-in-progress": 18,
  "data-block-number-invalid": 19,
  "other-reason": 250,
} as const;

/** Action-Result (Green Book 9.5). */
export const actionResults = {
  success: 0,
  "hardware-fault": 1,
  "temporary-failure": 2,
  "read-write-denied": 3,
  "object-undefined": 4,
  "object-class-inconsistent": 9,
  "object-unavailable": 11,
  "type-unmatched": 12,
  "scope-of-access-violated": 13,
  "data-block-unavailable": 14,
  "long-action-aborted": 15,
  "no-long-action-in-progress": 16,
  "other-reason": 250,
} as const;

/** state-error of an exception-response. */
export const exceptionStateErrors = { "service-not-allowed": 1, "service-unknown": 2 } as const;

/** service-error of an exception-response. */
export const exceptionServiceErrors = {
  "operation-not-possible": 1,
  "service-not-supported": 2,
  "other-reason": 3,
  "pdu-too-long": 4,
  "deciphering-error": 5,
  "invocation-counter-error": 6,
} as const;

/** result of an AARE. */
export const associationResults = { accepted: 0, "rejected-permanent": 1, "rejected-transient": 2 } as const;

/** application-context-name, object identifiers in dotted form. */
export const applicationContexts = {
  "logical-name": "2.16.756.5.8.1.1",
  "short-name": "2.16.756.5.8.1.2",
  "logical-name-ciphered": "2.16.756.5.8.1.3",
  "short-name-ciphered": "2.16.756.5.8.1.4",
} as const;

/** mechanism-name, object identifiers in dotted form. */
export const authenticationMechanisms = {
  none: "2.16.756.5.8.2.0",
  low: "2.16.756.5.8.2.1",
  "hls-manufacturer": "2.16.756.5.8.2.2",
  "hls-md5": "2.16.756.5.8.2.3",
  "hls-sha1": "2.16.756.5.8.2.4",
  "hls-gmac": "2.16.756.5.8.2.5",
  "hls-sha256": "2.16.756.5.8.2.6",
  "hls-ecdsa": "2.16.756.5.8.2.7",
} as const;

/** Diagnostics of an AARE, by who speaks: the user (the application) or the provider (ACSE itself). */
export const associateDiagnostics = {
  "acse-service-user": {
    null: 0,
    "no-reason-given": 1,
    "application-context-name-not-supported": 2,
    "calling-ap-title-not-recognized": 3,
    "calling-ap-invocation-identifier-not-recognized": 4,
    "calling-ae-qualifier-not-recognized": 5,
    "calling-ae-invocation-identifier-not-recognized": 6,
    "called-ap-title-not-recognized": 7,
    "called-ap-invocation-identifier-not-recognized": 8,
    "called-ae-qualifier-not-recognized": 9,
    "called-ae-invocation-identifier-not-recognized": 10,
    "authentication-mechanism-name-not-recognised": 11,
    "authentication-mechanism-name-required": 12,
    "authentication-failure": 13,
    "authentication-required": 14,
  },
  "acse-service-provider": { null: 0, "no-reason-given": 1, "no-common-acse-version": 2 },
} as const;

/** service of a ConfirmedServiceError; in DLMS/COSEM only the first and `read` and `write` occur. */
export const confirmedServices = {
  "initiate-error": 1,
  "get-status": 2,
  "get-name-list": 3,
  "get-variable-attribute": 4,
  read: 5,
  write: 6,
  "get-data-set-attribute": 7,
  "get-ti-attribute": 8,
  "change-scope": 9,
  start: 10,
  stop: 11,
  resume: 12,
  "make-usable": 13,
  "initiate-load": 14,
  "load-segment": 15,
  "terminate-load": 16,
  "initiate-up-load": 17,
  "up-load-segment": 18,
  "terminate-up-load": 19,
} as const;

/** ServiceError: the number of each category, and the names of its values. */
export const serviceErrors = {
  "application-reference": {
    category: 0,
    values: {
      other: 0,
      "time-elapsed": 1,
      "application-unreachable": 2,
      "application-reference-invalid": 3,
      "application-context-unsupported": 4,
      "provider-communication-error": 5,
      "deciphering-error": 6,
    },
  },
  "hardware-resource": {
    category: 1,
    values: {
      other: 0,
      "memory-unavailable": 1,
      "processor-resource-unavailable": 2,
      "mass-storage-unavailable": 3,
      "other-resource-unavailable": 4,
    },
  },
  "vde-state-error": {
    category: 2,
    values: { other: 0, "no-dlms-context": 1, "loading-data-set": 2, "status-nochange": 3, "status-inoperable": 4 },
  },
  service: { category: 3, values: { other: 0, "pdu-size": 1, "service-unsupported": 2 } },
  definition: {
    category: 4,
    values: {
      other: 0,
      "object-undefined": 1,
      "object-class-inconsistent": 2,
      "object-attribute-inconsistent": 3,
    },
  },
  access: {
    category: 5,
    values: {
      other: 0,
      "scope-of-access-violated": 1,
      "object-access-violated": 2,
      "hardware-fault": 3,
      "object-unavailable": 4,
    },
  },
  initiate: {
    category: 6,
    values: {
      other: 0,
      "dlms-version-too-low": 1,
      "incompatible-conformance": 2,
      "pdu-size-too-short": 3,
      "refused-by-the-vde-handler": 4,
    },
  },
  "load-data-set": {
    category: 7,
    values: {
      other: 0,
      "primitive-out-of-sequence": 1,
      "not-loadable": 2,
      "dataset-size-too-large": 3,
      "not-awaited-segment": 4,
      "interpretation-failure": 5,
      "storage-failure": 6,
      "data-set-not-ready": 7,
    },
  },
  "change-scope": { category: 8, values: {} },
  task: {
    category: 9,
    values: { other: 0, "no-remote-control": 1, "ti-stopped": 2, "ti-running": 3, "ti-unusable": 4 },
  },
  other: { category: 10, values: {} },
} as const;

/** Names of a ServiceError's category and value; undefined for each that has none. */
export function serviceErrorNames(
  category: number,
  value: number,
): { readonly category: keyof typeof serviceErrors | undefined; readonly value: string | undefined } {
  for (const name in serviceErrors) {
    const row = serviceErrors[name as keyof typeof serviceErrors];
    if (row.category === category)
      return {
        category: name as keyof typeof serviceErrors,
        value: nameIn<Readonly<Record<string, number>>>(row.values, value),
      };
  }
  return { category: undefined, value: undefined };
}

/** reason of an RLRQ. */
export const releaseRequestReasons = { normal: 0, urgent: 1, "user-defined": 30 } as const;

/** reason of an RLRE. */
export const releaseResponseReasons = { normal: 0, "not-finished": 1, "user-defined": 30 } as const;

/** The name that `table` gives to `value`, or undefined when it gives none. */
export function nameIn<T extends Readonly<Record<string, number | string>>>(
  table: T,
  value: T[keyof T] | (T[keyof T] extends string ? string : number),
): (keyof T & string) | undefined {
  for (const name in table) if (table[name] === value) return name;
  return undefined;
}
