import { dlmsError } from "../base/index.js";
import { createChallenge, SecretKey } from "../security/index.js";
import { withAccess } from "./access-forms.js";
import { isHighLevel, type Proposal } from "./acse-client.js";
import { Channel } from "./channel.js";
import { needsTitles } from "./hls.js";
import { lnForms } from "./ln-forms.js";
import type { Negotiated } from "./messages.js";
import type {
  AssociationTolerances,
  Authentication,
  ClientAssociationOptions,
  Conformance,
  PreEstablished,
} from "./options.js";
import { isCipheringContext } from "./protection-rules.js";
import type { RequestTerms } from "./request-jobs.js";
import { snForms } from "./sn-forms.js";

/** The options with every default in its place. */
export interface ClientSettings extends ClientAssociationOptions {
  readonly authentication: Authentication;
  readonly referencing: "logical-name" | "short-name";
  readonly conformance: Conformance;
  readonly maxPduSize: number;
  readonly responseTimeoutMs: number;
  readonly retries: number;
  readonly maxInFlight: number;
  readonly invokeIds: "rotate" | "constant";
  readonly maxResponseBytes: number;
  readonly blockWindow: number;
  readonly keyTimeoutMs: number;
  readonly tolerances: Required<AssociationTolerances>;
}

/** Everything this library can do with logical names. */
export const logicalNameServices: Conformance = new Set([
  "general-block-transfer",
  "attribute0-supported-with-set",
  "priority-mgmt-supported",
  "attribute0-supported-with-get",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "block-transfer-with-action",
  "multiple-references",
  "data-notification",
  "access",
  "get",
  "set",
  "selective-access",
  "event-notification",
  "action",
]);

/** Everything this library can do with short names. */
export const shortNameServices: Conformance = new Set([
  "general-block-transfer",
  "read",
  "write",
  "unconfirmed-write",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "multiple-references",
  "information-report",
  "parameterized-access",
]);

const largestPduSize = 65_535;
const smallestPduSize = 12;

/** @throws UsageError `invalid-argument` when the options do not go together. */
export function settingsOf(options: ClientAssociationOptions): ClientSettings {
  const { authentication = { mechanism: "none" }, maxPduSize = largestPduSize, maxInFlight = 1, retries = 1 } = options;
  const { responseTimeoutMs = 10_000, maxResponseBytes = 16 * 1024 * 1024, tolerances = {} } = options;
  inRange("maxPduSize", maxPduSize, maxPduSize === 0 ? 0 : smallestPduSize, largestPduSize);
  const { blockWindow = 8 } = options;
  inRange("blockWindow", blockWindow, 1, 63);
  inRange("maxInFlight", maxInFlight, 1, 15);
  inRange("retries", retries, 0, 100);
  const { keyTimeoutMs = 30_000 } = options;
  inRange("keyTimeoutMs", keyTimeoutMs, 1, 24 * 3_600_000);
  inRange("responseTimeoutMs", responseTimeoutMs, 1, 24 * 3_600_000);
  if (options.referencing === "short-name" && !options.shortNames) invalid("short names need a table of them");
  const { mechanism } = authentication;
  if (isHighLevel(mechanism) && !options.crypto) invalid(`${mechanism} needs a crypto provider`);
  if (mechanism === "hls-gmac" && !options.security) invalid("hls-gmac needs the security options");
  if (needsTitles(mechanism) && !options.security && !options.systemTitle) invalid(`${mechanism} needs a system title`);
  return {
    ...options,
    authentication,
    maxPduSize,
    maxInFlight,
    retries,
    responseTimeoutMs,
    maxResponseBytes,
    blockWindow,
    keyTimeoutMs,
    referencing: options.referencing ?? "logical-name",
    conformance:
      options.conformance ?? (options.referencing === "short-name" ? shortNameServices : logicalNameServices),
    invokeIds: options.invokeIds ?? "rotate",
    tolerances: {
      releaseUnanswered: tolerances.releaseUnanswered ?? true,
      acceptanceWithoutInitiate: tolerances.acceptanceWithoutInitiate ?? true,
      otherApplicationContext: tolerances.otherApplicationContext ?? true,
      blocksNotNegotiated: tolerances.blocksNotNegotiated ?? true,
    },
  };
}

