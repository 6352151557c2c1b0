import type { AttributeDescriptor, MethodDescriptor, SelectiveAccessDescriptor } from "./descriptors.js";
import type { LongInvokeIdAndPriority } from "./invoke-id.js";

export type AccessRequestSpecification =
  | { readonly choice: "get" | "set"; readonly attribute: AttributeDescriptor }
  | { readonly choice: "action"; readonly method: MethodDescriptor }
  | {
      readonly choice: "get-with-selection" | "set-with-selection";
      readonly attribute: AttributeDescriptor;
      readonly access: SelectiveAccessDescriptor;
    };

export interface AccessRequest {
  readonly type: "access-request";
  readonly longInvokeIdAndPriority: LongInvokeIdAndPriority;
  /** COSEM date-time of 12 octets, or empty. */
  readonly dateTime: Uint8Array;
  readonly specifications: readonly AccessRequestSpecification[];
  readonly data: readonly Uint8Array[];
}

/** data-access-result (get, set) or action-result (action) by its number. */
export interface AccessResponseSpecification {
  readonly choice: "get" | "set" | "action";
  readonly result: number;
}

export interface AccessResponse {
  readonly type: "access-response";
  readonly longInvokeIdAndPriority: LongInvokeIdAndPriority;
  readonly dateTime: Uint8Array;
  /** The request's list, where the server repeats it. */
  readonly requested?: readonly AccessRequestSpecification[];
  readonly data: readonly Uint8Array[];
  readonly results: readonly AccessResponseSpecification[];
}
