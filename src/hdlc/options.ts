import { dlmsError } from "../base/index.js";
import type { HdlcAddress } from "./address.js";
import type { LinkParameters } from "./parameters.js";

/** How one end of a link behaves. Everything has a default that suits an optical probe. */
export interface HdlcLinkOptions {
  /** Address of the client, one octet. */
  readonly client: HdlcAddress;
  /** Address of the server. */
  readonly server: HdlcAddress;
  /** What to propose (client) or the most to grant (server). Default: 512 octets each way, window 1. */
  readonly parameters?: Partial<LinkParameters>;
  /** Speed of the line, bits per second: time-outs grow by the time that frames take. Left out for sockets. */
  readonly baudRate?: number;
  /** Wait for the first octet of an answer. Default 3,000 ms. */
  readonly responseTimeoutMs?: number;
  /** Longest silence inside a frame. Default 500 ms. */
  readonly interOctetTimeoutMs?: number;
  /** Without any frame for so long a server gives the link up. Default 120,000 ms; 0 is never. */
  readonly inactivityTimeoutMs?: number;
  /** How often an unanswered frame is asked about again. Default 3. */
  readonly retries?: number;
  /** Pause before a client polls again a meter that had nothing to say yet. Default 50 ms. */
  readonly pollIntervalMs?: number;
  /** How long a meter that has nothing to say yet is polled for the answer to an APDU. Default 60,000 ms. */
  readonly answerTimeoutMs?: number;
  /** Outside a link, take pushes in I and UI frames to any address. Default false: only UI, and I frames to us. */
  readonly listen?: boolean;
  /** Begin with DISC. Some meters keep an old session; others stay mute to DISC. Default false. */
  readonly disconnectFirst?: boolean;
  /** Take every I frame whatever its N(S), for meters whose numbers stand still at 0. Default false. */
  readonly ignoreSendSequence?: boolean;
}

/** The options with every default filled in. */
export interface ResolvedLinkOptions extends Required<Omit<HdlcLinkOptions, "parameters" | "baudRate">> {
  readonly parameters: LinkParameters;
  readonly baudRate: number | undefined;
}

/** @throws UsageError `invalid-argument` when a number is out of its range. */
export function resolveOptions(options: HdlcLinkOptions): ResolvedLinkOptions {
  const resolved = withDefaults(options);
  for (const [name, least, most] of ranges) check(name, resolved[name] as number, least, most);
  const { maxInfoTransmit, maxInfoReceive, windowTransmit, windowReceive } = resolved.parameters;
  check("maxInfoTransmit", maxInfoTransmit, 8, longestInformation);
  check("maxInfoReceive", maxInfoReceive, 8, longestInformation);
  check("windowTransmit", windowTransmit, 1, 7);
  check("windowReceive", windowReceive, 1, 7);
  if (resolved.baudRate !== undefined) check("baudRate", resolved.baudRate, 1, 100_000_000);
  return resolved;
}

/** Longest information field: what 2,047 octets leave beside the widest header. */
export const longestInformation = 2030;
const day = 86_400_000;
const ranges: readonly (readonly [keyof ResolvedLinkOptions, number, number])[] = [
  ["responseTimeoutMs", 1, day],
  ["interOctetTimeoutMs", 1, day],
  ["inactivityTimeoutMs", 0, 365 * day],
  ["retries", 0, 1000],
  ["pollIntervalMs", 0, day],
  ["answerTimeoutMs", 0, 365 * day],
];

function check(name: string, value: number, least: number, most: number): void {
  if (!Number.isFinite(value) || value < least || value > most)
    throw dlmsError("invalid-argument", `${name} ${value} is not within ${least}..${most}`, { layer: "hdlc" });
}

function withDefaults(options: HdlcLinkOptions): ResolvedLinkOptions {
  return {
    responseTimeoutMs: 3000,
    interOctetTimeoutMs: 500,
    inactivityTimeoutMs: 120_000,
    retries: 3,
    pollIntervalMs: 50,
    answerTimeoutMs: 60_000,
    listen: false,
    disconnectFirst: false,
    ignoreSendSequence: false,
    baudRate: undefined,
    ...options,
    parameters: {
      maxInfoTransmit: 512,
      maxInfoReceive: 512,
      windowTransmit: 1,
      windowReceive: 1,
      ...options.parameters,
    },
  };
}

/** Time that `octets` take on the line, start and stop bits included. */
export function lineTimeMs(octets: number, baudRate: number | undefined): number {
  return baudRate === undefined ? 0 : (octets * 10_000) / baudRate;
}

/** What both ends keep to: the smaller of what one sends and the other takes. */
export function agree(own: LinkParameters, peer: LinkParameters): LinkParameters {
  return {
    maxInfoTransmit: Math.min(own.maxInfoTransmit, peer.maxInfoReceive),
    maxInfoReceive: Math.min(own.maxInfoReceive, peer.maxInfoTransmit),
    windowTransmit: Math.min(own.windowTransmit, peer.windowReceive),
    windowReceive: Math.min(own.windowReceive, peer.windowTransmit),
  };
}
