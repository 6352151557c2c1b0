import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  type Extension,
  type GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { fault, parseDer } from "./der.js";

/** Bits of keyUsage (RFC 5280, 4.2.1.3), the first bit first. */
export const keyUsageNames = [
  "digital-signature",
  "non-repudiation",
  "key-encipherment",
  "data-encipherment",
  "key-agreement",
  "key-cert-sign",
  "crl-sign",
  "encipher-only",
  "decipher-only",
] as const;
export type KeyUsageName = (typeof keyUsageNames)[number];

/** What the extensions of a certificate say, as far as a verifier has to know. */
export interface CertificateExtensions {
  /** Undefined where there is no such extension. */
  readonly keyUsage: ReadonlySet<KeyUsageName> | undefined;
  /** Object identifiers; undefined where there is no such extension. */
  readonly extendedKeyUsage: ReadonlySet<string> | undefined;
  readonly isAuthority: boolean;
  /** How many authorities may stand between this one and the certificate at the end. */
  readonly pathLength: number | undefined;
  readonly alternativeNames: readonly GeneralName[];
  /** DER of subjectAltName, empty where there is none. */
  readonly alternativeNamesDer: Uint8Array;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /** Object identifiers of critical extensions that this library does not process. */
  readonly unknownCritical: readonly string[];
}

/** Extensions that are processed, or that narrow nothing down here. */
const processed: ReadonlySet<string> = new Set([
  id_ce_keyUsage,
  id_ce_extKeyUsage,
  id_ce_basicConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_ce_authorityKeyIdentifier,
  id_ce_certificatePolicies,
]);

/** @throws DecodeError `malformed` for an extension that is there twice or makes no sense. */
export function readExtensions(extensions: readonly Extension[]): CertificateExtensions {
  const byId = new Map<string, Uint8Array>();
  for (const { extnID, extnValue } of extensions) {
    if (byId.has(extnID)) throw fault("malformed", `the extension ${extnID} is there twice`);
    byId.set(extnID, new Uint8Array(extnValue.buffer, extnValue.byteOffset, extnValue.byteLength).slice());
  }
  const read = <T>(id: string, schema: new () => T, what: string): T | undefined => {
    const octets = byId.get(id);
    return octets === undefined ? undefined : parseDer(octets, schema, what);
  };
  const constraints = read(id_ce_basicConstraints, BasicConstraints, "basicConstraints");
  const usage = read(id_ce_keyUsage, KeyUsage, "keyUsage");
  const extended = read(id_ce_extKeyUsage, ExtendedKeyUsage, "extKeyUsage");
  const subjectKey = read(id_ce_subjectKeyIdentifier, SubjectKeyIdentifier, "subjectKeyIdentifier");
  const authorityKey = read(id_ce_authorityKeyIdentifier, AuthorityKeyIdentifier, "authorityKeyIdentifier");
  return {
    keyUsage: usage === undefined ? undefined : usageOf(usage),
    extendedKeyUsage: extended === undefined ? undefined : new Set(extended),
    isAuthority: constraints?.cA ?? false,
    pathLength: constraints?.pathLenConstraint,
    alternativeNames: read(id_ce_subjectAltName, SubjectAlternativeName, "subjectAltName") ?? [],
    alternativeNamesDer: byId.get(id_ce_subjectAltName) ?? new Uint8Array(),
    subjectKeyIdentifier: octetsOf(subjectKey),
    authorityKeyIdentifier: octetsOf(authorityKey?.keyIdentifier),
    unknownCritical: extensions
      .filter(({ critical, extnID }) => critical && !processed.has(extnID))
      .map((e) => e.extnID),
  };
}

function usageOf(usage: KeyUsage): ReadonlySet<KeyUsageName> {
  const flags = usage.toNumber();
  return new Set(keyUsageNames.filter((_, bit) => (flags & (1 << bit)) !== 0));
}

function octetsOf(view: { buffer: ArrayBuffer } | undefined): Uint8Array | undefined {
  return view === undefined ? undefined : new Uint8Array(view.buffer).slice();
}
