import { dlmsError, fromHex } from "../base/index.js";
import {
  agreeKeys,
  type ChangeableKey,
  changeHlsSecret,
  changeKeys,
  changePassword,
  type NewKeys,
  settleKeys,
} from "../client/index.js";
import { type KeyStore, type MeterSecrets, secretNames } from "../security/index.js";
import { confirm } from "./confirm.js";
import { namesIn, secretsOfFile, storeOf } from "./key-store.js";
import type { LinkFlags } from "./link-flags.js";
import { invalid, ownSystemTitle, withConfig } from "./link-options.js";
import { type CommandSession, withMeter } from "./session.js";

export interface KeysFlags extends LinkFlags {
  readonly newKeys?: string;
  readonly generate?: string;
  readonly agree?: string;
  readonly tryAgain?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const keyNames = ["encryptionKey", "authenticationKey", "broadcastKey", "masterKey"] as const;

/** Carries out `dlms keys`: what a key store holds, and changes of it together with the meter. Shows no key. */
export async function runKeys(what: string, flags: KeysFlags): Promise<void> {
  const run = { list, import: importEntry, change, settle }[what];
  if (run === undefined) throw invalid(`keys ${what}`, "Write list, import, change or settle.");
  const shown = await run(withConfig(flags));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(shown, null, 1)}\n`);
  else for (const { entry, says } of shown) process.stdout.write(`${entry}: ${says}\n`);
}

/** A title of our own, so that a technician need not invent one. */
const ownTitle = { ownSystemTitle: fromHex(ownSystemTitle) };

interface Shown {
  readonly entry: string;
  readonly says: string;
  readonly secrets?: readonly string[];
  readonly pending?: readonly string[];
}

async function list(flags: KeysFlags): Promise<Shown[]> {
  const { keyStore } = flags;
  if (keyStore === undefined) throw invalid("no key store", "Give its folder as --key-store.");
  const { fileKeyStore } = await import("../node/index.js");
  const store = fileKeyStore(keyStore);
  const shown: Shown[] = [];
  for (const entry of await store.names()) shown.push(describe(entry, await store.load(entry)));
  return shown;
}

async function importEntry(flags: KeysFlags): Promise<Shown[]> {
  const { store, meter } = await storeOf(flags);
  if (flags.keys === undefined) throw invalid("nothing to import", "Give a key file as --keys.");
  const given = secretsOfFile(flags.keys);
  const before = await store.load(meter);
  if (before?.pending !== undefined) throw unsettled(meter, before.pending.since);
  if (before !== undefined) await confirm(`Replace secrets of ${meter}`, flags.yes, new AbortController().signal);
  return [describe(meter, await store.save(meter, { ...ownTitle, ...before, ...given }))];
}

async function change(flags: KeysFlags): Promise<Shown[]> {
  const { store, meter: entry } = await storeOf(flags);
  const wanted = wantedOf(flags);
  await withMeter(flags, async ({ meter, signal }) => {
    const names = [...Object.keys(wanted.keys), ...wanted.agreed, ...Object.keys(wanted.secrets)];
    if (names.length === 0) throw invalid("nothing to change", "Give --new-keys, --generate or --agree.");
    await confirm(`Change ${names.join(", ")} of ${entry}`, flags.yes, signal);
    if (wanted.agreed.length > 0) await agreeKeys(meter, wanted.agreed, { signal });
    if (Object.keys(wanted.keys).length > 0) await changeKeys(meter, wanted.keys, { signal });
    if (wanted.secrets.password !== undefined) await changePassword(meter, wanted.secrets.password, { signal });
    if (wanted.secrets.secret !== undefined) await changeHlsSecret(meter, wanted.secrets.secret, { signal });
  });
  return await shownNow(store, entry);
}

/** Connecting settles what it can prove; the rest is sent again. */
async function settle(flags: KeysFlags): Promise<Shown[]> {
  const { store, meter: entry } = await storeOf(flags);
  await withMeter(flags, async ({ meter, signal }: CommandSession) => {
    await settleKeys(meter, { signal });
  });
  return await shownNow(store, entry);
}

async function shownNow(store: KeyStore, entry: string): Promise<Shown[]> {
  return [describe(entry, await store.load(entry))];
}

/** What is to change: of a file, drawn, or agreed on. */
function wantedOf({ newKeys, generate, agree }: KeysFlags) {
  const { password, secret, ...file } = newKeys === undefined ? ({} as MeterSecrets) : secretsOfFile(newKeys);
  const drawn = generate === undefined ? [] : namesIn("--generate", generate, keyNames);
  const agreed: ChangeableKey[] = agree === undefined ? [] : namesIn("--agree", agree, keyNames);
  const keys: NewKeys = {
    ...Object.fromEntries(keyNames.flatMap((name) => (file[name] === undefined ? [] : [[name, file[name]]]))),
    ...Object.fromEntries(drawn.map((name) => [name, true])),
  };
  const twice = [...drawn.filter((name) => file[name] !== undefined), ...agreed.filter((name) => keys[name])];
  if (twice.length > 0) throw invalid(`${twice.join(", ")} in two ways`, "Give each key once.");
  return { keys, agreed, secrets: { ...(password && { password }), ...(secret && { secret }) } };
}

function describe(entry: string, held: MeterSecrets | undefined): Shown {
  const secrets = secretNames.filter((name) => held?.[name] !== undefined);
  const { pending } = held ?? {};
  const open = [...Object.keys(pending?.secrets ?? {}), ...(pending?.agreed ?? [])];
  const doubt = pending === undefined ? "" : `; not known whether the meter took ${open.join(", ")} (${pending.since})`;
  return {
    entry,
    says: `${secrets.join(", ") || "nothing"}${doubt}`,
    secrets,
    ...(pending !== undefined && { pending: open }),
  };
}

function unsettled(entry: string, since: string) {
  return dlmsError("key-change-unknown", `the change of ${since} of ${entry} is not settled`, {
    layer: "cli",
    advice: "Run: dlms keys settle, with the flags to reach the meter.",
  });
}
