import { dlmsError, fromHex } from "../base/index.js";
import type { TranslateKeys } from "../translate/index.js";

/** Options of the command that name keys, as given. */
export interface KeyOptions {
  readonly ek?: string;
  readonly ak?: string;
  readonly dedicatedKey?: string;
  readonly systemTitle?: readonly string[];
  readonly profile?: string;
}

/** Names under which a key file may hold system titles. */
const titleNames = [
  "systemTitle",
  "clientSystemTitle",
  "serverSystemTitle",
  "meterSystemTitle",
  "systemTitles",
] as const;

/** Names of keys that tools and examples use beside the standard's; each holds one key or a list. */
const encryptionNames = ["encryptionKey", "globalUnicastEncryptionKey", "blockCipherKey", "guek"] as const;
const authenticationNames = ["authenticationKey", "globalAuthenticationKey", "gak"] as const;
const broadcastNames = ["broadcastKey", "broadcastEncryptionKey", "globalBroadcastEncryptionKey", "gbek"] as const;
const masterNames = ["masterKey", "kek", "keyEncryptionKey"] as const;
const messageKeyNames = ["messageKey", "derivedKey", "agreedKey", "sessionKey", "contentEncryptionKey"] as const;
const agreementPrivateNames = [
  "keyAgreementPrivateKey",
  "agreementPrivateKey",
  "clientKeyAgreementPrivateKey",
  "serverKeyAgreementPrivateKey",
  "staticPrivateKeyClient",
  "staticPrivateKeyServer",
] as const;
const agreementPublicNames = [
  "keyAgreementPublicKey",
  "agreementPublicKey",
  "clientKeyAgreementPublicKey",
  "serverKeyAgreementPublicKey",
  "staticPublicKeyClient",
  "staticPublicKeyServer",
] as const;
const signerNames = [
  "signerPublicKey",
  "signaturePublicKey",
  "signingPublicKey",
  "clientSigningPublicKey",
  "serverSigningPublicKey",
  "clientSignaturePublicKey",
  "serverSignaturePublicKey",
] as const;

/**
 * Keys of the options and of a key file (a JSON object by name); the options come first.
 * @throws UsageError `invalid-argument` naming what is wrong, never showing it.
 */
export function translateKeys(options: KeyOptions, file: unknown): TranslateKeys {
  const named = objectOf(file);
  const only = (names: readonly string[]) => {
    const [value, another] = names.flatMap((name) => many(name, named[name]));
    if (another !== undefined) throw invalid(names[0] ?? "", "takes one value: explain the messages of each key apart");
    return value;
  };
  const encryptionKey = one("--ek", options.ek) ?? only(encryptionNames);
  const authenticationKey = one("--ak", options.ak) ?? only(authenticationNames);
  const broadcastKey = only(broadcastNames);
  const masterKey = only(masterNames);
  const profile = profileOf(options.profile ?? named["profile"]);
  const all = (names: readonly string[]) => names.flatMap((name) => many(name, named[name]));
  return {
    ...(encryptionKey && { encryptionKey }),
    ...(authenticationKey && { authenticationKey }),
    ...(broadcastKey && { broadcastKey }),
    ...(masterKey && { masterKey }),
    ...(profile && { profile }),
    messageKeys: all(messageKeyNames),
    agreementPrivateKeys: all(agreementPrivateNames),
    agreementPublicKeys: all(agreementPublicNames),
    signerPublicKeys: all(signerNames),
    dedicatedKeys: [...many("--dedicated-key", options.dedicatedKey), ...many("dedicatedKey", named["dedicatedKey"])],
    systemTitles: [
      ...many("--system-title", options.systemTitle),
      ...titleNames.flatMap((name) => many(name, named[name])),
    ],
  };
}

function objectOf(file: unknown): { readonly [name: string]: unknown } {
  if (file === undefined) return {};
  if (typeof file === "object" && file !== null && !Array.isArray(file)) return file as { [name: string]: unknown };
  throw invalid("the key file", "must hold a JSON object");
}

function profileOf(value: unknown): "green-book" | "gbcs" | undefined {
  if (value === undefined || value === "green-book" || value === "gbcs") return value;
  throw invalid("the profile", 'must be "green-book" or "gbcs"');
}

function one(name: string, value: unknown): Uint8Array | undefined {
  return many(name, value)[0];
}

function many(name: string, value: unknown): Uint8Array[] {
  if (value === undefined || value === null || value === "" || value === "unknown") return [];
  if (Array.isArray(value)) return value.flatMap((item) => many(name, item));
  if (typeof value !== "string") throw invalid(name, "must be hexadecimal text");
  const clean = value.replace(/[\s:-]/g, "");
  if (clean.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(clean)) throw invalid(name, "must be hexadecimal text");
  return [fromHex(clean)];
}

function invalid(name: string, what: string) {
  return dlmsError("invalid-argument", `${name} ${what}`, { layer: "cli" });
}
