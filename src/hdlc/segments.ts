import { concatBytes, type DlmsError, dlmsError, equalBytes } from "../base/index.js";
import type { Segment } from "./window.js";

/** LLC header of what the client sends, and of what the meter sends (IEC 62056-46 clause 6.3). */
const llc = { command: Uint8Array.of(0xe6, 0xe6, 0), response: Uint8Array.of(0xe6, 0xe7, 0) } as const;
export type LlcSide = keyof typeof llc;

/** Largest APDU put together; block transfer keeps real ones far below. */
const largestApdu = 4 << 20;
/** Segments in a row that may bring nothing: a sender that goes on like that never comes to an end. */
const mostEmptySegments = 16;

/** Cuts an APDU, with its LLC header in front, into information fields. */
export function segment(apdu: Uint8Array, side: LlcSide, maxInfo: number): Segment[] {
  const whole = concatBytes(llc[side], apdu);
  const segments: Segment[] = [];
  for (let at = 0; at < whole.length; at += maxInfo) {
    const segmented = at + maxInfo < whole.length;
    segments.push({ information: whole.subarray(at, at + maxInfo), segmented, ends: !segmented });
  }
  return segments;
}

export interface Assembled {
  /** The APDU that the segment completed. */
  readonly apdu?: Uint8Array;
  /** Names of the deviations that were put up with. */
  readonly tolerated: readonly string[];
  readonly error?: DlmsError;
}

/** Puts segments together and takes the LLC header off; one for each direction and kind of frame. */
export class SegmentAssembler {
  readonly #side: LlcSide;
  #parts: Uint8Array[] = [];
  #length = 0;
  #empty = 0;
  /** This sender was seen to put the header in every segment. */
  #repeats = false;

  /** `side` is the side that sends. */
  constructor(side: LlcSide) {
    this.#side = side;
  }

  /** True while segments of an APDU are missing. */
  get open(): boolean {
    return this.#parts.length > 0;
  }

  /** Octets of the APDU that have come. */
  get receivedBytes(): number {
    return this.#length;
  }

  push(information: Uint8Array, segmented: boolean): Assembled {
    this.#parts.push(information.slice());
    this.#length += information.length;
    this.#empty = information.length > 0 ? 0 : this.#empty + 1;
    if (this.#length > largestApdu || this.#empty > mostEmptySegments) {
      const message =
        this.#empty > mostEmptySegments
          ? `more than ${mostEmptySegments} empty segments in a row`
          : `segments add up to more than ${largestApdu} octets`;
      this.reset();
      return { tolerated: [], error: dlmsError("limit-exceeded", message, { layer: "hdlc" }) };
    }
    if (segmented) return { tolerated: [] };
    const parts = this.#parts;
    this.reset();
    const tolerated: string[] = [];
    const [first = new Uint8Array(), ...others] = parts;
    const headed = hasHeader(first);
    if (!headed) tolerated.push("llc-missing");
    const repeated = headed && this.#isRepeated(others);
    if (repeated) tolerated.push("llc-repeated");
    const bare = [headed ? first.subarray(3) : first, ...(repeated ? others.map((part) => part.subarray(3)) : others)];
    if (headed && !equalBytes(first.subarray(0, 3), llc[this.#side])) tolerated.push("llc-of-the-other-side");
    return { apdu: concatBytes(...bare), tolerated };
  }

  reset(): void {
    this.#parts = [];
    this.#length = 0;
    this.#empty = 0;
  }

  /** Data may look like a header: one such segment alone is no proof, unless this sender has given it before. */
  #isRepeated(others: readonly Uint8Array[]): boolean {
    const all = others.length > 0 && others.every(hasHeader);
    if (all && others.length > 1) this.#repeats = true;
    return all && this.#repeats;
  }
}

function hasHeader(information: Uint8Array): boolean {
  const head = information.subarray(0, 3);
  return equalBytes(head, llc.command) || equalBytes(head, llc.response);
}
