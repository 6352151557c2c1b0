import { type Apdu, decodeApdu, encodeApdu } from "../../apdu/index.js";
import { concatBytes, dlmsError } from "../../base/index.js";
import { Obis } from "../../cosem/index.js";
import { CosemDateTime, decodeData } from "../../data/index.js";
import { parseTelegram } from "../../iec62056-21/index.js";
import type { PushEvent, PushObjectName } from "./events.js";
import { nameObjects, telegramObjects } from "./objects.js";

/** The part of an event that the message itself tells. */
export type Interpreted = Omit<PushEvent, "type" | "origin" | "protection" | "authenticated" | "systemTitle">;

/**
 * Reads an opened push.
 * @throws DecodeError where the octets or the body are no sound message; ProtocolError `unexpected-message` for an APDU
 * that pushes nothing.
 */
export function interpret(apdu: Apdu, names?: readonly PushObjectName[]): Interpreted {
  switch (apdu.type) {
    case "data-notification": {
      const body = decodeData(apdu.body);
      return {
        kind: "data-notification",
        longInvokeId: apdu.longInvokeIdAndPriority.invokeId,
        confirmed: apdu.longInvokeIdAndPriority.confirmed,
        ...timeOf(apdu.dateTime),
        objects: nameObjects(body, names),
        body,
        rawBody: apdu.body,
      };
    }
    case "event-notification-request": {
      const body = decodeData(apdu.value);
      const { classId, instanceId, attributeId } = apdu.attribute;
      const [object] = nameObjects({ type: "structure", value: [body] }, [
        { obis: Obis.fromOctets(instanceId), classId, attributeId },
      ]);
      return {
        kind: "event-notification",
        confirmed: false,
        ...timeOf(apdu.time),
        objects: object === undefined ? [] : [object],
        body,
        rawBody: apdu.value,
      };
    }
    case "information-report-request": {
      const values = apdu.values.map((value) => decodeData(value));
      return {
        kind: "information-report",
        confirmed: false,
        objects: nameObjects({ type: "structure", value: values }, names),
        body: { type: "structure", value: values },
        rawBody: concatBytes(...apdu.values),
      };
    }
    default:
      throw dlmsError("unexpected-message", `${apdu.type} pushes nothing`, { layer: "client" });
  }
}

/**
 * Reads a telegram; its own check counts where no tag vouches for it.
 * @throws DecodeError `malformed`, also when its CRC does not hold.
 */
export function interpretTelegram(bytes: Uint8Array, authenticated: boolean): Interpreted {
  const telegram = parseTelegram(bytes);
  if (telegram.crcOk === false && !authenticated)
    throw dlmsError("malformed", "the CRC of the telegram does not hold", { layer: "iec62056-21" });
  const objects = telegramObjects(telegram.dataSets);
  return { kind: "telegram", confirmed: false, objects, rawBody: bytes, telegram };
}

/** The DataNotification-confirm that a push asks for. */
export function confirmationOf(bytes: Uint8Array): Uint8Array | undefined {
  const apdu = decodeApdu(bytes);
  if (apdu.type !== "data-notification" || !apdu.longInvokeIdAndPriority.confirmed) return undefined;
  const { longInvokeIdAndPriority } = apdu;
  return encodeApdu({ type: "data-notification-confirm", longInvokeIdAndPriority, dateTime: new Uint8Array() });
}

function timeOf(octets: Uint8Array | undefined): { readonly dateTime?: CosemDateTime } {
  return octets?.length === 12 ? { dateTime: CosemDateTime.fromOctets(octets) } : {};
}
