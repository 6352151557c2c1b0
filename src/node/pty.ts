import { closeSync, constants, openSync, readdirSync, readlinkSync, write } from "node:fs";
import { ReadStream } from "node:tty";
import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import {
  type Clock,
  type LineSettings,
  type Listener,
  line8n1,
  type PeerInfo,
  systemClock,
  type Transport,
  type TransportHandlers,
} from "../transport/index.js";
import { plainOctets } from "./plain-octets.js";
import { notOpenError, systemError } from "./system-error.js";

/** What `open` of the package gives; its own types leave it out. */
interface OpenedPty {
  readonly master: ReadStream;
  readonly slave: ReadStream & { readonly _handle?: { readonly fd?: number } };
  /** Descriptor of the master. */
  readonly fd: number;
  readonly ptsName: string;
}
type PtyPackage = { open(options: { readonly encoding: null }): OpenedPty };

/** A listener on a pseudo-terminal. */
export interface PtyListener extends Listener {
  /** The path that a serial port program opens; empty before `listen`. */
  readonly path: string;
}

/** What a pseudo-terminal is made with. */
export interface PtyListenerOptions {
  /** Settings that the line is taken to have: 8N1 at 9600 baud when left out. A pseudo-terminal carries no parity. */
  readonly line?: LineSettings;
}

/**
 * A virtual serial line: the meter sits on one side, any serial port program opens the path of the other. As on a
 * real line, the meter does not hear when that program closes it.
 * Needs the optional package `@lydell/node-pty`; `listen` throws TransportError `package-missing` without it.
 */
export function ptyListener(options: PtyListenerOptions = {}): PtyListener {
  return new PseudoTerminal(options);
}

class PseudoTerminal implements PtyListener {
  readonly #options: PtyListenerOptions;
  #pty: OpenedPty | undefined;
  #transport: PtyTransport | undefined;
  #release: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(options: PtyListenerOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#pty?.ptsName ?? "";
  }

  get name(): string {
    return `pty ${this.path}`;
  }

  async listen(onConnection: (transport: Transport) => void): Promise<void> {
    const { open } = await loadPty();
    let pty: OpenedPty;
    try {
      pty = open({ encoding: null });
    } catch (error) {
      throw systemError(error, "opening a pseudo-terminal");
    }
    this.#pty = pty;
    pty.master.pause();
    pty.master.on("error", (error) => this.#transport?.lost(systemError(error, this.name)));
    this.#release = await prepareSlave(pty);
    this.#serve(pty, onConnection);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pty = this.#pty;
    this.#pty = undefined;
    await this.#transport?.close();
    if (pty === undefined) return;
    await destroyed(pty.master);
    await this.#release?.();
  }

  #serve(pty: OpenedPty, onConnection: (transport: Transport) => void): void {
    const transport = new PtyTransport(pty, this.#options.line ?? line8n1(9600), () => {
      if (!this.#closed) setImmediate(() => this.#serve(pty, onConnection));
    });
    this.#transport = transport;
    onConnection(transport);
  }
}

/** How long to wait before writing again when the other side does not read, in milliseconds. */
const fullBufferPauseMs = 5;

class PtyTransport implements Transport {
  readonly name: string;
  readonly datagrams = false;
  readonly clock: Clock = systemClock;
  readonly peer: PeerInfo;
  readonly #pty: OpenedPty;
  readonly #released: () => void;
  readonly #onData = (bytes: Uint8Array) => this.#received(plainOctets(bytes));
  #line: LineSettings;
  #state: "new" | "open" | "closed" = "new";
  #handlers: TransportHandlers | undefined;
  #failure: DlmsError | undefined;

  constructor(pty: OpenedPty, line: LineSettings, released: () => void) {
    this.name = `pty ${pty.ptsName}`;
    this.peer = { address: pty.ptsName };
    this.#pty = pty;
    this.#line = line;
    this.#released = released;
  }

  get line(): LineSettings {
    return this.#line;
  }

