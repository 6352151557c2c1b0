import { readFileSync } from "node:fs";
import { Command } from "commander";
import { parse } from "yaml";
import { dlmsError } from "../base/index.js";
import type { AuthenticationOptions, ConnectOptions, StoredConnectOptions } from "../client/index.js";
import type { Endpoint } from "../transport/index.js";
import { defaultCounters, defaultProtection, storedOptions } from "./key-store.js";
import { type KeyMaterial, loadKeys, promptFor } from "./keys.js";
import { type LinkFlags, mechanisms, protections, suites, withLinkOptions } from "./link-flags.js";
import { tlsTrust, wantsTls } from "./tls-files.js";

/** A title of our own, so that a technician need not invent one: DLM, and a number that says nothing. */
export const ownSystemTitle = "444C4D0000000000";

/** Where to connect and how, from the flags and the config file. */
export interface Resolved {
  readonly endpoint: Endpoint;
  readonly options: ConnectOptions | StoredConnectOptions;
  readonly flags: LinkFlags;
}

/**
 * Makes endpoint and options of the flags; a flag goes before the same key of the named meter.
 * @throws UsageError `invalid-argument`.
 */
export async function resolveLink(given: LinkFlags): Promise<Resolved> {
  const flags = withConfig(given);
  const common = {
    client: wholeNumber("--client", flags.client ?? "16", 0, 127),
    server: serverOf(flags.server ?? "1"),
    ...(flags.gateway !== undefined && { gateway: gatewayOf(flags.gateway) }),
    ...(flags.user !== undefined && { userId: wholeNumber("--user", flags.user, 0, 255) }),
    ...(flags.sn === true && { referencing: "short-name" as const }),
    ...(flags.timeout === undefined
      ? {}
      : { timeouts: { responseMs: 1000 * wholeNumber("--timeout", flags.timeout, 1, 3600) } }),
  };
  const secrets =
    flags.keyStore === undefined ? await givenSecrets(flags) : await storedOptions(flags, flags.tryAgain ?? false);
  const options = { ...common, ...secrets };
  return { endpoint: await endpointOf(flags), options, flags };
}

/** The flags, with those of the named meter where they are left out. */
export function withConfig<Flags extends LinkFlags>(given: Flags): Flags {
  return { ...configured(given), ...given };
}

/** Secrets of a key file, the environment, or a prompt. */
async function givenSecrets(flags: LinkFlags) {
  const keys = loadKeys(flags.keys);
  const authentication = await authenticationOf(flags, keys);
  const security = await securityOf(flags, keys, authentication);
  const title = { systemTitle: keys.systemTitle ?? ownSystemTitle };
  return { authentication, ...(security === undefined ? title : { security }) };
}

async function endpointOf(flags: LinkFlags): Promise<Endpoint> {
  const given = [flags.serial, flags.tcp, flags.udp].filter((target) => target !== undefined);
  if (given.length !== 1)
    throw invalid("where is the meter?", "Give one of --serial, --tcp or --udp, or --config and --meter.");
  const secure = wantsTls(flags);
  // Each transport is loaded when it is asked for: serialport has native parts.
  const node = await import("../node/index.js");
  if (flags.serial !== undefined) {
    const start = flags.start ?? "hdlc";
    if (start !== "hdlc" && start !== "mode-e") throw invalid(`--start ${start}`, "It is hdlc or mode-e.");
    const baudRate = flags.baud === undefined ? {} : { baudRate: wholeNumber("--baud", flags.baud, 300, 4_000_000) };
    const device = flags.device === undefined ? {} : { deviceAddress: flags.device };
    return node.serial({ path: flags.serial, start, ...baudRate, ...device });
  }
  const { host, port } = hostPort(flags.tcp ?? flags.udp ?? "");
  if (flags.udp !== undefined) return node.udp({ host, port });
  const link = flags.hdlc === true ? "hdlc" : "wrapper";
  if (!secure) return node.tcp({ host, port, link });
  const title = flags.tlsTitle === undefined ? {} : { systemTitle: flags.tlsTitle };
  return node.tls({ host, port, link, ...tlsTrust(flags), ...title });
}

async function authenticationOf(flags: LinkFlags, keys: KeyMaterial): Promise<AuthenticationOptions> {
  const mechanism = mechanisms.find((name) => name === (flags.auth ?? "none"));
  switch (mechanism) {
    case undefined:
      throw invalid(`--auth ${flags.auth}`, `It is one of ${mechanisms.join(", ")}.`);
    case "none":
    case "hls-gmac":
      return { mechanism };
    case "low":
      return { mechanism, password: await promptFor("password", keys) };
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      return { mechanism, secret: await promptFor("secret", keys) };
    case "hls-ecdsa": {
      const party = await partyOf(flags);
      const privateKey = await promptFor("signaturePrivateKey", keys);
      if (party !== undefined) return { mechanism, privateKey, party };
      return { mechanism, privateKey, peerPublicKey: await promptFor("meterSignaturePublicKey", keys) };
    }
  }
}

/** Keys of meters out of certificates, where the flags name some; what reads them is loaded for them alone. */
async function partyOf({ ca, certificates }: LinkFlags) {
  if (certificates === undefined) return undefined;
  if (ca === undefined) throw invalid("--certificates without --ca", "Name the authorities that vouch for them.");
  return (await import("./certificate-files.js")).partyOf(ca, certificates);
}

