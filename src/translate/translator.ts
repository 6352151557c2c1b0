import { concatBytes, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { type LocalMessage, parseDataSets } from "../iec62056-21/index.js";
import { MbusAssembler, type ParsedMbusFrame } from "../mbus/index.js";
import { GeneralBlockAssembly } from "./blocks.js";
import { checkProblem, Explainer } from "./explain.js";
import type { CapturedFrame } from "./hdlc-frame.js";
import { Opener } from "./opener.js";
import { identificationJson, telegramLayer } from "./telegram.js";
import type { Json, Layer, Message, Problem, TranslateKeys } from "./types.js";
import { hasLlc, matchUnit, type Unit } from "./units.js";

/** Layers that came and belong to a message of which more is expected. */
interface Held {
  readonly stream: string;
  readonly layers: Layer[];
  readonly waitsFor: string;
  apdu: Json | null;
  problem: Problem | undefined;
}

interface SegmentedApdu {
  readonly parts: Uint8Array[];
  sequence: number | undefined;
  llcEverywhere: boolean;
}

const incompleteNames = {
  hdlc: "an HDLC frame",
  wrapper: "a wrapper packet",
  mbus: "an M-Bus frame",
  "iec62056-21": "a data block",
  apdu: "an APDU",
} as const;

/** Explains a stream of messages, cut anywhere. Feed it with `push`, end with `finish`. */
export class Translator {
  readonly #messages: Message[] = [];
  readonly #explainer: Explainer;
  readonly #segments = new Map<string, SegmentedApdu>();
  readonly #transfers = new Map<string, GeneralBlockAssembly>();
  readonly #mbus = new MbusAssembler();
  #held: Held | undefined;
  #noise: Uint8Array[] = [];
  /** Octets of a unit that has begun and not ended, and where they began in the input. */
  #carry: Uint8Array[] = [];
  #carried = 0;
  #needed = 0;
  #at = 0;
  #consumed = 0;

  constructor(crypto: CryptoProvider, keys: TranslateKeys) {
    this.#explainer = new Explainer(new Opener(crypto, keys));
  }

  /** Takes the next piece: a line, a datagram, or any part of a stream. */
  push(piece: Uint8Array): void {
    const tooMany = this.#carry.length > mostPieces && this.#needed === 0;
    if (this.#carried > 0 && (tooMany || this.#beginsAnew(piece))) this.#giveUpCarry();
    this.#consumed += piece.length;
    if (this.#carried > 0) {
      this.#carry.push(piece.slice());
      this.#carried += piece.length;
      if (this.#carried < this.#needed) return;
    }
    const pieces = this.#carry.length;
    const bytes = pieces === 0 ? piece : this.#takeCarry();
    this.#at = this.#consumed - bytes.length;
    this.#scan(bytes);
    // So that what takes many pieces is not tried for ever.
    if (this.#carried > 0 && this.#needed === 0) for (let i = 1; i < pieces; i++) this.#carry.unshift(noBytes);
  }

  /** All messages; what has begun and not ended is told as truncated. */
  finish(): Message[] {
    this.#giveUpCarry();
    this.#release(true);
    for (const [stream, { received }] of this.#transfers)
      if (received > 0) this.#markOpen(`a block transfer of ${stream || "this stream"} ends after block ${received}`);
    if (this.#noise.length > 0)
      this.#emit([], null, { code: "malformed", message: "octets of no known message", offset: null });
    return this.#messages;
  }

  #scan(bytes: Uint8Array): void {
    let noiseFrom = 0;
    let gluedUpTo = 0;
    for (let at = 0; at < bytes.length; ) {
      let unit = matchUnit(bytes, at);
      const isBare = (unit.kind === "apdu" && !unit.llc) || (unit.kind === "incomplete" && unit.of === "apdu");
      // Amid noise any octet would do for the tag of an APDU.
      if (unit.kind === "none" || (isBare && (noiseFrom < at || (!isSound(unit) && holdsFrame(bytes, at + 1))))) {
        at++;
        continue;
      }
      this.#addNoise(bytes.subarray(noiseFrom, at));
      if (unit.kind === "incomplete") return this.#keep(bytes.subarray(at), unit.needed);
      if (unit.kind === "apdu" && at + unit.size < bytes.length && gluedUpTo <= at) {
        if (isGlued(bytes, at + unit.size)) gluedUpTo = bytes.length;
        else unit = { ...unit, size: bytes.length - at };
      }
      this.#take(unit, bytes.subarray(at, at + unit.size), this.#at + at);
      at += unit.size;
      noiseFrom = at;
    }
    this.#addNoise(bytes.subarray(noiseFrom));
  }

  #keep(bytes: Uint8Array, needed: number): void {
    this.#carry = [bytes.slice()];
    this.#carried = bytes.length;
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
    const unit = matchUnit(piece, 0);
    if (unit.kind === "hdlc") return unit.frame.fcsOk;
    if (unit.kind === "mbus") return unit.frame.checksumOk;
    if (unit.kind === "wrapper") return unit.size === piece.length;
    const begun = this.#carry.find((part) => part.length > 0)?.[0];
    return begun !== 0x7e && begun !== 0 && begun !== 0x68 && begun !== 0x02 && unit.kind === "apdu" && unit.sound;
  }

  #giveUpCarry(): void {
    if (this.#carried === 0) return;
    const bytes = this.#takeCarry();
    const unit = matchUnit(bytes, 0);
    const of = unit.kind === "incomplete" ? unit.of : "apdu";
    const problem = { code: "truncated", message: `${incompleteNames[of]} ends too early`, offset: bytes.length };
    this.#release(false);
    if (of !== "apdu")
      return this.#emit([{ type: of, offset: this.#consumed - bytes.length, hex: toHex(bytes) }], null, problem);
    const llc = hasLlc(bytes, 0);
    const explained = this.#explainer.explain(llc ? bytes.subarray(3) : bytes);
    const layers: Layer[] = llc ? [llcLayer(bytes, this.#consumed - bytes.length)] : [];
    this.#emit(layers, explained.apdu, explained.problem ?? problem, explained.security);
  }

  #addNoise(bytes: Uint8Array): void {
    const rest = bytes.filter((octet) => octet !== 0x0d && octet !== 0x0a && octet !== 0x7e);
    if (rest.length > 0) this.#noise.push(bytes.slice());
  }

  #take(unit: Exclude<Unit, { kind: "none" | "incomplete" }>, bytes: Uint8Array, offset: number): void {
    switch (unit.kind) {
      case "filling":
        return;
      case "hdlc":
        return this.#takeFrame(unit.frame, offset - (unit.frame.layer.offset as number));
      case "wrapper":
        return this.#takeWrapper(bytes, offset);
      case "mbus":
        return this.#takeMbus(unit.frame, offset);
      case "apdu": {
        const layers = unit.llc ? [llcLayer(bytes, offset)] : [];
        return this.#takeApdu(unit.llc ? bytes.subarray(3) : bytes, layers, "", undefined);
      }
      case "telegram": {
        const layer = telegramLayer(unit.telegram, offset);
        this.#release(false);
        const problem =
          layer["crcOk"] === false ? checkProblem("the CRC does not hold") : unit.closed ? null : unclosed;
        return this.#emit([layer], null, problem);
      }
      case "local":
        this.#release(false);
        return this.#takeLocal(unit.message, unit.parity, offset);
      case "data-sets":
        this.#release(false);
        return this.#emit(
          [{ type: "iec62056-21", offset, message: "data", dataSets: parseDataSets(unit.text) }],
          null,
          null,
        );
    }
  }

  #takeFrame(frame: CapturedFrame, shift: number): void {
    const layer: Layer = { ...frame.layer, offset: frame.layer.offset + shift };
    const problem = frame.fcsOk ? undefined : checkProblem("the frame check sequence does not hold");
    const { stream, information } = frame;
    if (information === undefined) {
      this.#release(false);
      return this.#emit([layer], null, problem ?? null);
    }
    const open = this.#segments.get(stream);
    if (open === undefined && !frame.segmented) {
      const llc = hasLlc(information, 0);
      const layers = llc ? [layer, llcLayer(information, layer.offset)] : [layer];
      return this.#takeApdu(llc ? information.subarray(3) : information, layers, stream, problem);
    }
    this.#takeSegment(frame, information, layer, problem);
  }

  #takeSegment(frame: CapturedFrame, information: Uint8Array, layer: Layer, problem: Problem | undefined): void {
    const { stream, sequence } = frame;
    let open = this.#segments.get(stream);
    const isRepeated = open !== undefined && sequence !== undefined && sequence === open.sequence;
    const llc = hasLlc(information, 0);
    if (open === undefined) {
      open = { parts: [llc ? information.subarray(3).slice() : information.slice()], sequence, llcEverywhere: llc };
      this.#segments.set(stream, open);
    } else if (!isRepeated) {
      // Some meters repeat the header in each segment.
      open.llcEverywhere &&= llc;
      open.parts.push((open.llcEverywhere ? information.subarray(3) : information).slice());
      open.sequence = sequence;
    }
    const layers = llc ? [layer, llcLayer(information, layer.offset)] : [layer];
    this.#hold(stream, layers, "the next segment", null, problem);
    if (frame.segmented) return;
    this.#segments.delete(stream);
    const held = this.#held;
    this.#held = undefined;
    this.#takeApdu(concatBytes(...open.parts), held?.layers ?? [], stream, held?.problem);
  }

  #takeWrapper(bytes: Uint8Array, offset: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [source, destination] = [view.getUint16(2), view.getUint16(4)];
    const layer: Layer = { type: "wrapper", offset, version: 1, source, destination, length: bytes.length - 8 };
    if (bytes.length === 8) {
      this.#release(false);
      return this.#emit([layer], null, null);
    }
    this.#takeApdu(bytes.subarray(8), [layer], `${source}>${destination}`, undefined);
  }

  #takeMbus(frame: ParsedMbusFrame, offset: number): void {
    const { control, address, sequence, final, source, destination, checksumOk, lengthWrapped } = frame;
    const layer: Layer = {
      type: "mbus",
      offset,
      ...{ control, address, sequence, final, source, destination, checksumOk, length: frame.size - 6 },
      ...(lengthWrapped && { lengthWrapped }),
    };
    const problem = checksumOk ? undefined : checkProblem("the check sum does not hold");
    const stream = `mbus ${source}>${destination}`;
    const { apdu, notice } = this.#mbus.push(frame);
    if (notice !== undefined) this.#release(false);
    this.#hold(stream, [layer], "the next segment", null, problem);
    if (apdu === undefined) {
      if (notice === undefined) return;
      const lost = this.#held as Held;
      lost.problem ??= { code: "truncated", message: notice.message, offset: null };
      return frame.sequence === 0 ? undefined : this.#release(false);
    }
    const held = this.#held as Held;
    this.#held = undefined;
    this.#takeApdu(apdu.apdu, held.layers, stream, held.problem);
  }

  #takeLocal(message: LocalMessage, parity: boolean, offset: number): void {
    const base = { type: "iec62056-21", offset, message: message.type, ...(parity && { parity: "even" }) } as const;
    if (message.type === "identification")
      return this.#emit([{ ...base, ...identificationJson(message.identification) }], null, null);
    if (message.type === "data" || message.type === "command") {
      const { checkOk, text, last, ...rest } = message as typeof message & { checkIsSum?: boolean; command?: string };
      const dataSets = message.type === "data" ? parseDataSets(text) : [];
      const secret = rest.command !== undefined && /^P[12]$/.test(rest.command);
      const layer: Layer = {
        ...base,
        ...(rest.command !== undefined && { command: rest.command }),
        ...(secret ? {} : { text }),
        last,
        checksumOk: checkOk,
        ...(rest.checkIsSum && { checkIsSum: true }),
        ...(dataSets.length > 0 && { dataSets }),
      };
      return this.#emit([layer], null, checkOk ? null : checkProblem("the block check does not hold"));
    }
    const { type: _, ...fields } = message;
    this.#emit([{ ...base, ...fields }], null, null);
  }

  #takeApdu(apdu: Uint8Array, layers: Layer[], stream: string, problem: Problem | undefined): void {
    const explained = this.#explainer.explain(apdu);
    if (explained.block === undefined || (explained.block.blockData.length === 0 && !explained.block.lastBlock)) {
      this.#release(false);
      const all = explained.telegram ? [...layers, explained.telegram] : layers;
      return this.#emit(
        all,
        explained.apdu,
        problem ?? explained.problem ?? null,
        explained.security,
        explained.notices,
      );
    }
    this.#takeBlock(explained.block, explained.apdu ?? {}, layers, stream, problem);
  }

  #takeBlock(
    block: NonNullable<ReturnType<Explainer["explain"]>["block"]>,
    json: Json,
    layers: Layer[],
    stream: string,
    problem: Problem | undefined,
  ): void {
    const transfer = this.#transfers.get(stream) ?? new GeneralBlockAssembly();
    this.#transfers.set(stream, transfer);
    const before = transfer.received;
    const outcome = transfer.add(block);
    const { blockNumber, lastBlock, window, blockNumberAck } = block;
    const service: Layer = {
      type: "apdu",
      offset: layers[0]?.offset ?? this.#at,
      ...{ service: "general-block-transfer", blockNumber, lastBlock, window, blockNumberAck },
    };
    if (before > 0 && outcome === "first") {
      if (this.#held) this.#held.problem ??= truncatedTransfer(before);
      this.#release(false);
    }
    const wasHeld = this.#held?.stream === `gbt ${stream}`;
    this.#hold(`gbt ${stream}`, [...layers, service], "the next block", json, problem);
    const held = this.#held as Held;
    if (outcome === "gap") {
      held.problem ??= {
        code: "truncated",
        message: `block ${blockNumber} came without those before it`,
        offset: null,
      };
      return this.#release(false);
    }
    if (typeof outcome === "string") return;
    this.#held = undefined;
    const inner = this.#explainer.explain(outcome.apdu);
    const error = held.problem ?? inner.problem ?? null;
    const layersOut = inner.telegram ? [...held.layers, inner.telegram] : held.layers;
    if (wasHeld) return this.#emit(layersOut, inner.apdu, error, inner.security, inner.notices);
    const nested = inner.security ? { ...inner.apdu, security: inner.security } : inner.apdu;
    this.#emit(layersOut, { ...json, apdu: nested }, error, undefined, inner.notices);
  }

  /** Keeps layers for a message that goes on; those of another are given out first. */
  #hold(
    stream: string,
    layers: readonly Layer[],
    waitsFor: string,
    apdu: Json | null,
    problem: Problem | undefined,
  ): void {
    if (this.#held !== undefined && this.#held.stream !== stream) this.#release(false);
    this.#held ??= { stream, layers: [], waitsFor, apdu, problem };
    this.#held.layers.push(...layers);
    this.#held.apdu = apdu;
    this.#held.problem ??= problem;
  }

  /** Gives out what is held, as something else came between (or nothing came any more). */
  #release(ended: boolean): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    const missing = { code: "truncated", message: `${held.waitsFor} is missing`, offset: null };
    this.#emit(held.layers, held.apdu, held.problem ?? (ended ? missing : null));
  }

  #markOpen(message: string): void {
    const at = this.#messages.length - 1;
    const last = this.#messages[at];
    if (last !== undefined)
      this.#messages[at] = { ...last, error: last.error ?? { code: "truncated", message, offset: null } };
  }

  #emit(
    layers: readonly Layer[],
    apdu: Json | null,
    error: Problem | null,
    security?: Json,
    notices: readonly string[] = [],
  ): void {
    const noise = this.#noise.length === 0 ? undefined : toHex(concatBytes(...this.#noise));
    this.#noise = [];
    this.#messages.push({
      layers,
      apdu,
      ...(security && { security }),
      ...(noise !== undefined && { noise }),
      ...(notices.length > 0 && { notices }),
      error,
    });
  }
}

