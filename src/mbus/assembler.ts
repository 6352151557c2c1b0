import { concatBytes, type Notice } from "../base/index.js";
import { encodeMbusFrame, type MbusFrame } from "./frame.js";

/** Longest APDU put together from segments; a push is far shorter. */
const longestApdu = 65_535;
/** Senders whose APDUs may be unfinished at a time; beyond it the oldest is dropped. */
const mostOpen = 64;

export interface MbusApdu {
  readonly apdu: Uint8Array;
  readonly source: number;
  readonly destination: number;
  readonly address: number;
}

/** Puts the segments of one line's APDUs together (EN 13757-1, FIN and sequence number in the CI field). */
export class MbusAssembler {
  readonly #open = new Map<string, { parts: Uint8Array[]; length: number; next: number }>();

  /** The APDU that `frame` completes, if it does; a gap drops the APDU with a notice. */
  push(frame: MbusFrame): { readonly apdu?: MbusApdu; readonly notice?: Notice } {
    const key = `${frame.address}/${frame.source}/${frame.destination}`;
    const open = frame.sequence === 0 && !this.#continues(key) ? undefined : this.#open.get(key);
    if (open === undefined && frame.sequence !== 0)
      return { notice: lost("a segment came whose beginning is missing") };
    if (open !== undefined && frame.sequence !== open.next) {
      this.#open.delete(key);
      const notice = lost(`segment ${frame.sequence} came where ${open.next} was next`);
      return frame.sequence === 0 ? { ...this.push(frame), notice } : { notice };
    }
    if (!frame.final && frame.payload.length === 0) {
      this.#open.delete(key);
      return { notice: lost("a segment that is not the last came empty") };
    }
    const parts = open?.parts ?? [];
    parts.push(frame.payload.slice());
    const length = (open?.length ?? 0) + frame.payload.length;
    this.#open.delete(key);
    if (length > longestApdu) return { notice: lost(`an APDU exceeds ${longestApdu} octets`) };
    if (!frame.final) {
      this.#open.set(key, { parts, length, next: (frame.sequence + 1) & 0x0f });
      return this.#dropOldest();
    }
    const { source, destination, address } = frame;
    return { apdu: { apdu: concatBytes(...parts), source, destination, address } };
  }

  #dropOldest(): { readonly notice?: Notice } {
    const [oldest] = this.#open.keys();
    if (this.#open.size <= mostOpen || oldest === undefined) return {};
    this.#open.delete(oldest);
    return { notice: lost(`more than ${mostOpen} senders have unfinished APDUs: the oldest was dropped`) };
  }

  /** Sequence 0 continues an APDU of more than sixteen segments; otherwise it begins a new one. */
  #continues(key: string): boolean {
    return this.#open.get(key)?.next === 0;
  }
}

/** Cuts an APDU into frames of at most `size` octets of payload. */
export function segmentMbusApdu(
  apdu: Uint8Array,
  header: Pick<MbusFrame, "address" | "source" | "destination">,
  size = 245,
): Uint8Array[] {
  const count = Math.max(1, Math.ceil(apdu.length / size));
  return Array.from({ length: count }, (_, i) =>
    encodeMbusFrame({
      ...header,
      control: 0x53,
      sequence: i & 0x0f,
      final: i === count - 1,
      payload: apdu.subarray(i * size, (i + 1) * size),
    }),
  );
}

function lost(message: string): Notice {
  return { type: "notice", name: "mbus-segment-lost", message };
}
