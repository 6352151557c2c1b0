import { dlmsError } from "../../base/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import { type InvocationCounterStore, keyFingerprint, type PushKeys, SecurityContext } from "../../security/index.js";
import { CounterPool } from "../counter-pool.js";
import type { PushEvent } from "./events.js";
import { type KeySource, lookUpOf, octetsOf, pushKeys } from "./opening.js";
import type { PushCipher } from "./push-reader.js";

/** What is needed to cipher confirmations. The key is the one under which the push came. */
export interface ConfirmOptions {
  /** Our own system title: eight octets, or their hexadecimal text. */
  readonly systemTitle: Uint8Array | string;
  /**
   * Where our invocation counters live: `fileCounterStore(path)` of `dlms-cosem/node`. Without one they begin anew with
   * the process, and meters that remember the last one take no confirmation after that.
   */
  readonly counters?: InvocationCounterStore;
}

/** Protects an APDU for the sender of a push. */
export type ProtectForPush = (apdu: Uint8Array, push: PushEvent, cipher?: PushCipher) => Promise<Uint8Array>;

/**
 * Ciphers confirmations as the push was ciphered, in general-glo-ciphering: there is no service-specific form of them.
 * @throws UsageError `invalid-argument` unless the title has eight octets.
 */
export function confirmationProtector(
  crypto: CryptoProvider,
  keys: KeySource,
  options: ConfirmOptions,
): ProtectForPush {
  const { systemTitle: title, counters } = options;
  const systemTitle = typeof title === "string" ? octetsOf(title, "confirm.systemTitle") : title.slice();
  if (systemTitle.length !== 8)
    throw dlmsError("invalid-argument", "confirm.systemTitle is not eight octets", { layer: "client" });
  return async (apdu, push, cipher) => {
    const { encryptionKey, authenticationKey } = await keysOf(crypto, keys, push, cipher);
    const key = encryptionKey as Parameters<typeof CounterPool.of>[2];
    const pool = CounterPool.of(counters, crypto, key, systemTitle);
    await pool.ready();
    const context = new SecurityContext({
      crypto,
      suite: cipher?.suite ?? 0,
      protection: push.protection,
      encryptionKey,
      ...(authenticationKey !== undefined && { authenticationKey }),
      verify: authenticationKey === undefined ? "if-key" : "required",
      systemTitle,
      counter: pool.source,
    });
    const ciphered = context.protect(apdu, { form: "general" });
    pool.topUp();
    return ciphered;
  };
}

/** The keys that opened a push: those of its sender, or of a list the ones with that fingerprint. */
async function keysOf(
  crypto: CryptoProvider,
  keys: KeySource,
  { systemTitle }: PushEvent,
  cipher: PushCipher | undefined,
): Promise<PushKeys> {
  const isList = typeof keys !== "function" && !("get" in keys);
  const found = isList ? keys : [await lookUpOf(keys)(systemTitle?.slice())];
  for (const one of found) {
    const read = one && pushKeys(one);
    if (read !== undefined && keyFingerprint(crypto, read.encryptionKey) === cipher?.fingerprint) return read;
  }
  // A broadcast key is shared: what is ciphered with it proves nothing of who confirms.
  throw dlmsError("key-unknown", "no key of the sender is known to cipher the confirmation with", {
    layer: "security",
  });
}
