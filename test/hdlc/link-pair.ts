import type { LinkEvent } from "../../src/base/index.js";
import {
  clientAddress,
  HdlcClientLink,
  type HdlcLinkOptions,
  type HdlcPeer,
  HdlcServerLine,
  serverAddress,
} from "../../src/hdlc/index.js";

/** What becomes of a frame on the line: the octets that arrive, none when it is lost. */
export type Disturb = (bytes: Uint8Array, from: "client" | "server", count: number) => readonly Uint8Array[];

/** A client and a meter on one line, in virtual time; the meter answers each APDU with what `answer` makes of it. */
export class LinkPair {
  readonly client: HdlcClientLink;
  readonly server: HdlcServerLine;
  readonly clientEvents: LinkEvent[] = [];
  readonly serverEvents: LinkEvent[] = [];
  now = 0;
  frames = 0;
  #count = 0;
  readonly #answer: (apdu: Uint8Array) => Uint8Array | undefined;
  readonly #disturb: Disturb;

  constructor(
    answer: (apdu: Uint8Array) => Uint8Array | undefined,
    options: { client?: Partial<HdlcLinkOptions>; server?: Partial<HdlcLinkOptions>; disturb?: Disturb } = {},
  ) {
    this.#answer = answer;
    this.#disturb = options.disturb ?? ((bytes) => [bytes]);
    this.client = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1, 17), ...options.client });
    this.server = new HdlcServerLine({ accepts: ({ upper }) => upper === 1, ...options.server });
  }

  /** Runs until neither end has anything to do, or `until` holds. */
  run(until: () => boolean = () => false, turns = 20_000): void {
    for (let turn = 0; turn < turns; turn++) {
      const moved = this.#pump();
      if (until()) return;
      if (moved) continue;
      const deadlines = [this.client.deadline, this.server.deadline].filter((deadline) => deadline !== undefined);
      if (deadlines.length === 0) return;
      const next = Math.min(...deadlines);
      // The meter's inactivity is the end of every run.
      if (this.client.deadline === undefined && next > this.now + 60_000) return;
      this.now = Math.max(this.now, next);
      this.client.handleTimeout(this.now);
      this.server.handleTimeout(this.now);
    }
    throw new Error(`still going after ${turns} turns`);
  }

  #pump(): boolean {
    let moved = false;
    for (let bytes = this.client.takeOutput(); bytes !== undefined; bytes = this.client.takeOutput()) {
      moved = true;
      this.frames++;
      for (const arrived of this.#disturb(bytes, "client", this.#count++)) this.server.receive(arrived, this.now);
    }
    for (let bytes = this.server.takeOutput(); bytes !== undefined; bytes = this.server.takeOutput()) {
      moved = true;
      this.frames++;
      for (const arrived of this.#disturb(bytes, "server", this.#count++)) this.client.receive(arrived, this.now);
    }
    for (let event = this.client.nextEvent(); event !== undefined; event = this.client.nextEvent()) {
      moved = true;
      this.clientEvents.push(event);
    }
    for (let event = this.server.nextEvent(); event !== undefined; event = this.server.nextEvent()) {
      moved = true;
      this.serverEvents.push(event.event);
      if (event.event.type === "apdu") this.#reply(event, event.event.apdu);
    }
    return moved;
  }

  #reply({ client, server }: HdlcPeer, apdu: Uint8Array): void {
    const answer = this.#answer(apdu);
    if (answer !== undefined) this.server.send({ client, server, command: { type: "send", apdu: answer } }, this.now);
  }

  received(): Uint8Array[] {
    return this.clientEvents.flatMap((event) => (event.type === "apdu" ? [event.apdu] : []));
  }

  served(): Uint8Array[] {
    return this.serverEvents.flatMap((event) => (event.type === "apdu" ? [event.apdu] : []));
  }

  notices(): string[] {
    return [...this.clientEvents, ...this.serverEvents].flatMap((event) =>
      event.type === "notice" ? [event.name] : [],
    );
  }

  failure() {
    return this.clientEvents.find((event) => event.type === "failed")?.error;
  }

  connect(): void {
    this.client.send({ type: "connect" }, this.now);
    this.run(() => this.clientEvents.some((event) => event.type === "connected" || event.type === "failed"));
  }

  /** One request and its answer; undefined when the link failed. */
  exchange(apdu: Uint8Array): Uint8Array | undefined {
    const before = this.received().length;
    this.client.send({ type: "send", apdu }, this.now);
    this.run(() => this.received().length > before || this.failure() !== undefined);
    return this.received()[before];
  }
}

export const pattern = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed + (i >> 8)) & 0xff);
