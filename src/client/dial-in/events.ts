import type { DlmsError } from "../../base/index.js";
import type { IdentifiedBy } from "./registry.js";

/** What a dial-in server tells of its connections. Pushes are told by its `pushes`. */
export type DialInEvent =
  /** A meter of the registry is there. `proven`: a tag, a certificate or HLS vouches for it. */
  | {
      readonly type: "connected";
      readonly meter: string;
      readonly address: string;
      readonly by: IdentifiedBy;
      readonly proven: boolean;
    }
  /** A sign of life of a meter that is connected. */
  | { readonly type: "heartbeat"; readonly meter: string; readonly address: string }
  /** It is no meter of the registry, or did not say who it is: it was closed, and no key was used. */
  | {
      readonly type: "unknown";
      readonly address: string;
      readonly error: DlmsError;
      readonly systemTitle?: Uint8Array;
      readonly logicalDeviceName?: string;
      readonly heartbeat?: string;
    }
  /** It was closed because of a limit, or because it claims to be a meter whose proven connection lives. */
  | { readonly type: "refused"; readonly address: string; readonly error: DlmsError; readonly meter?: string }
  /** The connection of a meter is over: `connection-replaced`, `connection-lost`, `timeout` or none when it hung up. */
  | { readonly type: "disconnected"; readonly meter: string; readonly address: string; readonly error?: DlmsError };

/** A meter that is there now. */
export interface ConnectedMeter {
  readonly name: string;
  readonly address: string;
  readonly by: IdentifiedBy;
  readonly proven: boolean;
  /** Somebody talks to it. */
  readonly busy: boolean;
  /** Milliseconds since 1970 (UTC). */
  readonly since: number;
}

/** What a dial-in server did so far. */
export interface DialInStatistics {
  readonly accepted: number;
  readonly identified: number;
  readonly unknown: number;
  /** For a limit, or for a claim that was not believed. */
  readonly refused: number;
  readonly replaced: number;
  readonly stale: number;
  /** Connections open that nobody knows yet. */
  readonly unidentified: number;
  /** Events that nobody took and that were dropped for newer ones. */
  readonly droppedEvents: number;
}
