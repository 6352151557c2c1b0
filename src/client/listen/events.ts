import type { DlmsError } from "../../base/index.js";
import type { Obis, Quantity, ScalerUnit } from "../../cosem/index.js";
import type { CosemDateTime, Data } from "../../data/index.js";
import type { Telegram } from "../../iec62056-21/index.js";
import type { Protection } from "../../security/index.js";

/** How pushes are framed on a line. */
export type PushProtocol = "wrapper" | "hdlc" | "mbus" | "p1";

/** Where octets came from. */
export interface PushOrigin {
  /** Name of the line: `tcp 10.0.0.1:40123`, `serial /dev/ttyUSB0`. */
  readonly line: string;
  readonly protocol: PushProtocol;
  /** Addresses in the frame: wrapper ports, HDLC addresses as text, transport service access points. */
  readonly source?: string;
  readonly destination?: string;
  /** Name of the meter in the registry, where meters dial in. */
  readonly meter?: string;
}

/** One object of a push. */
export interface PushedObject {
  /** Undefined where nothing names the value. */
  readonly obis?: Obis;
  readonly classId?: number;
  readonly attributeId?: number;
  /** The number with its unit where scaler and unit are known, a date-time where the octets are one, else the data. */
  readonly value: Quantity | CosemDateTime | Data;
  readonly data: Data;
}

/** Names one value of a push, as an element of push_object_list (Push setup, attribute 2) does. */
export interface PushObjectName {
  readonly obis: Obis | string;
  /** Default: not told. */
  readonly classId?: number;
  readonly attributeId?: number;
  /** For numbers that come without. */
  readonly scalerUnit?: ScalerUnit;
}

/** A push that was received, opened and understood as far as it can be. */
export interface PushEvent {
  readonly type: "push";
  readonly kind: "data-notification" | "event-notification" | "information-report" | "telegram";
  readonly origin: PushOrigin;
  /** Title that the ciphered message carried, or that was configured for it. */
  readonly systemTitle?: Uint8Array;
  readonly protection: Protection;
  /** True when a tag was checked, false when the message was ciphered and none was, null when it came in clear. */
  readonly authenticated: boolean | null;
  readonly invocationCounter?: number;
  readonly longInvokeId?: number;
  /** The sender wants a DataNotification-confirm; it goes out once the event was taken. */
  readonly confirmed: boolean;
  readonly dateTime?: CosemDateTime;
  readonly objects: readonly PushedObject[];
  /** The decoded body; undefined for telegrams. */
  readonly body?: Data;
  /** The body as it came: encoded Data, or the characters of a telegram. */
  readonly rawBody: Uint8Array;
  /** The telegram where the push is one. */
  readonly telegram?: Telegram;
}

/** Octets that gave no push. The receiver goes on. */
export interface RejectedEvent {
  readonly type: "rejected";
  readonly origin: PushOrigin;
  readonly error: DlmsError;
  readonly bytes: Uint8Array;
}

/** What a receiver yields. */
export type ListenEvent = PushEvent | RejectedEvent;
