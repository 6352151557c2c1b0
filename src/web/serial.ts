import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import {
  type Clock,
  characterTimeMs,
  type Endpoint,
  type LineSettings,
  line7e1,
  line8n1,
  type PeerInfo,
  sameLine,
  systemClock,
  type Transport,
  type TransportHandlers,
} from "../transport/index.js";

/** The part of a Web Serial port that is used; what `navigator.serial.requestPort()` gives fits. */
export interface WebSerialPort {
  readonly readable: WebReadable | null;
  readonly writable: WebWritable | null;
  open(options: LineSettings & { readonly bufferSize?: number }): Promise<void>;
  close(): Promise<void>;
  getInfo?(): { readonly usbVendorId?: number | undefined; readonly usbProductId?: number | undefined };
  setSignals?(signals: { readonly dataTerminalReady?: boolean; readonly requestToSend?: boolean }): Promise<void>;
}
interface WebReadable {
  getReader(): WebReader;
}
interface WebReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}
interface WebWritable {
  getWriter(): { write(bytes: Uint8Array): Promise<void>; releaseLock(): void };
}

/** How a port of the browser is used; the words are those of `serial` in `dlms-cosem/node`. */
export interface WebSerialOptions {
  readonly start?: "hdlc" | "mode-e";
  /** Speed of HDLC when it begins at once; 9600 when left out. With mode E: the highest speed to accept. */
  readonly baudRate?: number;
  /** Speed of the sign-on in mode E; 300 when left out. */
  readonly initialBaudRate?: number;
  readonly deviceAddress?: string;
  readonly line?: LineSettings;
  /** Control lines set after opening, where they power the probe. */
  readonly rts?: boolean;
  readonly dtr?: boolean;
}

/**
 * A meter on a serial port of the browser, granted by the user before (`navigator.serial.requestPort()`).
 * A change of the line closes and opens the port, for the browser knows no other way.
 */
export function webSerial(port: WebSerialPort, options: WebSerialOptions = {}): Endpoint {
  const { start = "hdlc", baudRate, initialBaudRate = 300, deviceAddress } = options;
  const line = options.line ?? (start === "hdlc" ? line8n1(baudRate ?? 9600) : line7e1(initialBaudRate));
  return {
    createTransport: () => new WebSerialTransport(port, line, options),
    link: "hdlc",
    signOn:
      start === "hdlc"
        ? { mode: "none" }
        : {
            mode: "mode-e",
            initialBaudRate,
            ...(deviceAddress === undefined ? {} : { deviceAddress }),
            ...(baudRate === undefined ? {} : { maxBaudRate: baudRate }),
          },
  };
}

class WebSerialTransport implements Transport {
  readonly name: string;
  readonly datagrams = false;
  readonly clock: Clock = systemClock;
  readonly peer: PeerInfo;
  readonly #port: WebSerialPort;
  readonly #options: WebSerialOptions;
  #line: LineSettings;
  #state: "new" | "opening" | "open" | "closed" = "new";
  #handlers: TransportHandlers | undefined;
  #reader: WebReader | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** When the last character written has left by calculation: browsers tell only that they took it. */
  #freeAt = 0;

  constructor(port: WebSerialPort, line: LineSettings, options: WebSerialOptions) {
    const { usbVendorId, usbProductId } = port.getInfo?.() ?? {};
    const device = usbVendorId === undefined ? "" : ` ${hex(usbVendorId)}:${hex(usbProductId ?? 0)}`;
    this.name = `web serial${device}`;
    this.peer = { address: this.name };
    this.#port = port;
    this.#options = options;
    this.#line = line;
  }

