import type { AssociationTolerances, Conformance } from "../association/index.js";
import type { AbortSignalLike } from "../base/index.js";
import type { ObjectList } from "../cosem/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import type { LinkParameters } from "../hdlc/index.js";
import type {
  GeneralProtector,
  HlsManufacturer,
  InvocationCounterStore,
  KeyStore,
  PartyKeys,
  PolicyRule,
  PrivateKeySource,
  Protection,
  SecretKey,
  SecurityContextOptions,
} from "../security/index.js";
import type { DialectName, DialectSet } from "./dialects/index.js";
import type { GatewayAddress } from "./gateway.js";
import type { TraceSink } from "./trace.js";

/** A key: its octets, or their hexadecimal text. */
export type KeyLike = Uint8Array | SecretKey | string;

/** A password or secret: its octets, or ASCII text that stands for them. */
export type SecretLike = Uint8Array | SecretKey | string;

/** How to prove who we are; `hls-gmac` takes its keys from the security options. */
export type AuthenticationOptions =
  | { readonly mechanism: "none" | "hls-gmac" }
  | { readonly mechanism: "low"; readonly password: SecretLike }
  | { readonly mechanism: "hls-md5" | "hls-sha1" | "hls-sha256"; readonly secret: SecretLike }
  | {
      readonly mechanism: "hls-ecdsa";
      /** Own private signing key; in an HSM or a KMS it stays there, and may take its time. */
      readonly privateKey: KeyLike | PrivateKeySource;
      /** The meter's public signing key, x and y. */
      readonly peerPublicKey: Uint8Array | string;
    }
  | {
      readonly mechanism: "hls-ecdsa";
      readonly privateKey: KeyLike | PrivateKeySource;
      /**
       * Public keys of the meter with this system title: `partyKeysFrom` of `dlms-cosem/certificates` takes them out of
       * certificates that it checks, the one that the meter sent along among them. What it throws ends the
       * authentication.
       */
      readonly party: (systemTitle: Uint8Array, certificate?: Uint8Array) => PartyKeys | undefined;
      /** Own certificate, DER, sent along in the AARQ to meters that want it so. Default: none is sent. */
      readonly certificate?: Uint8Array;
    }
  /** A manufacturer's own (mechanism 2): how to answer the meter's challenge, and how to check its answer to ours. */
  | ({ readonly mechanism: "hls-manufacturer" } & Pick<HlsManufacturer, "prove" | "verify">);

/** Keys and names of the association. None of them is ever shown in errors, traces or recordings. */
export interface SecurityOptions {
  /** Default 0: AES-GCM-128. */
  readonly suite?: 0 | 1 | 2;
  /**
   * What is done to each APDU, and the least that is accepted. Default `authenticated-encrypted`; `none` where a
   * policy is given.
   */
  readonly protection?: Protection;
  /**
   * The security policy of the meter: security_policy of its Security setup as a number (0 to 3 in version 0, bits in
   * version 1), or in words. `read` asks the meter once it is associated and then goes by what it says where that is
   * more than `protection`. An answer weaker than the policy is refused.
   */
  readonly policy?: number | PolicyRule | "read";
  /** Global unicast encryption key: 16 octets, 32 in suite 2. */
  readonly encryptionKey: KeyLike;
  /** As long as the encryption key. */
  readonly authenticationKey?: KeyLike;
  /** Our own system title: eight octets, or their hexadecimal text. */
  readonly systemTitle: Uint8Array | string;
  /** The meter's, where it is known: another one is refused. */
  readonly meterSystemTitle?: Uint8Array | string;
  /** The title that the meter pushes under, where that is another one than in the association. */
  readonly pushSystemTitle?: Uint8Array | string;
  /** Use a key of this association alone: `true` draws one. */
  readonly dedicatedKey?: boolean;
  /**
   * `general` wraps everything in general-glo-ciphering; `general-ciphering` names both parties and the key, which
   * `general` chooses. Default `service`.
   */
  readonly ciphering?: "service" | "general" | "general-ciphering";
  /** Sign each request (general-signing) before it is ciphered, and demand signed answers. Default false. */
  readonly signing?: boolean;
  /**
   * Keys of general-ciphering and general-signing: `generalProtection({ ... })` of `dlms-cosem/security`. Needed by
   * both; with it what the meter sends in these forms is understood.
   */
  readonly general?: GeneralProtector;
  /** What to do with the tag of what the meter sends. Default `required`. */
  readonly verify?: SecurityContextOptions["verify"];
  /**
   * Where our invocation counters live: `fileCounterStore(path)` of `dlms-cosem/node`. Without one the meter is asked
   * for the counter it saw last, which is then kept for the life of the process, and the trace says so.
   */
  readonly counters?: InvocationCounterStore;
  /**
   * The meter's counters of earlier sessions. `kept` refuses what is not above them, so that an old session cannot be
   * played back, where `counters` can keep them (`fileCounterStore` does); `reset` forgets them once, for a meter
   * that was exchanged or lost its counter; `session` neither keeps nor holds against them, for meters that begin anew
   * each time. Default `kept`.
   */
  readonly receivedCounters?: "kept" | "reset" | "session";
  /** How the meter's idea of our counter is found when nothing is stored, or when it refuses ours. */
  readonly counterRecovery?: CounterRecoveryOptions;
}

