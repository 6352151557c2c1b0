import { defaultProvider } from "#crypto";
import type { CryptoProvider } from "../crypto/index.js";
import { piecesOf } from "./input.js";
import { Translator } from "./translator.js";
import type { Message, TranslateKeys } from "./types.js";

export { renderMessages } from "./text.js";
export { Translator } from "./translator.js";
export type { Json, Layer, Message, Problem, TranslateKeys } from "./types.js";
export { apduToXml, xmlToApdu } from "./xml-apdu.js";
export { messagesToXml } from "./xml-messages.js";

/**
 * Explains octets seen on a wire: HDLC frames, wrapper packets, M-Bus long frames, APDUs without a frame, telegrams of
 * IEC 62056-21 and P1, several, split or amid noise. A text is hexadecimal, a line a message, or a telegram itself.
 * Bad input never throws: each message tells what is wrong with it.
 */
export function translate(
  input: Uint8Array | string,
  keys: TranslateKeys = {},
  crypto: CryptoProvider = defaultProvider,
): Message[] {
  const translator = new Translator(crypto, keys);
  for (const piece of piecesOf(input)) translator.push(piece);
  return translator.finish();
}

/** True when every message was understood and every check held. */
export function isSound(messages: readonly Message[]): boolean {
  return messages.length > 0 && messages.every(({ error }) => error === null);
}