async function securityOf(
  flags: LinkFlags,
  keys: KeyMaterial,
  { mechanism }: AuthenticationOptions,
): Promise<ConnectOptions["security"]> {
  const protection = protections.find((name) => name === (flags.protection ?? defaultProtection(mechanism)));
  if (protection === undefined)
    throw invalid(`--protection ${flags.protection}`, `It is one of ${protections.join(", ")}.`);
  if (protection === "none" && mechanism !== "hls-gmac" && flags.policy === undefined) return undefined;
  const { fileCounterStore } = await import("../node/index.js");
  return {
    suite: suiteOf(flags),
    ...policyFlags(flags, protection),
    encryptionKey: await promptFor("encryptionKey", keys),
    authenticationKey: await promptFor("authenticationKey", keys),
    systemTitle: keys.systemTitle ?? ownSystemTitle,
    counters: fileCounterStore(flags.counters ?? defaultCounters()),
  };
}

/** Protection, and what of the meter's policy and counters is told. @throws UsageError `invalid-argument`. */
export function policyFlags(flags: LinkFlags, protection: (typeof protections)[number]) {
  const { policy, resetMeterCounter, protection: given } = flags;
  const code = policy === "read" ? ("read" as const) : policy === undefined ? undefined : Number(policy);
  if (typeof code === "number" && !(Number.isInteger(code) && code >= 0 && code <= 0xff))
    throw invalid(`--policy ${policy}`, "It is `read`, or a number from 0 to 255.");
  return {
    // A policy that is given says all, unless more is wanted.
    protection: typeof code === "number" && given === undefined ? ("none" as const) : protection,
    ...(code !== undefined && { policy: code }),
    ...(resetMeterCounter === true && { receivedCounters: "reset" as const }),
  };
}

/** @throws UsageError `invalid-argument`. */
export function suiteOf({ suite = "0" }: LinkFlags): 0 | 1 | 2 {
  const found = suites.indexOf(suite as (typeof suites)[number]);
  if (found === -1) throw invalid(`--suite ${suite}`, `It is one of ${suites.join(", ")}.`);
  return found as 0 | 1 | 2;
}

function configured({ config, meter, dialIn }: LinkFlags): LinkFlags {
  const registry = dialIn !== undefined;
  if (config === undefined) {
    if (meter !== undefined && !registry)
      throw invalid("--meter without --config", "Name the file with the meters too.");
    return {};
  }
  const content = yamlOf(config);
  const meters = (content as { readonly meters?: Readonly<Record<string, unknown>> } | null)?.meters ?? {};
  const known = Object.keys(meters);
  if (meter === undefined) throw invalid("--config without --meter", `The file knows: ${known.join(", ") || "none"}.`);
  const found = meters[meter];
  if (typeof found !== "object" || found === null)
    throw invalid(`${config} has no meter ${meter}`, `It knows: ${known.join(", ") || "none"}.`);
  const entries = Object.entries(found).map(([key, value]) => {
    const name = key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!configurable().includes(name))
      throw invalid(`${config} gives ${meter} a ${key}, which is no flag`, `Names are: ${configurable().join(", ")}.`);
    return [name, typeof value === "boolean" ? value : String(value)];
  });
  return Object.fromEntries(entries) as LinkFlags;
}

function yamlOf(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const { code = "" } = cause as { code?: string };
    throw dlmsError("invalid-argument", `${path} cannot be read (${code})`, { layer: "cli", cause });
  }
  try {
    return parse(text);
  } catch (cause) {
    throw dlmsError("invalid-argument", `${path} is no YAML`, { layer: "cli", cause });
  }
}

/** What a named meter of the config file may hold: the link flags but those that lead to it. */
const configurable = (): readonly string[] =>
  withLinkOptions(new Command())
    .options.map((option) => option.attributeName())
    .filter((name) => name !== "config" && name !== "meter");

/** `C0FFEE`, or `3:C0FFEE` in network 3. */
function gatewayOf(text: string): NonNullable<ConnectOptions["gateway"]> {
  const [address = "", network = "0", ...more] = text.split(":").reverse();
  if (more.length > 0 || !/^([0-9a-f]{2})+$/i.test(address))
    throw invalid(`--gateway ${text}`, "Write ADDRESS or NETWORK:ADDRESS, the address in hexadecimal.");
  return { networkId: wholeNumber("--gateway", network, 0, 255), physicalDeviceAddress: address };
}

/** `1`, `1:17` or `1/17`. */
function serverOf(text: string): NonNullable<ConnectOptions["server"]> {
  const [logical = "", physical, ...more] = text.split(/[:/]/);
  if (more.length > 0) throw invalid(`--server ${text}`, "Write LOGICAL, or LOGICAL:PHYSICAL.");
  const address = { logical: wholeNumber("--server", logical, 0, 0x3fff) };
  return physical === undefined ? address : { ...address, physical: wholeNumber("--server", physical, 0, 0x3fff) };
}

/** `host`, `host:port`, `[::1]:port`. */
export function hostPort(text: string, fallback = 4059): { readonly host: string; readonly port: number } {
  const match = /^\[(.+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+)(?::(\d+))?$/.exec(text) ?? [text, text, undefined];
  const [, host = "", port] = match;
  if (host === "") throw invalid("no host", "Write HOST:PORT.");
  return { host, port: port === undefined ? fallback : wholeNumber("port", port, 1, 65_535) };
}

/** @throws UsageError `invalid-argument` unless the text is a whole number within the limits. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalid(`${name} ${text}`, `It is a whole number from ${least} to ${most}.`);
  return value;
}

/** A usage error with what to do. */
export function invalid(message: string, advice: string) {
  return dlmsError("invalid-argument", message, { layer: "cli", advice });
}
