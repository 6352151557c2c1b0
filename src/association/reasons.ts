/** Names and sentences for every way a peer says no. Pure tables (IEC 62056-5-3, clause of the ASN.1 definitions). */

/** A named number of the standard with what it means and what usually causes it. */
export interface Reason {
  readonly name: string;
  readonly sentence: string;
  readonly advice: string;
}

const reason = (name: string, sentence: string, advice: string): Reason => ({ name, sentence, advice });

const unexplained = "The meter keeps its reason to itself: check client address, authentication and keys one by one.";
const clientAddress = "Use a client address (SAP) that this meter has an association for.";
const nothingSet = "Leave this identifier out, or ask the utility for the value the meter expects.";

/** ACSE result-source-diagnostic, source service-user. */
export const serviceUserDiagnostics: Readonly<Record<number, Reason>> = {
  0: reason("null", "the meter gave no reason", unexplained),
  1: reason("no-reason-given", "the meter gave no reason", unexplained),
  2: reason(
    "application-context-name-not-supported",
    "the meter does not know the application context",
    "Change the referencing (logical or short names), or whether security is given: the context names both.",
  ),
  3: reason(
    "calling-AP-title-not-recognized",
    "the meter does not accept our system title",
    "Give the client system title that the meter has stored, eight octets.",
  ),
  4: reason("calling-AP-invocation-identifier-not-recognized", "the meter does not know this invocation", nothingSet),
  5: reason("calling-AE-qualifier-not-recognized", "the meter does not know our certificate", nothingSet),
  6: reason(
    "calling-AE-invocation-identifier-not-recognized",
    "the meter does not know this user id",
    "Give the id of a user of this association (`userId`): attribute 10 of the association object lists them.",
  ),
  7: reason("called-AP-title-not-recognized", "the meter is not the one that was called", nothingSet),
  8: reason("called-AP-invocation-identifier-not-recognized", "the meter does not know this invocation", nothingSet),
  9: reason("called-AE-qualifier-not-recognized", "the meter does not know the qualifier called", nothingSet),
  10: reason("called-AE-invocation-identifier-not-recognized", "the meter does not know this invocation", nothingSet),
  11: reason(
    "authentication-mechanism-name-not-recognised",
    "the meter does not offer this authentication to this client address",
    "Choose another mechanism (none, low, hls-gmac, ...) or another client address.",
  ),
  12: reason(
    "authentication-mechanism-name-required",
    "the meter wants to be told how we authenticate",
    "Choose an authentication mechanism: this client address is not the public one.",
  ),
  13: reason(
    "authentication-failure",
    "the meter did not accept the password or proof",
    "Check password and keys; do not try on, some meters lock out after a few attempts.",
  ),
  14: reason(
    "authentication-required",
    "the meter wants authentication from this client address",
    `Choose the mechanism the meter asks for. ${clientAddress}`,
  ),
};

/** ACSE result-source-diagnostic, source service-provider. */
export const serviceProviderDiagnostics: Readonly<Record<number, Reason>> = {
  0: reason("null", "the meter gave no reason", unexplained),
  1: reason("no-reason-given", "the meter gave no reason", unexplained),
  2: reason("no-common-acse-version", "the meter speaks another version of ACSE", "Report the meter type to us."),
};

const readRights = "This client address may not do this; look at the access rights in the object list.";
const objectList = "Compare class and logical name with the meter's object list.";
const later = "Try again a little later.";
const restart = "The transfer was given up by the meter: start it again.";

/** data-access-result and action-result, which share their numbers (15 and 16 differ in the service's name). */
export const accessResults: Readonly<Record<number, Reason>> = {
  0: reason("success", "done", ""),
  1: reason("hardware-fault", "the meter reports a fault of its hardware", "Have the meter looked at."),
  2: reason("temporary-failure", "the meter cannot do it just now", later),
  3: reason("read-write-denied", "the meter denies access", readRights),
  4: reason("object-undefined", "the meter has no such object", objectList),
  9: reason("object-class-inconsistent", "the object is of another class", objectList),
  11: reason("object-unavailable", "the object or attribute is not available", objectList),
  12: reason("type-unmatched", "the type of the value is not the attribute's", "Give the type the attribute has now."),
  13: reason(
    "scope-of-access-violated",
    "more was asked for than the meter gives at once, or than it allows",
    "Ask for fewer items or a smaller range at once, and check the access rights.",
  ),
  14: reason("data-block-unavailable", "the meter cannot give the data in blocks", "Ask for less at once."),
  15: reason("long-get-aborted", "the meter gave up the transfer in blocks", restart),
  16: reason("no-long-get-in-progress", "the meter does not know of a transfer in blocks", restart),
  17: reason("long-set-aborted", "the meter gave up the transfer in blocks", restart),
  18: reason("no-long-set-in-progress", "the meter does not know of a transfer in blocks", restart),
  19: reason("data-block-number-invalid", "the meter did not expect this block number", restart),
  250: reason("other-reason", "the meter gives no reason", "Check the parameters and the state of the object."),
};

