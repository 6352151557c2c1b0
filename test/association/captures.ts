import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Apdu, decodeApdu } from "../../src/apdu/index.js";
import type { AssociationSecurity, CounterSource } from "../../src/association/index.js";
import { DlmsError, fromHex } from "../../src/base/index.js";
import { SecurityContext } from "../../src/security/index.js";
import { crypto } from "./joined.js";

/** Folder of the wire corpus; tests that need it run where it is given. */
export const corpus = process.env["DLMS_CORPUS"];

export interface CapturedMessage {
  readonly direction: "tx" | "rx";
  readonly bytes: Uint8Array;
  /** Deciphered where it was ciphered, with a key of the capture; decoded. */
  readonly apdu: Apdu | undefined;
}

export interface Capture {
  readonly id: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly messages: readonly CapturedMessage[];
}

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: readonly string[];
  readonly direction: readonly ("tx" | "rx")[];
  readonly keys: Readonly<Record<string, string>>;
}

/** The APDUs of all captured sessions of a family, in order, without their link. */
export function capturesOf(family: string): Capture[] {
  const vectors = JSON.parse(readFileSync(join(corpus ?? "", `${family}.json`), "utf8")) as Vector[];
  return vectors.map(({ id, kind, hex, direction, keys }) => {
    const titles: { tx?: Uint8Array; rx?: Uint8Array } = {};
    const messages = hex.flatMap((text, i) => {
      const octets = apduOf(kind, text);
      const way = direction[i];
      return octets && way ? [read(octets, way, keys, titles)] : [];
    });
    return { id, keys, messages };
  });
}

function apduOf(kind: string, text: string): Uint8Array | undefined {
  if (kind === "tcp-wrapper-session") return fromHex(text.slice(16));
  if (kind === "apdu-session") return fromHex(text);
  const llc = /^7E.*?E6E[67]00/.exec(text);
  return llc ? fromHex(text.slice(llc[0].length, -6)) : undefined;
}

function read(
  bytes: Uint8Array,
  direction: "tx" | "rx",
  keys: Capture["keys"],
  titles: { tx?: Uint8Array; rx?: Uint8Array },
): CapturedMessage {
  try {
    const title = titles[direction];
    const plain = title && keys["encryptionKey"] ? opener(keys, title).unprotect(bytes).apdu : bytes;
    const apdu = decodeApdu(plain);
    if (apdu.type === "aarq") {
      delete titles.tx;
      delete titles.rx;
      if (apdu.callingApTitle) titles.tx = apdu.callingApTitle;
    }
    if (apdu.type === "aare" && apdu.respondingApTitle) titles.rx = apdu.respondingApTitle;
    return { direction, bytes, apdu };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return { direction, bytes, apdu: undefined };
  }
}

/** Opens whatever the owner of `title` sent. */
export function opener(keys: Capture["keys"], title: Uint8Array): SecurityContext {
  return new SecurityContext({
    ...securityOf(keys, title),
    crypto,
    protection: "none",
    peerSystemTitle: title,
    systemTitle: new Uint8Array(8),
  });
}

export function securityOf(
  keys: Capture["keys"],
  systemTitle: Uint8Array,
  counter?: CounterSource,
): AssociationSecurity {
  return {
    suite: 0,
    protection: "authenticated-encrypted",
    encryptionKey: fromHex(keys["encryptionKey"] ?? ""),
    authenticationKey: fromHex(keys["authenticationKey"] ?? ""),
    systemTitle,
    ...(counter && { counter }),
  };
}
