import type { Apdu } from "../apdu/index.js";
import type { Opened } from "./channel.js";
import type { Notification, ServerAssociationCommand } from "./messages.js";

/** What an unsolicited APDU says; undefined for any other APDU. */
export function notificationOf(apdu: Apdu, { protection, systemTitle }: Opened): Notification | undefined {
  const origin = { protection, ...(systemTitle && { systemTitle }) };
  switch (apdu.type) {
    case "data-notification":
      return {
        kind: "data-notification",
        longInvokeId: apdu.longInvokeIdAndPriority.invokeId,
        dateTime: apdu.dateTime,
        body: apdu.body,
        ...origin,
      };
    case "event-notification-request":
      return {
        kind: "event-notification",
        ...(apdu.time && { dateTime: apdu.time }),
        attribute: apdu.attribute,
        value: apdu.value,
        ...origin,
      };
    case "information-report-request": {
      const variables = apdu.variables.flatMap((variable, i) => {
        const value = apdu.values[i];
        return value && "name" in variable ? [{ name: variable.name, value }] : [];
      });
      return {
        kind: "information-report",
        ...(apdu.currentTime && { time: apdu.currentTime }),
        variables,
        ...origin,
      };
    }
    default:
      return undefined;
  }
}

/** The APDU that carries a notification of a meter. */
export function notificationApdu(
  notification: Extract<ServerAssociationCommand, { type: "notify" }>["notification"],
): Apdu {
  if (notification.kind === "event-notification") {
    const { dateTime, attribute, value } = notification;
    return { type: "event-notification-request", ...(dateTime && { time: dateTime }), attribute, value };
  }
  if (notification.kind === "information-report") {
    const { time, variables } = notification;
    return {
      type: "information-report-request",
      ...(time && { currentTime: time }),
      variables: variables.map(({ name }) => ({ choice: "variable-name", name })),
      values: variables.map(({ value }) => value),
    };
  }
  const { longInvokeId, dateTime, body } = notification;
  const longInvokeIdAndPriority = {
    invokeId: longInvokeId,
    selfDescriptive: false,
    breakOnError: false,
    confirmed: false,
    highPriority: false,
  };
  return { type: "data-notification", longInvokeIdAndPriority, dateTime, body };
}

/** data-notification, event-notification, information-report, and their glo and ded forms. */
const unsolicitedTags: ReadonlySet<number> = new Set([0x0f, 0xc2, 0xca, 0xd2, 0x18, 0x38, 0x58]);

/** True for the tag of an APDU that answers nothing. */
export const isUnsolicited = (tag: number | undefined): boolean => tag !== undefined && unsolicitedTags.has(tag);
