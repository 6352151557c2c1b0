import { readFileSync } from "node:fs";
import { dlmsError, toHex } from "../base/index.js";
import { isSound, messagesToXml, renderMessages, translate, xmlToApdu } from "../translate/index.js";
import { errorText, exitCodeOf, exitCodes } from "./exit-codes.js";
import { type KeyOptions, translateKeys } from "./translate-keys.js";

/** Options of `dlms translate`. */
export interface TranslateOptions extends KeyOptions {
  readonly keys?: string;
  readonly json?: boolean;
  readonly xml?: boolean;
}

/** Explains the inputs on standard output; returns the exit code. */
export function runTranslate(inputs: readonly string[], options: TranslateOptions): number {
  try {
    const keys = translateKeys(options, options.keys === undefined ? undefined : readJson(options.keys));
    const given = inputsOf(inputs);
    const fromXml = given.map(apduOfXml);
    if (!options.json && !options.xml && fromXml.length > 0 && fromXml.every((apdu) => apdu !== undefined)) {
      process.stdout.write(fromXml.map((apdu) => `${toHex(apdu)}\n`).join(""));
      return exitCodes.done;
    }
    const messages = given.flatMap((input, index) => translate(fromXml[index] ?? input, keys));
    const text = () => (options.xml ? messagesToXml(messages) : renderMessages(messages));
    process.stdout.write(options.json ? `${JSON.stringify(messages, null, 1)}\n` : text());
    return isSound(messages) ? exitCodes.done : exitCodes.data;
  } catch (error) {
    process.stderr.write(errorText(error));
    return exitCodeOf(error);
  }
}

/** The APDU of a document in the COSEMpdu form; undefined where the input is none. */
function apduOfXml(input: Uint8Array | string): Uint8Array | undefined {
  if (typeof input === "string" || !/^\s*<[?!\w]/.test(Buffer.from(input.subarray(0, 64)).toString())) return undefined;
  const text = Buffer.from(input).toString("utf8");
  return /<(?:[\w.-]+:)?(?:xDLMS|aCSE)-APDU/.test(text) ? xmlToApdu(text) : undefined;
}

/** Standard input and files each stand alone; hexadecimal arguments are the lines of one session. */
function inputsOf(inputs: readonly string[]): (Uint8Array | string)[] {
  if (inputs.length === 0) return [readInput("-")];
  const isHex = (text: string) => /^(?:0x)?[0-9A-Fa-f\s]+$/.test(text) && text.replace(/\s|0x/g, "").length % 2 === 0;
  const hex = inputs.filter(isHex);
  const others = inputs.filter((text) => !isHex(text)).map(readInput);
  return hex.length === 0 ? others : [hex.join("\n"), ...others];
}

function readInput(name: string): Uint8Array {
  try {
    const octets = readFileSync(name === "-" ? 0 : name);
    return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
  } catch (cause) {
    const what = name === "-" ? "standard input" : `"${name}", which is neither hexadecimal nor a file,`;
    throw dlmsError("invalid-argument", `${what} cannot be read`, { layer: "cli", cause });
  }
}

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(name, "utf8"));
  } catch {
    // Neither the text nor the parser's message: both may hold keys.
    throw dlmsError("invalid-argument", `the key file "${name}" is not readable JSON`, { layer: "cli" });
  }
}
