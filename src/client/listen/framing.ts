import type { DlmsError } from "../../base/index.js";

/** An APDU that a line gave, and how to answer its sender. */
export interface FramedApdu {
  readonly type: "apdu";
  readonly apdu: Uint8Array;
  readonly source?: string;
  readonly destination?: string;
  /** Octets that carry an answer back; undefined where the medium has no way back. */
  readonly answer?: (apdu: Uint8Array) => Uint8Array;
}

/** Octets that are no frame, or whose frame is spoilt. */
export interface Spoilt {
  readonly type: "spoilt";
  readonly error: DlmsError;
  readonly bytes: Uint8Array;
}

export type Framed = FramedApdu | Spoilt;

/** Cuts what a line gives into APDUs. Never throws for bad input. */
export interface PushFramer {
  /** `now` in milliseconds. Octets of the results are copies. */
  push(bytes: Uint8Array, now: number): Framed[];
  /** After silence: gives up what has begun and looks inside of it. */
  flush(now: number): Framed[];
}
