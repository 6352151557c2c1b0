import type { AttributeDescriptor } from "./descriptors.js";
import type { LongInvokeIdAndPriority } from "./invoke-id.js";

export interface EventNotificationRequest {
  readonly type: "event-notification-request";
  /** COSEM date-time, 12 octets. */
  readonly time?: Uint8Array;
  readonly attribute: AttributeDescriptor;
  readonly value: Uint8Array;
}

export interface DataNotification {
  readonly type: "data-notification";
  readonly longInvokeIdAndPriority: LongInvokeIdAndPriority;
  /** COSEM date-time of 12 octets, or empty. */
  readonly dateTime: Uint8Array;
  /** The date-time carried a Data tag (09), as some meters send it. */
  readonly dateTimeTagged?: true;
  /** Encoded Data: all that remains of the APDU. */
  readonly body: Uint8Array;
}

export interface DataNotificationConfirm {
  readonly type: "data-notification-confirm";
  readonly longInvokeIdAndPriority: LongInvokeIdAndPriority;
  readonly dateTime: Uint8Array;
}
