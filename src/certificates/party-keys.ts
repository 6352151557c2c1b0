import { DlmsError, dlmsError, equalBytes, toHex } from "../base/index.js";
import type { PartyKeys } from "../security/index.js";
import type { Certificate, CertificateUse } from "./certificate.js";
import type { SystemTitleSource } from "./title.js";
import type { TrustStore } from "./trust-store.js";

/** Certificates of other parties, and what they are held against. */
export interface PartyDirectory {
  /** Any certificates; each is looked at when its party is asked for. A function is asked anew each time. */
  readonly certificates: readonly Certificate[] | (() => readonly Certificate[]);
  readonly trustStore: TrustStore;
  /** Milliseconds UTC. */
  readonly now: () => number;
  /** Where the profile in use puts the system title; any place when left out. */
  readonly titleFrom?: SystemTitleSource;
}

/**
 * Public keys of other parties out of certificates that were checked: the `party` of HLS-ECDSA, general-ciphering and
 * general-signing. Validity and chain are checked each time a key is asked for. Of several certificates for one use,
 * the one that became valid last is taken.
 *
 * The function returns undefined for a party without any certificate, and throws the SecurityError `certificate-…` of
 * `TrustStore.verify` when there are some and none is good, so that an expired or foreign certificate is told by name.
 */
export function partyKeysFrom(directory: PartyDirectory): (systemTitle: Uint8Array) => PartyKeys | undefined {
  return (systemTitle) => {
    const all = typeof directory.certificates === "function" ? directory.certificates() : directory.certificates;
    const own = all.filter((certificate) =>
      titlesOf(certificate, directory).some((title) => equalBytes(title, systemTitle)),
    );
    if (own.length === 0) return undefined;
    const signature = publicKey(own, "digital-signature", systemTitle, directory);
    const agreement = publicKey(own, "key-agreement", systemTitle, directory);
    const reason = signature.reason ?? agreement.reason;
    if (signature.key === undefined && agreement.key === undefined)
      throw (
        reason ??
        dlmsError("certificate-wrong-usage", `no certificate of ${toHex(systemTitle)} is for signatures or agreement`, {
          layer: "certificates",
        })
      );
    return {
      ...(signature.key === undefined ? {} : { signaturePublicKey: signature.key }),
      ...(agreement.key === undefined ? {} : { agreementPublicKey: agreement.key }),
    };
  };
}

function titlesOf({ systemTitles }: Certificate, { titleFrom }: PartyDirectory): Uint8Array[] {
  const titles = titleFrom === undefined ? [...systemTitles.values()] : [systemTitles.get(titleFrom)];
  return titles.filter((title) => title !== undefined);
}

function publicKey(
  certificates: readonly Certificate[],
  use: CertificateUse,
  systemTitle: Uint8Array,
  { trustStore, now, titleFrom }: PartyDirectory,
): { readonly key?: Uint8Array; readonly reason?: DlmsError } {
  const named = titleFrom === undefined ? {} : { titleFrom };
  let reason: DlmsError | undefined;
  const fitting = certificates.filter((certificate) => certificate.allows(use));
  for (const certificate of fitting.sort((a, b) => b.notBefore - a.notBefore)) {
    try {
      trustStore.verify(certificate, { use, systemTitle, now: now(), ...named });
      return { key: certificate.publicKey };
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      reason ??= error;
    }
  }
  return reason === undefined ? {} : { reason };
}
