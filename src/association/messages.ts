import type { DlmsError, Notice } from "../base/index.js";
import type { KeyReplacement, Protection, ProtectionBits, ProtectionLike, SecurityPolicy } from "../security/index.js";
import type { KeyReport, KeyRequest } from "./key-line.js";
import type { Conformance, Mechanism } from "./options.js";
import type { AttributeReference, ServiceRequest, ServiceResponse } from "./service.js";

/** What both sides agreed on. */
export interface Negotiated {
  readonly applicationContext: { readonly referencing: "logical-name" | "short-name"; readonly ciphering: boolean };
  readonly mechanism: Mechanism;
  readonly conformance: Conformance;
  /** Largest APDU the peer takes, protection included; 0 is no limit. */
  readonly peerMaxPduSize: number;
  readonly dlmsVersion: number;
  /** 0x0007 with logical names, the base name of the current association with short names (0xFA00). */
  readonly vaaName: number;
  readonly peerSystemTitle?: Uint8Array;
  /** User of the client, as the meter took it: told by a meter's end alone. */
  readonly userId?: number;
}

/** Something the meter sent unasked. Values are encoded Data. */
export type Notification =
  | {
      readonly kind: "data-notification";
      readonly longInvokeId: number;
      /** Twelve octets, or none when the meter gave no time. */
      readonly dateTime: Uint8Array;
      readonly body: Uint8Array;
      readonly protection: Protection;
      readonly systemTitle?: Uint8Array;
    }
  | {
      readonly kind: "event-notification";
      readonly dateTime?: Uint8Array;
      readonly attribute: AttributeReference;
      readonly value: Uint8Array;
      readonly protection: Protection;
      readonly systemTitle?: Uint8Array;
    }
  | {
      readonly kind: "information-report";
      /** GeneralizedTime, its characters as octets. */
      readonly time?: Uint8Array;
      readonly variables: readonly {
        readonly name: number;
        readonly value: Uint8Array;
        /** What the short name stands for, where the client knows the meter's object list. */
        readonly attribute?: AttributeReference;
      }[];
      readonly protection: Protection;
      readonly systemTitle?: Uint8Array;
    };

/** What the owner asks of a client's association. `id` is the owner's own number of a request. */
export type ClientAssociationCommand =
  | { readonly type: "associate" }
  | { readonly type: "release" }
  | {
      readonly type: "request";
      readonly id: number;
      readonly request: ServiceRequest;
      /** Hand out the pieces of a GET of one item as its blocks arrive; `response` follows without the data. */
      readonly streaming?: boolean;
      readonly highPriority?: boolean;
      /** SET or ACTION without an answer. */
      readonly unconfirmed?: boolean;
      /** Ask again when no answer comes. Default true for `get`, false for the others. */
      readonly retry?: boolean;
      /** The least protection of the request, beyond what the association does to all. */
      readonly protection?: ProtectionLike | undefined;
      /** The least protection of its answer: a weaker one is refused. Default: as `protection`. */
      readonly responseProtection?: ProtectionLike | undefined;
    }
  | { readonly type: "cancel"; readonly id: number }
  /** The meter took new global keys: they hold for everything from now. */
  | { readonly type: "replace-keys"; readonly keys: KeyReplacement }
  /** Another security policy is in force from now. */
  | { readonly type: "use-policy"; readonly policy: SecurityPolicy }
  /** What came of a `key-operation`. */
  | KeyReport
  /** Octets moved on the link: what is waited for may take its full time from now. */
  | { readonly type: "link-progress" }
  | { readonly type: "link-lost"; readonly error: DlmsError };

/** What a client's association tells its owner. */
export type ClientAssociationEvent =
  | { readonly type: "associated"; readonly negotiated: Negotiated }
  | { readonly type: "rejected"; readonly error: DlmsError }
  | { readonly type: "released" }
  /** Octets of the encoded value in order; block numbers begin at 1. One part when the answer was not in blocks. */
  | {
      readonly type: "part";
      readonly id: number;
      readonly data: Uint8Array;
      readonly blockNumber: number;
      readonly last: boolean;
    }
  /** The answer; for an unconfirmed request at once, with no results. For a streamed one the data is empty. */
  | { readonly type: "response"; readonly id: number; readonly response: ServiceResponse }
  /** The meter goes on without being asked: a link on which it speaks only when polled gives it the turn. */
  | { readonly type: "more-expected" }
  /** Without `id` the association itself failed, and every request with it. */
  | { readonly type: "failed"; readonly id?: number; readonly error: DlmsError }
  | { readonly type: "notification"; readonly notification: Notification }
  | KeyRequest
  | Notice;

/** What a meter asks of its end. */
export type ServerAssociationCommand =
  /** Answers a `request`. */
  | {
      readonly type: "respond";
      readonly id: number;
      readonly response: ServiceResponse;
      /** The least protection of the answer, beyond what the policy demands. */
      readonly protection?: ProtectionBits;
    }
  /** Answers a `request` with an exception-response; state and service error as the standard names them. */
  | {
      readonly type: "refuse";
      readonly id: number;
      readonly stateError: "service-not-allowed" | "service-unknown";
      readonly serviceError: "operation-not-possible" | "service-not-supported" | "other-reason" | "pdu-too-long";
    }
  /** New global keys, from the next message on: an answer that is being given in blocks is ended under the old ones. */
  | { readonly type: "replace-keys"; readonly keys: KeyReplacement }
  /** Another security policy is in force from the next message on. */
  | { readonly type: "use-policy"; readonly policy: SecurityPolicy }
  /** Sends something unasked, protected as the association is. */
  | {
      readonly type: "notify";
      readonly notification: Pick<
        Extract<Notification, { kind: "data-notification" }>,
        "kind" | "longInvokeId" | "dateTime" | "body"
      >;
    }
  | {
      readonly type: "notify";
      readonly notification: Pick<
        Extract<Notification, { kind: "event-notification" }>,
        "kind" | "dateTime" | "attribute" | "value"
      >;
    }
  | {
      readonly type: "notify";
      readonly notification: Pick<Extract<Notification, { kind: "information-report" }>, "kind" | "time" | "variables">;
    }
  | { readonly type: "link-lost"; readonly error: DlmsError };

/** What a meter's end tells its owner. */
export type ServerAssociationEvent =
  | { readonly type: "associated"; readonly clientSap: number; readonly negotiated: Negotiated }
  | { readonly type: "rejected"; readonly error: DlmsError }
  | {
      readonly type: "request";
      readonly id: number;
      readonly request: ServiceRequest;
      /** No answer is wanted; `respond` does nothing. */
      readonly unconfirmed: boolean;
      /** What all its APDUs were protected by. */
      readonly protection: Protection;
      /** All of them were signed. */
      readonly signed: boolean;
    }
  | { readonly type: "released" }
  | Notice;
