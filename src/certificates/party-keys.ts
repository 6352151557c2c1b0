import { DlmsError, dlmsError, equalBytes, toHex } from "../base/index.js";
import type { PartyKeys } from "../security/index.js";
import { Certificate, type CertificateUse } from "./certificate.js";
import type { SystemTitleSource } from "./title.js";
import { checkTitle, type TrustStore } from "./trust-store.js";

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

/** Which use of a certificate gives which key. */
const uses = { signaturePublicKey: "digital-signature", agreementPublicKey: "key-agreement" } as const;

/**
 * Public keys of other parties out of certificates that were checked: the `party` of HLS-ECDSA, general-ciphering and
 * general-signing. Of several certificates for one use, the one that became valid last is taken.
 *
 * A certificate that the party sent along (DER) is the one that counts: it is checked like any other, and is refused by
 * name when it is not good, also where another one is at hand.
 *
 * The function returns undefined for a party without any certificate, and throws the SecurityError
 * `certificate-wrong-usage` when its certificates are for nothing of the kind. Each key of what it returns is checked
 * when it is read, and throws the SecurityError `certificate-…` of `TrustStore.verify` when no certificate is good, so
 * that an expired or foreign certificate is told by name.
 */
export function partyKeysFrom(
  directory: PartyDirectory,
): (systemTitle: Uint8Array, certificate?: Uint8Array) => PartyKeys | undefined {
  return (systemTitle, sent) => {
    const own = sent === undefined ? certificatesOf(systemTitle, directory) : [sentBy(sent, systemTitle, directory)];
    if (own.length === 0) return undefined;
    const keys: PartyKeys = {};
    for (const [name, use] of Object.entries(uses)) {
      const fitting = own.filter((certificate) => certificate.allows(use));
      if (fitting.length === 0) continue;
      const get = () => publicKey(fitting, use, systemTitle, directory);
      Object.defineProperty(keys, name, { enumerable: true, get });
    }
    if (Object.keys(keys).length > 0) return keys;
    throw dlmsError(
      "certificate-wrong-usage",
      `no certificate of ${toHex(systemTitle)} is for signatures or agreement`,
      {
        layer: "certificates",
      },
    );
  };
}

function certificatesOf(systemTitle: Uint8Array, directory: PartyDirectory): Certificate[] {
  const { certificates } = directory;
  return (typeof certificates === "function" ? certificates() : certificates).filter((certificate) =>
    titlesOf(certificate, directory).some((title) => equalBytes(title, systemTitle)),
  );
}

/** @throws SecurityError `certificate-wrong-title`; DecodeError. */
function sentBy(der: Uint8Array, systemTitle: Uint8Array, { titleFrom }: PartyDirectory): Certificate {
  const certificate = Certificate.parse(der);
  checkTitle(certificate, { systemTitle, ...(titleFrom === undefined ? {} : { titleFrom }) });
  return certificate;
}

function titlesOf({ systemTitles }: Certificate, { titleFrom }: PartyDirectory): Uint8Array[] {
  const titles = titleFrom === undefined ? [...systemTitles.values()] : [systemTitles.get(titleFrom)];
  return titles.filter((title) => title !== undefined);
}

/** The newest of the certificates that is good; throws the reason of the newest when none is. */
function publicKey(
  certificates: readonly Certificate[],
  use: CertificateUse,
  systemTitle: Uint8Array,
  { trustStore, now, titleFrom }: PartyDirectory,
): Uint8Array {
  const named = titleFrom === undefined ? {} : { titleFrom };
  let reason: DlmsError | undefined;
  for (const certificate of [...certificates].sort((a, b) => b.notBefore - a.notBefore)) {
    try {
      trustStore.verify(certificate, { use, systemTitle, now: now(), ...named });
      return certificate.publicKey;
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      reason ??= error;
    }
  }
  throw reason;
}
