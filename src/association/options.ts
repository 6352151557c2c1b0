import type { ConformanceBit } from "../apdu/index.js";

/** What was agreed on, or what one side offers. */
export type Conformance = ReadonlySet<ConformanceBit>;

/** How the client proves who it is; `hls-gmac` and `hls-ecdsa` take their keys from the security options. */
export type Authentication =
  | { readonly mechanism: "none" }
  | { readonly mechanism: "low"; readonly password: Uint8Array }
  | { readonly mechanism: "hls-md5" | "hls-sha1" | "hls-sha256"; readonly secret: Uint8Array }
  | { readonly mechanism: "hls-gmac" | "hls-ecdsa" };

/** Name of an authentication mechanism. */
export type Mechanism = Authentication["mechanism"];

/** What is done to each APDU. */
export type Protection = "none" | "authenticated" | "encrypted" | "authenticated-encrypted";

/** Gives the invocation counter of the next APDU protected with a key, and remembers it before it is used. */
export interface CounterSource {
  /** @throws SecurityError when the counter is exhausted. */
  next(): number;
}

/** Cryptographic protection of an association. Octets given here are secrets and never leave this object. */
export interface AssociationSecurity {
  readonly suite: 0 | 1 | 2;
  /** What the peer must at least do as well; anything weaker is refused. */
  readonly protection: Protection;
  /** Global unicast encryption key. */
  readonly encryptionKey: Uint8Array;
  readonly authenticationKey: Uint8Array;
  /** Own system title, eight octets. */
  readonly systemTitle: Uint8Array;
  /** The peer's, where it is known before it says so. */
  readonly peerSystemTitle?: Uint8Array;
  /** Key of this association alone; the client proposes it, ciphered, in the initiate request. */
  readonly dedicatedKey?: Uint8Array;
  /** `service` wraps each service under its own tag (glo-get-request); `general` uses general-glo-ciphering. */
  readonly ciphering?: "service" | "general";
  /** Counter of what is sent with the global key; one that starts at 0 and lives in memory when left out. */
  readonly counter?: CounterSource;
  /** The peer's counter must be above this in what it sends. */
  readonly lastReceivedCounter?: number;
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
  /** Random octets of cryptographic quality, for challenges. Needed by the hls mechanisms. */
  readonly random?: (length: number) => Uint8Array;
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
  readonly random?: (length: number) => Uint8Array;
}
