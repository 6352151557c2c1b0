import type { SerialPort } from "serialport";
import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import {
  type Clock,
  type Endpoint,
  type LineSettings,
  type Listener,
  line7e1,
  line8n1,
  type PeerInfo,
  type SignOn,
  sameLine,
  systemClock,
  type Transport,
  type TransportHandlers,
} from "../transport/index.js";
import { endpointTrace } from "./debug-trace.js";
import { opening } from "./opening.js";
import { plainOctets } from "./plain-octets.js";
import { type ControlLines, closePort, isPseudoTerminal, openPort, portCall } from "./serial-port.js";
import { type SoftwareParity, softwareParity } from "./software-parity.js";
import { abortedError, notOpenError, systemError } from "./system-error.js";

/** How a serial port or optical probe is used. */
export interface SerialOptions extends ControlLines {
  /** `/dev/ttyUSB0`, `/dev/serial/by-id/…`, `COM3`. */
  readonly path: string;
  /** HDLC at once, or after the sign-on of IEC 62056-21 mode E; `hdlc` when left out. */
  readonly start?: "hdlc" | "mode-e";
  /** Speed of HDLC when it begins at once; 9600 when left out. With mode E: the highest speed to accept. */
  readonly baudRate?: number;
  /** Speed of the sign-on in mode E; 300 when left out. */
  readonly initialBaudRate?: number;
  /** Device address of the sign-on's request. */
  readonly deviceAddress?: string;
  /** Settings the port begins with, where neither 8N1 nor (mode E) 7E1 is right. */
  readonly line?: LineSettings;
  /** Wait after opening, for a probe to charge, in milliseconds; none when left out. */
  readonly settleMs?: number;
}

/** A meter on a serial line or under an optical probe. */
export function serial(options: SerialOptions): Endpoint {
  const { start = "hdlc", baudRate, initialBaudRate = 300, deviceAddress } = options;
  const signOn: SignOn =
    start === "hdlc"
      ? { mode: "none" }
      : {
          mode: "mode-e",
          initialBaudRate,
          ...(deviceAddress === undefined ? {} : { deviceAddress }),
          ...(baudRate === undefined ? {} : { maxBaudRate: baudRate }),
        };
  const line = options.line ?? (start === "hdlc" ? line8n1(baudRate ?? 9600) : line7e1(initialBaudRate));
  return { createTransport: () => new SerialTransport(options, line), link: "hdlc", signOn, ...endpointTrace() };
}

/** The meter's side of a serial line. */
export interface SerialListenerOptions extends ControlLines {
  readonly path: string;
  /** 8N1 at 9600 baud when left out. */
  readonly line?: LineSettings;
}

/** Serves one serial port; when the transport handed out is closed, the port is opened again for the next one. */
export function serialListener(options: SerialListenerOptions): Listener {
  let transport: SerialTransport | undefined;
  let closed = false;
  const serve = async (onConnection: (transport: Transport) => void): Promise<void> => {
    const next = new SerialTransport(options, options.line ?? line8n1(9600), () => {
      if (!closed) setImmediate(() => void serve(onConnection).catch(() => {}));
    });
    await next.prepare();
    if (closed) {
      await next.close();
      return;
    }
    transport = next;
    onConnection(next);
  };
  return {
    name: `serial ${options.path}`,
    listen: serve,
    async close() {
      closed = true;
      await transport?.close();
    },
  };
}

class SerialTransport implements Transport {
  readonly name: string;
  readonly datagrams = false;
  readonly clock: Clock = systemClock;
  readonly peer: PeerInfo;
  readonly #options: SerialOptions | SerialListenerOptions;
  readonly #released: () => void;
  #line: LineSettings;
  #parity: SoftwareParity;
  #state: "new" | "opening" | "open" | "closed" = "new";
  #port: SerialPort | undefined;
  #handlers: TransportHandlers | undefined;

  /** @param released called after the owner closed it. */
  constructor(options: SerialOptions | SerialListenerOptions, line: LineSettings, released: () => void = () => {}) {
    this.name = `serial ${options.path}`;
    this.peer = { address: options.path };
    this.#options = options;
    this.#released = released;
    this.#line = line;
    this.#parity = softwareParity(line);
  }

  get line(): LineSettings {
    return this.#line;
  }

