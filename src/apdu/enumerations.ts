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
