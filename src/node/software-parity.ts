import { type LineSettings, parityBit } from "../transport/index.js";

/**
 * Seven data bits with parity are the same ten bits on the wire as eight data bits without, if the eighth is computed.
 * So a line can change between 7E1 and 8N1 without its port being closed, which would take the power from a probe.
 */
export interface SoftwareParity {
  /** The settings that the port itself has. */
  readonly hardware: LineSettings;
  /** How octets are changed on their way out; undefined when they are not. */
  readonly encode: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** How octets are changed on their way in. */
  readonly decode: ((bytes: Uint8Array) => Uint8Array) | undefined;
}

/** How `line` is made by a port, in software where that is the same on the wire. */
export function softwareParity(line: LineSettings): SoftwareParity {
  const { baudRate, dataBits, parity, stopBits } = line;
  if (dataBits !== 7 || parity === "none" || stopBits !== 1)
    return { hardware: line, encode: undefined, decode: undefined };
  return {
    hardware: { baudRate, dataBits: 8, parity: "none", stopBits: 1 },
    encode: (bytes) => bytes.map((byte) => (byte & 0x7f) | (parityBit(byte, 7, parity) << 7)),
    decode: (bytes) => bytes.map((byte) => byte & 0x7f),
  };
}
