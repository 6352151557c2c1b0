import { homedir } from "node:os";
import { join } from "node:path";
import { fromHex } from "../base/index.js";
import type { AuthenticationOptions, StoredConnectOptions } from "../client/index.js";
import { type MeterSecrets, SecretKey, type SecretName, secretNames } from "../security/index.js";
import { readKeyFile } from "./keys.js";
import { type LinkFlags, mechanisms, protections } from "./link-flags.js";
import { invalid, policyFlags, suiteOf } from "./link-options.js";

/** Where invocation counters are kept unless told otherwise. */
export const defaultCounters = (): string =>
  join(process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "dlms");

/** Store and entry that the flags name. @throws UsageError `invalid-argument`. */
export async function storeOf({ keyStore, entry, meter }: LinkFlags) {
  const name = entry ?? meter;
  if (keyStore === undefined) throw invalid("no key store", "Give its folder as --key-store.");
  if (name === undefined) throw invalid("--key-store without an entry", "Name it by --entry, or by --meter.");
  const { fileKeyStore } = await import("../node/index.js");
  return { store: fileKeyStore(keyStore), meter: name };
}

/** How to associate with secrets of the store. */
export async function storedOptions(
  flags: LinkFlags,
  tryAgain: boolean,
): Promise<Pick<StoredConnectOptions, "keys" | "authentication" | "security">> {
  const mechanism = mechanisms.find((name) => name === (flags.auth ?? "none"));
  const protection = protections.find((name) => name === (flags.protection ?? defaultProtection(mechanism)));
  if (mechanism === undefined) throw invalid(`--auth ${flags.auth}`, `It is one of ${mechanisms.join(", ")}.`);
  if (protection === undefined)
    throw invalid(`--protection ${flags.protection}`, `It is one of ${protections.join(", ")}.`);
  if (flags.keys !== undefined) throw invalid("--keys beside --key-store", "Import the file: dlms keys import.");
  const { fileCounterStore } = await import("../node/index.js");
  const counters = fileCounterStore(flags.counters ?? defaultCounters());
  return {
    keys: { ...(await storeOf(flags)), tryAgain },
    authentication: { mechanism },
    ...((protection !== "none" || mechanism === "hls-gmac") && {
      security: { suite: suiteOf(flags), ...policyFlags(flags, protection), counters },
    }),
  };
}

/** HLS-GMAC has the keys for ciphering, so it ciphers unless told otherwise. */
export function defaultProtection(mechanism: AuthenticationOptions["mechanism"] | undefined): string {
  return mechanism === "hls-gmac" ? "authenticated-encrypted" : "none";
}

/** Secrets of a key file that its owner alone may read, as a store keeps them. */
export function secretsOfFile(file: string): MeterSecrets {
  const given = readKeyFile(file);
  const octets = (name: string): Uint8Array | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    if (name === "password" || name === "secret") return Uint8Array.from(String(value), asciiOf);
    try {
      return fromHex(String(value));
    } catch {
      throw invalid(`${name} in ${file} is not hexadecimal text of whole octets`, "Write it in hexadecimal.");
    }
  };
  const found = <Name extends string>(name: Name, as: string = name) => {
    const value = octets(as);
    return value === undefined ? undefined : ([name, value] as const);
  };
  const isThere = <T>(value: T | undefined): value is T => value !== undefined;
  const secrets = [...secretNames, "signaturePrivateKey"].map((name) => found(name)).filter(isThere);
  const open = [
    found("ownSystemTitle", "systemTitle"),
    found("systemTitle", "meterSystemTitle"),
    found("meterSignaturePublicKey"),
  ].filter(isThere);
  return {
    ...Object.fromEntries(secrets.map(([name, value]) => [name, new SecretKey(value)])),
    ...Object.fromEntries(open),
  };
}

/** Names joined by commas. @throws UsageError `invalid-argument` for one that does not exist. */
export function namesIn<Name extends SecretName>(flag: string, text: string, known: readonly Name[]): Name[] {
  return text.split(",").map((word) => {
    const name = known.find((one) => one === word.trim());
    if (name === undefined) throw invalid(`${flag} ${text}`, `Known are ${known.join(", ")}, joined by commas.`);
    return name;
  });
}

function asciiOf(character: string): number {
  const code = character.charCodeAt(0);
  if (code > 0x7f) throw invalid("a password or secret has characters outside ASCII", "Use ASCII.");
  return code;
}