/** How the meter is asked for the last invocation counter it took from us. Its answer is not authenticated. */
export interface CounterRecoveryOptions {
  /** Ask at all. Default true. */
  readonly enabled?: boolean;
  /** Address of the public client. Default 16. */
  readonly publicClient?: number;
  /** Logical names of the counter, class Data, tried in order. Default `0-0:43.1.0*255`, then 43.1.1 and 43.1.2. */
  readonly objects?: readonly string[];
  /** How far above what is stored the meter's counter may lie. Default 2^24. */
  readonly jumpLimit?: number;
  /** Consent to a jump above the limit. Default false. */
  readonly allowJump?: boolean;
  /** Where to begin when nothing is stored and the meter is not asked. */
  readonly firstCounter?: number;
}

/** Addresses of the meter. With the wrapper `logical` alone counts. */
export interface ServerAddress {
  /** Logical device; 1 is the management logical device. Default 1. */
  readonly logical?: number;
  /** Physical device on an HDLC line; many meters want 17, or the last digits of the serial number plus 1000. */
  readonly physical?: number;
  /** Octets of the address on the line: 1, 2 or 4. Default: the fewest that hold it. */
  readonly size?: 1 | 2 | 4;
}

/** Limits in milliseconds. Each ends in a `timeout` error whose `phase` names it. */
export interface Timeouts {
  /** From `connect` until the meter is associated, all retries included. Default 120,000. */
  readonly connectMs?: number;
  /**
   * From the last octet of a request to its answer; begins anew whenever octets move. On HDLC the time that the link
   * needs to repeat lost frames comes on top. Default 10,000.
   */
  readonly responseMs?: number;
  /** What whoever keeps a private key may take for one signature or agreement. Default 30,000. */
  readonly keyMs?: number;
  /** Release and disconnect together; then the line is closed whatever happens. Default 5,000. */
  readonly closeMs?: number;
}

/** HDLC parameters to propose; the meter may lower them. */
export interface HdlcOptions extends Partial<LinkParameters> {
  /** Begin with DISC: for meters that keep an old session. Default false. */
  readonly disconnectFirst?: boolean;
  /** Wait for the first octet of a frame that answers ours. Default 3,000 ms. */
  readonly responseTimeoutMs?: number;
  /** Longest silence inside a frame. Default 500 ms. */
  readonly interOctetTimeoutMs?: number;
  /** Take frames whose N(S) stands still at 0, as one vendor sends them. Default false. */
  readonly ignoreSendSequence?: boolean;
}

/** What both ends know of an association that nobody sets up. */
export interface PreEstablishedOptions {
  /** The services it grants. Default GET, SET and ACTION, or Read and Write; nothing in blocks or lists. */
  readonly conformance?: Conformance;
  /** Largest APDU that the meter takes, 0 for no limit. Default 0. */
  readonly maxPduSize?: number;
}

/** How a lost session is opened again by itself. */
export interface ReassociationOptions {
  /** How often it is tried, each time after twice the pause of the time before. Default 3. */
  readonly attempts?: number;
  /** Pause after the first attempt that failed. Default 1,000 ms. */
  readonly pauseMs?: number;
}

/**
 * A second association over the line of a meter: what is left out of the line and the link is as it was told to
 * `connect`.
 */
export type AssociateOptions = Omit<ConnectOptions, "hdlc" | "crypto">;

