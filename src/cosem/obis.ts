/** OBIS codes, the logical names of COSEM objects (IEC 62056-6-1). */
import { dlmsError, equalBytes, toHex } from "../base/index.js";

/**
 * An OBIS code as text: `1-0:1.8.0*255`, `1-0:1.8.0` (value group F is 255) or `1.0.1.8.0.255`. A literal of another
 * shape does not compile; text known only at run time goes through `Obis.parse`.
 */
export type ObisText =
  | `${number}-${number}:${number}.${number}.${number}*${number}`
  | `${number}-${number}:${number}.${number}.${number}`
  | `${number}.${number}.${number}.${number}.${number}.${number}`;

/** What is accepted where an OBIS code is asked for. */
export type ObisLike = Obis | ObisText;

const reduced = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[*.](\d{1,3}))?$/;
const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const hexadecimal = /^[0-9a-f]{12}$/i;

/** The six value groups A to F of an object's name. Immutable. */
export class Obis {
  readonly #octets: Uint8Array;

  private constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /**
   * Reads any of the forms of `ObisText`, or twelve hexadecimal digits.
   * @throws UsageError `invalid-obis` for anything else, or a value group above 255.
   */
  static parse(text: string): Obis {
    const trimmed = text.trim();
    if (hexadecimal.test(trimmed))
      return new Obis(Uint8Array.from({ length: 6 }, (_, i) => Number.parseInt(trimmed.slice(2 * i, 2 * i + 2), 16)));
    const groups = reduced.exec(trimmed) ?? dotted.exec(trimmed);
    if (!groups) throw invalid(`"${text.slice(0, 40)}" is not an OBIS code`);
    return Obis.of(...(groups.slice(1, 7).map((group) => Number(group ?? "255")) as unknown as Six));
  }

  /** @throws UsageError `invalid-obis` for a value group that is not a whole number from 0 to 255. */
  static of(a: number, b: number, c: number, d: number, e: number, f = 255): Obis {
    const groups = [a, b, c, d, e, f];
    for (const group of groups)
      if (!Number.isInteger(group) || group < 0 || group > 255)
        throw invalid(`value group ${group} of ${groups.join(".")} is not 0 to 255`);
    return new Obis(Uint8Array.from(groups));
  }

  /** @throws UsageError `invalid-obis` unless there are six octets. */
  static fromOctets(octets: Uint8Array): Obis {
    if (octets.length !== 6) throw invalid(`a logical name has 6 octets, not ${octets.length}`);
    return new Obis(Uint8Array.from(octets));
  }

  /** The code itself, or the one that the text names. */
  static from(code: ObisLike): Obis {
    return typeof code === "string" ? Obis.parse(code) : code;
  }

  /** A copy of the six octets, as they are on the wire. */
  get octets(): Uint8Array {
    return Uint8Array.from(this.#octets);
  }
  /** Value group A: the medium (0 abstract, 1 electricity, 7 gas, 8 water, ...). */
  get a(): number {
    return this.#octets[0] as number;
  }
  /** Value group B: the channel. */
  get b(): number {
    return this.#octets[1] as number;
  }
  /** Value group C: the physical quantity. */
  get c(): number {
    return this.#octets[2] as number;
  }
  /** Value group D: how it was processed. */
  get d(): number {
    return this.#octets[3] as number;
  }
  /** Value group E: tariff rate or further classification. */
  get e(): number {
    return this.#octets[4] as number;
  }
  /** Value group F: billing period; 255 when there is none. */
  get f(): number {
    return this.#octets[5] as number;
  }

  equals(other: ObisLike): boolean {
    return equalBytes(this.#octets, Obis.from(other).#octets);
  }

  /** As `1-0:1.8.0*255`. */
  toString(): ObisText {
    return `${this.a}-${this.b}:${this.c}.${this.d}.${this.e}*${this.f}`;
  }

  /** Twelve hexadecimal digits. */
  toHex(): string {
    return toHex(this.#octets);
  }

  toJSON(): string {
    return this.toString();
  }
}

type Six = readonly [number, number, number, number, number, number];

function invalid(message: string) {
  return dlmsError("invalid-obis", message, { layer: "cosem" });
}
