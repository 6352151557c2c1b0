import { apduTypeOf, inspectApdu } from "../apdu/index.js";
import { ByteReader, DlmsError } from "../base/index.js";
import { dataTags, skipData } from "../data/index.js";
import { matchMbusFrame, type ParsedMbusFrame } from "../mbus/index.js";
import { type CapturedFrame, captureFrame, fcsHolds, frameLength, isFrameFormat, nextFlag } from "./hdlc-frame.js";
import { type LocalUnit, matchLocal } from "./local-unit.js";

/** What stands at one place of the input. */
export type Unit =
  | { readonly kind: "hdlc"; readonly frame: CapturedFrame; readonly size: number }
  | { readonly kind: "wrapper"; readonly size: number }
  | { readonly kind: "mbus"; readonly frame: ParsedMbusFrame; readonly size: number }
  /** An APDU without a frame, perhaps behind an LLC header. One that is not sound takes all that remains. */
  | { readonly kind: "apdu"; readonly size: number; readonly llc: boolean; readonly sound: boolean }
  /** COSEM Data without an APDU around it. */
  | { readonly kind: "data"; readonly size: number }
  | LocalUnit
  /** The begin of something whose end is not there; `needed` octets it takes at least. */
  | { readonly kind: "incomplete"; readonly of: "hdlc" | "wrapper" | "mbus" | "apdu"; readonly needed: number }
  /** Lone flags, line ends: nothing. */
  | { readonly kind: "filling"; readonly size: number }
  | { readonly kind: "none" };

const flag = 0x7e;
const wrapperHeader = 8;
/** How far behind its begin the end of a damaged frame is looked for: two of the longest frames. */
const farthestFlag = 4096;
const none: Unit = { kind: "none" };

/**
 * Looks at what begins at `at`. Amid noise (not `fresh`: neither at the begin of a piece nor behind another message)
 * only that is looked for which tells itself by a flag or header.
 */
export function matchUnit(bytes: Uint8Array, at: number, fresh: boolean): Unit {
  const first = bytes[at] as number;
  if (first === flag) return matchFlag(bytes, at);
  if (first === 0x68) {
    const match = matchMbusFrame(bytes, at);
    if (match === "incomplete") return { kind: "incomplete", of: "mbus", needed: bytes.length - at + 1 };
    if (typeof match !== "string") return { kind: "mbus", frame: match, size: match.size };
  }
  if (first === 0) {
    const wrapper = matchWrapper(bytes, at, fresh);
    if (wrapper.kind !== "none") return wrapper;
  }
  if (fresh && startsFrame(bytes, at)) {
    const to = at + frameLength(bytes, at);
    return { kind: "hdlc", frame: captureFrame(bytes, at, to), size: to - at };
  }
  const isData = at === 0 && isBareData(bytes);
  const local = isData ? undefined : matchLocal(bytes, at, fresh);
  if (local !== undefined) return local;
  const apdu = fresh || hasLlc(bytes, at) ? matchApdu(bytes, at) : none;
  const isSound = apdu.kind === "apdu" && apdu.sound;
  return isData && !isSound ? { kind: "data", size: bytes.length } : apdu;
}

/** True for an encoded collection of COSEM Data and nothing else, as dumps of buffers are. */
function isBareData(bytes: Uint8Array): boolean {
  const [tag = 0, count = 0] = bytes;
  const isCollection = tag === dataTags.array || tag === dataTags.structure || tag === dataTags["compact-array"];
  if (!isCollection || count === 0) return false;
  const reader = new ByteReader(bytes);
  try {
    skipData(reader);
  } catch (error) {
    if (DlmsError.is(error)) return false;
    throw error;
  }
  return reader.remaining === 0;
}

function matchFlag(bytes: Uint8Array, at: number): Unit {
  let from = at;
  while (bytes[from] === flag) from++;
  if (from >= bytes.length) {
    const isLone = from - at === 1;
    return isLone ? { kind: "incomplete", of: "hdlc", needed: 3 } : { kind: "filling", size: from - at - 1 };
  }
  if (from + 1 === bytes.length && ((bytes[from] as number) & 0xf0) === 0xa0)
    return { kind: "incomplete", of: "hdlc", needed: from - at + 2 };
  if (!isFrameFormat(bytes, from)) return { kind: "filling", size: from - at };
  const to = from + frameLength(bytes, from);
  if (to <= bytes.length && (fcsHolds(bytes, from, to) || bytes[to] === flag || to === bytes.length))
    return { kind: "hdlc", frame: captureFrame(bytes, from, to), size: to - at };
  return damagedFrame(bytes, at, from, to);
}

