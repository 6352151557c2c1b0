import { AsnConvert } from "@peculiar/asn1-schema";
import { DlmsError, dlmsError, type ErrorCode } from "../base/index.js";

/** What is looked at before the ASN.1 library sees anything: certificates of meters have some hundred octets. */
export const derLimits = {
  /** Longest certificate or request, octets. */
  octets: 16_384,
  /** Deepest nesting. */
  depth: 32,
  /** Most elements, constructed ones included. */
  elements: 2_048,
} as const;

/** One element of DER: where it begins, where its contents begin and end. */
export interface DerElement {
  /** First octet of the tag. */
  readonly tag: number;
  readonly start: number;
  readonly contents: number;
  readonly end: number;
}

const constructed = 0x20;

/**
 * Walks through one DER element and all below it, in a time that grows with the octets alone.
 * @throws DecodeError `limit-exceeded`, `truncated`, `malformed` or `trailing-bytes`.
 */
export function checkDer(octets: Uint8Array, what: string): void {
  if (octets.length > derLimits.octets)
    throw fault("limit-exceeded", `${what} of ${octets.length} octets; ${derLimits.octets} are the limit`);
  const outer = elementAt(octets, 0, octets.length, what);
  if (outer.end !== octets.length) throw fault("trailing-bytes", `octets after the end of ${what}`, outer.end);
  const ends: number[] = [];
  let at = 0;
  for (let count = 1; at < octets.length; count++) {
    if (count > derLimits.elements) throw fault("limit-exceeded", `${what} has too many elements`, at);
    const element = elementAt(octets, at, ends.at(-1) ?? octets.length, what);
    at = (element.tag & constructed) === 0 ? element.end : element.contents;
    if (at !== element.end) ends.push(element.end);
    if (ends.length > derLimits.depth) throw fault("limit-exceeded", `${what} is nested too deeply`, at);
    while (ends.at(-1) === at) ends.pop();
  }
}

/** The elements inside a constructed one; of octets that `checkDer` passed. */
export function childrenOf(octets: Uint8Array, parent: DerElement, what: string): DerElement[] {
  const children: DerElement[] = [];
  for (let at = parent.contents; at < parent.end; ) {
    const child = elementAt(octets, at, parent.end, what);
    children.push(child);
    at = child.end;
  }
  return children;
}

/** The element that begins there. */
export function elementAt(octets: Uint8Array, start: number, limit: number, what: string): DerElement {
  const octet = (at: number) => {
    if (at >= limit) throw fault("truncated", `${what} ends early`, at);
    return octets[at] as number;
  };
  const tag = octet(start);
  let at = start + 1;
  // A tag number above 30 goes on while the upper bit is set.
  if ((tag & 0x1f) === 0x1f) while (octet(at++) >= 0x80);
  let length = octet(at++);
  if (length >= 0x80) {
    const count = length & 0x7f;
    // DER has definite lengths in as few octets as they need (X.690, 10.1).
    if (count === 0 || count > 3) throw fault("malformed", `${what} has a length of ${count} octets`, at - 1);
    length = 0;
    for (let i = 0; i < count; i++) length = (length << 8) | octet(at++);
    if (length < 0x80 || length < 1 << (8 * (count - 1)))
      throw fault("malformed", `${what} has a length in more octets than it needs`, at - 1);
  }
  if (length > limit - at) throw fault("truncated", `${what} claims more octets than there are`, at);
  return { tag, start, contents: at, end: at + length };
}

/**
 * Parses octets by a schema of the library, after `checkDer`.
 * @throws DecodeError `malformed` where the library refuses, and those of `checkDer`.
 */
export function parseDer<T>(octets: Uint8Array, schema: new () => T, what: string): T {
  checkDer(octets, what);
  return guarded(what, () => AsnConvert.parse(octets, schema));
}

/** Runs what may stumble over input that is well-formed and yet no sense. */
export function guarded<T>(what: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (DlmsError.is(error)) throw error;
    throw fault("malformed", `${what} does not follow its ASN.1 definition`);
  }
}

/** DER of an object of the library. */
export function serialize(value: unknown): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(value));
}

/** An error about the octets of a certificate or request. */
export function fault(
  code: Extract<ErrorCode, "limit-exceeded" | "truncated" | "malformed" | "trailing-bytes">,
  message: string,
  offset?: number,
) {
  return dlmsError(code, message, { layer: "certificates", ...(offset === undefined ? {} : { offset }) });
}
