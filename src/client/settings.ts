import type { AssociationTolerances, Authentication, Conformance, PreEstablished } from "../association/index.js";
import { dlmsError, fromHex } from "../base/index.js";
import type { ObjectList } from "../cosem/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import {
  type InvocationCounterStore,
  isKeySource,
  type PrivateKey,
  type PrivateKeySource,
  type Protection,
  policyOf,
  policyOfCode,
  SecretKey,
  type SecurityContextOptions,
  type SecurityPolicy,
} from "../security/index.js";
import { type DialectSet, dialectSet, withDialect } from "./dialects/index.js";
import { type GatewayAddress, GatewayPrefix } from "./gateway.js";
import type {
  AuthenticationOptions,
  ConnectOptions,
  CounterRecoveryOptions,
  HdlcOptions,
  KeyLike,
  SecretLike,
  SecurityOptions,
  ServerAddress,
  Timeouts,
} from "./options.js";

/** The options of `connect`, checked, with every default in its place and every secret wrapped. */
export interface Settings {
  readonly client: number;
  readonly server: ServerAddress & { readonly logical: number };
  readonly referencing: "logical-name" | "short-name";
  readonly authentication: Authentication;
  readonly security: SecuritySettings | undefined;
  /** The application context is one with ciphering. */
  readonly ciphering: boolean;
  readonly objects: ObjectList | undefined;
  readonly timeouts: Required<Timeouts>;
  /** How long the association waits for an answer: the link below may need its own time to repeat frames. */
  readonly answerMs: number;
  readonly retries: number;
  readonly maxPduSize: number;
  readonly conformance: Conformance | undefined;
  readonly hdlc: HdlcOptions;
  /** Idle time after which something is sent; undefined when nothing is. */
  readonly keepAliveMs: number | undefined;
  readonly tolerances: AssociationTolerances;
  readonly userId: number | undefined;
  readonly gateway: GatewayPrefix | undefined;
  readonly dialect: DialectSet;
  readonly invokeIds: "rotate" | "constant";
  /** Time between two polls for events; undefined when there are none. */
  readonly eventPollMs: number | undefined;
  /** What is sent is for all stations. */
  readonly broadcast: boolean;
  readonly release: NonNullable<ConnectOptions["release"]> | undefined;
  readonly preEstablished: PreEstablished | undefined;
  readonly maxInFlight: number;
  readonly blockWindow: number;
  readonly maxNotifications: number;
  readonly systemTitle: Uint8Array | undefined;
  readonly crypto: CryptoProvider;
  /** Copies of the caller's secrets, to be overwritten when the session is over. A `SecretKey` given is the caller's. */
  readonly ownSecrets: readonly SecretKey[];
}

/** The security options likewise. */
export interface SecuritySettings {
  readonly suite: 0 | 1 | 2;
  readonly protection: Protection;
  readonly policy: SecurityPolicy | undefined;
  /** Ask the meter for its policy. */
  readonly readsPolicy: boolean;
  readonly encryptionKey: SecretKey;
  readonly authenticationKey: SecretKey | undefined;
  readonly systemTitle: Uint8Array;
  readonly meterSystemTitle: Uint8Array | undefined;
  readonly pushSystemTitle: Uint8Array | undefined;
  readonly dedicatedKey: boolean;
  readonly ciphering: NonNullable<SecurityOptions["ciphering"]>;
  readonly signing: boolean;
  readonly general: SecurityOptions["general"];
  readonly verify: SecurityContextOptions["verify"];
  readonly counters: InvocationCounterStore | undefined;
  readonly receivedCounters: "kept" | "reset" | "session";
  readonly counterRecovery: CounterRecoveryOptions;
}

/** Address of the public client (IEC 62056-5-3, client management): sees the counters, and little else. */
export const publicClient = 16;

const systemTitleLength = 8;
const defaultIdleMs = { hdlc: 90_000, wrapper: 150_000 } as const;
/** Longest wait for an answer that an association takes. */
const longestAnswerMs = 12 * 3_600_000;
/** What a pre-established association grants unless told otherwise. */
const leastServices: Readonly<Record<Settings["referencing"], Conformance>> = {
  "logical-name": new Set(["get", "set", "action"]),
  "short-name": new Set(["read", "write", "unconfirmed-write", "parameterized-access"]),
};
/** How long HDLC waits for a frame unless told otherwise. */
const frameTimeoutMs = 3_000;
/** Longest time-out a host's timer takes. */
const longestMs = 0x7fff_ffff;

/** On a line an APDU takes seconds: smaller ones show progress, and less is lost with them. */
const defaultPduSizes = { hdlc: 4096, wrapper: 0xffff } as const;

