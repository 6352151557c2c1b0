import { concatBytes, dlmsError } from "../base/index.js";
import { blockCheck, blockSum } from "./block-check.js";
import { control, fromAscii, toAscii } from "./characters.js";
import { formatIdentification, type Identification, parseIdentification } from "./identification.js";

/** A message of IEC 62056-21, of either side (clause 6.3). */
export type LocalMessage =
  | { readonly type: "request"; readonly address: string }
  | { readonly type: "identification"; readonly identification: Identification }
  /** Acknowledgement and option select: protocol V, baud rate Z, mode Y. */
  | { readonly type: "option-select"; readonly protocol: string; readonly baudrate: string; readonly mode: string }
  | { readonly type: "acknowledge" }
  | { readonly type: "repeat-request" }
  | DataMessage
  | CommandMessage;

/** A data message: STX, data block, ETX (or EOT for a partial block), block check. */
export interface DataMessage {
  readonly type: "data";
  readonly text: string;
  /** False where EOT announces that more follows. */
  readonly last: boolean;
  readonly checkOk: boolean;
  /** The check holds as a sum, not as the exclusive-or that the standard asks for. */
  readonly checkIsSum: boolean;
}

/** A programming command or break: SOH, command letter and type, data, ETX, block check. */
export interface CommandMessage {
  readonly type: "command";
  /** `P0`, `R1`, `W5`, `B0`, ... */
  readonly command: string;
  /** What follows, without STX. */
  readonly text: string;
  readonly last: boolean;
  readonly checkOk: boolean;
}

/** Encodes a message; block checks are computed. */
export function encodeLocalMessage(message: LocalMessage): Uint8Array {
  switch (message.type) {
    case "request":
      return fromAscii(`/?${message.address}!\r\n`);
    case "identification":
      return fromAscii(formatIdentification(message.identification));
    case "option-select":
      return fromAscii(`\u0006${message.protocol}${message.baudrate}${message.mode}\r\n`);
    case "acknowledge":
      return Uint8Array.of(control.ACK);
    case "repeat-request":
      return Uint8Array.of(control.NAK);
    case "data":
      return framed(control.STX, message.text, message.last);
    case "command":
      return framed(
        control.SOH,
        `${message.command}${message.text === "" ? "" : `\u0002${message.text}`}`,
        message.last,
      );
  }
}

/**
 * Reads one whole message whose octets have no parity bit.
 * @throws DecodeError `malformed`, `truncated`.
 */
export function decodeLocalMessage(bytes: Uint8Array): LocalMessage {
  const first = bytes[0];
  if (first === control.STX) return dataMessage(bytes);
  if (first === control.SOH) return commandMessage(bytes);
  const text = toAscii(bytes);
  if (first === control.ACK && bytes.length > 1) {
    const select = /^(.)(.)(.)\r\n$/.exec(text.slice(1));
    if (select === null) throw malformed("an option select message is ACK V Z Y CR LF", bytes);
    const [, protocol = "", baudrate = "", mode = ""] = select;
    return { type: "option-select", protocol, baudrate, mode };
  }
  if (first === control.ACK) return { type: "acknowledge" };
  if (first === control.NAK) return { type: "repeat-request" };
  const request = /^\/\?([^\r\n!]*)!\r?\n?$/.exec(text);
  if (request !== null) return { type: "request", address: request[1] ?? "" };
  return { type: "identification", identification: parseIdentification(text) };
}

function dataMessage(bytes: Uint8Array): DataMessage {
  const { end, check } = closing(bytes);
  const covered = bytes.subarray(1, end + 1);
  const exclusiveOr = blockCheck(covered) === check;
  return {
    type: "data",
    text: toAscii(bytes.subarray(1, end)),
    last: bytes[end] === control.ETX,
    checkOk: exclusiveOr || blockSum(covered) === check,
    checkIsSum: !exclusiveOr && blockSum(covered) === check,
  };
}

function commandMessage(bytes: Uint8Array): CommandMessage {
  const { end, check } = closing(bytes);
  const body = toAscii(bytes.subarray(1, end));
  const stx = body.indexOf("\u0002");
  return {
    type: "command",
    command: stx === -1 ? body : body.slice(0, stx),
    text: stx === -1 ? "" : body.slice(stx + 1),
    last: bytes[end] === control.ETX,
    checkOk: blockCheck(bytes.subarray(1, end + 1)) === check,
  };
}

function closing(bytes: Uint8Array): { end: number; check: number } {
  const end = bytes.findIndex((octet) => octet === control.ETX || octet === control.EOT);
  const check = bytes[end + 1];
  if (end === -1 || check === undefined)
    throw dlmsError("truncated", "a data block ends in ETX or EOT and a block check", {
      layer: "iec62056-21",
      received: bytes.subarray(0, 64),
    });
  return { end, check: check & 0x7f };
}

function framed(start: number, body: string, last: boolean): Uint8Array {
  const covered = concatBytes(fromAscii(body), Uint8Array.of(last ? control.ETX : control.EOT));
  return concatBytes(Uint8Array.of(start), covered, Uint8Array.of(blockCheck(covered)));
}

function malformed(message: string, bytes: Uint8Array) {
  return dlmsError("malformed", message, { layer: "iec62056-21", received: bytes.subarray(0, 64) });
}
