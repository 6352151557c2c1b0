import type { ConformanceBit } from "../apdu/index.js";
import type { SecretKey, SecurityContextOptions } from "../security/index.js";

/** The cryptography that is handed in. */
export type Crypto = SecurityContextOptions["crypto"];

/** What was agreed on, or what one side offers. */
export type Conformance = ReadonlySet<ConformanceBit>;

/** How the client proves who it is; `hls-gmac` and `hls-ecdsa` take their keys from the security options. */
export type Authentication =
  | { readonly mechanism: "none" }
  | { readonly mechanism: "low"; readonly password: SecretKey | Uint8Array }
  | { readonly mechanism: "hls-md5" | "hls-sha1" | "hls-sha256"; readonly secret: SecretKey | Uint8Array }
  | { readonly mechanism: "hls-gmac" | "hls-ecdsa" };

/** Name of an authentication mechanism. */
export type Mechanism = Authentication["mechanism"];

/** Cryptographic protection of an association. Octets given here are secrets and never leave this object. */
export interface AssociationSecurity extends Omit<SecurityContextOptions, "crypto"> {
  /** Key of this association alone, as long as the encryption key; the client proposes it, ciphered. */
  readonly dedicatedKey?: SecretKey | Uint8Array;
  /** `service` wraps each service under its own tag (glo-get-request); `general` uses general-glo-ciphering. */
  readonly ciphering?: "service" | "general";
}

/** Deviations of meters that are put up with; each that fires is told in a notice of the same name. */
export interface AssociationTolerances {
  /** The meter answers RLRQ with an error or not at all: released all the same. Default true. */
  readonly releaseUnanswered?: boolean;
  /** AARE that accepts without user-information: what was proposed is taken as agreed. Default true. */
  readonly acceptanceWithoutInitiate?: boolean;
  /** Another application context in the AARE than asked for. Default true unless ciphering would be lost. */
  readonly otherApplicationContext?: boolean;
  /** Blocks although block transfer was not agreed on. Default true. */
  readonly blocksNotNegotiated?: boolean;
}

/** How a client associates and asks. */
export interface ClientAssociationOptions {
  readonly authentication?: Authentication;
  readonly security?: AssociationSecurity;
  /** How objects are addressed. Default `logical-name`. */
  readonly referencing?: "logical-name" | "short-name";
  /** What to propose; everything this library can do when left out. */
  readonly conformance?: Conformance;
  /** Largest APDU accepted from the meter, 0 for no limit, else at least 12. Default 65,535. */
  readonly maxPduSize?: number;
  /** Time from the last octet of a request to its answer. Default 10,000 ms. */
  readonly responseTimeoutMs?: number;
  /** How often an unanswered GET or READ is asked again, as a new APDU. Default 1. */
  readonly retries?: number;
  /** Requests on their way at once. Default 1; more only where the link carries full duplex. */
  readonly maxInFlight?: number;
  /** calling-AE-invocation-id: identifies the user of the client. */
  readonly userId?: number;
  readonly tolerances?: AssociationTolerances;
  /** Needed by security and by the hls mechanisms. */
  readonly crypto?: Crypto;
  /** `rotate` (default) tells late answers from new ones; `constant` is for meters that know one invoke id alone. */
  readonly invokeIds?: "rotate" | "constant";
  /** Largest answer put together from blocks, unless it is streamed. Default 16 MiB. */
  readonly maxResponseBytes?: number;
  /** Whether RLRQ carries user-information. Default: as the association is ciphered. */
  readonly releaseWithUserInformation?: boolean;
}

/** What a meter grants to the client of one address. */
export interface ServerProfile {
  readonly clientSap: number;
  readonly authentication: Authentication;
  readonly security?: AssociationSecurity;
  readonly conformance: Conformance;
  readonly referencing?: "logical-name" | "short-name";
  /** Largest APDU accepted from the client. Default 65,535. */
  readonly maxPduSize?: number;
}

/** How a meter answers one client over one link. */
export interface ServerAssociationOptions {
  /** The address the link gives for the client: picks the profile. */
  readonly clientSap: number;
  readonly profiles: readonly ServerProfile[];
  /** Needed by security and by the hls mechanisms. */
  readonly crypto?: Crypto;
  /** Largest request put together from blocks. Default 1 MiB. */
  readonly maxRequestBytes?: number;
}
