import { type Connection, DlmsError, type Link, type LinkCommand, type LinkEvent } from "../base/index.js";

/** A command for one of the links of a line. */
export interface ArbiterCommand {
  readonly link: Link;
  readonly command: LinkCommand;
}

/** What one of the links tells. */
export interface ArbiterEvent {
  readonly link: Link;
  readonly event: LinkEvent;
}

/**
 * Several links of one client on one line, each with a client address of its own. Where the line is two-way alternate
 * one link has the floor until its answer is there, and the others wait their turn; octets that come are for it.
 */
export class LinkArbiter implements Connection<ArbiterCommand, ArbiterEvent> {
  readonly #alternate: boolean;
  readonly #links = new Set<Link>();
  readonly #waiting: ArbiterCommand[] = [];
  readonly #events: ArbiterEvent[] = [];
  #floor: Link | undefined;

  /** @param alternate one link at a time, as with HDLC; else they do not know of each other. */
  constructor(alternate: boolean) {
    this.#alternate = alternate;
  }

  add(link: Link): void {
    this.#links.add(link);
  }

  /** Nothing more is told of the link. */
  remove(link: Link, now: number): void {
    this.#links.delete(link);
    for (let at = this.#waiting.length - 1; at >= 0; at--)
      if (this.#waiting[at]?.link === link) this.#waiting.splice(at, 1);
    if (this.#floor === link) this.#floor = undefined;
    this.#grant(now);
  }

  get deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { deadline } of this.#links)
      if (deadline !== undefined && (earliest === undefined || deadline < earliest)) earliest = deadline;
    return earliest;
  }

  /** @throws UsageError `wrong-state` when the command is not possible now. */
  send(given: ArbiterCommand, now: number): void {
    const busy = this.#busy;
    const mine = busy === given.link || (busy === undefined && this.#waiting.length === 0);
    if (mine || !this.#alternate) return this.#run(given, now);
    this.#waiting.push(given);
    this.#grant(now);
  }

  receive(bytes: Uint8Array, now: number): void {
    const busy = this.#busy;
    if (busy !== undefined) busy.receive(bytes, now);
    else for (const link of this.#links) link.receive(bytes, now);
    this.#grant(now);
  }

  handleTimeout(now: number): void {
    for (const link of this.#links) if (link.deadline !== undefined && link.deadline <= now) link.handleTimeout(now);
    this.#grant(now);
  }

  nextEvent(): ArbiterEvent | undefined {
    for (const link of this.#links)
      for (let event = link.nextEvent(); event !== undefined; event = link.nextEvent()) {
        // What is foreign to one may be for another.
        if (this.#links.size > 1 && event.type === "notice" && event.name.startsWith("foreign-")) continue;
        return { link, event };
      }
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    for (const link of this.#links) {
      const output = link.takeOutput();
      if (output !== undefined) return output;
    }
    return undefined;
  }

  /** The link that waits for something: none when the floor is free. */
  get #busy(): Link | undefined {
    if (!this.#alternate || this.#floor?.deadline === undefined) this.#floor = undefined;
    return this.#floor;
  }

  #run({ link, command }: ArbiterCommand, now: number): void {
    this.#floor = link;
    link.send(command, now);
  }

  #grant(now: number): void {
    while (this.#waiting.length > 0 && this.#busy === undefined) {
      const next = this.#waiting.shift() as ArbiterCommand;
      try {
        this.#run(next, now);
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        this.#events.push({ link: next.link, event: { type: "failed", error } });
      }
    }
  }
}
