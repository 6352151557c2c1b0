import { telegramCheck } from "./block-check.js";
import { fromAscii, toAscii } from "./characters.js";
import { type DataSet, parseDataSets } from "./data-set.js";
import { type Identification, parseIdentification } from "./identification.js";

/** A P1 telegram (DSMR, ESMR, eMUCS) or any read-out of mode D: `/` identification, data sets, `!`, check. */
export interface Telegram {
  readonly identification: Identification;
  readonly dataSets: readonly DataSet[];
  /** The four digits behind `!` as sent; undefined before DSMR 4, where there is no check. */
  readonly crc?: string;
  /** Whether they hold; undefined where there are none. */
  readonly crcOk?: boolean;
}

/**
 * Reads one telegram.
 * @throws DecodeError `malformed` when the first line is no identification, `limit-exceeded` for too many data sets.
 */
export function parseTelegram(telegram: Uint8Array | string): Telegram {
  const bytes = typeof telegram === "string" ? fromAscii(telegram) : telegram;
  const text = toAscii(bytes);
  const start = Math.max(text.indexOf("/"), 0);
  const lineEnd = text.indexOf("\n", start);
  const identification = parseIdentification(text.slice(start, lineEnd === -1 ? text.length : lineEnd + 1));
  const end = endOf(text, start);
  const dataSets = parseDataSets(text.slice(lineEnd === -1 ? text.length : lineEnd + 1, end ?? text.length));
  const crc = end === undefined ? undefined : /^!([0-9A-Fa-f]{4})(?![^\r\n])/.exec(text.slice(end, end + 6))?.[1];
  if (end === undefined || crc === undefined) return { identification, dataSets };
  const crcOk = telegramCheck(bytes.subarray(start, end + 1)) === Number.parseInt(crc, 16);
  return { identification, dataSets, crc, crcOk };
}

/** The `!` that closes the telegram: the first that stands at the begin of a line, else the last one. */
function endOf(text: string, start: number): number | undefined {
  const atLine = /[\r\n]!/g;
  atLine.lastIndex = start;
  const found = atLine.exec(text);
  if (found !== null) return found.index + 1;
  const last = text.lastIndexOf("!");
  return last > start ? last : undefined;
}

/** Makes a telegram with its check, as a meter sends it. */
export function formatTelegram(identification: string, body: string): Uint8Array {
  const text = `${identification}\r\n${body}!`;
  const check = telegramCheck(fromAscii(text)).toString(16).toUpperCase().padStart(4, "0");
  return fromAscii(`${text}${check}\r\n`);
}
