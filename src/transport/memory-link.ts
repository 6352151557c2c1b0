import { dlmsError } from "../base/index.js";
import { type LineModel, type LineModelOptions, ModelledLine } from "./line-model.js";
import type { Endpoint, Listener, SignOn, Transport } from "./transport.js";

/** What a connection in memory is made with: the line's model, and what `connect` needs to know. */
export interface MemoryLinkOptions extends LineModelOptions {
  /** `hdlc` when left out. */
  readonly link?: "hdlc" | "wrapper";
  /** None when left out. */
  readonly signOn?: SignOn;
}

/** Both sides of a network in memory: `endpoint` for `connect`, `listener` for the meter. */
export interface MemoryLink {
  readonly endpoint: Endpoint;
  readonly listener: Listener;
  /** The lines made so far, one for each connection, oldest first. */
  readonly lines: readonly LineModel[];
}

/**
 * A network in memory of one listener, each connection over a modelled line of its own. Scripted faults strike on the
 * first line only, so that a reconnection finds a sound one; what is drawn by chance goes on with other numbers.
 */
export function memoryLink(options: MemoryLinkOptions = {}): MemoryLink {
  const lines: ModelledLine[] = [];
  let onConnection: ((transport: Transport) => void) | undefined;
  const createTransport = (): Transport => {
    const count = lines.length;
    const line = new ModelledLine({
      ...options,
      names: options.names ?? [`memory ${count}`, `memory ${count} (meter)`],
      seed: (options.seed ?? 1) + count,
      faults: count === 0 ? (options.faults ?? []) : [],
    });
    lines.push(line);
    line.near.beforeOpen = () => {
      if (onConnection === undefined)
        throw dlmsError("connection-refused", "nobody listens at the other end of the memory link", {
          layer: "transport",
        });
      onConnection(line.far);
    };
    return line.near;
  };
  const listener: Listener = {
    name: "memory",
    async listen(handler) {
      if (onConnection !== undefined)
        throw dlmsError("wrong-state", "the memory link has a listener already", { layer: "transport" });
      onConnection = handler;
    },
    async close() {
      onConnection = undefined;
    },
  };
  return {
    endpoint: { createTransport, link: options.link ?? "hdlc", signOn: options.signOn ?? { mode: "none" } },
    listener,
    lines,
  };
}
