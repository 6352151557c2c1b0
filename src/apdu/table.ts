import type { Codec } from "../codec/index.js";
import { accessRequest, accessResponse } from "./access.js";
import { aare, aarq, rlre, rlrq } from "./acse.js";
import { actionRequest, actionResponse } from "./action.js";
import type { Apdu, ApduType } from "./apdu.js";
import { generalBlockTransfer } from "./block-transfer.js";
import {
  generalCiphering,
  generalDedCiphering,
  generalGloCiphering,
  generalSigning,
  serviceCiphering,
  serviceCipheringTags,
} from "./ciphered.js";
import { dataNotification, dataNotificationConfirm } from "./data-notification.js";
import { confirmedServiceError, exceptionResponse } from "./error-response.js";
import { eventNotificationRequest } from "./event-notification.js";
import { gatewayRequest, gatewayResponse } from "./gateway.js";
import { getRequest, getResponse } from "./get.js";
import { informationReportRequest } from "./information-report.js";
import { initiateRequest, initiateResponse } from "./initiate.js";
import { readRequest, readResponse } from "./read.js";
import { setRequest, setResponse } from "./set.js";
import { unconfirmedWriteRequest, writeRequest, writeResponse } from "./write.js";

type CipheringType = keyof typeof serviceCipheringTags;
type Row<T extends ApduType> = { readonly tag: number; readonly codec: Codec<{ readonly type: T }> };

/** Every APDU: its tag octet and the codec of what follows it (Green Book 9.5, XDLMS-APDU and ACSE-APDU). */
const plainTable = {
  "initiate-request": { tag: 0x01, codec: initiateRequest },
  "read-request": { tag: 0x05, codec: readRequest },
  "write-request": { tag: 0x06, codec: writeRequest },
  "initiate-response": { tag: 0x08, codec: initiateResponse },
  "read-response": { tag: 0x0c, codec: readResponse },
  "write-response": { tag: 0x0d, codec: writeResponse },
  "confirmed-service-error": { tag: 0x0e, codec: confirmedServiceError },
  "data-notification": { tag: 0x0f, codec: dataNotification },
  "data-notification-confirm": { tag: 0x10, codec: dataNotificationConfirm },
  "unconfirmed-write-request": { tag: 0x16, codec: unconfirmedWriteRequest },
  "information-report-request": { tag: 0x18, codec: informationReportRequest },
  aarq: { tag: 0x60, codec: aarq },
  aare: { tag: 0x61, codec: aare },
  rlrq: { tag: 0x62, codec: rlrq },
  rlre: { tag: 0x63, codec: rlre },
  "get-request": { tag: 0xc0, codec: getRequest },
  "set-request": { tag: 0xc1, codec: setRequest },
  "event-notification-request": { tag: 0xc2, codec: eventNotificationRequest },
  "action-request": { tag: 0xc3, codec: actionRequest },
  "get-response": { tag: 0xc4, codec: getResponse },
  "set-response": { tag: 0xc5, codec: setResponse },
  "action-response": { tag: 0xc7, codec: actionResponse },
  "exception-response": { tag: 0xd8, codec: exceptionResponse },
  "access-request": { tag: 0xd9, codec: accessRequest },
  "access-response": { tag: 0xda, codec: accessResponse },
  "general-glo-ciphering": { tag: 0xdb, codec: generalGloCiphering },
  "general-ded-ciphering": { tag: 0xdc, codec: generalDedCiphering },
  "general-ciphering": { tag: 0xdd, codec: generalCiphering },
  "general-signing": { tag: 0xdf, codec: generalSigning },
  "general-block-transfer": { tag: 0xe0, codec: generalBlockTransfer },
  "gateway-request": { tag: 0xe6, codec: gatewayRequest },
  "gateway-response": { tag: 0xe7, codec: gatewayResponse },
} as const satisfies { readonly [T in Exclude<ApduType, CipheringType>]: Row<T> };

type TagTable = {
  readonly [T in keyof typeof plainTable]: (typeof plainTable)[T]["tag"];
} & typeof serviceCipheringTags;

/** Tag octet of each APDU. */
export const apduTags: { readonly [T in ApduType]: TagTable[T] } = {
  ...(Object.fromEntries(Object.entries(plainTable).map(([type, { tag }]) => [type, tag])) as unknown as TagTable),
  ...serviceCipheringTags,
};

/** One row of the table, for whoever knows the tag octet only. */
export interface ApduEntry {
  readonly type: ApduType;
  readonly tag: number;
  readonly codec: Codec<Apdu>;
}

const entries: readonly ApduEntry[] = [
  ...(Object.entries(plainTable) as [ApduType, { tag: number; codec: Codec<Apdu> }][]).map(([type, row]) => ({
    type,
    ...row,
  })),
  ...(Object.entries(serviceCipheringTags) as [CipheringType, number][]).map(([type, tag]) => ({
    type,
    tag,
    codec: serviceCiphering(type) as Codec<Apdu>,
  })),
];

const byTag: readonly (ApduEntry | undefined)[] = Array.from({ length: 256 }, (_, tag) =>
  entries.find((entry) => entry.tag === tag),
);
const byType: ReadonlyMap<string, ApduEntry> = new Map(entries.map((entry) => [entry.type, entry]));

export const entryOfTag = (tag: number): ApduEntry | undefined => byTag[tag];
export const entryOfType = (type: string): ApduEntry | undefined => byType.get(type);

/** Name of the APDU that begins with this octet; undefined when none does. */
export function apduTypeOf(tag: number): ApduType | undefined {
  return byTag[tag]?.type;
}
