import type { AbortSignalLike, DlmsError } from "../base/index.js";

/** Settings of an asynchronous serial line. */
export interface LineSettings {
  /** Bits per second. */
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}

export interface TransportHandlers {
  /** Octets that arrived: any piece of the stream, or one whole datagram. Valid during the call only. */
  data(bytes: Uint8Array): void;
  /** The line is gone; called once, never before `open` resolved. Without an error when the peer closed in order. */
  closed(error?: DlmsError): void;
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

/** A line to one peer. */
export interface Transport {
  /** For people: `serial /dev/ttyUSB0`, `tcp 10.0.0.1:4059`. */
  readonly name: string;
  /** True when each write is one datagram and each `data` too. */
  readonly datagrams: boolean;
  readonly clock: Clock;
  /** The line's settings where it is a serial line: time-outs are scaled to its speed. */
  readonly line?: LineSettings | undefined;
  /** @throws TransportError `connection-refused`, `timeout` or `aborted`. */
  open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void>;
  /** Resolves when the octets left (serial: drained). @throws TransportError `connection-lost`. */
  write(bytes: Uint8Array): Promise<void>;
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

/** What `connect` needs to reach a meter: made by `serial`, `tcp`, `udp`, `webSerial`, `memory`. */
export interface Endpoint {
  /** A new, unopened transport; called again for each reconnection. */
  createTransport(): Transport;
  readonly link: "hdlc" | "wrapper";
  readonly signOn: SignOn;
}

/** The meter's side: waits for peers. */
export interface Listener {
  /** For people, as printed by `dlms mock`: `tcp 127.0.0.1:4059`. */
  readonly name: string;
  listen(onConnection: (transport: Transport) => void): Promise<void>;
  close(): Promise<void>;
}