/** A frame whose length field and flags do not agree: it ends at a flag behind which something new begins. */
function damagedFrame(bytes: Uint8Array, at: number, from: number, to: number): Unit {
  const isWhole = to <= bytes.length;
  const last = Math.min(bytes.length, from + farthestFlag);
  for (let end = nextFlag(bytes, from); end < last; end = nextFlag(bytes, end + 1)) {
    let next = end;
    while (bytes[next] === flag) next++;
    // Without all the octets that were announced only a sound frame behind it proves that this one is damaged.
    const isEnd = isWhole ? next === bytes.length || isFrameFormat(bytes, next) : startsFrame(bytes, next);
    if (isEnd) return { kind: "hdlc", frame: captureFrame(bytes, from, end), size: end - at };
  }
  return isWhole ? { kind: "filling", size: from - at } : { kind: "incomplete", of: "hdlc", needed: to - at };
}

function startsFrame(bytes: Uint8Array, at: number): boolean {
  const to = at + frameLength(bytes, at);
  return isFrameFormat(bytes, at) && to <= bytes.length && fcsHolds(bytes, at, to);
}

/** IEC 62056-47: version 1, source, destination, length. */
function matchWrapper(bytes: Uint8Array, at: number, fresh: boolean): Unit {
  if ((bytes[at + 1] ?? 1) !== 1) return none;
  if (bytes.length - at < wrapperHeader) return { kind: "incomplete", of: "wrapper", needed: wrapperHeader };
  const size = wrapperHeader + (((bytes[at + 6] as number) << 8) | (bytes[at + 7] as number));
  const end = at + size;
  const isFollowed = end === bytes.length || (bytes[end] === 0 && bytes[end + 1] === 1);
  const tag = bytes[at + wrapperHeader] ?? 0;
  // An unknown tag is no reason to doubt a packet whose length is right.
  const isKnown = apduTypeOf(tag) !== undefined;
  if (!isKnown && (!fresh || (!isFollowed && end <= bytes.length))) return none;
  return end > bytes.length ? { kind: "incomplete", of: "wrapper", needed: size } : { kind: "wrapper", size };
}

/** LLC header in front of an APDU without HDLC frame (IEC 62056-46, LLC sublayer). */
export function hasLlc(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xe6 && (bytes[at + 1] === 0xe6 || bytes[at + 1] === 0xe7) && bytes[at + 2] === 0;
}

function matchApdu(bytes: Uint8Array, at: number): Unit {
  const llc = hasLlc(bytes, at);
  const start = llc ? at + 3 : at;
  const tag = bytes[start];
  if (tag === undefined || apduTypeOf(tag) === undefined) return none;
  const length = apduLength(bytes.subarray(start));
  if (length === undefined) return { kind: "incomplete", of: "apdu", needed: 0 };
  return { kind: "apdu", size: length === 0 ? bytes.length - at : start - at + length, llc, sound: length > 0 };
}

/**
 * Octets that the APDU at the begin takes: less than all when another message follows it. Undefined when some are
 * missing, 0 when this is no sound APDU.
 */
export function apduLength(bytes: Uint8Array): number | undefined {
  const { apdu, error } = inspectApdu(bytes);
  if (error !== undefined) {
    if (error.code === "truncated") return undefined;
    return error.code === "trailing-bytes" ? (error.details.offset ?? 0) : 0;
  }
  const fields = apdu as unknown as { [name: string]: unknown };
  // A ciphered APDU has a security control octet and an invocation counter, if nothing else.
  if (/^(glo|ded)-/.test(apdu.type) && (fields["content"] as Uint8Array).length < 5) return 0;
  const final = finalData(fields);
  if (final === undefined) return bytes.length;
  const reader = new ByteReader(bytes, final.byteOffset - bytes.byteOffset);
  try {
    skipData(reader);
    return reader.offset;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return error.code === "truncated" ? undefined : 0;
  }
}

/** The encoded Data at the end of an APDU whose codec does not look into it. */
function finalData(apdu: { [name: string]: unknown }): Uint8Array | undefined {
  const { type, choice } = apdu;
  const isNormal = choice === "normal";
  if (type === "data-notification") return apdu["body"] as Uint8Array;
  if (type === "event-notification-request") return apdu["value"] as Uint8Array;
  if (type === "set-request" && isNormal) return apdu["value"] as Uint8Array;
  if (type === "action-request" && isNormal) return apdu["parameter"] as Uint8Array | undefined;
  if (type === "get-response" && isNormal) return (apdu["result"] as { data?: Uint8Array }).data;
  if (type === "action-response" && isNormal)
    return (apdu["response"] as { returned?: { data?: Uint8Array } }).returned?.data;
  return undefined;
}
