import { dlmsError } from "../base/index.js";

/** Decides whether a received invocation counter is new. `check` before opening, `accept` after the message held. */
export interface ReplayGuard {
  /** @throws SecurityError `counter-repeated`, `counter-lowered`. */
  check(counter: number): void;
  accept(counter: number): void;
}

/** Within an association: each counter must be above all before. */
export class RisingGuard implements ReplayGuard {
  #last: number;

  /** `last` is the highest counter seen before, -1 when there was none. */
  constructor(last = -1) {
    this.#last = last;
  }

  /** The highest counter taken, -1 when there was none. */
  get last(): number {
    return this.#last;
  }

  check(counter: number): void {
    if (counter > this.#last) return;
    if (counter === this.#last) throw repeated(counter);
    throw lowered(counter, this.#last);
  }

  accept(counter: number): void {
    if (counter > this.#last) this.#last = counter;
  }
}

/** Octets of a window's bitmap are 32 to a word, as typed arrays have them. */
const wordBits = 32;

/** For pushes, which may overtake each other: new within the last `size` counters, each taken once. */
export class WindowGuard implements ReplayGuard {
  readonly #size: number;
  readonly #seen: Uint32Array;
  #highest = -1;

  /** `size` is rounded up to a multiple of 32. Default 64. */
  constructor(size = 64) {
    const words = Math.max(1, Math.ceil(size / wordBits));
    this.#size = words * wordBits;
    this.#seen = new Uint32Array(words);
  }

  check(counter: number): void {
    if (counter > this.#highest) return;
    if (counter <= this.#highest - this.#size) throw lowered(counter, this.#highest);
    if (this.#has(counter)) throw repeated(counter);
  }

  accept(counter: number): void {
    if (counter > this.#highest) {
      const from = Math.max(this.#highest + 1, counter - this.#size);
      for (let skipped = from; skipped < counter; skipped++) this.#put(skipped, false);
      this.#highest = counter;
    }
    this.#put(counter, true);
  }

  #has(counter: number): boolean {
    const at = counter % this.#size;
    return ((this.#seen[Math.floor(at / wordBits)] as number) & (1 << (at % wordBits))) !== 0;
  }

  #put(counter: number, seen: boolean): void {
    const at = counter % this.#size;
    const word = Math.floor(at / wordBits);
    const bit = 1 << (at % wordBits);
    const old = this.#seen[word] as number;
    this.#seen[word] = seen ? old | bit : old & ~bit;
  }
}

function repeated(counter: number) {
  return dlmsError("counter-repeated", `invocation counter ${counter} was taken already`, { layer: "security" });
}

function lowered(counter: number, highest: number) {
  return dlmsError("counter-lowered", `invocation counter ${counter} after ${highest}`, { layer: "security" });
}
