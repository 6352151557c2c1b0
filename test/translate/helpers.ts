import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import { encodeData, octets, structure, text, u32 } from "../../src/data/index.js";
import { clientAddress, encodeFrame, serverAddress } from "../../src/hdlc/index.js";
import type { Json, Message } from "../../src/translate/index.js";

/** A data-notification with three values. */
export const notification = concatBytes(
  fromHex("0F 00000001 00"),
  encodeData(structure(text("METER"), octets("0100010800FF"), u32(123_456))),
);

/** An I frame of a meter, as it would push it. */
export function iFrame(information: Uint8Array, sendSequence = 0, segmented = false): Uint8Array {
  return encodeFrame({
    type: "i",
    poll: !segmented,
    sendSequence,
    receiveSequence: 0,
    destination: clientAddress(16),
    source: serverAddress(1),
    segmented,
    information,
  });
}

export const llcResponse = fromHex("E6E700");

/** `octets` cut into parts of `size`. */
export function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** One block of a general block transfer. */
export function block(number: number, last: boolean, data: Uint8Array): Uint8Array {
  const header = [0xe0, last ? 0x80 : 0x40, number >> 8, number & 0xff, 0, 0, data.length];
  return concatBytes(Uint8Array.from(header), data);
}

/** Hexadecimal text, a line each. */
export const lines = (...parts: readonly Uint8Array[]) => parts.map(toHex).join("\n");

/** Everything of the messages but where it stood. */
export function substance(messages: readonly Message[]): Json[] {
  const withoutOffset = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withoutOffset);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => (key === "offset" ? [] : [[key, withoutOffset(item)]])),
    );
  };
  return withoutOffset(messages) as Json[];
}

/** Types of the layers of each message. */
export const layerTypes = (messages: readonly Message[]) =>
  messages.map(({ layers }) => layers.map(({ type }) => type));
