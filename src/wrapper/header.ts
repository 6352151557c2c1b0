import { dlmsError } from "../base/index.js";

/** Octets of the header: version, source, destination, length, two each (IEC 62056-47 clause 5.2). */
export const headerSize = 8;
/** The only version there is. */
export const wrapperVersion = 1;
/** The port assigned to DLMS/COSEM, TCP and UDP. */
export const dlmsPort = 4059;
/** Longest APDU: sixteen bits of length. */
export const longestApdu = 0xffff;
/** Service access point that every logical device of a server listens to. */
export const allStations = 0x7f;

/** A packet: an APDU between two wrapper ports (the service access points of client and logical device). */
export interface WrapperPacket {
  readonly source: number;
  readonly destination: number;
  /** A view on the received octets. */
  readonly apdu: Uint8Array;
}

/**
 * Octets of the packet.
 * @throws UsageError `value-does-not-fit` for an APDU above 65,535 octets.
 */
export function encodePacket({ source, destination, apdu }: WrapperPacket): Uint8Array {
  if (apdu.length > longestApdu)
    throw dlmsError(
      "value-does-not-fit",
      `a wrapper packet carries at most ${longestApdu} octets, not ${apdu.length}`,
      {
        layer: "wrapper",
        advice: "Use block transfer, or a smaller maximum PDU size.",
      },
    );
  const bytes = new Uint8Array(headerSize + apdu.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, wrapperVersion);
  view.setUint16(2, source);
  view.setUint16(4, destination);
  view.setUint16(6, apdu.length);
  bytes.set(apdu, headerSize);
  return bytes;
}

/** A whole packet, as a datagram carries it; undefined when it is none. */
export function decodePacket(bytes: Uint8Array): WrapperPacket | undefined {
  if (bytes.length < headerSize) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== wrapperVersion || view.getUint16(6) !== bytes.length - headerSize) return undefined;
  return { source: view.getUint16(2), destination: view.getUint16(4), apdu: bytes.subarray(headerSize) };
}
