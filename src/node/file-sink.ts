import { closeSync, openSync, write } from "node:fs";
import { type DlmsError, dlmsError } from "../base/index.js";
import type { TraceSink } from "../client/index.js";
import { CaptureSplitter, PcapEncoder, type PcapOptions } from "../transport/index.js";

/** A file of lines. What is written is kept in order; a failure is told by `close`. */
export interface FileSink {
  /** Adds a line; an object is written as JSON. */
  write(entry: string | object): void;
  /** Resolves when all is in the file. @throws TransportError `file-failed` when something could not be written. */
  close(): Promise<void>;
}

/**
 * A file that a session is recorded to: one JSON object a line. It is new or emptied, and readable by its owner alone.
 * @throws TransportError `file-failed` when it cannot be opened.
 */
export function fileSink(path: string): FileSink {
  const file = new QueuedFile(path);
  return {
    write: (entry) => file.write(encodeText(`${typeof entry === "string" ? entry : JSON.stringify(entry)}\n`)),
    close: () => file.close(),
  };
}

/** A trace subscriber that writes a file; give it to `connect` as `trace`. */
export interface FileTraceSink {
  (event: Parameters<TraceSink>[0]): void;
  close(): Promise<void>;
}

/**
 * A pcap file of what crosses the line, for Wireshark: a packet for each frame or wrapper packet. Octets of secrets
 * were replaced before.
 * @throws TransportError `file-failed` when it cannot be opened.
 */
export function pcapSink(path: string, options: PcapOptions = {}): FileTraceSink {
  const file = new QueuedFile(path);
  const encoder = new PcapEncoder(options);
  const splitters = { sent: new CaptureSplitter(), received: new CaptureSplitter() };
  let last = 0;
  file.write(encoder.header());
  const sink = (event: Parameters<TraceSink>[0]) => {
    if (event.type !== "bytes") return;
    last = event.wallTime;
    for (const message of splitters[event.direction].push(event.bytes))
      file.write(encoder.message(event.direction, message, event.wallTime));
  };
  const close = async () => {
    for (const direction of ["sent", "received"] as const)
      for (const rest of splitters[direction].flush()) file.write(encoder.message(direction, rest, last));
    await file.close();
  };
  return Object.assign(sink, { close });
}

/** Writes pieces one after the other without making the writer wait. */
class QueuedFile {
  readonly #path: string;
  #descriptor: number | undefined;
  #queue: Uint8Array[] = [];
  #working: Promise<void> = Promise.resolve();
  #busy = false;
  #failure: DlmsError | undefined;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, "w", 0o600);
    } catch (error) {
      throw fileError(path, error);
    }
  }

  write(bytes: Uint8Array): void {
    if (this.#descriptor === undefined || this.#failure !== undefined) return;
    this.#queue.push(bytes);
    if (this.#busy) return;
    this.#busy = true;
    this.#working = this.#work(this.#descriptor);
  }

  async close(): Promise<void> {
    await this.#working;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #work(descriptor: number): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const pieces = this.#queue;
        this.#queue = [];
        await writeAll(descriptor, Buffer.concat(pieces));
      }
    } catch (error) {
      this.#failure = fileError(this.#path, error);
      this.#queue = [];
    } finally {
      this.#busy = false;
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const some = (from: number) =>
      write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
        if (error !== null) reject(error);
        else if (from + written < bytes.length) some(from + written);
        else resolve();
      });
    some(0);
  });
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function fileError(path: string, error: unknown): DlmsError {
  return dlmsError("file-failed", `${path}: ${(error as Error).message}`, { layer: "store", cause: error });
}
