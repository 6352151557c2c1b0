import type { Telegram } from "../iec62056-21/index.js";
import type { Json, Layer } from "./types.js";

/** A telegram as a layer: identification and data sets, verbatim. */
export function telegramLayer({ identification, dataSets, crc, crcOk }: Telegram, offset: number): Layer {
  const p1 = crc !== undefined || dataSets.some(({ reference }) => /^\d+-\d+:/.test(reference));
  return {
    type: p1 ? "p1" : "iec62056-21",
    offset,
    ...identificationJson(identification),
    dataSets,
    ...(crc !== undefined && { crc, crcOk }),
  };
}

/** The fields of an identification message. */
export function identificationJson(identification: Telegram["identification"]): Json {
  const { manufacturer, baudrateCharacter, identification: text, enhanced } = identification;
  return { manufacturer, baudrateCharacter, identification: text, ...(enhanced !== undefined && { enhanced }) };
}
