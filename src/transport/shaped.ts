import type { AbortSignalLike, DlmsError } from "../base/index.js";
import { type LineModelOptions, ModelledLine } from "./line-model.js";
import type { LineSettings, PeerInfo, Transport, TransportHandlers } from "./transport.js";

/**
 * Puts a modelled line between a real transport and who uses it, so that a TCP port or a pseudo-terminal gets the
 * speed, delays and faults of a line. The user sits at the far end; the real transport feeds the near one.
 */
export function shapedTransport(inner: Transport, options: LineModelOptions): Transport {
  return new ShapedTransport(inner, options);
}

class ShapedTransport implements Transport {
  readonly name: string;
  readonly datagrams: boolean;
  readonly clock;
  setLine?: (line: LineSettings) => Promise<void>;
  readonly #inner: Transport;
  readonly #model: ModelledLine;
  /** Resolves when what was written before the close has come out at the near end. */
  #drained: Promise<void> | undefined;

  constructor(inner: Transport, options: LineModelOptions) {
    this.name = inner.name;
    this.datagrams = inner.datagrams;
    this.clock = inner.clock;
    this.#inner = inner;
    const line = options.line ?? inner.line;
    this.#model = new ModelledLine({
      ...options,
      clock: inner.clock,
      datagrams: inner.datagrams,
      hangUp: true,
      ...(line === undefined ? {} : { line }),
    });
    if (line !== undefined) this.setLine = (settings) => this.#changeLine(settings);
  }

  get line(): LineSettings | undefined {
    return this.#model.far.line;
  }

  get peer(): PeerInfo | undefined {
    return this.#inner.peer;
  }

  async open(handlers: TransportHandlers, signal?: AbortSignalLike): Promise<void> {
    const { near, far } = this.#model;
    const broke = () => this.#model.cut();
    let drained = () => {};
    this.#drained = new Promise((resolve) => {
      drained = resolve;
    });
    await near.open({
      data: (bytes) => void this.#inner.write(bytes.slice()).catch(broke),
      closed: drained,
    });
    await this.#inner.open(
      {
        data: (bytes) => void near.write(bytes).catch(broke),
        closed: (error?: DlmsError) => {
          drained();
          if (error === undefined) void near.close();
          else broke();
        },
      },
      signal,
    );
    await far.open(handlers, signal);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#model.far.write(bytes);
  }

  async close(): Promise<void> {
    await this.#model.far.close();
    await this.#drained;
    await this.#inner.close();
  }

  /** What the other side is set to cannot be known: it is taken to follow. */
  async #changeLine(line: LineSettings): Promise<void> {
    await this.#inner.setLine?.(line);
    await this.#model.near.setLine?.(line);
    await this.#model.far.setLine?.(line);
  }
}
