import type { ConformanceBit } from "../apdu/index.js";
import type {
  GeneralProtector,
  HlsManufacturer,
  PartyKeys,
  PrivateKey,
  SecretKey,
  SecurityContextOptions,
  SecurityPolicy,
} from "../security/index.js";
import type { AttributeReference, MethodReference } from "./service.js";

/** The cryptography that is handed in. */
export type Crypto = SecurityContextOptions["crypto"];

/** What was agreed on, or what one side offers. */
export type Conformance = ReadonlySet<ConformanceBit>;

/**
 * How the client proves who it is, and the meter who it is. `hls-gmac` takes its keys from the security options;
 * `hls-gmac`, `hls-sha256` and `hls-ecdsa` need the system titles of both ends.
 */
export type Authentication =
  | { readonly mechanism: "none" | "hls-gmac" }
  | { readonly mechanism: "low"; readonly password: SecretKey | Uint8Array }
  | { readonly mechanism: "hls-md5" | "hls-sha1" | "hls-sha256"; readonly secret: SecretKey | Uint8Array }
  /**
   * Own private signing key, or whoever keeps it, and the peer's public one or who knows it: the curve goes by the
   * public key's length.
   */
  | {
      readonly mechanism: "hls-ecdsa";
      readonly privateKey: PrivateKey;
      readonly peerPublicKey?: Uint8Array;
      /**
       * Public keys of the party with this system title, where no key is given: out of certificates that it checks.
       * The certificate is the one that the peer sent along, if it did. What it throws ends the authentication.
       */
      readonly party?: (systemTitle: Uint8Array, certificate?: Uint8Array) => PartyKeys | undefined;
      /** Own certificate, DER, sent along in calling- or responding-AE-qualifier. None is sent when left out. */
      readonly certificate?: Uint8Array | undefined;
    }
  /** A manufacturer's own. */
  | ({ readonly mechanism: "hls-manufacturer" } & Pick<HlsManufacturer, "prove" | "verify">);

/** Name of an authentication mechanism. */
export type Mechanism = Authentication["mechanism"];

/** Cryptographic protection of an association. Octets given here are secrets and never leave this object. */
export interface AssociationSecurity extends Omit<SecurityContextOptions, "crypto"> {
  /**
   * Key of one association alone, proposed by the client, ciphered. `true` draws a new one for each association; a
   * given one serves a single association, since its counters begin at 0. A meter takes what the client proposes.
   */
  readonly dedicatedKey?: true | Uint8Array;
  /**
   * `service` wraps each service under its own tag (glo-get-request); `general` uses general-glo-ciphering;
   * `general-ciphering` names both parties and the key, which `general` chooses. Default for a client `service`, for a
   * meter the form in which it was asked.
   */
  readonly ciphering?: "service" | "general" | "general-ciphering";
  /**
   * Sign what is sent (general-signing), before it is ciphered, and demand the same of the peer unless `policy` says
   * otherwise. Default false: signed is then what a policy or an access right demands, and a meter's answer to what was.
   */
  readonly signing?: boolean;
  /** Needed by general-ciphering and by signing, and to understand either: made by `generalProtection`. */
  readonly general?: GeneralProtector;
  /** A client's: what it sends is for many, and goes under the broadcast key. */
  readonly broadcast?: boolean;
  /**
   * The security policy in force, as Security setup tells it. `protection` is then what this end does beyond it, and
   * `requires` what it demands beyond it (default `none`). Without a policy requests and responses are as `protection` says.
   */
  readonly policy?: SecurityPolicy;
  /**
   * The application context is one with ciphering, though not every APDU need be ciphered. Default: unless `protection` is
   * `none`, nothing is signed and there is no policy.
   */
  readonly cipheringContext?: boolean;
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

/** What both ends of a pre-established association know of each other. */
export interface PreEstablished {
  readonly conformance: Conformance;
  /** Largest APDU the peer takes; 0 for no limit. */
  readonly peerMaxPduSize: number;
}

/** How short names stand for attributes and methods: see the object list of the association, and the class tables. */
export interface ShortNames {
  /** 0 to 65,535; undefined when the meter has no such object. */
  nameOf(reference: AttributeReference | MethodReference): number | undefined;
  /** What a short name stands for; needed by a meter only. */
  targetOf(name: number): { readonly attribute?: AttributeReference; readonly method?: MethodReference } | undefined;
}

/** How a client associates and asks. */
export interface ClientAssociationOptions {
  readonly authentication?: Authentication;
  readonly security?: AssociationSecurity;
  /**
   * The association exists without AARQ and cannot be released: what it grants. With service-specific ciphering
   * the security options must name the meter's system title.
   */
  readonly preEstablished?: PreEstablished;
  /** How objects are addressed. Default `logical-name`. */
  readonly referencing?: "logical-name" | "short-name";
  /** Needed with short names. */
  readonly shortNames?: ShortNames;
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
  /** Own system title for authentication without security. */
  readonly systemTitle?: Uint8Array;
  /**
   * `rotate` (default) tells late answers from new ones; `constant` is for meters that know one invoke id alone: then
   * nothing is asked again by itself, and silence ends the association.
   */
  readonly invokeIds?: "rotate" | "constant";
  /** Largest answer put together from blocks, unless it is streamed. Default 16 MiB. */
  readonly maxResponseBytes?: number;
  /** General blocks taken at once, 1 to 63, where general block transfer is agreed on. Default 8. */
  readonly blockWindow?: number;
  /** How long whoever keeps a private key may take for one operation. Default 30,000 ms. */
  readonly keyTimeoutMs?: number;
  /** Whether RLRQ carries user-information. Default: as the association is ciphered. */
  readonly releaseWithUserInformation?: boolean;
}

/** What a meter grants to the client of one address. */
export interface ServerProfile {
  readonly clientSap: number;
  /**
   * Users of this client by their ids, with their names: who names none of them is turned down (Green Book 4.4.2, client
   * user identification). Users are not told apart when empty or left out.
   */
  readonly users?: ReadonlyMap<number, string>;
  /** The association exists without AARQ; the client's limit is given here, its services are the profile's. */
  readonly preEstablished?: Pick<PreEstablished, "peerMaxPduSize">;
  readonly authentication: Authentication;
  readonly security?: AssociationSecurity;
  readonly conformance: Conformance;
  readonly referencing?: "logical-name" | "short-name";
  /** Needed with short names. */
  readonly shortNames?: ShortNames;
  /** Largest APDU accepted from the client. Default 65,535. */
  readonly maxPduSize?: number;
  /** Longest APDU that the meter sends, however long the client takes them; longer answers go in blocks. */
  readonly maxSendPduSize?: number;
  /** Own system title for authentication without security. */
  readonly systemTitle?: Uint8Array;
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
  /** General blocks taken at once, 1 to 63, where general block transfer is agreed on. Default 8. */
  readonly blockWindow?: number;
}
