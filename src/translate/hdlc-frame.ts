import { toHex } from "../base/index.js";
import { frameCheck } from "./frame-check.js";
import type { Json, Layer } from "./types.js";

/** A frame as it stands in a capture, sound or not (IEC 62056-46, frame format type 3). */
export interface CapturedFrame {
  readonly layer: Layer;
  readonly fcsOk: boolean;
  readonly segmented: boolean;
  /** Destination and source: what tells one stream from another. */
  readonly stream: string;
  /** Send sequence number of an I frame. */
  readonly sequence?: number;
  /** Information field of I and UI frames. */
  readonly information?: Uint8Array;
}

const flag = 0x7e;

/** True when a frame format field may begin here. */
export function isFrameFormat(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at] ?? 0) & 0xf0) === 0xa0 && bytes[at + 1] !== undefined && frameLength(bytes, at) >= 7;
}

/** Octets from the frame format to the FCS, as the format field announces them. */
export function frameLength(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) & 0x07) << 8) | (bytes[at + 1] ?? 0);
}

/** Whether the FCS of the frame `from` to `to` holds. */
export function fcsHolds(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from >= 5 && frameCheck(bytes, from, to - 2) === littleEndian(bytes, to - 2);
}

/**
 * Takes apart the octets between two flags. They may be damaged: whatever stands where a field belongs is given as it
 * is, and the checks tell.
 */
export function captureFrame(bytes: Uint8Array, from: number, to: number): CapturedFrame {
  const segmented = ((bytes[from] ?? 0) & 0x08) !== 0;
  const destination = addressAt(bytes, from + 2, to);
  const source = addressAt(bytes, from + 2 + destination.length, to);
  const controlAt = from + 2 + destination.length + source.length;
  const control = bytes[controlAt] ?? 0;
  const fcsOk = fcsHolds(bytes, from, to);
  const informationAt = controlAt + 3;
  const hasInformation = to - 2 > informationAt;
  const information = hasInformation ? bytes.subarray(informationAt, to - 2) : new Uint8Array(0);
  const hcsOk = frameCheck(bytes, from, controlAt + 1) === littleEndian(bytes, controlAt + 1);
  const named = controlField(control);
  const layer: Layer = {
    type: "hdlc",
    offset: from,
    ...named,
    control: toHex(Uint8Array.of(control)),
    length: frameLength(bytes, from),
    segmented,
    destination: addressJson(destination),
    source: addressJson(source),
    ...(hasInformation && { hcsOk }),
    fcsOk,
    ...(hasInformation && hasParameters(named.frame) && parameters(information)),
    ...(named.frame === "frmr" && { reason: toHex(information) }),
  };
  return {
    layer,
    fcsOk,
    segmented,
    stream: `${toHex(destination)}>${toHex(source)}`,
    ...(named.frame === "i" && { sequence: (control >> 1) & 7 }),
    ...(hasInformation && (named.frame === "i" || named.frame === "ui") && { information }),
  };
}

/** Where the next flag stands from `at` on; the end of the octets when there is none. */
export function nextFlag(bytes: Uint8Array, at: number): number {
  const found = bytes.indexOf(flag, at);
  return found === -1 ? bytes.length : found;
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** An address ends with the octet whose lowest bit is set; four octets at most. */
function addressAt(bytes: Uint8Array, at: number, to: number): Uint8Array {
  for (let end = at; end < Math.min(at + 4, to); end++)
    if (((bytes[end] as number) & 1) === 1) return bytes.subarray(at, end + 1);
  return bytes.subarray(at, Math.min(at + 1, to));
}

/** Upper and lower address of one, two or four octets. */
function addressJson(address: Uint8Array): Json {
  const parts = [...address].map((octet) => octet >> 1);
  const hex = toHex(address);
  if (parts.length === 4) return { hex, logical: two(parts[0], parts[1]), physical: two(parts[2], parts[3]) };
  if (parts.length === 2) return { hex, logical: parts[0], physical: parts[1] };
  return { hex, logical: parts.length === 1 ? parts[0] : null };
}

const two = (high = 0, low = 0) => (high << 7) | low;

const unnumbered: Readonly<Record<number, string>> = {
  131: "snrm",
  67: "disc",
  99: "ua",
  15: "dm",
  135: "frmr",
  3: "ui",
};

function controlField(control: number): { frame: string } & Json {
  const pollFinal = (control & 0x10) !== 0;
  const nr = control >> 5;
  if ((control & 1) === 0) return { frame: "i", nr, ns: (control >> 1) & 7, pollFinal };
  if ((control & 3) === 1) {
    const frame = { 1: "rr", 5: "rnr", 9: "rej", 13: "srej" }[control & 0x0f] ?? "unknown";
    return { frame, nr, pollFinal };
  }
  return { frame: unnumbered[control & 0xef] ?? "unknown", pollFinal };
}

const hasParameters = (frame: string) => frame === "snrm" || frame === "ua";
const parameterNames: Readonly<Record<number, string>> = {
  5: "maximumInformationTransmit",
  6: "maximumInformationReceive",
  7: "windowTransmit",
  8: "windowReceive",
};

/** Negotiated parameters: format 81, group 80, length, then identifier, length and value of each. */
function parameters(information: Uint8Array): Json {
  if (information[0] !== 0x81 || information[1] !== 0x80) return { information: toHex(information) };
  const values: Json = {};
  for (let at = 3; at + 1 < information.length; ) {
    const name = parameterNames[information[at] ?? 0] ?? `parameter${information[at]}`;
    const size = information[at + 1] ?? 0;
    values[name] = information.subarray(at + 2, at + 2 + size).reduce((sum, octet) => sum * 256 + octet, 0);
    at += 2 + size;
  }
  return { parameters: values };
}
