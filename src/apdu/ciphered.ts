/** The services that have a glo- and a ded- form of their own. */
export type CipheredService =
  | "initiate-request"
  | "read-request"
  | "write-request"
  | "initiate-response"
  | "read-response"
  | "write-response"
  | "confirmed-service-error"
  | "unconfirmed-write-request"
  | "information-report-request"
  | "get-request"
  | "set-request"
  | "event-notification-request"
  | "action-request"
  | "get-response"
  | "set-response"
  | "action-response";

/** A service-specific ciphered APDU. */
export interface ServiceCiphering {
  readonly type: `glo-${CipheredService}` | `ded-${CipheredService}`;
  /** Security header, ciphered or plain octets, authentication tag. */
  readonly content: Uint8Array;
}

export interface GeneralGloCiphering {
  readonly type: "general-glo-ciphering" | "general-ded-ciphering";
  /** Eight octets, or none. */
  readonly systemTitle: Uint8Array;
  /** Security header, ciphered or plain octets, authentication tag. */
  readonly content: Uint8Array;
}

/** The five fields that general-ciphering and general-signing authenticate beside the content. */
export interface GeneralHeader {
  readonly transactionId: Uint8Array;
  readonly originatorSystemTitle: Uint8Array;
  readonly recipientSystemTitle: Uint8Array;
  readonly dateTime: Uint8Array;
  readonly otherInformation: Uint8Array;
}

export type KeyInfo =
  /** 0 global unicast, 1 global broadcast encryption key. */
  | { readonly choice: "identified-key"; readonly keyId: number }
  /** kek-id 0 is the master key. */
  | { readonly choice: "wrapped-key"; readonly kekId: number; readonly keyCipheredData: Uint8Array }
  | { readonly choice: "agreed-key"; readonly keyParameters: Uint8Array; readonly keyCipheredData: Uint8Array };

export interface GeneralCiphering extends GeneralHeader {
  readonly type: "general-ciphering";
  readonly keyInfo?: KeyInfo;
  /** Security header, ciphered or plain octets, authentication tag. */
  readonly content: Uint8Array;
}

export interface GeneralSigning extends GeneralHeader {
  readonly type: "general-signing";
  /** The APDU that was signed. */
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}
