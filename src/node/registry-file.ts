import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { dlmsError } from "../base/index.js";
import type { MeterEntry, VisitSettings } from "../client/dial-in/index.js";
import {
  type AuthenticationOptions,
  type ConnectOptions,
  dialects,
  type SecurityOptions,
  type StoredConnectOptions,
} from "../client/index.js";
import type { InvocationCounterStore } from "../security/index.js";
import { fileKeyStore } from "./key-store.js";

/** What a registry file leaves to the program that reads it. */
export interface RegistryOptions {
  /** Where our invocation counters live: `fileCounterStore(path)`. */
  readonly counters?: InvocationCounterStore;
  /** Our own system title, for meters whose entry has none. */
  readonly systemTitle?: string;
}

/** Names that hold a secret. */
const secretNames = ["encryptionKey", "authenticationKey", "broadcastKey", "password", "secret"] as const;
const markNames = ["systemTitle", "pushSystemTitle", "logicalDeviceName", "heartbeat", "fingerprint"] as const;
const otherNames = [
  "allowClaim",
  "client",
  "server",
  "referencing",
  "authentication",
  "protection",
  "suite",
  "verify",
  "ownSystemTitle",
  "keys",
  "keyStore",
  "entry",
  "maxPduSize",
  "responseMs",
  "retries",
  "dialect",
  "tolerances",
  "hdlc",
] as const;
const known: ReadonlySet<string> = new Set([...secretNames, ...markNames, ...otherNames]);
const mechanisms = ["none", "low", "hls-md5", "hls-sha1", "hls-gmac", "hls-sha256"] as const;
const protections = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the meters that may dial in from a file, YAML or JSON: `meters`, an object by name, and `defaults` for all of
 * them. Keys stand in it, or in a file that `keys` of a meter names; such a file must be readable by its owner alone.
 * @throws UsageError `invalid-argument` for a file that others may read, that is not sound, or that has an unknown name.
 */
export function loadRegistry(path: string, options: RegistryOptions = {}): MeterEntry[] {
  const content = readFields(path, "the registry");
  const meters = fieldsOf(content["meters"], `meters of ${path}`);
  const defaults = camelCased(fieldsOf(content["defaults"] ?? {}, `defaults of ${path}`));
  const entries = Object.entries(meters).map(([name, value]) => {
    const own = { ...defaults, ...camelCased(fieldsOf(value, `${name} of ${path}`)) };
    const fields = { ...own, ...secretsOf(own["keys"], path) };
    for (const field of Object.keys(fields))
      if (!known.has(field)) throw invalid(`${name} of ${path} has ${field}, which means nothing here`);
    return entryOf(name, fields, { ...options, folder: dirname(path) });
  });
  const holdsSecrets = [content["defaults"], ...Object.values(meters)].some(
    (value) => typeof value === "object" && value !== null && hasSecret(camelCased(value as Fields)),
  );
  if (holdsSecrets) checkOwnerOnly(path, "the registry");
  return entries;
}

/** The options, and the folder from which paths in the file begin. */
type Context = RegistryOptions & { readonly folder: string };

/** Refuses a file that others may read. There are no such rights on Windows. */
function checkOwnerOnly(path: string, what: string): void {
  const { mode } = statSync(path);
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  throw dlmsError("invalid-argument", `${what} ${path} holds keys, and others may read it`, {
    layer: "store",
    advice: `Run: chmod 600 ${path}`,
  });
}

function secretsOf(file: unknown, registry: string): Fields {
  if (file === undefined) return {};
  const path = resolve(dirname(registry), text("keys", file));
  const fields = camelCased(readFields(path, "the key file"));
  checkOwnerOnly(path, "the key file");
  return Object.fromEntries(secretNames.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
}

function readFields(path: string, what: string): Fields {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    // Without its cause where it was read: the parser quotes the line at fault, and that line may hold a key.
    const isMissing =
      (error as { readonly code?: unknown }).code !== undefined && !(error as Error).name.startsWith("YAML");
    throw dlmsError(
      "invalid-argument",
      `${what} ${path} ${isMissing ? "cannot be read" : "is neither JSON nor YAML"}`,
      {
        layer: "store",
        ...(isMissing && { cause: error }),
      },
    );
  }
  return fieldsOf(content, `${what} ${path}`);
}

function entryOf(name: string, fields: Fields, options: Context): MeterEntry {
  const marks = markNames.flatMap((mark) => (fields[mark] === undefined ? [] : [[mark, text(mark, fields[mark])]]));
  const { allowClaim } = fields;
  return {
    name,
    ...(Object.fromEntries(marks) as Partial<MeterEntry>),
    ...(allowClaim !== undefined && { allowClaim: allowClaim === true }),
    connect: connectOptionsOf(name, fields, options),
  };
}

function connectOptionsOf(name: string, fields: Fields, options: Context): VisitSettings {
  const common = commonOptionsOf(name, fields);
  if (fields["keyStore"] !== undefined) return { ...common, ...storedOptionsOf(name, fields, options) };
  const authentication = authenticationOf(name, fields);
  const security = securityOf(name, fields, authentication.mechanism, options);
  const title = fields["ownSystemTitle"] ?? options.systemTitle;
  const named = title === undefined ? {} : { systemTitle: text("ownSystemTitle", title) };
  return { ...common, authentication, ...(security === undefined ? named : { security }) };
}

