import { ByteWriter, dlmsError } from "../base/index.js";

/**
 * A long frame of EN 13757-2 that carries DLMS under the transport layer of EN 13757-1: `68 L L 68 C A CI STSAP DTSAP
 * data CS 16`.
 */
export interface MbusFrame {
  /** Control field; 53 (SND-UD) in pushes. */
  readonly control: number;
  /** Address field; FF is broadcast. */
  readonly address: number;
  /** Number of the segment, counted from 0, modulo 16: the low half of a CI field of 00 to 1F. */
  readonly sequence: number;
  /** The last segment of its APDU (FIN, bit 4 of the CI field). */
  readonly final: boolean;
  /** Source and destination transport service access points. */
  readonly source: number;
  readonly destination: number;
  readonly payload: Uint8Array;
}

/** A frame with what a diagnosis needs. */
export interface ParsedMbusFrame extends MbusFrame {
  readonly checksumOk: boolean;
  /** The octets C to the last of the payload number 256 more than the L field says: it has overflowed. */
  readonly lengthWrapped: boolean;
  /** Octets of the whole frame. */
  readonly size: number;
}

/** C, A, CI, STSAP, DTSAP. */
const headerSize = 5;
/** Start, L, L, start; check sum, stop. */
const envelope = 6;

/** Sum of the octets from C to the last of the payload, modulo 256. */
export function mbusChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const octet of bytes) sum += octet;
  return sum & 0xff;
}

/**
 * Encodes a frame. @throws UsageError `value-does-not-fit` when the payload exceeds 250 octets.
 */
export function encodeMbusFrame(frame: MbusFrame): Uint8Array {
  const length = headerSize + frame.payload.length;
  if (length > 255)
    throw dlmsError("value-does-not-fit", `a long frame carries at most 250 octets, not ${frame.payload.length}`, {
      layer: "mbus",
    });
  const body = new ByteWriter(length)
    .u8(frame.control)
    .u8(frame.address)
    .u8((frame.sequence & 0x0f) | (frame.final ? 0x10 : 0))
    .u8(frame.source)
    .u8(frame.destination)
    .bytes(frame.payload)
    .finish();
  const writer = new ByteWriter(length + envelope).u8(0x68).u8(length).u8(length).u8(0x68).bytes(body);
  return writer.u8(mbusChecksum(body)).u8(0x16).finish();
}

/** What stands at `at`: a frame, nothing of the kind, or the begin of something that needs more octets. */
export type MbusMatch = ParsedMbusFrame | "none" | "incomplete";

/** Looks for a long frame that begins at `at`. Damaged frames are returned too, if their stop octet is in place. */
export function matchMbusFrame(bytes: Uint8Array, at: number): MbusMatch {
  const available = bytes.length - at;
  if (bytes[at] !== 0x68) return "none";
  if (available < 4) return bytes[at + 1] === bytes[at + 2] || available < 3 ? "incomplete" : "none";
  const length = bytes[at + 1] as number;
  if (bytes[at + 2] !== length || bytes[at + 3] !== 0x68) return "none";
  const candidates = [length, length + 256].filter((candidate) => candidate >= headerSize);
  let damaged: ParsedMbusFrame | undefined;
  for (const candidate of candidates) {
    if (available < candidate + envelope) return damaged ?? "incomplete";
    const frame = frameOf(bytes.subarray(at, at + candidate + envelope), candidate !== length);
    if (frame?.checksumOk === true) return frame;
    if (candidate === length) damaged = frame;
  }
  return damaged ?? "none";
}

function frameOf(bytes: Uint8Array, lengthWrapped: boolean): ParsedMbusFrame | undefined {
  const body = bytes.subarray(4, bytes.length - 2);
  const [control = 0, address = 0, information = 0xff, source = 0, destination = 0] = body;
  if (bytes.at(-1) !== 0x16 || information > 0x1f) return undefined;
  return {
    control,
    address,
    sequence: information & 0x0f,
    final: (information & 0x10) !== 0,
    source,
    destination,
    payload: body.subarray(headerSize),
    checksumOk: mbusChecksum(body) === bytes.at(-2),
    lengthWrapped,
    size: bytes.length,
  };
}
