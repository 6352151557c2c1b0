import { type Connection, dlmsError, type LinkCommand, type LinkEvent } from "../base/index.js";
import { type HdlcAddress, isAllStations } from "./address.js";
import type { ReceivedFrame } from "./frame.js";
import { type HdlcLinkOptions, resolveOptions } from "./options.js";
import { ServerStation } from "./server-station.js";
import { FrameSplitter, type HdlcChunk } from "./splitter.js";

export interface HdlcServerLineOptions extends Omit<HdlcLinkOptions, "client" | "server"> {
  /** Whether this meter answers to the address. */
  accepts(address: HdlcAddress): boolean;
  /** Own address, under which clients that are not known are found when a frame is for all stations. */
  readonly own?: HdlcAddress;
  /** Most client addresses served at once. Default 8. */
  readonly maxClients?: number;
}

/** Who is meant: the client's address, and the logical device it talks to. */
export interface HdlcPeer {
  readonly client: number;
  readonly server: HdlcAddress;
}

export interface HdlcServerCommand extends HdlcPeer {
  readonly command: LinkCommand;
}

export interface HdlcServerEvent extends HdlcPeer {
  readonly event: LinkEvent;
}

interface Entry {
  readonly peer: HdlcPeer;
  readonly station: ServerStation;
}

/**
 * The meter's side of a line: one link for each client address and logical device. What is for somebody else is passed
 * over in silence.
 */
export class HdlcServerLine implements Connection<HdlcServerCommand, HdlcServerEvent> {
  readonly #options: HdlcServerLineOptions;
  readonly #splitter = new FrameSplitter();
  readonly #stations = new Map<string, Entry>();
  #silence: number | undefined;

  constructor(options: HdlcServerLineOptions) {
    this.#options = options;
  }

  get deadline(): number | undefined {
    const deadlines = [this.#silence, ...[...this.#stations.values()].map(({ station }) => station.deadline)];
    const known = deadlines.filter((deadline) => deadline !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** Commands to a client that is not known are sent where nothing is awaited (UI), else refused. */
  send({ command, ...peer }: HdlcServerCommand, now: number): void {
    const entry = this.#entry(peer);
    if (entry === undefined) throw dlmsError("wrong-state", `client ${peer.client} has no link`, { layer: "hdlc" });
    entry.station.send(command, now);
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#take(this.#splitter.push(bytes), now);
    this.#silence = this.#splitter.pending ? now + (this.#options.interOctetTimeoutMs ?? 500) : undefined;
  }

  handleTimeout(now: number): void {
    if (this.#silence !== undefined && now >= this.#silence) {
      this.#silence = undefined;
      this.#take(this.#splitter.flush(), now);
    }
    for (const { station } of this.#stations.values()) station.handleTimeout(now);
  }

  nextEvent(): HdlcServerEvent | undefined {
    for (const { peer, station } of this.#stations.values()) {
      const event = station.nextEvent();
      if (event !== undefined) return { ...peer, event };
    }
    return undefined;
  }

  takeOutput(): Uint8Array | undefined {
    for (const { station } of this.#stations.values()) {
      const output = station.takeOutput();
      if (output !== undefined) return output;
    }
    return undefined;
  }

  #take(chunks: readonly HdlcChunk[], now: number): void {
    for (const chunk of chunks) if (chunk.type === "frame") this.#frame(chunk.frame, now);
  }

  #frame(frame: ReceivedFrame, now: number): void {
    const { destination, source } = frame;
    if (source.size !== 1) return;
    if (isAllStations(destination)) return this.#broadcast(frame, now);
    if (!this.#options.accepts(destination)) return;
    this.#entry({ client: source.upper, server: destination })?.station.receiveFrame(frame, now);
  }

  /** To all stations, or to one logical device of all: taken, and answered by none. */
  #broadcast(frame: ReceivedFrame, now: number): void {
    const { destination, source } = frame;
    if (frame.type !== "ui") return;
    const isMeant = ({ upper }: HdlcAddress) =>
      destination.size === 1 || isAllStations({ ...destination, lower: 0 }) || destination.upper === upper;
    const known = [...this.#stations.values()].filter(
      ({ peer }) => peer.client === source.upper && isMeant(peer.server),
    );
    const { own } = this.#options;
    const stranger = known.length === 0 && own !== undefined && isMeant(own);
    const entries = stranger ? [this.#entry({ client: source.upper, server: own })] : known;
    for (const entry of entries) entry?.station.receiveFrame(frame, now);
  }

  #entry(peer: HdlcPeer): Entry | undefined {
    const key = `${peer.client} ${peer.server.upper} ${peer.server.lower ?? ""} ${peer.server.size}`;
    const known = this.#stations.get(key);
    if (known !== undefined) return known;
    if (this.#stations.size >= (this.#options.maxClients ?? 8) && !this.#dropIdle()) return undefined;
    const { accepts: _, maxClients: __, own: ___, ...options } = this.#options;
    const client = { upper: peer.client, size: 1 } as const;
    const station = new ServerStation(resolveOptions({ ...options, client, server: peer.server }));
    const entry = { peer: { client: peer.client, server: peer.server }, station };
    this.#stations.set(key, entry);
    return entry;
  }

  #dropIdle(): boolean {
    for (const [key, { station }] of this.#stations)
      if (station.state === "disconnected") return this.#stations.delete(key);
    return false;
  }
}