  /** Opens the port ahead of `open`, so that a listener can tell at once that it cannot. */
  async prepare(signal?: AbortSignalLike): Promise<void> {
    if (this.#port !== undefined) return;
    this.#attach(await openInTime(this.#options.path, this.#parity.hardware, signal));
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    this.#state = "opening";
    try {
      await this.prepare(signal);
      await this.#power(signal);
      if ((this.#state as string) === "closed") throw notOpenError(this.name);
    } catch (error) {
      this.#state = "closed";
      await this.#release();
      throw error;
    }
    this.#state = "open";
    this.#handlers = handlers;
    setImmediate(() => this.#port?.resume());
  }

  async write(bytes: Uint8Array): Promise<void> {
    const port = this.#openPort();
    await portCall(port, this.name, (done) => port.write(this.#parity.encode?.(bytes) ?? bytes, done));
    await portCall(port, this.name, (done) => port.drain(done));
  }

  async setLine(line: LineSettings): Promise<void> {
    const port = this.#openPort();
    await portCall(port, this.name, (done) => port.drain(done));
    const next = softwareParity(line);
    const now = this.#parity.hardware;
    this.#line = line;
    this.#parity = next;
    if (sameLine(now, next.hardware) || isPseudoTerminal(this.#options.path)) return;
    if (sameLine({ ...now, baudRate: line.baudRate }, next.hardware)) {
      await portCall(port, this.name, (done) => port.update({ baudRate: line.baudRate }, done));
      return;
    }
    // word length and parity are only given when a port is opened
    await this.#release();
    const again = await openInTime(this.#options.path, next.hardware, undefined);
    if ((this.#state as string) === "closed") {
      await closePort(again);
      throw notOpenError(this.name);
    }
    this.#attach(again);
    await this.#power(undefined);
    again.resume();
  }

  async close(): Promise<void> {
    const before = this.#state;
    this.#state = "closed";
    this.#handlers = undefined;
    const prepared = before === "new" && this.#port !== undefined;
    await this.#release();
    if (before === "open" || prepared) this.#released();
  }

  async #release(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    if (port !== undefined) await closePort(port);
  }

  #openPort(): SerialPort {
    if (this.#state !== "open" || this.#port === undefined) throw notOpenError(this.name);
    return this.#port;
  }

  #attach(port: SerialPort): void {
    this.#port = port;
    port.on("data", (bytes: Uint8Array) => this.#handlers?.data(plainOctets(this.#parity.decode?.(bytes) ?? bytes)));
    port.on("error", (error) => {
      if (this.#port === port) this.#lost(systemError(error, this.name));
    });
    // a device pulled out comes as a close with an error
    port.on("close", (error?: Error | null) => {
      const cause = dlmsError("connection-lost", `${this.name}: the port is gone`, {
        layer: "transport",
        cause: error,
      });
      if (this.#port === port) this.#lost(cause);
    });
    port.pause();
  }

  async #power(signal: AbortSignalLike | undefined): Promise<void> {
    const port = this.#port;
    const { rts, dtr } = this.#options;
    const settleMs = "settleMs" in this.#options ? (this.#options.settleMs ?? 0) : 0;
    const lines = { ...(rts === undefined ? {} : { rts }), ...(dtr === undefined ? {} : { dtr }) };
    if (port !== undefined && Object.keys(lines).length > 0)
      await portCall(port, this.name, (done) => port.set(lines, done));
    if (settleMs > 0) await pause(settleMs, signal);
    if (signal?.aborted === true) throw abortedError(`opening ${this.name}`, signal.reason);
  }

  #lost(error: DlmsError): void {
    if (this.#state !== "open" || this.#port === undefined) return;
    this.#state = "closed";
    const handlers = this.#handlers;
    const port = this.#port;
    this.#handlers = undefined;
    this.#port = undefined;
    void closePort(port);
    handlers?.closed(error);
  }
}

/** How long the system may take to open a port, in milliseconds: a Bluetooth probe takes seconds. */
const openTimeoutMs = 20_000;

function openInTime(path: string, line: LineSettings, signal: AbortSignalLike | undefined): Promise<SerialPort> {
  return opening<SerialPort>(`opening serial ${path}`, { timeoutMs: openTimeoutMs, signal }, (done, failed) => {
    let undone = false;
    openPort(path, line).then((port) => {
      if (undone) void closePort(port);
      else done(port);
    }, failed);
    return () => {
      undone = true;
    };
  });
}

/** Waits, but no longer than until the signal. */
function pause(durationMs: number, signal: AbortSignalLike | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal?.addEventListener("abort", end);
  });
}
