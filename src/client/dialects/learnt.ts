import type { DialectSet } from "./dialects.js";

/** What a deviation that was met is avoided by the next time: it costs no failed attempt then. */
const lessons: Readonly<Record<string, DialectSet>> = {
  "link-set-up-refused": { hdlc: { disconnectFirst: true } },
  "release-unanswered": { release: "silent" },
};

/** What is learnt of a meter from the notices of a session. */
export class Learning {
  readonly #seen = new Set<string>();

  notice(name: string): void {
    this.#seen.add(name);
  }

  /** Names of the notices, sorted. */
  get notices(): readonly string[] {
    return [...this.#seen].sort();
  }

  /** The dialect given, and what was learnt on top of it. */
  dialect(given: DialectSet): DialectSet {
    let learnt = given;
    for (const [name, set] of Object.entries(lessons))
      if (this.#seen.has(name))
        learnt = { ...learnt, ...set, ...(set.hdlc && { hdlc: { ...learnt.hdlc, ...set.hdlc } }) };
    return learnt;
  }
}
