import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DlmsError, dlmsError, fromHex, toHex } from "../base/index.js";
import {
  isTitleOf,
  type KeyStore,
  keyStoreChanged,
  type MeterSecrets,
  type PendingSecrets,
  SecretKey,
  type SecretName,
  secretNames,
} from "../security/index.js";
import { Generations } from "./generations.js";

/**
 * Keys and secrets of meters in a folder, for any number of processes on one machine: an entry a meter, replaced whole.
 * The name of an entry is up to 64 letters, digits, dots, dashes and underscores. Nobody but its owner may read the
 * folder, or nothing of it is used: the error names the command that mends it. What is in it is not encrypted.
 *
 * @throws SecurityError `key-store-failed`, `key-store-changed`; UsageError `invalid-argument` for another name.
 */
export function fileKeyStore(folder: string): KeyStore & {
  /** Names of all entries. */
  names(): Promise<readonly string[]>;
} {
  const records = new Generations(folder, "key-store-failed", kept);
  const read = async (name: string): Promise<MeterSecrets | undefined> => {
    const newest = await records.newest(name);
    if (newest === undefined) return undefined;
    for (const path of [dirname(newest.path), newest.path]) await checkOwnerOnly(path);
    return { ...parseEntry(name, newest.text), revision: String(newest.number) };
  };
  const names = async () => {
    await checkOwnerOnly(folder);
    return (await records.records()).filter((name) => safe.test(name)).sort();
  };
  /** The entry of this name, else the one whose system title it is. */
  const find = async (meter: string): Promise<{ readonly name: string; readonly entry: MeterSecrets | undefined }> => {
    await checkOwnerOnly(folder);
    const entry = await read(safeName(meter));
    if (entry !== undefined || !/^[0-9A-Fa-f]{16}$/.test(meter)) return { name: meter, entry };
    for (const name of await names()) {
      const other = await read(name);
      if (other !== undefined && isTitleOf(meter, other)) return { name, entry: other };
    }
    return { name: meter, entry: undefined };
  };
  return {
    names: () => records.named(names),
    load: (meter) => records.named(async () => (await find(meter)).entry),
    save: (meter, secrets) =>
      records.named(async () => {
        const { name, entry } = await find(meter);
        if (entry?.revision !== secrets.revision) throw keyStoreChanged(meter);
        const number = Number(entry?.revision ?? 0) + 1;
        if (!(await records.publish(name, { number, text: writeEntry(secrets) }))) throw keyStoreChanged(meter);
        return { ...secrets, revision: String(number) };
      }),
  };
}

/** The entry, and the one before it: a listing taken while another process publishes must not miss both. */
const kept = 2;
const safe = /^[0-9A-Za-z_-][0-9A-Za-z._-]{0,63}$/;

function safeName(meter: string): string {
  if (safe.test(meter)) return meter;
  throw dlmsError("invalid-argument", "the name of a meter in a key store is up to 64 letters, digits, . - and _", {
    layer: "store",
  });
}

/** There are no such rights on Windows. */
async function checkOwnerOnly(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const found = await stat(path);
  if ((found.mode & 0o077) === 0) return;
  throw dlmsError("key-store-failed", `others may read ${path}`, {
    layer: "store",
    advice: `Run: chmod ${found.isDirectory() ? "700" : "600"} ${path}`,
  });
}

const octetNames = ["systemTitle", "ownSystemTitle", "meterSignaturePublicKey"] as const;
const keyNames = [...secretNames, "signaturePrivateKey"] as const;

/** Keys as hexadecimal text by name: a JSON object that people can read too. */
function writeEntry(secrets: MeterSecrets): string {
  const { pending } = secrets;
  const entry = {
    ...hexOf(keyNames, secrets),
    ...Object.fromEntries(
      octetNames.flatMap((name) => {
        const octets = secrets[name];
        return octets === undefined ? [] : [[name, toHex(octets)]];
      }),
    ),
    ...(pending && { pending: { ...pending, secrets: hexOf(secretNames, pending.secrets) } }),
  };
  return `${JSON.stringify(entry, undefined, 2)}\n`;
}

function hexOf<Name extends string>(names: readonly Name[], secrets: Readonly<Partial<Record<Name, SecretKey>>>) {
  return Object.fromEntries(
    names.flatMap((name) => {
      const secret = secrets[name];
      return secret === undefined ? [] : [[name, secret.use(toHex)]];
    }),
  );
}

/** Nothing of the text gets into the error: it holds keys. */
function parseEntry(name: string, text: string): MeterSecrets {
  try {
    const given = objectOf(JSON.parse(text));
    const octets = octetNames.flatMap((field) => (given[field] === undefined ? [] : [[field, octetsOf(given[field])]]));
    return {
      ...(secretsOf(keyNames, given) as MeterSecrets),
      ...Object.fromEntries(octets),
      ...(given["pending"] !== undefined && { pending: pendingOf(objectOf(given["pending"])) }),
    };
  } catch {
    throw dlmsError("key-store-failed", `the entry of ${name} was changed by someone else: it cannot be read`, {
      layer: "store",
    });
  }
}

function pendingOf(given: Readonly<Record<string, unknown>>): PendingSecrets {
  const { agreed, since, refused } = given;
  if (typeof since !== "string") throw unreadable();
  return {
    secrets: secretsOf(secretNames, objectOf(given["secrets"])),
    since,
    ...(Array.isArray(agreed) && { agreed: agreed.filter(isSecretName) }),
    ...(refused === true && { refused }),
  };
}

function secretsOf<Name extends string>(names: readonly Name[], given: Readonly<Record<string, unknown>>) {
  const known = names.filter((name) => given[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, new SecretKey(octetsOf(given[name]))])) as Partial<
    Record<Name, SecretKey>
  >;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable();
  return value as Readonly<Record<string, unknown>>;
}

function octetsOf(value: unknown): Uint8Array {
  if (typeof value !== "string") throw unreadable();
  return fromHex(value);
}

const isSecretName = (name: unknown): name is SecretName => (secretNames as readonly unknown[]).includes(name);
const unreadable = () => new DlmsError("key-store-failed", "unreadable", { layer: "store" });