/** What `connect` is told beside the endpoint. Everything has a default that suits the public client. */
export interface ConnectOptions {
  /** Address of the client: 16 is the public one, 1 the usual management client. Default 16. */
  readonly client?: number;
  /** Address of the meter. Default logical device 1. */
  readonly server?: number | ServerAddress;
  /**
   * How the meter names its objects. Default `logical-name`. With `short-name` its object list is read once the meter
   * is associated; handles, `readAll`, `objects` and `profile` then work as they do with logical names.
   */
  readonly referencing?: "logical-name" | "short-name";
  /** Default none. */
  readonly authentication?: AuthenticationOptions;
  readonly security?: SecurityOptions;
  /**
   * The object list, known from an earlier session with the same client address and firmware: `objects` gives it
   * without reading it, and its rights are followed from the first request on.
   */
  readonly objects?: ObjectList;
  /** Our own system title where nothing is ciphered: `hls-sha256` and `hls-ecdsa` name it. Else that of `security`. */
  readonly systemTitle?: Uint8Array | string;
  /** Cancels the connecting. What is open by then is released and closed. */
  readonly signal?: AbortSignalLike;
  /** Sees everything that happens; costs nothing when left out. */
  readonly trace?: TraceSink;
  readonly timeouts?: Timeouts;
  /** How often a frame or an unanswered GET is sent again. SET and ACTION never are by themselves. Default 3. */
  readonly retries?: number;
  /** Largest APDU that we take, 0 for no limit. Default 4,096 over HDLC, 65,535 with the wrapper. */
  readonly maxPduSize?: number;
  /** Services to propose; everything this library can do when left out. */
  readonly conformance?: Conformance;
  readonly hdlc?: HdlcOptions;
  /**
   * Keep the meter from ending an idle session: HDLC by RR after 90 s, the wrapper by a small GET after 150 s.
   * A number is the idle time in milliseconds. Default false: right for battery devices and short sessions.
   */
  readonly keepAlive?: boolean | number;
  /**
   * Over HDLC a meter may not speak unasked: ask it for its events every so many milliseconds, by an empty UI frame
   * (TriggerEventNotificationSending, IEC 62056-5-3). They come as `notifications`. Default false; `meter.pollEvents()`
   * asks once.
   */
  readonly pollEvents?: false | number;
  /**
   * What is to be done otherwise for this family of meters: the name of a quirk set, or a set of your own, as the one that
   * `meter.dialect` has learnt. The other options go before it.
   */
  readonly dialect?: DialectName | DialectSet;
  readonly tolerances?: AssociationTolerances;
  /**
   * `constant` is for meters that know one invoke id alone: nothing is then asked again by itself, and silence ends the
   * association. Default `rotate`, which tells late answers from new ones.
   */
  readonly invokeIds?: "rotate" | "constant";
  /**
   * Identifies the user of the client, 0 to 255: goes as calling-AE-invocation-id, and the meter looks it up in the
   * user_list of its association (Green Book 4.4.2, client user identification). None when left out.
   */
  readonly userId?: number;
  /** The meter is behind a gateway: every APDU bears its network and address (tags E6 and E7). */
  readonly gateway?: GatewayAddress;
  /**
   * The association exists without AARQ and is not released (Green Book, pre-established associations): what it grants.
   * Ciphered ones need `security.meterSystemTitle`. Authentication is `none`.
   */
  readonly preEstablished?: PreEstablishedOptions;
  /**
   * Requests on their way at once, told apart by their invoke ids, 1 to 15. Default 1; more over the wrapper alone. What
   * is ciphered must still be answered in order: an answer that was overtaken is a replay, and asked for anew.
   */
  readonly maxInFlight?: number;
  /** General blocks that the meter may send at once before it is told how far they came, 1 to 63. Default 8. */
  readonly blockWindow?: number;
  /** Notifications that wait to be taken; the oldest goes when one more comes. Default 256. */
  readonly maxNotifications?: number;
  /**
   * Associate anew when the line or the association is lost, at the next request: reads are then asked again, and so
   * is what certainly was not carried out; a write that may have been is not, its error says `outcomeUnknown`. Default
   * false: the session is over, and `reconnect` opens it again.
   */
  readonly reassociate?: boolean | ReassociationOptions;
  /**
   * How the association is ended: by RLRQ `with-user-information` or `without-user-information` (default: with where the
   * association is ciphered), or `silent`, for meters that know no RLRQ: by taking down the link alone.
   */
  readonly release?: "with-user-information" | "without-user-information" | "silent";
  /** Cryptography; Node's own there, a portable one elsewhere. */
  readonly crypto?: CryptoProvider;
}

/** Which entry of which store has the secrets of this meter. */
export interface StoredKeysOptions {
  readonly store: KeyStore;
  /** Name of the entry, or the meter's system title in hexadecimal. */
  readonly meter: string;
  /**
   * Try once more although the meter refused both the new and the old secrets of a change whose outcome is not known.
   * Default false: some meters lock out after a few failures.
   */
  readonly tryAgain?: boolean;
}

/** What `connect` is told when a store holds the secrets: how to associate and protect, not with what. */
export interface StoredConnectOptions extends Omit<ConnectOptions, "authentication" | "security"> {
  /**
   * Where keys, password and secret come from. Changes made by `changeKeys` and its kind are written there, and one
   * whose outcome is not known is settled here: the new secrets are tried, then the old ones, once each.
   */
  readonly keys: StoredKeysOptions;
  /** Default none. A private key that is kept elsewhere, and a manufacturer's own proofs, are given here. */
  readonly authentication?:
    | Pick<AuthenticationOptions, "mechanism">
    | { readonly mechanism: "hls-ecdsa"; readonly privateKey: PrivateKeySource }
    | Extract<AuthenticationOptions, { readonly mechanism: "hls-manufacturer" }>;
  /** Keys and titles of the entry are used with it. Left out, the session is ciphered with `hls-gmac` alone. */
  readonly security?: Omit<SecurityOptions, "encryptionKey" | "authenticationKey" | "systemTitle">;
}
