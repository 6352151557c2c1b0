import { dlmsError } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { SuiteId } from "./control.js";
import { SecretKey } from "./secret-key.js";
import { checkSuiteKey } from "./suites.js";

/**
 * A key wrapped under the master key (RFC 3394), as key_transfer carries it and general-ciphering names it.
 * @throws UsageError `invalid-key` when one of them has not the suite's length.
 */
export function wrapKey(crypto: CryptoProvider, suite: SuiteId, masterKey: SecretKey, key: SecretKey): Uint8Array {
  checkSuiteKey(suite, "the master key", masterKey);
  checkSuiteKey(suite, "the key to wrap", key);
  return masterKey.use((kek) => key.use((octets) => crypto.aesKey(kek).wrap(octets)));
}

/**
 * The key that was wrapped under the master key.
 * @throws SecurityError `key-unwrap-failed`; UsageError `invalid-key` when it has not the suite's length.
 */
export function unwrapKey(
  crypto: CryptoProvider,
  suite: SuiteId,
  masterKey: SecretKey,
  wrapped: Uint8Array,
): SecretKey {
  const octets = masterKey.use((kek) => crypto.aesKey(kek).unwrap(wrapped));
  if (octets === undefined)
    throw dlmsError("key-unwrap-failed", "the wrapped key does not open", { layer: "security" });
  const key = new SecretKey(octets);
  octets.fill(0);
  checkSuiteKey(suite, "the wrapped key", key);
  return key;
}