function commonOptionsOf(name: string, fields: Fields): Pick<ConnectOptions, "client"> {
  const numbers = ["client", "maxPduSize", "retries"].flatMap((key) =>
    fields[key] === undefined ? [] : [[key, number(key, fields[key])]],
  );
  const { responseMs, referencing, dialect, tolerances, hdlc, server } = fields;
  return {
    ...Object.fromEntries(numbers),
    ...(server !== undefined && { server: serverOf(name, server) }),
    ...(referencing !== undefined && {
      referencing: oneOf("referencing", referencing, ["logical-name", "short-name"] as const),
    }),
    ...(responseMs !== undefined && { timeouts: { responseMs: number("responseMs", responseMs) } }),
    ...(dialect !== undefined && { dialect: oneOf("dialect", dialect, Object.keys(dialects)) }),
    ...(tolerances !== undefined && { tolerances: fieldsOf(tolerances, `tolerances of ${name}`) }),
    ...(hdlc !== undefined && { hdlc: fieldsOf(hdlc, `hdlc of ${name}`) }),
  };
}

/** Keys out of a key store, whose folder is told; the entry has the name of the meter unless told otherwise. */
function storedOptionsOf(
  name: string,
  fields: Fields,
  { counters, folder }: Context,
): Pick<StoredConnectOptions, "keys" | "authentication" | "security"> {
  const { keyStore, entry = name, suite, verify } = fields;
  const own = secretNames.find((secret) => fields[secret] !== undefined);
  if (own !== undefined) throw invalid(`${name} has a key store, and ${own} beside it`);
  const mechanism = oneOf("authentication", fields["authentication"] ?? "none", mechanisms);
  const isGmac = mechanism === "hls-gmac";
  const protection = oneOf(
    "protection",
    fields["protection"] ?? (isGmac ? "authenticated-encrypted" : "none"),
    protections,
  );
  return {
    keys: { store: fileKeyStore(resolve(folder, text("keyStore", keyStore))), meter: text("entry", entry) },
    authentication: { mechanism },
    ...((protection !== "none" || isGmac) && {
      security: {
        protection,
        ...(suite !== undefined && { suite: number("suite", suite) as 0 | 1 | 2 }),
        ...(verify !== undefined && { verify: oneOf("verify", verify, ["required", "if-key", "off"] as const) }),
        ...(counters && { counters }),
      },
    }),
  };
}

function authenticationOf(name: string, fields: Fields): AuthenticationOptions {
  const mechanism = oneOf("authentication", fields["authentication"] ?? "none", mechanisms);
  const secret = (field: "password" | "secret") => {
    if (fields[field] === undefined) throw invalid(`${name}: ${mechanism} needs ${field}`);
    return text(field, fields[field]);
  };
  switch (mechanism) {
    case "none":
    case "hls-gmac":
      return { mechanism };
    case "low":
      return { mechanism, password: secret("password") };
    default:
      return { mechanism, secret: secret("secret") };
  }
}

function securityOf(
  name: string,
  fields: Fields,
  mechanism: AuthenticationOptions["mechanism"],
  { counters, systemTitle }: RegistryOptions,
): SecurityOptions | undefined {
  const { encryptionKey, authenticationKey, suite, verify } = fields;
  const protection = oneOf(
    "protection",
    fields["protection"] ?? (encryptionKey === undefined ? "none" : "authenticated-encrypted"),
    protections,
  );
  if (protection === "none" && mechanism !== "hls-gmac") return undefined;
  const title = fields["ownSystemTitle"] ?? systemTitle;
  if (encryptionKey === undefined || title === undefined)
    throw invalid(`${name}: ${encryptionKey === undefined ? "encryptionKey" : "ownSystemTitle"} is missing`);
  return {
    protection,
    encryptionKey: text("encryptionKey", encryptionKey),
    systemTitle: text("ownSystemTitle", title),
    ...(authenticationKey !== undefined && { authenticationKey: text("authenticationKey", authenticationKey) }),
    ...(suite !== undefined && { suite: number("suite", suite) as 0 | 1 | 2 }),
    ...(verify !== undefined && { verify: oneOf("verify", verify, ["required", "if-key", "off"] as const) }),
    ...(counters && { counters }),
  };
}

/** `1`, `"1:17"` or `{ logical: 1, physical: 17 }`. */
function serverOf(name: string, server: unknown): NonNullable<ConnectOptions["server"]> {
  if (typeof server === "number") return server;
  const [, logical, physical] = /^(\d+)(?:[:/](\d+))?$/.exec(String(server)) ?? [];
  if (logical !== undefined)
    return { logical: Number(logical), ...(physical !== undefined && { physical: Number(physical) }) };
  return fieldsOf(server, `server of ${name}`) as NonNullable<ConnectOptions["server"]>;
}

function hasSecret(fields: Fields): boolean {
  return secretNames.some((name) => fields[name] !== undefined);
}

function camelCased(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid(`${what}: an object by name is wanted there`);
}

/** Never with the value: it may be a key. YAML reads `00010203` as a number, which has lost its zeros. */
function text(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw dlmsError("invalid-argument", `${name} is no text`, { layer: "store", advice: "Put it in quotes." });
}

function number(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw invalid(`${name} is no number`);
}

function oneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(`${name} is none of ${choices.join(", ")}`);
  return found;
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "store" });
}
