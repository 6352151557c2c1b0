import { dlmsError } from "../base/index.js";
import { Certificate } from "./certificate.js";
import { checkTitle, type VerifyCertificate } from "./trust-store.js";

/**
 * Holds the certificate of a TLS peer, whose chain or fingerprint TLS has verified, against the system title it must
 * carry. TLS itself looks at neither the title nor, in version 1.3, at what the key is for.
 * @throws SecurityError `certificate-wrong-usage`, `certificate-wrong-title`; DecodeError.
 */
export function checkTlsIdentity(der: Uint8Array, wanted: Pick<VerifyCertificate, "systemTitle" | "titleFrom">): void {
  const certificate = Certificate.parse(der);
  if (!certificate.allows("tls"))
    throw dlmsError("certificate-wrong-usage", `the certificate of ${certificate.subject} is not for TLS`, {
      layer: "certificates",
    });
  checkTitle(certificate, wanted);
}
