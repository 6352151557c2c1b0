import type { DlmsError } from "../base/index.js";

/** The part of a session that an event comes from. */
export type TraceLayer = "transport" | "iec62056-21" | "link" | "association" | "security" | "client";

/** Where a session stands. */
export type SessionState =
  | "new"
  | "opening"
  | "signing-on"
  | "linking"
  | "associating"
  | "associated"
  | "releasing"
  | "disconnecting"
  | "closed";

/** One attribute or method, for people. */
export interface TraceTarget {
  readonly classId: number;
  /** As `1-0:1.8.0*255`. */
  readonly obis: string;
  /** Number of the attribute or method. */
  readonly index: number;
}

/** What is told of every event. */
export interface TraceMoment {
  /** Number of the session within the process, from 1: tells sessions apart that share a sink. */
  readonly session: number;
  /** Monotonic milliseconds of the transport's clock. */
  readonly at: number;
  /** The same instant in milliseconds since 1970 (UTC). */
  readonly wallTime: number;
}

/**
 * What happened. Passwords, keys and secrets are in none of these: where one crossed the line its octets are
 * replaced by asterisks (2A).
 */
export type TraceDetail =
  /** Octets as they crossed the line: any piece of the stream, or a datagram. */
  | { readonly type: "bytes"; readonly direction: "sent" | "received"; readonly bytes: Uint8Array }
  /** One whole APDU as the link carries it, ciphered where it is. */
  | { readonly type: "apdu"; readonly direction: "sent" | "received"; readonly apdu: Uint8Array }
  | { readonly type: "state"; readonly state: SessionState; readonly message?: string }
  /** A tolerance that fired, noise discarded, a retransmission. */
  | {
      readonly type: "notice";
      readonly layer: TraceLayer;
      /** Stable kebab-case name. */
      readonly name: string;
      readonly message: string;
      readonly bytes?: Uint8Array;
    }
  /** Something was asked; several targets are a list. */
  | {
      readonly type: "request";
      readonly id: number;
      readonly service: "get" | "set" | "action" | "access";
      readonly targets: readonly TraceTarget[];
    }
  /** The answer; `refused` counts items that the meter did not grant. */
  | {
      readonly type: "response";
      readonly id: number;
      readonly durationMs: number;
      readonly bytes: number;
      readonly refused: number;
    }
  | { readonly type: "request-failed"; readonly id: number; readonly durationMs: number; readonly error: DlmsError }
  /** Where the invocation counters of what we send come from. The counter itself is no secret. */
  | {
      readonly type: "counter";
      readonly source: "store" | "meter" | "memory";
      readonly counter: number;
      readonly message: string;
    };

/** What a trace subscriber is told. Octets belong to the subscriber. */
export type TraceEvent = TraceMoment & TraceDetail;

/** Takes events one by one, at once, in order. What it throws is ignored. */
export type TraceSink = (event: TraceEvent) => void;
