import { concatBytes, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { type LocalMessage, parseDataSets } from "../iec62056-21/index.js";
import { MbusAssembler, type ParsedMbusFrame } from "../mbus/index.js";
import { GeneralBlockAssembly } from "./blocks.js";
import { encodedDataJson } from "./data-json.js";
import { checkProblem, Explainer, unclosedTelegram } from "./explain.js";
import type { CapturedFrame } from "./hdlc-frame.js";
import { Opener } from "./opener.js";
import { UnitScanner, type WholeUnit } from "./scanner.js";
import { identificationJson, telegramLayer } from "./telegram.js";
import type { Json, Layer, Message, Problem, TranslateKeys } from "./types.js";
import { hasLlc, type Unit } from "./units.js";

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
  readonly #scanner = new UnitScanner({
    unit: (unit, bytes, offset) => this.#take(unit, bytes, offset),
    incomplete: (unit, bytes, offset) => this.#takeIncomplete(unit, bytes, offset),
    noise: (bytes) => this.#noise.push(bytes),
  });

  constructor(crypto: CryptoProvider, keys: TranslateKeys) {
    this.#explainer = new Explainer(new Opener(crypto, keys));
  }

  /** Takes the next piece: a line, a datagram, or any part of a stream. */
  push(piece: Uint8Array): void {
    this.#scanner.push(piece);
  }

  /** All messages; what has begun and not ended is told as truncated. */
  finish(): Message[] {
    this.#scanner.finish();
    this.#release(true);
    for (const [stream, { received }] of this.#transfers)
      if (received > 0) this.#markOpen(`a block transfer of ${stream || "this stream"} ends after block ${received}`);
    if (this.#noise.length > 0)
      this.#emit([], null, { code: "malformed", message: "octets of no known message", offset: null });
    return this.#messages;
  }

  #takeIncomplete(unit: Unit, bytes: Uint8Array, offset: number): void {
    const of = unit.kind === "incomplete" ? unit.of : "apdu";
    const problem = { code: "truncated", message: `${incompleteNames[of]} ends too early`, offset: bytes.length };
    this.#release(false);
    if (of !== "apdu") return this.#emit([{ type: of, offset, hex: toHex(bytes) }], null, problem);
    const llc = hasLlc(bytes, 0);
    const explained = this.#explainer.explain(llc ? bytes.subarray(3) : bytes);
    this.#emit(llc ? [llcLayer(bytes, offset)] : [], explained.apdu, explained.problem ?? problem, explained.security);
  }

  #take(unit: WholeUnit, bytes: Uint8Array, offset: number): void {
    switch (unit.kind) {
      case "hdlc":
        return this.#takeFrame(unit.frame, offset - (unit.frame.layer.offset as number));
      case "wrapper":
        return this.#takeWrapper(bytes, offset);
      case "mbus":
        return this.#takeMbus(unit.frame, offset);
      case "apdu": {
        const layers = unit.llc ? [llcLayer(bytes, offset)] : [];
        return this.#takeApdu(unit.llc ? bytes.subarray(3) : bytes, layers, "", undefined, offset);
      }
      case "data": {
        const problems: Problem[] = [];
        const data = encodedDataJson(bytes, (problem) => problems.push(problem));
        this.#release(false);
        return this.#emit([], { type: "data", data }, problems[0] ?? null);
      }
      case "telegram": {
        const layer = telegramLayer(unit.telegram, offset);
        this.#release(false);
        const problem =
          layer["crcOk"] === false ? checkProblem("the CRC does not hold") : unit.closed ? null : unclosedTelegram;
        return this.#emit([layer], null, problem);
      }
      case "local":
        this.#release(false);
        return this.#takeLocal(unit.message, this.#scanner.parity, offset);
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
    const problem = frameProblem(frame);
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

  #takeApdu(apdu: Uint8Array, layers: Layer[], stream: string, problem: Problem | undefined, offset = 0): void {
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
    this.#takeBlock(explained.block, explained.apdu ?? {}, layers, stream, problem, layers[0]?.offset ?? offset);
  }

  #takeBlock(
    block: NonNullable<ReturnType<Explainer["explain"]>["block"]>,
    json: Json,
    layers: Layer[],
    stream: string,
    problem: Problem | undefined,
    offset: number,
  ): void {
    const transfer = this.#transfers.get(stream) ?? new GeneralBlockAssembly();
    this.#transfers.set(stream, transfer);
    const before = transfer.received;
    const outcome = transfer.add(block);
    const { blockNumber, lastBlock, window, blockNumberAck } = block;
    const service: Layer = {
      type: "apdu",
      offset,
      ...{ service: "general-block-transfer", blockNumber, lastBlock, window, blockNumberAck },
    };
    if (before > 0 && blockNumber === 1 && outcome !== "repeated") {
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

function frameProblem({ fcsOk, layer }: CapturedFrame): Problem | undefined {
  if (!fcsOk) return checkProblem("the frame check sequence does not hold");
  return layer["hcsOk"] === false ? checkProblem("the header check sequence does not hold") : undefined;
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
