import { type Infer, octetString, optional, struct } from "../codec/index.js";
import { finalDataView } from "./data-view.js";
import { attributeDescriptor } from "./descriptors.js";

export const eventNotificationRequest = struct(
  { type: "event-notification-request" },
  {
    /** COSEM date-time, 12 octets. */
    time: optional(octetString),
    attribute: attributeDescriptor,
    /** Encoded Data. */
    value: finalDataView,
  },
);
/** EventNotification.request (Green Book 9.3.11, tag C2). */
export type EventNotificationRequest = Infer<typeof eventNotificationRequest>;