/**
 * What is proposed in the next AARQ: challenge and dedicated key are drawn anew.
 * @param again there was an association before
 * @throws UsageError `invalid-argument` for a dedicated key that served another one.
 */
export function proposalOf(settings: ClientSettings, again: boolean): Proposal {
  if (settings.security?.dedicatedKey instanceof Uint8Array && again)
    invalid("the dedicated key given was used up by an earlier association");
  const { authentication, security, crypto, userId } = settings;
  const ciphered = isCipheringContext(security);
  const title = security?.systemTitle ?? settings.systemTitle;
  const authenticationValue = authenticationValueOf(settings);
  const dedicated = security?.dedicatedKey;
  const dedicatedKey = dedicated === true ? crypto?.randomBytes(security?.encryptionKey.length ?? 16) : dedicated;
  return {
    referencing: settings.referencing,
    mechanism: authentication.mechanism,
    conformance: settings.conformance,
    maxPduSize: settings.maxPduSize,
    ...(authenticationValue && { authenticationValue }),
    ...(ciphered && dedicatedKey && { dedicatedKey }),
    ...(title && (ciphered || needsTitles(authentication.mechanism)) && { ownSystemTitle: title }),
    ...(authentication.mechanism === "hls-ecdsa" &&
      authentication.certificate && { ownCertificate: authentication.certificate }),
    ...(userId !== undefined && { userId }),
  };
}

/** What holds in an association that needs no AARQ. */
export function preEstablishedBetween(
  { authentication, referencing }: ClientSettings,
  { conformance, peerMaxPduSize }: PreEstablished,
  channel: Channel,
): Negotiated {
  return {
    applicationContext: { referencing, ciphering: channel.ciphered },
    mechanism: authentication.mechanism,
    conformance,
    peerMaxPduSize,
    dlmsVersion: 6,
    vaaName: referencing === "logical-name" ? 0x0007 : 0xfa00,
    ...(channel.peerSystemTitle && { peerSystemTitle: channel.peerSystemTitle }),
  };
}

/** What requests go by after this was agreed on. */
export function requestTerms(settings: ClientSettings, negotiated: Negotiated, channel: Channel): RequestTerms {
  const { conformance, peerMaxPduSize } = negotiated;
  return {
    forms: withAccess(
      settings.referencing === "short-name" && settings.shortNames ? snForms(settings.shortNames) : lnForms,
    ),
    limitFor: (protection) => channel.room(peerMaxPduSize, protection),
    lists: conformance.has("multiple-references"),
    requestBlocks: false,
    generalBlocks: conformance.has("general-block-transfer"),
    setBlocks: conformance.has("block-transfer-with-set-or-write"),
    actionBlocks: conformance.has(
      settings.referencing === "short-name" ? "block-transfer-with-get-or-read" : "block-transfer-with-action",
    ),
    responseBlocks: conformance.has("block-transfer-with-get-or-read"),
    refuseUnagreedBlocks: !settings.tolerances.blocksNotNegotiated,
    maxResponseBytes: settings.maxResponseBytes,
    responseTimeoutMs: settings.responseTimeoutMs,
    retries: settings.retries,
    // Without invoke ids an answer belongs to the only request.
    maxInFlight: settings.referencing === "short-name" || channel.oneAtATime ? 1 : settings.maxInFlight,
    withoutInvokeIds: settings.referencing === "short-name" || settings.invokeIds === "constant",
  };
}

export function channelOf({ security, crypto }: ClientSettings): Channel {
  return new Channel(security, crypto);
}

function authenticationValueOf({ authentication, crypto }: ClientSettings): Uint8Array | undefined {
  switch (authentication.mechanism) {
    case "none":
      return undefined;
    case "low":
      return SecretKey.from(authentication.password).use((octets) => octets.slice());
    default:
      return crypto && createChallenge(authentication.mechanism, (length) => crypto.randomBytes(length));
  }
}

function inRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    invalid(`${name} is ${value}, not a whole number from ${least} to ${most}`);
}

function invalid(message: string): never {
  throw dlmsError("invalid-argument", message, { layer: "association" });
}
