import { alternative, choice, type Infer, listOf, octetString, optional, struct, unsigned8 } from "../codec/index.js";
import { dataView } from "./data-view.js";
import { attributeDescriptor, methodDescriptor, selectiveAccessDescriptor } from "./descriptors.js";
import { longInvokeIdAndPriority } from "./invoke-id.js";

export const requestSpecification = choice(
  {},
  {
    get: alternative(1, { attribute: attributeDescriptor }),
    set: alternative(2, { attribute: attributeDescriptor }),
    action: alternative(3, { method: methodDescriptor }),
    "get-with-selection": alternative(4, { attribute: attributeDescriptor, access: selectiveAccessDescriptor }),
    "set-with-selection": alternative(5, { attribute: attributeDescriptor, access: selectiveAccessDescriptor }),
  },
);
/** Access-Request-Specification. */
export type AccessRequestSpecification = Infer<typeof requestSpecification>;

export const accessRequest = struct(
  { type: "access-request" },
  {
    longInvokeIdAndPriority,
    /** COSEM date-time of 12 octets, or empty. */
    dateTime: octetString,
    specifications: listOf(requestSpecification),
    /** Encoded Data, one for each specification; null-data where it takes none. */
    data: listOf(dataView),
  },
);
/** ACCESS.request (Green Book 9.3.9, tag D9). */
export type AccessRequest = Infer<typeof accessRequest>;

export const responseSpecification = choice(
  {},
  {
    /** `result` is a data-access-result. */
    get: alternative(1, { result: unsigned8 }),
    set: alternative(2, { result: unsigned8 }),
    /** `result` is an action-result. */
    action: alternative(3, { result: unsigned8 }),
  },
);
/** Access-Response-Specification: data-access-result (get, set) or action-result (action) by its number. */
export type AccessResponseSpecification = Infer<typeof responseSpecification>;

export const accessResponse = struct(
  { type: "access-response" },
  {
    longInvokeIdAndPriority,
    /** COSEM date-time of 12 octets, or empty. */
    dateTime: octetString,
    /** The request's list, where the server repeats it. */
    requested: optional(listOf(requestSpecification)),
    /** Encoded Data, one for each specification. */
    data: listOf(dataView),
    results: listOf(responseSpecification),
  },
);
/** ACCESS.response (tag DA). */
export type AccessResponse = Infer<typeof accessResponse>;
