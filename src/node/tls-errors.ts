import { DlmsError, dlmsError, type ErrorCode } from "../base/index.js";
import { systemError } from "./system-error.js";
import { firstCause } from "./tcp.js";

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
}

/** What OpenSSL finds wrong with the peer's certificate, by its verification code; a row a code. */
const verdicts: Readonly<Record<string, Meaning>> = {
  CERT_HAS_EXPIRED: { code: "certificate-expired", says: "its certificate, or one above it, has expired" },
  CERT_NOT_YET_VALID: { code: "certificate-not-yet-valid", says: "its certificate, or one above it, is not valid yet" },
  CERT_SIGNATURE_FAILURE: { code: "certificate-signature-invalid", says: "a signature of its chain does not hold" },
  CERT_CHAIN_TOO_LONG: { code: "certificate-chain-too-long", says: "its chain is too long" },
  PATH_LENGTH_EXCEEDED: { code: "certificate-not-authority", says: "its chain is longer than an authority allows" },
  INVALID_CA: { code: "certificate-not-authority", says: "a certificate of its chain may not issue others" },
  INVALID_PURPOSE: { code: "certificate-wrong-usage", says: "its certificate is not for TLS" },
  ERR_TLS_CERT_ALTNAME_INVALID: { code: "peer-not-trusted", says: "its certificate is not for this host" },
};

/** Other verdicts of OpenSSL: the chain leads to nobody who is trusted. */
const untrusted = /ISSUER|SELF_SIGNED|UNABLE_TO_VERIFY|CERT_UNTRUSTED|CERT_REJECTED/;
/** What is wrong with the certificate in another way. */
const otherVerdict = /^(CERT|CRL|UNABLE|HOSTNAME|SUBJECT|AKID|KEYUSAGE|ERROR_IN_CERT|ERR_TLS_CERT)/;
/** Alerts of the peer that are about our certificate, or about there being none. */
const alertsAboutUs =
  /ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)/;

/** The error of our family for one that TLS met. */
export function tlsError(error: unknown, what: string): DlmsError {
  if (DlmsError.is(error)) return error;
  const cause = firstCause(error) as Error;
  const name = String((cause as { readonly code?: unknown }).code ?? "");
  const meaning = verdicts[name] ?? otherMeaning(name, cause);
  if (meaning === undefined) return systemError(cause, what);
  return dlmsError(meaning.code, `${what}: ${meaning.says}`, { layer: "transport", cause });
}

function otherMeaning(name: string, { message }: Error): Meaning | undefined {
  if (name === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE")
    return { code: "peer-not-trusted", says: "it showed no certificate" };
  if (untrusted.test(name)) return { code: "certificate-untrusted", says: "no trusted authority vouches for it" };
  if (otherVerdict.test(name)) return { code: "peer-not-trusted", says: `its certificate is not good (${name})` };
  if (alertsAboutUs.test(name))
    return { code: "own-certificate-refused", says: `it does not accept our certificate (${alertOf(name)})` };
  if (/^ERR_SSL|^EPROTO/.test(name)) return { code: "tls-failed", says: `no TLS with it (${alertOf(name, message)})` };
  return undefined;
}

function alertOf(name: string, message = ""): string {
  const text = name === "EPROTO" ? (/:([a-z][\w ]+):/i.exec(message)?.[1] ?? name) : name;
  return text
    .replace(/^ERR_SSL_(?:TLSV1_|TLSV13_|SSLV3_)?(?:ALERT_)?/, "")
    .toLowerCase()
    .replaceAll("_", " ");
}

/** The error of a peer that left at once after, or in, the handshake: it says no more when it refuses us. */
export function leftAtOnce(what: string, ownCertificate: boolean, cause?: unknown): DlmsError {
  const why = ownCertificate
    ? "does when it does not accept our certificate"
    : "may do when it wants a certificate of us";
  return dlmsError("own-certificate-refused", `${what}: the peer hung up upon the handshake, as it ${why}`, {
    layer: "transport",
    ...(cause === undefined ? {} : { cause }),
  });
}
