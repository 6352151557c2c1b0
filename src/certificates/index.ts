export { Certificate, type CertificateUse } from "./certificate.js";
export { derLimits } from "./der.js";
export {
  type CertificateName,
  type DeviceCertificate,
  DeviceCertificates,
  type DeviceCertificatesOptions,
} from "./device-certificates.js";
export type { CertificateExtensions, KeyUsageName } from "./extensions.js";
export {
  type CertificateContents,
  createSigningRequest,
  type Issuer,
  issueCertificate,
  type Signer,
  signerOf,
} from "./issue.js";
export type { CertifiedKey } from "./keys.js";
export {
  type ListedCertificate,
  MeterCertificates,
  type MeterCertificatesOptions,
  meterCertificates,
  type ObjectSource,
} from "./meter-certificates.js";
export { DistinguishedName } from "./names.js";
export { type PartyDirectory, partyKeysFrom } from "./party-keys.js";
export { CertificateSigningRequest } from "./signing-request.js";
export type { SystemTitleSource } from "./title.js";
export { checkTlsIdentity } from "./tls-identity.js";
export { TrustStore, type TrustStoreOptions, type VerifyCertificate } from "./trust-store.js";
