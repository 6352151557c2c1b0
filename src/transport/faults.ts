import { seededRandom } from "./random.js";

/** The side an octet goes to: `far` is the meter, `near` the one who called it. */
export type LineDirection = "to-far" | "to-near";

/** One deliberate fault, at an octet counted from the beginning of its direction. */
export type LineFault = {
  readonly direction: LineDirection;
  /** Index of the octet as it was sent, from 0. */
  readonly at: number;
} & (
  | { readonly kind: "drop" | "double" | "cut" }
  /** Inverts the bits of `mask`; 0x01 when left out. */
  | { readonly kind: "flip"; readonly mask?: number }
  /** Puts octets in front of it. */
  | { readonly kind: "insert"; readonly bytes: Uint8Array }
);

/** How a line spoils what crosses it; everything is drawn from `seed`. */
export interface FaultOptions {
  readonly seed?: number;
  /** Probability that a bit is inverted. */
  readonly bitErrorRate?: number;
  /** Probability that one octet of a write, and no other, has a bit inverted: frames hit. */
  readonly hitRate?: number;
  /** Probability that an octet is lost. */
  readonly lossRate?: number;
  /** Probability that an octet arrives twice. */
  readonly doubleRate?: number;
  readonly faults?: readonly LineFault[];
}

/** What became of the octets of one write. */
export interface FaultOutcome {
  readonly bytes: Uint8Array;
  /** The line was cut: nothing after this arrives. */
  readonly cut: boolean;
  /** How many octets were spoilt. */
  readonly faults: number;
}

/** Spoils one direction of a line. */
export class FaultInjector {
  readonly #options: FaultOptions;
  readonly #random: () => number;
  readonly #scripted: LineFault[];
  #sent = 0;

  constructor(direction: LineDirection, options: FaultOptions) {
    this.#options = options;
    this.#random = seededRandom((options.seed ?? 1) ^ (direction === "to-far" ? 0 : 0x5bd1e995));
    this.#scripted = (options.faults ?? [])
      .filter((fault) => fault.direction === direction)
      .sort((a, b) => a.at - b.at);
  }

  /** The octets of one write as they come out at the other end. */
  apply(bytes: Uint8Array): FaultOutcome {
    const begin = this.#sent;
    this.#sent += bytes.length;
    if (!this.#strikes(begin + bytes.length)) return { bytes, cut: false, faults: 0 };
    const { bitErrorRate = 0, hitRate = 0, lossRate = 0, doubleRate = 0 } = this.#options;
    const hit = hitRate > 0 && this.#random() < hitRate ? Math.floor(this.#random() * bytes.length) : -1;
    const arrived: number[] = [];
    let faults = 0;
    for (const [index, original] of bytes.entries()) {
      const before = arrived.length;
      let copies = 1;
      let byte = original;
      for (let bit = 0; bitErrorRate > 0 && bit < 8; bit++) if (this.#random() < bitErrorRate) byte ^= 1 << bit;
      if (index === hit) byte ^= 1 << Math.floor(this.#random() * 8);
      if (lossRate > 0 && this.#random() < lossRate) copies = 0;
      if (doubleRate > 0 && this.#random() < doubleRate) copies++;
      for (let fault = this.#scripted[0]; fault?.at === begin + index; fault = this.#scripted[0]) {
        this.#scripted.shift();
        if (fault.kind === "cut") return { bytes: Uint8Array.from(arrived), cut: true, faults: faults + 1 };
        if (fault.kind === "drop") copies = 0;
        else if (fault.kind === "double") copies = 2;
        else if (fault.kind === "flip") byte ^= (fault.mask ?? 1) & 0xff;
        else if (fault.kind === "insert") arrived.push(...fault.bytes);
      }
      for (let copy = 0; copy < copies; copy++) arrived.push(byte);
      if (byte !== original || arrived.length !== before + 1) faults++;
    }
    return { bytes: Uint8Array.from(arrived), cut: false, faults };
  }

  #strikes(end: number): boolean {
    const { bitErrorRate = 0, hitRate = 0, lossRate = 0, doubleRate = 0 } = this.#options;
    const next = this.#scripted[0];
    return bitErrorRate > 0 || hitRate > 0 || lossRate > 0 || doubleRate > 0 || (next !== undefined && next.at < end);
  }
}
