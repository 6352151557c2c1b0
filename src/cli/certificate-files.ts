import { Certificate, partyKeysFrom, TrustStore } from "../certificates/index.js";
import { nodeCryptoProvider } from "../node/index.js";
import { invalid } from "./link-options.js";
import { bytesFile } from "./tls-files.js";

/**
 * Authorities of a file: those that signed themselves are trusted, others stand between.
 * @throws UsageError `invalid-argument`.
 */
export function trustStoreOf(file: string): TrustStore {
  const authorities = Certificate.parseAll(bytesFile("--ca", file)).filter(({ isAuthority }) => isAuthority);
  const roots = authorities.filter(({ isSelfIssued }) => isSelfIssued);
  if (roots.length === 0) throw invalid(`--ca ${file} holds no root`, "A root is an authority that signed itself.");
  const intermediates = authorities.filter(({ isSelfIssued }) => !isSelfIssued);
  return new TrustStore({ crypto: nodeCryptoProvider, roots, intermediates });
}

/** Keys of the parties whose certificates a file holds. @throws UsageError `invalid-argument`. */
export function partyOf(ca: string, file: string): ReturnType<typeof partyKeysFrom> {
  const certificates = Certificate.parseAll(bytesFile("--certificates", file));
  return partyKeysFrom({ certificates, trustStore: trustStoreOf(ca), now: Date.now });
}
