import type { DlmsError } from "./errors.js";

/**
 * The contract of every protocol object: octets and commands in, octets and events out; synchronous, deterministic,
 * and without a clock of its own. `now` is any monotonic count of milliseconds.
 *
 * The owner calls `receive`, `send` or `handleTimeout`, then drains `takeOutput` and `nextEvent`, then arms a timer
 * for `deadline`.
 */
export interface Connection<Command, Event> {
  /** Octets that arrived. They are copied if they must be kept. */
  receive(bytes: Uint8Array, now: number): void;
  /** @throws UsageError `wrong-state` when the command is not possible now. */
  send(command: Command, now: number): void;
  nextEvent(): Event | undefined;
  /** The next octets to write, in order; undefined when there are none. */
  takeOutput(): Uint8Array | undefined;
  /** When `handleTimeout` must be called, if nothing else happens before. */
  readonly deadline: number | undefined;
  handleTimeout(now: number): void;
}

/** Something worth telling in a trace: a tolerance that fired, noise discarded, a retransmission. */
export interface Notice {
  readonly type: "notice";
  /** Stable kebab-case name, as `echo-discarded`. */
  readonly name: string;
  readonly message: string;
  readonly bytes?: Uint8Array;
}

/** What the owner asks of a link, be it HDLC or the wrapper. */
export type LinkCommand =
  /** Set up (SNRM) or expect to be set up; a link without set-up is connected at once. */
  | { readonly type: "connect" }
  /** Send one APDU. `unconfirmed` sends it where no answer is awaited (UI frame, broadcast). */
  | { readonly type: "send"; readonly apdu: Uint8Array; readonly unconfirmed?: boolean }
  /** Take down (DISC). */
  | { readonly type: "disconnect" }
  /** Keep the link from timing out (RR); nothing on a link that has no such thing. */
  | { readonly type: "keep-alive" };

/** What a link tells its owner. */
export type LinkEvent =
  | { readonly type: "connected"; readonly parameters?: unknown }
  /** One whole APDU. `unsolicited` when it came in a UI frame; `broadcast` when it was for all: never answered. */
  | { readonly type: "apdu"; readonly apdu: Uint8Array; readonly unsolicited: boolean; readonly broadcast?: boolean }
  /** Part of an APDU came: for progress. */
  | { readonly type: "progress"; readonly receivedBytes: number }
  /** Everything given to `send` was taken by the peer (HDLC) or handed out (wrapper). */
  | { readonly type: "sent" }
  | { readonly type: "disconnected" }
  /** The link is gone; every exchange on it has failed with this. */
  | { readonly type: "failed"; readonly error: DlmsError }
  | Notice;

/** A link layer in either role. */
export type Link = Connection<LinkCommand, LinkEvent>;
