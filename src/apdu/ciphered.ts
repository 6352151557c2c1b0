import { ByteWriter } from "../base/index.js";
import {
  alternative,
  type Codec,
  choice,
  type Infer,
  octetString,
  optional,
  struct,
  trailing,
  unsigned8,
} from "../codec/index.js";
import { tellTolerance } from "./tolerances.js";

/** Security header, ciphered or plain octets, authentication tag. */
const content = octetString;

/** Tags of the service-specific ciphered APDUs (Green Book 9.5): `glo-` under the global, `ded-` under the dedicated key. */
export const serviceCipheringTags = {
  "glo-initiate-request": 0x21,
  "glo-read-request": 0x25,
  "glo-write-request": 0x26,
  "glo-initiate-response": 0x28,
  "glo-read-response": 0x2c,
  "glo-write-response": 0x2d,
  "glo-confirmed-service-error": 0x2e,
  "glo-unconfirmed-write-request": 0x36,
  "glo-information-report-request": 0x38,
  "glo-get-request": 0xc8,
  "glo-set-request": 0xc9,
  "glo-event-notification-request": 0xca,
  "glo-action-request": 0xcb,
  "glo-get-response": 0xcc,
  "glo-set-response": 0xcd,
  "glo-action-response": 0xcf,
  "ded-initiate-request": 0x41,
  "ded-read-request": 0x45,
  "ded-write-request": 0x46,
  "ded-initiate-response": 0x48,
  "ded-read-response": 0x4c,
  "ded-write-response": 0x4d,
  "ded-confirmed-service-error": 0x4e,
  "ded-unconfirmed-write-request": 0x56,
  "ded-information-report-request": 0x58,
  "ded-get-request": 0xd0,
  "ded-set-request": 0xd1,
  "ded-event-notification-request": 0xd2,
  "ded-action-request": 0xd3,
  "ded-get-response": 0xd4,
  "ded-set-response": 0xd5,
  "ded-action-response": 0xd7,
} as const;

type ServiceCipheringType = keyof typeof serviceCipheringTags;

/** The services that have a glo- and a ded- form of their own. */
export type CipheredService = ServiceCipheringType extends infer T ? (T extends `glo-${infer S}` ? S : never) : never;

/** A service-specific ciphered APDU. */
export interface ServiceCiphering {
  readonly type: ServiceCipheringType;
  /** Security header, ciphered or plain octets, authentication tag. */
  readonly content: Uint8Array;
}

/** The codec of one service-specific ciphered APDU. */
export function serviceCiphering<T extends ServiceCipheringType>(
  type: T,
): Codec<{ readonly type: T; readonly content: Uint8Array }> {
  return {
    encode: (writer, value) => fields.encode(writer, value),
    decode: (reader, context) => ({ type, ...fields.decode(reader, context) }),
  };
}
const fields = struct({}, { content });

const withTitle = {
  /** Eight octets, or none. */
  systemTitle: octetString,
  /** Security header, ciphered or plain octets, authentication tag. */
  content,
};
export const generalGloCiphering = struct({ type: "general-glo-ciphering" }, withTitle);
/** general-glo-ciphering (tag DB). */
export type GeneralGloCiphering = Infer<typeof generalGloCiphering>;

export const generalDedCiphering = struct({ type: "general-ded-ciphering" }, withTitle);
/** general-ded-ciphering (tag DC). */
export type GeneralDedCiphering = Infer<typeof generalDedCiphering>;

const headerFields = {
  transactionId: octetString,
  originatorSystemTitle: octetString,
  recipientSystemTitle: octetString,
  dateTime: octetString,
  otherInformation: octetString,
};
const header = struct({}, headerFields);
/** The five fields that general-ciphering and general-signing authenticate beside the content. */
export interface GeneralHeader extends Infer<typeof header> {}

/** The five fields as they stand on the wire, lengths included: what is authenticated or signed with the content. */
export function encodeGeneralHeader(value: GeneralHeader): Uint8Array {
  const writer = new ByteWriter();
  header.encode(writer, value);
  return writer.finish();
}

const keyInfo = choice(
  {},
  {
    "identified-key": alternative(0, {
      /** 0 global unicast, 1 global broadcast encryption key. */
      keyId: unsigned8,
    }),
    "wrapped-key": alternative(1, {
      /** 0 is the master key. */
      kekId: unsigned8,
      keyCipheredData: octetString,
    }),
    "agreed-key": alternative(2, {
      /** One octet: 01 C(1e,1s), 02 C(0e,2s). */
      keyParameters: octetString,
      keyCipheredData: octetString,
    }),
  },
);
/** Key-Info. */
export type KeyInfo = Infer<typeof keyInfo>;

export const generalCiphering = struct(
  { type: "general-ciphering" },
  {
    ...headerFields,
    keyInfo: optional(keyInfo),
    /** Security header, ciphered or plain octets, authentication tag. */
    content,
  },
);
/** general-ciphering (tag DD). */
export type GeneralCiphering = Infer<typeof generalCiphering>;

const signed = struct(
  { type: "general-signing" },
  {
    ...headerFields,
    /** The APDU that was signed. */
    content: octetString,
    /** r and s, one after the other. Left out of a message that is still to be signed: never to be taken as signed. */
    signature: trailing(octetString),
  },
);
/** general-signing (tag DF). */
export type GeneralSigning = Infer<typeof signed>;

export const generalSigning: Codec<GeneralSigning> = {
  encode: signed.encode,
  decode(reader, context) {
    const value = signed.decode(reader, context);
    if (value.signature === undefined) tellTolerance(context, "signature-missing");
    return value;
  },
};