  get line(): LineSettings {
    return this.#line;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    if (wasAborted(signal)) throw cancelled(this.name, signal);
    this.#state = "opening";
    try {
      await this.#openPort();
    } catch (error) {
      this.#state = "closed";
      throw openingError(this.name, error);
    }
    const cancelledMeanwhile = wasAborted(signal);
    if (cancelledMeanwhile || (this.#state as string) === "closed") {
      this.#state = "closed";
      await this.#port.close().catch(() => {});
      throw cancelledMeanwhile ? cancelled(this.name, signal) : this.#notOpen();
    }
    this.#state = "open";
    this.#handlers = handlers;
    this.#startReading();
  }

  async write(bytes: Uint8Array): Promise<void> {
    const stream = this.#port.writable;
    if (this.#state !== "open" || stream === null) throw this.#notOpen();
    const writer = stream.getWriter();
    this.#freeAt = Math.max(this.#freeAt, this.clock.now()) + bytes.length * characterTimeMs(this.#line);
    try {
      await writer.write(bytes);
    } catch (error) {
      throw dlmsError("connection-lost", `${this.name}: the port is gone`, { layer: "transport", cause: error });
    } finally {
      writer.releaseLock();
    }
    const left = this.#freeAt - this.clock.now();
    if (left > 0) await new Promise<void>((resolve) => this.clock.setTimer(resolve, left));
  }

  async setLine(line: LineSettings): Promise<void> {
    if (this.#state !== "open") throw this.#notOpen();
    if (sameLine(line, this.#line)) return;
    const handlers = this.#handlers;
    // the reader must not take the close for a loss
    this.#handlers = undefined;
    await this.#stopReading();
    try {
      await this.#port.close();
      this.#line = line;
      await this.#openPort();
    } catch (error) {
      this.#state = "closed";
      throw openingError(this.name, error);
    }
    if ((this.#state as string) !== "open") {
      await this.#port.close().catch(() => {});
      throw this.#notOpen();
    }
    this.#handlers = handlers;
    this.#startReading();
  }

  async close(): Promise<void> {
    const wasOpen = this.#state === "open";
    this.#state = "closed";
    this.#handlers = undefined;
    if (!wasOpen) return;
    await this.#stopReading();
    await this.#port.close().catch(() => {});
  }

  async #openPort(): Promise<void> {
    await this.#port.open({ ...this.#line, bufferSize: 4_096 });
    const { rts, dtr } = this.#options;
    if (rts === undefined && dtr === undefined) return;
    await this.#port.setSignals?.({
      ...(rts === undefined ? {} : { requestToSend: rts }),
      ...(dtr === undefined ? {} : { dataTerminalReady: dtr }),
    });
  }

  #startReading(): void {
    this.#reading = this.#read();
  }

  async #stopReading(): Promise<void> {
    await this.#reader?.cancel().catch(() => {});
    await this.#reading;
  }

  /** A frame or parity error breaks the stream, and the port gives a new one; none means that the device is gone. */
  async #read(): Promise<void> {
    for (let stream = this.#port.readable; stream !== null; stream = this.#port.readable) {
      const reader = stream.getReader();
      this.#reader = reader;
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          if (value !== undefined) this.#handlers?.data(value);
        }
      } catch {
        // a broken character: the port goes on with a new stream
      } finally {
        this.#reader = undefined;
        reader.releaseLock();
      }
      if (this.#state !== "open" || this.#handlers === undefined) return;
    }
    if (this.#state !== "open" || this.#handlers === undefined) return;
    const { closed } = this.#handlers;
    const handlers = this.#handlers;
    this.#state = "closed";
    this.#handlers = undefined;
    closed.call(handlers, dlmsError("connection-lost", `${this.name}: the port is gone`, { layer: "transport" }));
    await this.#port.close().catch(() => {});
  }

  #notOpen(): DlmsError {
    return dlmsError("connection-lost", `${this.name} is not open`, { layer: "transport" });
  }
}

function wasAborted(signal: AbortSignalLike | undefined): boolean {
  return signal?.aborted ?? false;
}

function cancelled(name: string, signal: AbortSignalLike | undefined): DlmsError {
  return dlmsError("aborted", `opening ${name} was cancelled`, { layer: "transport", cause: signal?.reason });
}

/** The browser's names for what went wrong. */
function openingError(name: string, error: unknown): DlmsError {
  const kind = (error as { readonly name?: unknown }).name;
  const details = { layer: "transport", cause: error } as const;
  if (kind === "InvalidStateError") return dlmsError("port-busy", `${name} is open already`, details);
  if (kind === "NetworkError") return dlmsError("port-busy", `${name} cannot be opened`, details);
  if (kind === "SecurityError") return dlmsError("permission-denied", `${name} was not granted`, details);
  return dlmsError("connection-lost", `opening ${name}: ${String(error)}`, details);
}

function hex(id: number): string {
  return id.toString(16).padStart(4, "0");
}