/** Pieces that an APDU without a length of its own may be split into. */
const mostPieces = 64;
const unclosed: Problem = { code: "truncated", message: "the telegram ends before its !", offset: null };
const noBytes = new Uint8Array(0);
const mostGlued = 10_000;

function isSound(unit: Unit): boolean {
  return unit.kind === "apdu" && unit.sound;
}

/** True when a frame whose check holds begins somewhere from `from` on. */
function holdsFrame(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== 0x7e && bytes[at] !== 0x68) continue;
    const unit = matchUnit(bytes, at);
    if ((unit.kind === "hdlc" && unit.frame.fcsOk) || (unit.kind === "mbus" && unit.frame.checksumOk)) return true;
  }
  return false;
}

/** True when all from `from` on is one sound message after the other. */
function isGlued(bytes: Uint8Array, from: number): boolean {
  let at = from;
  for (let count = 0; at < bytes.length && count < mostGlued; count++) {
    const unit = matchUnit(bytes, at);
    if (unit.kind === "none" || unit.kind === "incomplete" || (unit.kind === "apdu" && !unit.sound)) return false;
    at += unit.size;
  }
  return true;
}

function llcLayer(bytes: Uint8Array, offset: number): Layer {
  return {
    type: "llc",
    offset,
    header: toHex(bytes.subarray(0, 3)),
    direction: bytes[1] === 0xe6 ? "request" : "response",
  };
}

function truncatedTransfer(blocks: number): Problem {
  return { code: "truncated", message: `a block transfer ends after block ${blocks}`, offset: null };
}
