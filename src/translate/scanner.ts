import { concatBytes } from "../base/index.js";
import type { LocalMessage } from "../iec62056-21/index.js";
import { withoutParity } from "./local-unit.js";
import { apduLength, matchUnit, type Unit } from "./units.js";

/** A unit that is whole. */
export type WholeUnit = Exclude<Unit, { kind: "none" | "incomplete" | "filling" }>;

/** Who takes what the scanner finds, in the order of the input. */
export interface UnitSink {
  unit(unit: WholeUnit, bytes: Uint8Array, offset: number): void;
  /** Something began and will not end. */
  incomplete(unit: Unit, bytes: Uint8Array, offset: number): void;
  noise(bytes: Uint8Array): void;
}

/** Tries times octets that are spent on something begun, in the hope of an end that no length field tells. */
const mostJoining = 4_000_000;
/** Fewer octets than this are the begin of nothing in particular. */
const fewest = 4;
const mostGlued = 10_000;

/** Cuts pieces of a stream into messages, joining what was split. */
export class UnitScanner {
  readonly #sink: UnitSink;
  /** Octets of a unit that has begun and not ended. */
  #carry: Uint8Array[] = [];
  #carried = 0;
  #needed = 0;
  /** How often what is kept was looked at in vain. */
  #tries = 0;
  /** Offset of the octets being scanned, and of the end of the input so far. */
  #at = 0;
  #consumed = 0;
  #parity = false;

  constructor(sink: UnitSink) {
    this.#sink = sink;
  }

  /** Takes the next piece: a line, a datagram, or any part of a stream. */
  push(piece: Uint8Array): void {
    const tooMany = this.#tries * this.#carried > mostJoining;
    if (this.#carried > 0 && (tooMany || this.#beginsAnew(piece))) this.finish();
    this.#consumed += piece.length;
    if (this.#carried > 0) {
      this.#carry.push(piece.slice());
      this.#carried += piece.length;
      if (this.#carried < this.#needed) return;
      this.#tries++;
    } else this.#tries = 0;
    const octets = this.#carried === 0 ? piece : this.#takeCarry();
    const plain = withoutParity(octets);
    this.#parity = plain !== undefined;
    const bytes = plain ?? octets;
    this.#at = this.#consumed - bytes.length;
    this.#scan(bytes);
  }

  /** Whether the octets being scanned came with parity bits on top of their characters. */
  get parity(): boolean {
    return this.#parity;
  }

  /** Gives up what has begun and not ended. */
  finish(): void {
    if (this.#carried === 0) return;
    const bytes = this.#takeCarry();
    if (bytes.length < fewest) this.#noise(bytes);
    else this.#sink.incomplete(matchUnit(bytes, 0, true), bytes, this.#consumed - bytes.length);
  }

  #scan(bytes: Uint8Array): void {
    let noiseFrom = 0;
    let gluedUpTo = 0;
    let afterBare = true;
    for (let at = 0; at < bytes.length; ) {
      let unit = matchUnit(bytes, at, noiseFrom === at);
      if (unit.kind === "none" || !isCredible(unit, bytes, at, noiseFrom === at, afterBare)) {
        at++;
        afterBare = false;
        continue;
      }
      afterBare = unit.kind === "apdu";
      this.#noise(bytes.subarray(noiseFrom, at));
      if (unit.kind === "incomplete") return this.#keep(bytes, at, unit.needed);
      if (unit.kind === "apdu" && at + unit.size < bytes.length && gluedUpTo <= at) {
        if (isGlued(bytes, at + unit.size)) gluedUpTo = bytes.length;
        else unit = { ...unit, size: bytes.length - at };
      }
      if (unit.kind !== "filling") this.#sink.unit(unit, bytes.subarray(at, at + unit.size), this.#at + at);
      at += unit.size;
      noiseFrom = at;
    }
    this.#noise(bytes.subarray(noiseFrom));
  }

  #keep(bytes: Uint8Array, at: number, needed: number): void {
    if (at > 0) this.#tries = 0;
    this.#carry = [bytes.slice(at)];
    this.#carried = bytes.length - at;
    this.#needed = needed;
  }

  /** Takes back what was kept. */
  #takeCarry(): Uint8Array {
    const bytes = concatBytes(...this.#carry);
    this.#carry = [];
    this.#carried = 0;
    return bytes;
  }

  /** True when a piece stands for itself, so that what was begun before it will never end. */
  #beginsAnew(piece: Uint8Array): boolean {
    const unit = matchUnit(piece, 0, true);
    if (unit.kind === "hdlc") return unit.frame.fcsOk;
    if (unit.kind === "mbus") return unit.frame.checksumOk;
    if (unit.kind === "wrapper") return unit.size === piece.length;
    const begun = this.#carry.find((part) => part.length > 0)?.[0];
    return (
      begun !== 0x7e &&
      begun !== 0 &&
      begun !== 0x68 &&
      begun !== 0x02 &&
      isSoundApdu(unit) &&
      isGlued(piece, unit.size)
    );
  }

  #noise(bytes: Uint8Array): void {
    const isFilling = bytes.every((octet) => octet === 0x0d || octet === 0x0a || octet === 0x7e);
    if (!isFilling) this.#sink.noise(bytes.slice());
  }
}

/**
 * Whether a match can be what it looks like. Frames tell by their checks; amid noise any octet would do for the tag of
 * an APDU, so that one without a frame must stand at the begin of its piece, or be sound and follow another message.
 */
function isCredible(unit: Unit, bytes: Uint8Array, at: number, follows: boolean, afterBare: boolean): boolean {
  const of = unit.kind === "incomplete" ? unit.of : unit.kind;
  if (of === "wrapper" && !follows)
    return unit.kind === "wrapper" && apduLength(bytes.subarray(at + 8, at + unit.size)) === unit.size - 8;
  if (unit.kind === "local" && !follows) return isTelling(unit.message);
  if (of !== "apdu" || (unit.kind === "apdu" && unit.llc)) return true;
  if (!follows) return false;
  if (isSoundApdu(unit)) return true;
  return afterBare && (unit.kind === "incomplete" || at === 0) && !holdsFrame(bytes, at + 1);
}

function isSoundApdu(unit: Unit): unit is Extract<Unit, { kind: "apdu" }> {
  return unit.kind === "apdu" && unit.sound;
}

/** True for messages that noise would hardly make. */
function isTelling(message: LocalMessage): boolean {
  if (message.type === "data" || message.type === "command") return message.checkOk && message.text.length > 4;
  return message.type !== "acknowledge" && message.type !== "repeat-request";
}

/** True when a frame whose check holds begins somewhere from `from` on. */
function holdsFrame(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== 0x7e && bytes[at] !== 0x68) continue;
    const unit = matchUnit(bytes, at, false);
    if ((unit.kind === "hdlc" && unit.frame.fcsOk) || (unit.kind === "mbus" && unit.frame.checksumOk)) return true;
  }
  return false;
}

/** True when all from `from` on is one sound message after the other. */
function isGlued(bytes: Uint8Array, from: number): boolean {
  let at = from;
  for (let count = 0; at < bytes.length && count < mostGlued; count++) {
    const unit = matchUnit(bytes, at, true);
    if (unit.kind === "none" || unit.kind === "incomplete" || (unit.kind === "apdu" && !unit.sound)) return false;
    at += unit.size;
  }
  return true;
}
