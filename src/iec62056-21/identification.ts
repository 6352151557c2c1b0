import { dlmsError } from "../base/index.js";
import { fromAscii } from "./characters.js";

/** What a meter says of itself after the request message (clause 6.3.2). */
export interface Identification {
  /** FLAG letters. A lower-case third letter means the short reaction time of 20 ms. */
  readonly manufacturer: string;
  /** Baud rate character Z, as sent: a digit (modes C and E), a letter A to I (mode B), anything else means mode A. */
  readonly baudrateCharacter: string;
  /** Everything behind the baud rate character, as sent. */
  readonly identification: string;
  /** The enhanced capability character `W` of a leading `\W`, where there is one: `2` offers mode E with HDLC. */
  readonly enhanced?: string;
}

/** Baud rates of modes C, D and E by their digit (clause 6.3.2, item 13). */
export const modeCBaudRates = [300, 600, 1200, 2400, 4800, 9600, 19200] as const;
/** Baud rates of mode B by their letter, A to F. */
export const modeBBaudRates: Readonly<Record<string, number>> = {
  A: 600,
  B: 1200,
  C: 2400,
  D: 4800,
  E: 9600,
  F: 19200,
};

/** Protocol mode that an identification announces. */
export type OfferedMode = "a" | "b" | "c" | "e";

/**
 * Reads an identification line, with or without its line end.
 * @throws DecodeError `malformed` when it does not begin with `/` and a manufacturer.
 */
export function parseIdentification(line: string): Identification {
  const match = /^\/([A-Za-z0-9]{2,3}|[ -~]{3})([ -~]?)([^\r\n]*)\r?\n?$/.exec(line);
  if (match === null)
    throw dlmsError("malformed", "an identification begins with / and three letters", {
      layer: "iec62056-21",
      received: fromAscii(line.slice(0, 64)),
    });
  const [, manufacturer = "", baudrateCharacter = "", identification = ""] = match;
  const enhanced = /^\\(.)/.exec(identification)?.[1];
  return { manufacturer, baudrateCharacter, identification, ...(enhanced === undefined ? {} : { enhanced }) };
}

/** The identification message with its line end. */
export function formatIdentification(value: Identification): string {
  return `/${value.manufacturer}${value.baudrateCharacter}${value.identification}\r\n`;
}

/** The mode that the meter offers. */
export function offeredMode(value: Identification): OfferedMode {
  if (value.enhanced === "2") return "e";
  if (/[0-6]/.test(value.baudrateCharacter)) return "c";
  return modeBBaudRates[value.baudrateCharacter] === undefined ? "a" : "b";
}

/** The highest baud rate offered; 300 where none is. */
export function offeredBaudRate(value: Identification): number {
  return modeCBaudRates[Number.parseInt(value.baudrateCharacter, 10)] ?? modeBBaudRates[value.baudrateCharacter] ?? 300;
}

/** The least time to wait before answering the meter, in milliseconds (clause 6.3.14, and the third letter). */
export function reactionTimeMs(value: Identification): number {
  return /[a-z]/.test(value.manufacturer[2] ?? "") ? 20 : 200;
}
