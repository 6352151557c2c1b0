import { dlmsError } from "../base/index.js";
import { decodeAddress, encodeAddress, type HdlcAddress } from "./address.js";
import { type Control, decodeControl, encodeControl } from "./control.js";
import { checkHolds, checkSequence } from "./fcs.js";

/** An HDLC frame of format type 3 (IEC 62056-46 clause 6.4.1). */
export interface HdlcFrame extends Control {
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  /** More segments of the same information follow. */
  readonly segmented: boolean;
  /** A view on the received octets; empty in frames that have none. */
  readonly information: Uint8Array;
}

/** A frame as it was found, with the outcome of its checks. */
export interface ReceivedFrame extends HdlcFrame {
  /** Undefined when the frame has no information field, and so no header check. */
  readonly headerCheckOk: boolean | undefined;
  readonly frameCheckOk: boolean;
  /** Control field as received. */
  readonly controlField: number;
}

export const flag = 0x7e;
/** Longest frame between its flags: eleven bits of length. */
export const longestFrame = 2047;
/** Format, two addresses, control, one check. */
export const shortestFrame = 7;
const formatType = 0xa0;
const segmentation = 0x08;

/**
 * Octets of a frame with both flags.
 * @throws UsageError `value-does-not-fit` when it exceeds 2,047 octets between the flags.
 */
export function encodeFrame(frame: HdlcFrame): Uint8Array {
  const header = [...encodeAddress(frame.destination), ...encodeAddress(frame.source), encodeControl(frame)];
  const { information } = frame;
  const length = 2 + header.length + (information.length > 0 ? 2 + information.length : 0) + 2;
  if (length > longestFrame)
    throw dlmsError("value-does-not-fit", `a frame of ${length} octets exceeds ${longestFrame}`, { layer: "hdlc" });
  const bytes = new Uint8Array(length + 2);
  bytes[0] = flag;
  bytes[1] = formatType | (frame.segmented ? segmentation : 0) | (length >> 8);
  bytes[2] = length & 0xff;
  bytes.set(header, 3);
  let at = 3 + header.length;
  if (information.length > 0) {
    at = putCheck(bytes, at);
    bytes.set(information, at);
    at += information.length;
  }
  at = putCheck(bytes, at);
  bytes[at] = flag;
  return bytes;
}

/** Length that the two format octets announce; undefined when they are no format of type 3. */
export function announcedLength(first: number, second: number): number | undefined {
  if ((first & 0xf0) !== formatType) return undefined;
  const length = ((first & 0x07) << 8) | second;
  return length < shortestFrame ? undefined : length;
}

/** Where the header ends (behind the control field); undefined when the addresses do not end in time. */
export function headerEnd(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start + 2;
  for (let address = 0; address < 2; address++) {
    const decoded = decodeAddress(bytes, at, end);
    if (decoded === undefined) return undefined;
    at += decoded.size;
  }
  return at < end ? at + 1 : undefined;
}

/**
 * Reads the frame between its flags, from the format to the frame check. Its checks are reported, not enforced.
 * Undefined when the header makes no sense.
 */
export function decodeFrame(bytes: Uint8Array, start = 0, end = bytes.length): ReceivedFrame | undefined {
  const length =
    end - start >= shortestFrame ? announcedLength(bytes[start] as number, bytes[start + 1] as number) : undefined;
  if (length === undefined || length !== end - start) return undefined;
  const destination = decodeAddress(bytes, start + 2, end);
  const source = destination && decodeAddress(bytes, start + 2 + destination.size, end);
  if (destination === undefined || source === undefined) return undefined;
  const controlAt = start + 2 + destination.size + source.size;
  const header = controlAt + 1;
  const hasInformation = header + 2 < end;
  if (!hasInformation && header + 2 !== end) return undefined;
  if (hasInformation && header + 4 > end) return undefined;
  const controlField = bytes[controlAt] as number;
  return {
    ...decodeControl(controlField),
    destination,
    source,
    controlField,
    segmented: ((bytes[start] as number) & segmentation) !== 0,
    information: hasInformation ? bytes.subarray(header + 2, end - 2) : bytes.subarray(header, header),
    headerCheckOk: hasInformation ? checkHolds(bytes, start, header) : undefined,
    frameCheckOk: checkHolds(bytes, start, end - 2),
  };
}

/** For people and traces: `I N(S)=1 N(R)=2 P`. */
export function frameText({ type, sendSequence, receiveSequence, poll, segmented }: HdlcFrame): string {
  const parts: string[] = [type.toUpperCase()];
  if (sendSequence !== undefined) parts.push(`N(S)=${sendSequence}`);
  if (receiveSequence !== undefined) parts.push(`N(R)=${receiveSequence}`);
  if (poll) parts.push("P/F");
  if (segmented) parts.push("segmented");
  return parts.join(" ");
}

/** Writes the check of everything from the format to `at` there, and returns where it ends. */
function putCheck(bytes: Uint8Array, at: number): number {
  const check = checkSequence(bytes.subarray(1, at));
  bytes[at] = check & 0xff;
  bytes[at + 1] = check >> 8;
  return at + 2;
}
