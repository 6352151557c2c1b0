import { decodeApdu, encodeApdu, type GeneralHeader, type KeyInfo } from "../apdu/index.js";
import { concatBytes, dlmsError } from "../base/index.js";
import type { SuiteId } from "./control.js";
import type { GeneralKeyChoice } from "./general-options.js";
import type { GeneralProtection } from "./general-protection.js";
import { coversBits, noProtection, type ProtectionBits, protectionText, stronger } from "./protection-bits.js";
import { securitySuites } from "./suites.js";

/** What one layer of protection around data does (class 30, protection_type). */
export type DataLayerKind = "authentication" | "encryption" | "authentication-encryption" | "digital-signature";

/** The parties and what else a layer names. There is no date-time. */
export type DataLayerHeader = Omit<GeneralHeader, "dateTime">;

/** A layer to put around data; a key is needed by all but signatures. */
export interface DataLayerRequest {
  readonly kind: DataLayerKind;
  readonly header: DataLayerHeader;
  readonly key?: GeneralKeyChoice["kind"];
}

/** A layer that is around data: with it they open. */
export interface DataLayer {
  readonly kind: DataLayerKind;
  readonly header: DataLayerHeader;
  readonly keyInfo?: KeyInfo;
}

const empty = new Uint8Array(0);
const deepest = 6;
const protections = {
  authentication: "authenticated",
  encryption: "encrypted",
  "authentication-encryption": "authenticated-encrypted",
} as const;
const bits: Readonly<Record<DataLayerKind, ProtectionBits>> = {
  authentication: { authenticated: true, encrypted: false, signed: false },
  encryption: { authenticated: false, encrypted: true, signed: false },
  "authentication-encryption": { authenticated: true, encrypted: true, signed: false },
  "digital-signature": { authenticated: false, encrypted: false, signed: true },
};

/** What layers do together. */
export function strengthOf(layers: Iterable<{ readonly kind: DataLayerKind }>): ProtectionBits {
  let strength = noProtection;
  for (const { kind } of layers) strength = stronger(strength, bits[kind]);
  return strength;
}

/** @throws SecurityError `weaker-than-policy` when layers do less than is required. */
export function checkLayers(layers: Iterable<{ readonly kind: DataLayerKind }>, required: ProtectionBits): void {
  const strength = strengthOf(layers);
  if (coversBits(strength, required)) return;
  throw dlmsError(
    "weaker-than-policy",
    `the data are protected by ${protectionText(strength)}, required is ${protectionText(required)}`,
    { layer: "security" },
  );
}

/**
 * Puts layers around data, the first one first: each as general-ciphering and general-signing do it to an APDU, its
 * header and key carried beside the data (IEC 62056-6-2, Data protection). A ciphering layer is security control,
 * invocation counter, octets and tag; a signature follows what it signs.
 * @throws SecurityError `key-unknown` and those of the counter; UsageError `invalid-argument` for a layer without key.
 */
export function protectData(
  protection: GeneralProtection,
  data: Uint8Array,
  layers: readonly DataLayerRequest[],
): { readonly data: Uint8Array; readonly layers: readonly DataLayer[] } {
  checkDepth(layers);
  const done: DataLayer[] = [];
  let inner = data;
  for (const { kind, header, key } of layers) {
    const full = { ...header, dateTime: empty };
    if (kind === "digital-signature") {
      const message = decodeApdu(protection.sign(inner, full));
      if (message.type !== "general-signing") throw unexpected();
      inner = concatBytes(inner, message.signature ?? empty);
      done.push({ kind, header });
      continue;
    }
    if (key === undefined) throw dlmsError("invalid-argument", `a layer of ${kind} needs a key`, { layer: "security" });
    const ciphered = protection.cipher(inner, { header: full, key: { kind: key }, protection: protections[kind] });
    const message = decodeApdu(ciphered);
    if (message.type !== "general-ciphering") throw unexpected();
    inner = message.content;
    done.push({ kind, header, ...(message.keyInfo && { keyInfo: message.keyInfo }) });
  }
  return { data: inner, layers: done };
}

/**
 * Checks and removes the layers, the last one first.
 * @throws SecurityError as `GeneralProtection.open`, and `weaker-than-policy` when a layer does less than it says;
 * DecodeError `truncated`.
 */
export function openData(
  protection: GeneralProtection,
  suite: SuiteId,
  data: Uint8Array,
  layers: readonly DataLayer[],
): Uint8Array {
  checkDepth(layers);
  let inner = data;
  for (const { kind, header, keyInfo } of [...layers].reverse()) {
    const full = { ...header, dateTime: empty };
    if (kind === "digital-signature") {
      const length = suite === 0 ? 0 : 2 * (securitySuites[suite].curve === "P-384" ? 48 : 32);
      if (length === 0 || inner.length < length)
        throw dlmsError("truncated", "the data are too few for a signature", { layer: "security" });
      const content = inner.subarray(0, inner.length - length);
      const signature = inner.subarray(inner.length - length);
      inner = protection.open(encodeApdu({ type: "general-signing", ...full, content, signature })).apdu;
      continue;
    }
    const message = encodeApdu({ type: "general-ciphering", ...full, ...(keyInfo && { keyInfo }), content: inner });
    const opened = protection.open(message);
    if (opened.protection !== protections[kind])
      throw dlmsError("weaker-than-policy", `a layer of ${kind} is ${opened.protection}`, { layer: "security" });
    inner = opened.apdu;
  }
  return inner;
}

function checkDepth(layers: readonly unknown[]): void {
  if (layers.length > deepest)
    throw dlmsError("limit-exceeded", `more than ${deepest} layers of protection`, { layer: "security" });
}

function unexpected() {
  return dlmsError("unexpected-message", "the layer is not what was made", { layer: "security" });
}