/** @throws UsageError `invalid-argument`, `invalid-key`. */
export function settingsOf(given: ConnectOptions, link: "hdlc" | "wrapper", crypto: CryptoProvider): Settings {
  const options = withDialect(given);
  const { timeouts = {}, keepAlive = false } = options;
  const security = options.security && securityOf(options.security);
  const authentication = authenticationOf(options.authentication ?? { mechanism: "none" });
  if (authentication.mechanism === "hls-gmac" && security === undefined)
    throw invalid("hls-gmac needs `security` with encryptionKey, authenticationKey and systemTitle");
  const responseMs = whole("timeouts.responseMs", timeouts.responseMs ?? 10_000, 1, longestAnswerMs);
  const retries = whole("retries", options.retries ?? 3, 0, 100);
  const repeating = link === "hdlc" ? (retries + 1) * (options.hdlc?.responseTimeoutMs ?? frameTimeoutMs) : 0;
  return {
    client: whole("client", options.client ?? publicClient, 0, 0xffff),
    server: serverOf(options.server ?? 1),
    referencing: referencingOf(options.referencing ?? "logical-name"),
    authentication,
    security,
    ciphering: security !== undefined && (security.protection !== "none" || security.policy !== undefined),
    objects: options.objects,
    timeouts: {
      connectMs: whole("timeouts.connectMs", timeouts.connectMs ?? 120_000, 1, longestMs),
      responseMs,
      keyMs: whole("timeouts.keyMs", timeouts.keyMs ?? 30_000, 1, longestMs),
      closeMs: whole("timeouts.closeMs", timeouts.closeMs ?? 5_000, 0, longestMs),
    },
    answerMs: responseMs + repeating,
    retries,
    maxPduSize: options.maxPduSize ?? defaultPduSizes[link],
    conformance: options.conformance,
    hdlc: options.hdlc ?? {},
    keepAliveMs: idleTime(keepAlive, link),
    tolerances: options.tolerances ?? {},
    userId: options.userId === undefined ? undefined : whole("userId", options.userId, 0, 255),
    gateway: gatewayOf(options.gateway),
    eventPollMs: eventPollOf(options.pollEvents ?? false, link),
    broadcast: false,
    release: options.release,
    invokeIds: options.invokeIds ?? "rotate",
    dialect: dialectSet(options.dialect),
    preEstablished: preEstablishedOf(options, authentication),
    maxInFlight: inFlight(options.maxInFlight ?? 1, link),
    blockWindow: whole("blockWindow", options.blockWindow ?? 8, 1, 63),
    systemTitle: options.systemTitle === undefined ? undefined : titleOf("systemTitle", options.systemTitle),
    maxNotifications: whole("maxNotifications", options.maxNotifications ?? 256, 1, 1_000_000),
    crypto,
    ownSecrets: copiesIn([security, authentication], [options.security, options.authentication]),
  };
}

/** The secrets that were made here of what was given as octets or text. */
function copiesIn(made: readonly (object | undefined)[], given: readonly (object | undefined)[]): readonly SecretKey[] {
  const secretsOf = (one: object | undefined) => Object.values(one ?? {}).filter((value) => value instanceof SecretKey);
  const callers = new Set(given.flatMap(secretsOf));
  return made.flatMap(secretsOf).filter((secret) => !callers.has(secret));
}

function eventPollOf(poll: false | number, link: "hdlc" | "wrapper"): number | undefined {
  if (poll === false) return undefined;
  if (link !== "hdlc") throw invalid("pollEvents is for HDLC: over the wrapper a meter speaks unasked");
  return whole("pollEvents", poll, 1, longestMs);
}

function gatewayOf(given: GatewayAddress | undefined): GatewayPrefix | undefined {
  if (given === undefined) return undefined;
  whole("gateway.networkId", given.networkId ?? 0, 0, 0xff);
  const physicalDeviceAddress = octetsOf("gateway.physicalDeviceAddress", given.physicalDeviceAddress);
  return new GatewayPrefix({ ...given, physicalDeviceAddress });
}

function preEstablishedOf(
  { preEstablished, referencing = "logical-name" }: ConnectOptions,
  { mechanism }: Authentication,
): PreEstablished | undefined {
  if (preEstablished === undefined) return undefined;
  if (mechanism !== "none") throw invalid(`a pre-established association proves nothing: ${mechanism} needs an AARQ`);
  const { conformance = leastServices[referencing], maxPduSize = 0 } = preEstablished;
  return { conformance, peerMaxPduSize: whole("preEstablished.maxPduSize", maxPduSize, 0, 0xffff) };
}

function inFlight(count: number, link: "hdlc" | "wrapper"): number {
  if (link === "hdlc" && count !== 1) throw invalid("maxInFlight is more than 1: over HDLC one turn is one request");
  return whole("maxInFlight", count, 1, 15);
}

function referencingOf(given: Settings["referencing"]): Settings["referencing"] {
  if (given === "logical-name" || given === "short-name") return given;
  throw invalid(`referencing is ${String(given)}, not logical-name or short-name`);
}

