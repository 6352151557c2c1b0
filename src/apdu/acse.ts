import type { BitString } from "../data/index.js";

/** Authentication-value; `external` and `other` keep their encoded contents. */
export type AuthenticationValue =
  | { readonly choice: "charstring" | "external" | "other"; readonly value: Uint8Array }
  | { readonly choice: "bitstring"; readonly value: BitString };

/** A-ASSOCIATE request (AARQ, Green Book 9.4.2.2). Object identifiers are in dotted form. */
export interface Aarq {
  readonly type: "aarq";
  readonly protocolVersion?: BitString;
  /** See `applicationContexts`. */
  readonly applicationContextName: string;
  readonly calledApTitle?: Uint8Array;
  readonly calledAeQualifier?: Uint8Array;
  readonly calledApInvocationId?: number;
  readonly calledAeInvocationId?: number;
  /** System title of the client where the context is ciphered. */
  readonly callingApTitle?: Uint8Array;
  readonly callingAeQualifier?: Uint8Array;
  readonly callingApInvocationId?: number;
  /** Client user identification. */
  readonly callingAeInvocationId?: number;
  /** Bit 0 is the authentication functional unit. */
  readonly senderAcseRequirements?: BitString;
  /** See `authenticationMechanisms`. */
  readonly mechanismName?: string;
  readonly callingAuthenticationValue?: AuthenticationValue;
  readonly implementationInformation?: Uint8Array;
  /** An xDLMS APDU, as initiate-request or glo-initiate-request. */
  readonly userInformation?: Uint8Array;
}

export interface ResultSourceDiagnostic {
  readonly source: "acse-service-user" | "acse-service-provider";
  readonly diagnostic: number;
}

/** A-ASSOCIATE response (AARE). */
export interface Aare {
  readonly type: "aare";
  readonly protocolVersion?: BitString;
  readonly applicationContextName: string;
  /** 0 accepted, 1 rejected permanently, 2 rejected for now. */
  readonly result: number;
  readonly resultSourceDiagnostic: ResultSourceDiagnostic;
  /** System title of the server where the context is ciphered. */
  readonly respondingApTitle?: Uint8Array;
  readonly respondingAeQualifier?: Uint8Array;
  readonly respondingApInvocationId?: number;
  readonly respondingAeInvocationId?: number;
  readonly responderAcseRequirements?: BitString;
  readonly mechanismName?: string;
  readonly respondingAuthenticationValue?: AuthenticationValue;
  readonly implementationInformation?: Uint8Array;
  readonly userInformation?: Uint8Array;
}

/** A-RELEASE request. */
export interface Rlrq {
  readonly type: "rlrq";
  /** See `releaseRequestReasons`. */
  readonly reason?: number;
  readonly userInformation?: Uint8Array;
}

/** A-RELEASE response. */
export interface Rlre {
  readonly type: "rlre";
  /** See `releaseResponseReasons`. */
  readonly reason?: number;
  readonly userInformation?: Uint8Array;
}
