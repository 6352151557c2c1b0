import { concatBytes, dlmsError } from "../../base/index.js";
import type { Framed, PushFramer } from "./framing.js";

const slash = 0x2f;
const lineFeed = 0x0a;
const exclamation = 0x21;
/** The longest telegram kept; real ones have some thousand octets. */
const longest = 65_535;

/**
 * Telegrams of a P1 port: in clear, from `/` to the line of the `!`, or ciphered, as general-glo-ciphering without any
 * frame (the Luxembourg and Swedish profiles).
 */
export class P1Framer implements PushFramer {
  #pending: Uint8Array = new Uint8Array();

  push(bytes: Uint8Array): Framed[] {
    this.#pending = concatBytes(this.#pending, bytes);
    return this.#scan(false);
  }

  flush(): Framed[] {
    return this.#scan(true);
  }

  #scan(ended: boolean): Framed[] {
    const bytes = this.#pending;
    const found: Framed[] = [];
    let noiseFrom = 0;
    let at = 0;
    const noise = () => {
      const run = bytes.slice(noiseFrom, at);
      if (run.every((octet) => octet === 0x0d || octet === lineFeed || octet === 0)) return;
      const error = dlmsError("malformed", "octets that are no telegram", { layer: "iec62056-21" });
      found.push({ type: "spoilt", error, bytes: run });
    };
    while (at < bytes.length) {
      const end = endOf(bytes, at);
      if (end === "incomplete" && !ended) break;
      if (typeof end === "string") {
        at++;
        continue;
      }
      noise();
      found.push({ type: "apdu", apdu: bytes.slice(at, end) });
      at = noiseFrom = end;
    }
    noise();
    this.#pending = bytes.slice(at);
    return found;
  }
}

/** Where the message that begins at `at` ends. */
function endOf(bytes: Uint8Array, at: number): number | "none" | "incomplete" {
  if (bytes[at] === slash) return endOfTelegram(bytes, at);
  if (bytes[at] === 0xdb) return endOfCiphered(bytes, at);
  return "none";
}

function endOfTelegram(bytes: Uint8Array, at: number): number | "none" | "incomplete" {
  let closed = false;
  for (let i = at; i < bytes.length; i++) {
    const octet = bytes[i] as number;
    const printable = octet >= 0x20 && octet < 0x7f;
    if ((!printable && octet !== 0x0d && octet !== lineFeed) || i - at > longest) return "none";
    // A telegram within a telegram: the end of the first was lost.
    if (i > at && octet === slash && bytes[i - 1] === lineFeed) return "none";
    if (octet === exclamation && bytes[i - 1] === lineFeed) closed = true;
    if (closed && octet === lineFeed) return i + 1;
  }
  return "incomplete";
}

/** Tag, system title of eight octets, length, security header of five octets and what it protects. */
function endOfCiphered(bytes: Uint8Array, at: number): number | "none" | "incomplete" {
  const head = bytes.subarray(at, at + 14);
  if ((head[1] ?? 8) !== 8) return "none";
  const first = head[10];
  if (first === undefined) return "incomplete";
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (size > 2) return "none";
  if (head.length < 12 + size) return "incomplete";
  const length = size === 0 ? first : size === 1 ? (head[11] as number) : ((head[11] as number) << 8) | (head[12] ?? 0);
  const control = head[11 + size] as number;
  if (length < 5 || (control & 0x0f) > 2 || (control & 0x30) === 0 || control >= 0x80) return "none";
  const end = at + 11 + size + length;
  return end > bytes.length ? "incomplete" : end;
}
