import { toHex } from "../base/index.js";
import { type Control, checkHolds, decodeAddress, decodeControl, decodeParameters, rejectText } from "../hdlc/index.js";
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
  return to - from >= 5 && checkHolds(bytes, from, to - 2);
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
  const controlField = bytes[controlAt] ?? 0;
  const control = decodeControl(controlField);
  const { type: frame } = control;
  const fcsOk = fcsHolds(bytes, from, to);
  const informationAt = controlAt + 3;
  const hasInformation = to - 2 > informationAt;
  const information = hasInformation ? bytes.subarray(informationAt, to - 2) : new Uint8Array(0);
  const layer: Layer = {
    type: "hdlc",
    offset: from,
    ...controlJson(control),
    control: toHex(Uint8Array.of(controlField)),
    length: frameLength(bytes, from),
    segmented,
    destination: addressJson(destination),
    source: addressJson(source),
    ...(hasInformation && { hcsOk: checkHolds(bytes, from, controlAt + 1) }),
    fcsOk,
    ...(hasInformation && (frame === "snrm" || frame === "ua") && { parameters: decodeParameters(information) }),
    ...(frame === "frmr" && { information: toHex(information), reason: rejectText(information) }),
  };
  return {
    layer,
    fcsOk,
    segmented,
    stream: `${toHex(destination)}>${toHex(source)}`,
    ...(control.sendSequence !== undefined && { sequence: control.sendSequence }),
    ...(hasInformation && (frame === "i" || frame === "ui") && { information }),
  };
}

/** Where the next flag stands from `at` on; the end of the octets when there is none. */
export function nextFlag(bytes: Uint8Array, at: number): number {
  const found = bytes.indexOf(flag, at);
  return found === -1 ? bytes.length : found;
}

/** An address ends with the octet whose lowest bit is set; four octets at most. */
function addressAt(bytes: Uint8Array, at: number, to: number): Uint8Array {
  for (let end = at; end < Math.min(at + 4, to); end++)
    if (((bytes[end] as number) & 1) === 1) return bytes.subarray(at, end + 1);
  return bytes.subarray(at, Math.min(at + 1, to));
}

/** Logical device and, in the wider forms, physical device; neither where the octets are no address. */
function addressJson(octets: Uint8Array): Json {
  const address = decodeAddress(octets, 0, octets.length);
  const { upper = null, lower } = address ?? {};
  return { hex: toHex(octets), logical: upper, ...(lower !== undefined && { physical: lower }) };
}

function controlJson({ type, poll, sendSequence, receiveSequence }: Control): Json {
  return {
    frame: type,
    ...(receiveSequence !== undefined && { nr: receiveSequence }),
    ...(sendSequence !== undefined && { ns: sendSequence }),
    pollFinal: poll,
  };
}
