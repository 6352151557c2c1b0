import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import {
  type DataSet,
  type Identification,
  SignOn,
  type SignOnCommand,
  type SignOnEvent,
} from "../iec62056-21/index.js";
import { type Endpoint, Pump } from "../transport/index.js";
import { Cancellation } from "./cancellation.js";
import { deferred } from "./deferred.js";

export interface ReadOutOptions {
  readonly signal?: AbortSignalLike;
  /** Limit to all of it, in milliseconds. Default 300,000: at 300 baud a read-out takes minutes. */
  readonly timeoutMs?: number;
  /** How often the request and a spoilt block are asked for again. Default 2. */
  readonly retries?: number;
  /** Called for each block that arrives whole. */
  readonly onBlock?: (text: string) => void;
}

/** What a meter tells in its data read-out. */
export interface ReadOut {
  readonly identification: Identification | undefined;
  /** In the order of the wire, verbatim. */
  readonly dataSets: readonly DataSet[];
  /** The data block as sent, without STX, ETX and block check. */
  readonly text: string;
}

/**
 * Data read-out of IEC 62056-21 modes A, B and C: sign-on, speed, data block, block check. For an endpoint of an optical
 * probe, `serial({ path, start: "mode-e" })`; nothing of DLMS is needed. The line is closed whatever happens.
 * @throws TransportError `timeout`, `aborted`, `connection-lost`; DecodeError.
 */
export async function readOut(endpoint: Endpoint, options: ReadOutOptions = {}): Promise<ReadOut> {
  const transport = endpoint.createTransport();
  const cancellation = new Cancellation(transport.clock, options.signal);
  const timeoutMs = options.timeoutMs ?? 300_000;
  cancellation.limit(timeoutMs, () =>
    dlmsError("timeout", `no complete read-out in ${timeoutMs} ms`, {
      layer: "client",
      phase: "read-out",
      timeoutMs,
      retryable: true,
    }),
  );
  const done = deferred<ReadOut>();
  const pump = new Pump(transport, { closed: (error) => done.reject(error ?? lost(transport.name)) });
  try {
    await cancellation.race(pump.open(cancellation));
    const collector = new Collector(done, options.onBlock);
    const machine = new SignOn({ purpose: "read-out", ...signOnOptions(endpoint), retries: options.retries ?? 2 });
    const driven = pump.drive<SignOnCommand, SignOnEvent>(machine, (event) => {
      if (event.type === "line") pump.setLine(event.line).catch(done.reject);
      else collector.take(event);
    });
    driven.send({ type: "start" });
    return await cancellation.race(done.promise);
  } catch (error) {
    throw cancellation.error ?? error;
  } finally {
    cancellation.dispose();
    await pump.close();
  }
}

/** Puts the blocks of a read-out together. */
class Collector {
  readonly #done: { resolve(value: ReadOut): void; reject(error: unknown): void };
  readonly #onBlock: ((text: string) => void) | undefined;
  #identification: Identification | undefined;
  #text = "";
  readonly #dataSets: DataSet[] = [];

  constructor(done: { resolve(value: ReadOut): void; reject(error: unknown): void }, onBlock?: (text: string) => void) {
    this.#done = done;
    this.#onBlock = onBlock;
  }

  take(event: SignOnEvent): void {
    if (event.type === "identified") this.#identification = event.identification;
    if (event.type === "failed") this.#done.reject(event.error);
    if (event.type !== "data") return;
    this.#text += event.text;
    this.#dataSets.push(...event.dataSets);
    this.#onBlock?.(event.text);
    if (event.last)
      this.#done.resolve({ identification: this.#identification, dataSets: this.#dataSets, text: this.#text });
  }
}

function signOnOptions({ signOn }: Endpoint) {
  if (signOn.mode === "none") return {};
  const { deviceAddress, initialBaudRate, maxBaudRate } = signOn;
  return {
    ...(deviceAddress !== undefined && { deviceAddress }),
    ...(initialBaudRate !== undefined && { initialBaudRate }),
    ...(maxBaudRate !== undefined && { maxBaudRate }),
  };
}

function lost(name: string): DlmsError {
  return dlmsError("connection-lost", `${name} closed during the read-out`, { layer: "client", retryable: true });
}
