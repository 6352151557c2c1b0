/** Hands out invoke ids, 0 to 15, so that one comes back as late as possible. */
export class InvokeIds {
  readonly #inUse = new Set<number>();
  readonly #rotate: boolean;
  #last: number;

  constructor(policy: "rotate" | "constant") {
    this.#rotate = policy === "rotate";
    this.#last = this.#rotate ? 0 : 1;
  }

  /** The next id that nothing waits for; undefined when all are taken. */
  take(): number | undefined {
    if (!this.#rotate) return this.#inUse.has(this.#last) ? undefined : this.#use(this.#last);
    for (let step = 1; step <= 16; step++) {
      const id = (this.#last + step) % 16;
      if (!this.#inUse.has(id)) return this.#use(id);
    }
    return undefined;
  }

  release(id: number): void {
    this.#inUse.delete(id);
  }

  #use(id: number): number {
    this.#inUse.add(id);
    this.#last = id;
    return id;
  }
}
