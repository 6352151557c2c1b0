import type { AbortSignalLike, DlmsError } from "../base/index.js";

/** Settings of an asynchronous serial line. */
export interface LineSettings {
  /** Bits per second. */
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}

/** 8 data bits, no parity, 1 stop bit at `baudRate`: what HDLC uses. */
export function line8n1(baudRate: number): LineSettings {
  return { baudRate, dataBits: 8, parity: "none", stopBits: 1 };
}

/** 7 data bits, even parity, 1 stop bit at `baudRate`: what IEC 62056-21 uses (clause 5.1). */
export function line7e1(baudRate: number): LineSettings {
  return { baudRate, dataBits: 7, parity: "even", stopBits: 1 };
}

/** Time that one character takes on the line, start and stop bits included, in milliseconds. */
export function characterTimeMs(line: LineSettings): number {
  return ((1 + line.dataBits + (line.parity === "none" ? 0 : 1) + line.stopBits) * 1000) / line.baudRate;
}

export interface TransportHandlers {
  /** Octets that arrived: any piece of the stream, or one whole datagram. Valid during the call only. */
  data(bytes: Uint8Array): void;
  /**
   * The line is gone: called once, never before `open` resolved, and not because of the owner's own `close`.
   * Without an error when the peer closed in order.
   */
  closed(error?: DlmsError): void;
}

/** What is known of the other end of a line. What a certificate claims was verified before `open` resolved. */
export interface PeerInfo {
  /** Network address and port, or path, for people. */
  readonly address?: string;
  /** The peer's certificate where the line is TLS: the hook for an identity by system title. */
  readonly certificate?: PeerCertificate;
}

/** The part of a certificate by which a meter is told. */
export interface PeerCertificate {
  /** SHA-256 of the DER form, upper-case hexadecimal without colons. */
  readonly fingerprint: string;
  readonly commonName?: string;
  /** The subject alternative names as the TLS library prints them. */
  readonly subjectAltName?: string;
  /** The certificate itself, DER. */
  readonly der: Uint8Array;
}

/** Time, given from outside: the real clock, or a virtual one in tests and simulations. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970 (UTC). */
  wallTime(): number;
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
}

/**
 * A line to one peer. It is opened once and never again after it closed; a listener hands out transports that are
 * connected already, whose octets wait until `open` gives the handlers.
 */
export interface Transport {
  /** For people: `serial /dev/ttyUSB0`, `tcp 10.0.0.1:4059`. */
  readonly name: string;
  /** True when each write is one datagram and each `data` too. */
  readonly datagrams: boolean;
  readonly clock: Clock;
  /** The line's settings where it is a serial line: time-outs are scaled to its speed. */
  readonly line?: LineSettings | undefined;
  /** What is known of the other end; may be known only after `open`. */
  readonly peer?: PeerInfo | undefined;
  /**
   * @throws TransportError `connection-refused`, `timeout`, `aborted`, or what the kind of line adds.
   * @throws UsageError `wrong-state` when it was opened before.
   */
  open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void>;
  /**
   * Resolves when the octets left (serial: drained). They are not changed by the caller before that.
   * @throws TransportError `connection-lost`.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Stops reading until `resume`, where that holds the sender up: streams over a network. Absent where octets that are
   * not taken would be lost.
   */
  pause?(): void;
  resume?(): void;
  /** Serial lines only: changes the settings after everything written has left. */
  setLine?(line: LineSettings): Promise<void>;
  /** Idempotent; never throws. */
  close(): Promise<void>;
}

/** How a connection begins on a line. */
export type SignOn =
  | { readonly mode: "none" }
  /** IEC 62056-21 mode E hand-over to HDLC. */
  | {
      readonly mode: "mode-e";
      /** Device address of the request message; empty means any. */
      readonly deviceAddress?: string;
      /** Baud rate of the request; 300 by the standard. */
      readonly initialBaudRate?: number;
      /** Highest baud rate to accept from the meter's offer. */
      readonly maxBaudRate?: number;
    };

/** What `connect` needs to reach a meter: made by `serial`, `tcp`, `tls`, `udp`, `webSerial`, `memoryLink`. */
export interface Endpoint {
  /** A new, unopened transport; called again for each reconnection. */
  createTransport(): Transport;
  readonly link: "hdlc" | "wrapper";
  readonly signOn: SignOn;
  /** A trace sink that every session on this endpoint tells its events to, beside the caller's own. */
  readonly trace?: (event: never) => void;
}

/** The meter's side: waits for peers. */
export interface Listener {
  /** For people, as printed by `dlms mock`: `tcp 127.0.0.1:4059`. */
  readonly name: string;
  /** Datagrams that nobody was told of, because too many came or of too many peers. */
  readonly dropped?: number;
  listen(onConnection: (transport: Transport) => void): Promise<void>;
  close(): Promise<void>;
}
