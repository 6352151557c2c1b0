import { dlmsError } from "../base/index.js";
import { type Codec, type Infer, type OptionalCodec, octetString, struct } from "../codec/index.js";
import { finalDataView } from "./data-view.js";
import { longInvokeIdAndPriority } from "./invoke-id.js";
import { tellTolerance } from "./tolerances.js";

const octetStringTag = 0x09;
const dateTimeLength = 12;

/** A length of 9 is no date-time, so 09 0C is the tag and the length of one that is written as Data. */
const dateTimeTag: OptionalCodec<true> = {
  optional: true,
  encode(writer, value) {
    if (value) writer.u8(octetStringTag);
  },
  decode(reader, context) {
    if (reader.peek() !== octetStringTag || reader.bytes[reader.offset + 1] !== dateTimeLength) return undefined;
    reader.advance(1);
    tellTolerance(context, "date-time-tagged");
    return true;
  },
};

const dateTimeOrNone: Codec<Uint8Array> = {
  encode(writer, value) {
    if (value.length !== 0 && value.length !== dateTimeLength)
      throw dlmsError("value-does-not-fit", `a date-time of ${value.length} octets`, { layer: "apdu" });
    octetString.encode(writer, value);
  },
  decode(reader, context) {
    const offset = reader.offset;
    const value = octetString.decode(reader, context);
    if (value.length !== 0 && value.length !== dateTimeLength)
      throw dlmsError("malformed", `a date-time of ${value.length} octets`, {
        layer: "apdu",
        offset,
        expected: "0 or 12 octets",
      });
    return value;
  },
};

export const dataNotification = struct(
  { type: "data-notification" },
  {
    longInvokeIdAndPriority,
    /** The date-time carried a Data tag (09), as some meters send it. */
    dateTimeTagged: dateTimeTag,
    /** COSEM date-time of 12 octets, or empty. */
    dateTime: dateTimeOrNone,
    /** Encoded Data: all that remains of the APDU. */
    body: finalDataView,
  },
);
/** DataNotification.request (Green Book 9.3.10, tag 0F). */
export type DataNotification = Infer<typeof dataNotification>;

export const dataNotificationConfirm = struct(
  { type: "data-notification-confirm" },
  {
    longInvokeIdAndPriority,
    /** COSEM date-time of 12 octets, or empty. */
    dateTime: octetString,
  },
);
/** Confirmation of a data-notification (tag 10). */
export type DataNotificationConfirm = Infer<typeof dataNotificationConfirm>;
