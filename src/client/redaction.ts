import { applicationContexts, authenticationMechanisms, decodeApdu } from "../apdu/index.js";
import { encodeFrame, FrameSplitter } from "../hdlc/index.js";
import { decodeSecurityControl, isCipheredTag, readEnvelope } from "../security/index.js";

/** What is written over secrets: an asterisk. */
const mask = 0x2a;
const aarqTag = 0x60;
const wrapperHeader = 8;
/** Shorter secrets are looked for only in the APDU that carries them. */
const longEnough = 4;

/** Octets that may be shown, and where they differ from those on the line: pairs of start and end. */
export interface ShownOctets {
  readonly bytes: Uint8Array;
  readonly hidden: readonly (readonly [number, number])[];
}

/** Takes the secrets out of what is shown of a session. Everything returned is a copy. */
export class Redactor {
  readonly #link: "hdlc" | "wrapper";
  readonly #secrets: Uint8Array[] = [];
  /** Secrets of the APDU that is on its way: pieces of them are looked for too. */
  #underWay: readonly Uint8Array[] = [];
  #hideAll = 0;

  constructor(link: "hdlc" | "wrapper") {
    this.#link = link;
  }

  /** Hides the contents of everything until `reveal`: a request with secrets is on its way. */
  hide(): void {
    this.#hideAll++;
  }

  reveal(): void {
    this.#hideAll--;
  }

  /** An APDU that is sent: what is secret in it is remembered for the line. */
  sentApdu(apdu: Uint8Array): Uint8Array {
    if (this.#hideAll > 0) return masked(copy(apdu), [], true);
    if (apdu[0] !== aarqTag) return copy(apdu);
    const secrets = secretsOfAarq(apdu);
    this.#underWay = secrets;
    for (const secret of secrets)
      if (secret.length >= longEnough && !this.#secrets.some((known) => known.join() === secret.join()))
        this.#secrets.push(secret);
    return masked(copy(apdu), secrets, false);
  }

  receivedApdu(apdu: Uint8Array): Uint8Array {
    this.#underWay = [];
    return this.#hideAll > 0 ? masked(copy(apdu), [], true) : copy(apdu);
  }

  /** Octets on the line, in either direction. */
  line(direction: "sent" | "received", bytes: Uint8Array): ShownOctets {
    const all = this.#hideAll > 0;
    const secrets = direction === "sent" ? [...this.#secrets, ...this.#underWay] : [];
    if (!all && secrets.length === 0) return { bytes: copy(bytes), hidden: [] };
    const hide = (contents: Uint8Array) => {
      masked(contents, secrets, all);
      if (!all) for (const secret of this.#underWay) maskPieces(contents, secret);
      return contents;
    };
    const shown = this.#link === "hdlc" ? hideInFrames(bytes, hide) : copy(bytes);
    if (this.#link === "wrapper") hide(shown.subarray(Math.min(wrapperHeader, shown.length)));
    return { bytes: shown, hidden: differences(bytes, shown) };
  }
}

/** The password of low level security; a dedicated key where the initiate request is authenticated, not encrypted. */
function secretsOfAarq(octets: Uint8Array): Uint8Array[] {
  const apdu = decodeApdu(octets);
  if (apdu.type !== "aarq") return [];
  const secrets: Uint8Array[] = [];
  const value = apdu.callingAuthenticationValue;
  if (value?.choice === "charstring" && apdu.mechanismName === authenticationMechanisms.low) secrets.push(value.value);
  const { userInformation: initiate } = apdu;
  if (initiate === undefined || !isCiphered(apdu.applicationContextName) || initiate[0] === initiateTag) return secrets;
  secrets.push(...legibleIn(initiate));
  return secrets;
}

/** What a protected initiate request carries without being encrypted: there may be a dedicated key in it. */
function legibleIn(initiate: Uint8Array): Uint8Array[] {
  if (isCipheredTag(initiate[0] ?? 0)) {
    const { securityControl, body } = readEnvelope(initiate);
    return isEncrypted(securityControl) ? [] : [body];
  }
  const apdu = decodeApdu(initiate);
  if (apdu.type === "general-signing") return [apdu.content];
  if (apdu.type !== "general-ciphering" || isEncrypted(apdu.content[0] ?? 0)) return [];
  return [apdu.content.subarray(securityHeaderLength)];
}

const isEncrypted = (securityControl: number) =>
  decodeSecurityControl(securityControl).protection.endsWith("encrypted");

/** Security control and invocation counter. */
const securityHeaderLength = 5;
const initiateTag = 0x01;
const isCiphered = (context: string) =>
  context === applicationContexts["logical-name-ciphered"] || context === applicationContexts["short-name-ciphered"];

/** Masks whole secrets, or everything, in place. */
function masked(bytes: Uint8Array, secrets: readonly Uint8Array[], all: boolean): Uint8Array {
  if (all) return bytes.fill(mask);
  for (const secret of secrets) {
    if (secret.length === 0) continue;
    for (let at = 0; at + secret.length <= bytes.length; at++)
      if (matches(bytes, at, secret, 0, secret.length)) bytes.fill(mask, at, at + secret.length);
  }
  return bytes;
}

/** Masks runs of two octets and more that are part of the secret: a segment may end within it. */
function maskPieces(bytes: Uint8Array, secret: Uint8Array): void {
  const least = Math.min(2, secret.length);
  if (least === 0) return;
  for (let at = 0; at + least <= bytes.length; at++) {
    let longest = 0;
    for (let from = 0; from + least <= secret.length; from++) {
      let length = 0;
      while (from + length < secret.length && bytes[at + length] === secret[from + length]) length++;
      longest = Math.max(longest, length);
    }
    if (longest < least) continue;
    bytes.fill(mask, at, at + longest);
    at += longest - 1;
  }
}

function matches(bytes: Uint8Array, at: number, secret: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== secret[from + i]) return false;
  return true;
}

/** Hides in the information of each frame and makes its check right again: the old one would tell of the secret. */
function hideInFrames(bytes: Uint8Array, hide: (contents: Uint8Array) => Uint8Array): Uint8Array {
  const shown = copy(bytes);
  let at = 0;
  for (const chunk of new FrameSplitter().push(bytes)) {
    if (chunk.type !== "frame") continue;
    const found = indexOf(bytes, chunk.bytes, at);
    if (found < 0) return shown.fill(mask);
    const hidden = hide(copy(chunk.frame.information));
    const frame = encodeFrame({ ...chunk.frame, information: hidden });
    shown.set(frame.subarray(0, Math.min(frame.length, shown.length - found)), found);
    at = found + chunk.bytes.length;
  }
  return at === 0 ? hide(shown) : shown;
}

/** What is given may be a Buffer, whose `slice` is no copy: what is masked must never be what is worked with. */
const copy = (bytes: Uint8Array) => new Uint8Array(bytes);

function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  for (let at = from; at + part.length <= bytes.length; at++) if (matches(bytes, at, part, 0, part.length)) return at;
  return -1;
}

function differences(a: Uint8Array, b: Uint8Array): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < a.length; at++) {
    if (a[at] === b[at]) continue;
    const from = at;
    while (at < a.length && a[at] !== b[at]) at++;
    ranges.push([from, at]);
  }
  return ranges;
}