function securityOf(options: SecurityOptions): SecuritySettings {
  const { authenticationKey, meterSystemTitle, ciphering = "service", general } = options;
  if (!["service", "general", "general-ciphering"].includes(ciphering))
    throw invalid(`security.ciphering is ${String(ciphering)}, not service, general or general-ciphering`);
  if ((ciphering === "general-ciphering" || options.signing === true) && general === undefined)
    throw invalid("general-ciphering and signing need `security.general`: generalProtection({ ... })");
  if (ciphering === "general-ciphering" && options.dedicatedKey === true)
    throw invalid("a dedicated key is not used by general-ciphering: choose `service` or `general`");
  const policy = policyGiven(options.policy);
  return {
    suite: options.suite ?? 0,
    protection: options.protection ?? (policy === undefined ? "authenticated-encrypted" : "none"),
    policy,
    readsPolicy: options.policy === "read",
    encryptionKey: keyOf("security.encryptionKey", options.encryptionKey),
    authenticationKey:
      authenticationKey === undefined ? undefined : keyOf("security.authenticationKey", authenticationKey),
    systemTitle: titleOf("security.systemTitle", options.systemTitle),
    pushSystemTitle:
      options.pushSystemTitle === undefined ? undefined : titleOf("security.pushSystemTitle", options.pushSystemTitle),
    meterSystemTitle:
      meterSystemTitle === undefined ? undefined : titleOf("security.meterSystemTitle", meterSystemTitle),
    dedicatedKey: options.dedicatedKey ?? false,
    ciphering: options.ciphering ?? "service",
    signing: options.signing ?? false,
    general: options.general,
    verify: options.verify ?? "required",
    counters: options.counters,
    receivedCounters: options.receivedCounters ?? "kept",
    counterRecovery: options.counterRecovery ?? {},
  };
}

function policyGiven(policy: SecurityOptions["policy"]): SecurityPolicy | undefined {
  if (policy === undefined || policy === "read") return undefined;
  if (typeof policy === "object") return policyOf(policy);
  try {
    return policyOfCode(policy);
  } catch (error) {
    throw dlmsError("invalid-argument", `security.policy: ${policy} is no security policy`, {
      layer: "client",
      cause: error,
    });
  }
}

function authenticationOf(options: AuthenticationOptions): Authentication {
  switch (options.mechanism) {
    case "none":
    case "hls-gmac":
      return { mechanism: options.mechanism };
    case "low":
      return { mechanism: "low", password: secretOf("authentication.password", options.password) };
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      return { mechanism: options.mechanism, secret: secretOf("authentication.secret", options.secret) };
    case "hls-manufacturer":
      return { mechanism: options.mechanism, prove: options.prove, verify: options.verify };
    case "hls-ecdsa":
      return {
        mechanism: "hls-ecdsa",
        privateKey: privateKeyOf("authentication.privateKey", options.privateKey),
        ...("party" in options
          ? { party: options.party, certificate: options.certificate?.slice() }
          : { peerPublicKey: octetsOf("authentication.peerPublicKey", options.peerPublicKey) }),
      };
  }
}

function serverOf(server: number | ServerAddress): Settings["server"] {
  const address = typeof server === "number" ? { logical: server } : server;
  const logical = whole("server.logical", address.logical ?? 1, 0, 0xffff);
  if (address.physical !== undefined) whole("server.physical", address.physical, 0, 0x3fff);
  return { ...address, logical };
}

function idleTime(keepAlive: boolean | number, link: "hdlc" | "wrapper"): number | undefined {
  if (keepAlive === false) return undefined;
  return keepAlive === true ? defaultIdleMs[link] : whole("keepAlive", keepAlive, 1, longestMs);
}

/** A private key, or whoever keeps it. */
function privateKeyOf(name: string, key: KeyLike | PrivateKeySource): PrivateKey {
  return typeof key === "string" || !isKeySource(key) ? keyOf(name, key) : key;
}

/** A key never shows in the message, whatever is wrong with it. */
export function keyOf(name: string, key: KeyLike | undefined): SecretKey {
  if (key === undefined) throw missing(name);
  return SecretKey.from(typeof key === "string" ? octetsOf(name, key) : key);
}

/** The same of a password, whose text is ASCII. */
export function secretOf(name: string, secret: SecretLike | undefined): SecretKey {
  if (secret === undefined) throw missing(name);
  if (typeof secret !== "string") return SecretKey.from(secret);
  const octets = Uint8Array.from(secret, (character) => character.charCodeAt(0));
  if (/[^\0-\x7f]/.test(secret)) throw invalid(`${name} has characters outside ASCII: give its octets instead`);
  return new SecretKey(octets);
}

function titleOf(name: string, title: Uint8Array | string | undefined): Uint8Array {
  const octets = octetsOf(name, title);
  if (octets.length !== systemTitleLength)
    throw invalid(`${name} has ${octets.length} octets, a system title has ${systemTitleLength}`);
  return octets;
}

function octetsOf(name: string, value: Uint8Array | string | undefined): Uint8Array {
  if (value === undefined) throw missing(name);
  if (typeof value !== "string") return value.slice();
  try {
    return fromHex(value);
  } catch {
    throw invalid(`${name} is not hexadecimal text of whole octets`);
  }
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${name} is ${value}, not a whole number from ${least} to ${most}`);
}

function missing(name: string) {
  return invalid(`${name} is missing: give it, or \`keys\` with a store that holds it`);
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "client" });
}