/** exception-response, state-error. */
export const stateErrors: Readonly<Record<number, Reason>> = {
  1: reason("service-not-allowed", "the service is not allowed now", "Associate first, with rights for this service."),
  2: reason("service-unknown", "the meter does not know the service", "Use another service: see the conformance."),
};

/** exception-response, service-error. */
export const exceptionServiceErrors: Readonly<Record<number, Reason>> = {
  1: reason("operation-not-possible", "the operation is not possible", readRights),
  2: reason("service-not-supported", "the service is not supported", "Use a service of the conformance agreed on."),
  3: reason("other-reason", "the meter gives no reason", unexplained),
  4: reason("pdu-too-long", "the request was too long", "Ask for less at once."),
  5: reason(
    "deciphering-error",
    "the meter could not decipher the request",
    "Check encryption key, authentication key, system title and the security suite.",
  ),
  6: reason(
    "invocation-counter-error",
    "the meter has seen a higher invocation counter",
    "Continue above the meter's counter: read it through the public client, then store it.",
  ),
};

/** ServiceError of confirmed-service-error: choice, then value. */
export const serviceErrors: Readonly<Record<number, { readonly name: string; readonly values: readonly string[] }>> = {
  0: {
    name: "application-reference",
    values: [
      "other",
      "time-elapsed",
      "application-unreachable",
      "application-reference-invalid",
      "application-context-unsupported",
      "provider-communication-error",
      "deciphering-error",
    ],
  },
  1: {
    name: "hardware-resource",
    values: [
      "other",
      "memory-unavailable",
      "processor-resource-unavailable",
      "mass-storage-unavailable",
      "other-resource-unavailable",
    ],
  },
  2: {
    name: "vde-state-error",
    values: ["other", "no-dlms-context", "loading-data-set", "status-nochange", "status-inoperable"],
  },
  3: { name: "service", values: ["other", "pdu-size", "service-unsupported"] },
  4: {
    name: "definition",
    values: ["other", "object-undefined", "object-class-inconsistent", "object-attribute-inconsistent"],
  },
  5: {
    name: "access",
    values: ["other", "scope-of-access-violated", "object-access-violated", "hardware-fault", "object-unavailable"],
  },
  6: {
    name: "initiate",
    values: [
      "other",
      "dlms-version-too-low",
      "incompatible-conformance",
      "pdu-size-too-short",
      "refused-by-the-VDE-Handler",
    ],
  },
  7: {
    name: "load-data-set",
    values: [
      "other",
      "primitive-out-of-sequence",
      "not-loadable",
      "dataset-size-too-large",
      "not-awaited-segment",
      "interpretation-failure",
      "storage-failure",
      "data-set-not-ready",
    ],
  },
  8: { name: "change-scope", values: [] },
  9: { name: "task", values: ["other", "no-remote-control", "ti-stopped", "ti-running", "ti-unusable"] },
  10: { name: "other", values: [] },
};

/** What usually mends a confirmed-service-error, by `choice.value`; keyed by name. */
export const serviceErrorAdvice: Readonly<Record<string, string>> = {
  "deciphering-error": "Check encryption key, authentication key, system title and the invocation counter.",
  "application-context-unsupported": "Change the referencing, or whether security is given.",
  "no-dlms-context": "Associate first: the meter has dropped the association.",
  "pdu-size": "Ask for less at once.",
  "service-unsupported": "Use a service of the conformance agreed on.",
  "dlms-version-too-low": "The meter wants another DLMS version than 6: report its type to us.",
  "incompatible-conformance": "Propose more services, or those of the other referencing (logical or short names).",
  "pdu-size-too-short": "Raise the proposed maximum PDU size.",
  "refused-by-the-VDE-Handler": "Check client address and authentication.",
};