  async open(handlers: TransportHandlers, _signal?: AbortSignalLike): Promise<void> {
    if (this.#state === "closed") throw notOpenError(this.name);
    if (this.#state !== "new") throw dlmsError("wrong-state", `${this.name} was opened before`, { layer: "transport" });
    this.#state = "open";
    this.#handlers = handlers;
    setImmediate(() => {
      if (this.#state !== "open") return;
      this.#pty.master.on("data", this.#onData);
      this.#pty.master.resume();
    });
  }

  /**
   * Writes to the descriptor itself: the stream would block the whole process once the other side reads nothing and
   * the terminal's buffer is full.
   */
  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state !== "open") throw this.#failure ?? notOpenError(this.name);
      const written = await writeSome(this.#pty.fd, bytes, at).catch((error: unknown) => {
        throw systemError(error, this.name);
      });
      at += written;
      if (written === 0) await new Promise((resolve) => setTimeout(resolve, fullBufferPauseMs));
    }
  }

  async setLine(line: LineSettings): Promise<void> {
    if (this.#state !== "open") throw notOpenError(this.name);
    this.#line = line;
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#shut();
    this.#released();
  }

  lost(error: DlmsError): void {
    const told = this.#state === "open" ? this.#handlers : undefined;
    this.#failure = error;
    this.#shut();
    told?.closed(error);
  }

  /** Programs that do their parity in software put it in the eighth bit. */
  #received(bytes: Uint8Array): void {
    this.#handlers?.data(this.#line.dataBits === 7 ? bytes.map((byte) => byte & 0x7f) : bytes);
  }

  #shut(): void {
    this.#state = "closed";
    this.#handlers = undefined;
    this.#pty.master.removeListener("data", this.#onData);
    this.#pty.master.pause();
  }
}

async function loadPty(): Promise<PtyPackage> {
  try {
    const loaded = (await import("@lydell/node-pty")) as unknown as PtyPackage & { readonly default?: PtyPackage };
    return typeof loaded.open === "function" ? loaded : (loaded.default as PtyPackage);
  } catch (error) {
    throw dlmsError("package-missing", "a pseudo-terminal needs the package @lydell/node-pty", {
      layer: "transport",
      advice: "npm install @lydell/node-pty (it has no build for every system), or use the line in memory.",
      cause: error,
    });
  }
}

/** Writes what fits; 0 when the terminal's buffer is full. */
function writeSome(descriptor: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error === null) resolve(written);
      else if (error.code === "EAGAIN") resolve(0);
      else reject(error);
    });
  });
}

function destroyed(stream: ReadStream): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("close", () => resolve());
    stream.destroy();
  });
}

/**
 * Sets the other side to no echo and no line editing, before anyone opens it, and keeps it open by a descriptor of
 * our own, so that its being closed by one program does not hang up the line for the next. The stream that the
 * package made for it must go: it would take octets meant for that program.
 */
async function prepareSlave(pty: OpenedPty): Promise<() => Promise<void>> {
  const { slave, ptsName } = pty;
  slave.on("error", () => {});
  const spare = spareDescriptors(pty);
  const held = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
  await destroyed(slave);
  for (const descriptor of spare) closeQuietly(descriptor);
  // Newer Node puts a terminal back as it was when a stream that made it raw is closed: so this one stays, and is the
  // open end that keeps the line up. It is never read from.
  const keeper = new ReadStream(held);
  keeper.on("error", () => {});
  keeper.setRawMode(true);
  keeper.unref();
  return async () => {
    await destroyed(keeper);
    // The stream opened the terminal anew; what it was given is still ours.
    closeQuietly(held);
  };
}

/**
 * A stream on a terminal opens it anew, and the descriptor it was given stays behind. Found where the system shows a
 * process its descriptors (Linux); elsewhere it lives as long as the process.
 */
function spareDescriptors(pty: OpenedPty): readonly number[] {
  const used = pty.slave._handle?.fd;
  try {
    return readdirSync("/proc/self/fd")
      .map(Number)
      .filter((descriptor) => descriptor !== used && linkOf(descriptor) === pty.ptsName);
  } catch {
    return [];
  }
}

function linkOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // closed already
  }
}
