import { readFileSync } from "node:fs";
import { dlmsError } from "../base/index.js";
import type { TlsTrust } from "../node/index.js";
import { checkOwnerOnly } from "./keys.js";

/** The flags about certificates of TLS, the same at both ends. */
export interface TlsFlags {
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsFingerprint?: string;
  readonly tlsTitle?: string;
  readonly tcp?: string;
}

const names = {
  tlsCa: "--tls-ca",
  tlsCert: "--tls-cert",
  tlsKey: "--tls-key",
  tlsFingerprint: "--tls-fingerprint",
  tlsTitle: "--tls-title",
} as const;

/**
 * True when TLS is asked for. Whoever names a certificate wants TLS: without `--tls` nothing is sent in the clear.
 * @throws UsageError `invalid-argument`.
 */
export function wantsTls(flags: TlsFlags): boolean {
  const given = (Object.keys(names) as (keyof typeof names)[]).find((name) => flags[name] !== undefined);
  if (flags.tls !== true && given !== undefined) throw misused(`${names[given]} without --tls`, "Give --tls too.");
  if (flags.tls === true && flags.tcp === undefined) throw misused("--tls without --tcp", "TLS runs over TCP.");
  return flags.tls === true;
}

/** Certificates and key out of their files. @throws UsageError `invalid-argument`. */
export function tlsTrust(flags: TlsFlags): TlsTrust {
  const { tlsCa, tlsCert, tlsKey, tlsFingerprint } = flags;
  if (tlsKey !== undefined) checkOwnerOnly(tlsKey);
  return {
    ...(tlsCa === undefined ? {} : { ca: textFile(names.tlsCa, tlsCa) }),
    ...(tlsCert === undefined ? {} : { certificate: textFile(names.tlsCert, tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: textFile(names.tlsKey, tlsKey) }),
    ...(tlsFingerprint === undefined ? {} : { fingerprints: [tlsFingerprint] }),
  };
}

/** Text of a file that a flag names. @throws UsageError `invalid-argument` when it cannot be read. */
export function textFile(flag: string, file: string): string {
  return new TextDecoder().decode(bytesFile(flag, file));
}

/** Octets of a file that a flag names. @throws UsageError `invalid-argument` when it cannot be read. */
export function bytesFile(flag: string, file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    const why =
      code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "you may not read it" : "cannot be read";
    throw misused(`${flag} ${file}: ${why}`, "Check the path, and who may read it.");
  }
}

function misused(message: string, advice: string) {
  return dlmsError("invalid-argument", message, { layer: "cli", advice });
}
