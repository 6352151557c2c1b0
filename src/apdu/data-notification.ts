import { type ByteReader, dlmsError } from "../base/index.js";
import {
  type Codec,
  type DecodeContext,
  decodeField,
  type Infer,
  octetString,
  passFailure,
  struct,
} from "../codec/index.js";
import { finalDataView } from "./data-view.js";
import { type LongInvokeIdAndPriority, longInvokeIdAndPriority } from "./invoke-id.js";

/** DataNotification.request (Green Book 9.3.10, tag 0F). */
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

const octetStringTag = 0x09;
const dateTimeLength = 12;

export const dataNotification: Codec<DataNotification> = {
  encode(writer, { longInvokeIdAndPriority: invoke, dateTime, dateTimeTagged, body }) {
    longInvokeIdAndPriority.encode(writer, invoke);
    if (dateTimeTagged) writer.u8(octetStringTag);
    octetString.encode(writer, dateTime);
    finalDataView.encode(writer, body);
  },
  decode(reader, context) {
    const value: Record<string, unknown> = { type: "data-notification" };
    let key = "longInvokeIdAndPriority";
    try {
      value[key] = decodeField(key, longInvokeIdAndPriority, reader, context);
      key = "dateTime";
      if (passDateTimeTag(reader, context)) value["dateTimeTagged"] = true;
      value[key] = decodeField(key, dateTimeOctets, reader, context);
      key = "body";
      value[key] = decodeField(key, finalDataView, reader, context);
    } catch (error) {
      throw passFailure(error, key, value);
    }
    return value as unknown as DataNotification;
  },
};

/** A length of 9 is no date-time, so 09 0C is the tag and the length of one that is written as Data. */
function passDateTimeTag(reader: ByteReader, context: DecodeContext): boolean {
  const at = reader.offset;
  if (reader.remaining < 2 || reader.bytes[at] !== octetStringTag || reader.bytes[at + 1] !== dateTimeLength)
    return false;
  reader.advance(1);
  context.onNotice?.({
    type: "notice",
    name: "date-time-tagged",
    message: "the date-time of the data-notification carries the tag of an octet-string",
  });
  return true;
}

const dateTimeOctets: Codec<Uint8Array> = {
  encode: octetString.encode,
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
