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

export function resolveOptions(options: HdlcLinkOptions): ResolvedLinkOptions {
  return {
    responseTimeoutMs: 3000,
    interOctetTimeoutMs: 500,
    inactivityTimeoutMs: 120_000,
    retries: 3,
    pollIntervalMs: 50,
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
