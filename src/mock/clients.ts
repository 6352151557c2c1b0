import type { Authentication, Conformance, ServerProfile, ShortNames } from "../association/index.js";
import { fromHex } from "../base/index.js";
import type { DeviceCertificates } from "../certificates/index.js";
import type { SecretKey, SecurityPolicy } from "../security/index.js";
import { KeyCounters, KeyRing } from "./key-ring.js";

/** Protection of a client, and the keys that are not for messages. Counters are the meter's own. */
export interface MockClientSecurity
  extends Omit<NonNullable<ServerProfile["security"]>, "counter" | "lastReceivedCounter" | "policy"> {
  /**
   * security_policy of its Security setup: 0 to 3 in version 0, bits in version 1. Requests weaker than it are refused,
   * responses are as it says. Default: `protection`, both ways, and what is signed is answered signed.
   */
  readonly policy?: number;
  /** Wraps the keys that key transfer brings. Without it there is no key transfer. */
  readonly masterKey?: SecretKey | Uint8Array;
  /** The meter's own key to sign with in key agreement; that of `hls-ecdsa` when left out. */
  readonly signaturePrivateKey?: SecretKey | Uint8Array;
  /** The client's public signature key; that of `hls-ecdsa` when left out. */
  readonly clientSignaturePublicKey?: Uint8Array;
  /** Key pairs and certificates of the meter, managed through Security setup, version 1. None when left out. */
  readonly certificates?: DeviceCertificates;
}

/** A client that the meter knows, by its address. */
export interface MockClient extends Omit<ServerProfile, "conformance" | "security"> {
  readonly conformance?: Conformance;
  readonly security?: MockClientSecurity;
}

/** What the mock meter grants to everybody unless told otherwise. */
export const mockConformance: Conformance = new Set([
  "general-protection",
  "general-block-transfer",
  "priority-mgmt-supported",
  "attribute0-supported-with-get",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "block-transfer-with-action",
  "multiple-references",
  "access",
  "data-notification",
  "get",
  "set",
  "selective-access",
  "event-notification",
  "action",
]);

/** The same for those who address the meter by short names. */
export const mockShortNameConformance: Conformance = new Set([
  "general-protection",
  "general-block-transfer",
  "read",
  "write",
  "unconfirmed-write",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "multiple-references",
  "data-notification",
  "information-report",
  "parameterized-access",
]);

/** Keys and passwords of the mock meter. They are printed in every example: never use them for a real meter. */
export const mockCredentials = {
  password: new TextEncoder().encode("12345678"),
  encryptionKey: fromHex("000102030405060708090A0B0C0D0E0F"),
  authenticationKey: fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
  /** Wraps the keys that are transferred. */
  masterKey: fromHex("505152535455565758595A5B5C5D5E5F"),
  /** System title of the meter: DLM, then its number. */
  systemTitle: fromHex("444C4D0000000001"),
} as const;

/** Addresses of the clients of the mock meter. */
export const mockClientSaps = { public: 16, reader: 2, management: 1 } as const;

/** The public client, one with a password, and one with HLS-GMAC and ciphering. */
export function defaultClients(systemTitle: Uint8Array): readonly MockClient[] {
  const { password, encryptionKey, authenticationKey, masterKey } = mockCredentials;
  return [
    { clientSap: mockClientSaps.public, authentication: { mechanism: "none" } },
    { clientSap: mockClientSaps.reader, authentication: { mechanism: "low", password } },
    {
      clientSap: mockClientSaps.management,
      authentication: { mechanism: "hls-gmac" },
      security: {
        suite: 0,
        protection: "authenticated-encrypted",
        encryptionKey,
        authenticationKey,
        masterKey,
        systemTitle,
      },
    },
  ];
}

/** Number of an authentication mechanism in its object identifier. */
const mechanismIds: Readonly<Record<Authentication["mechanism"], number>> = {
  none: 0,
  low: 1,
  "hls-manufacturer": 2,
  "hls-md5": 3,
  "hls-sha1": 4,
  "hls-gmac": 5,
  "hls-sha256": 6,
  "hls-ecdsa": 7,
};

/** A client with what the meter remembers of it between associations: keys, counters, secret, and its system title. */
export class ClientRecord {
  readonly client: MockClient;
  /** Keys of its security setup with their counters; undefined where nothing is ciphered. */
  readonly keys: KeyRing | undefined;
  systemTitle: Uint8Array = new Uint8Array(8);
  /** Users of the client: the list changes while the meter runs. */
  readonly users: Map<number, string>;
  #authentication: Authentication;
  #secretChanges = 0;

  /** `sent` is the first counter of what the meter sends. */
  constructor(client: MockClient, sent = 1) {
    this.client = client;
    this.users = new Map(client.users);
    this.#authentication = client.authentication;
    const { security } = client;
    this.keys =
      security &&
      new KeyRing(
        {
          "global-unicast-encryption": security.encryptionKey,
          "global-broadcast-encryption": security.broadcastKey,
          authentication: security.authenticationKey,
          master: security.masterKey,
        },
        undefined,
        sent,
      );
  }

  /** Rises when a key or a secret changes. */
  get version(): number {
    return (this.keys?.version ?? 0) + this.#secretChanges;
  }

  get receivedCounter(): number {
    return this.keys?.counters().received ?? -1;
  }

  get mechanismId(): number {
    return mechanismIds[this.client.authentication.mechanism];
  }

  /** Takes another password, for the next association. False where the mechanism has none. */
  changePassword(password: Uint8Array): boolean {
    return this.#changeSecret(
      this.#authentication.mechanism === "low" && { mechanism: "low", password: password.slice() },
    );
  }

  /** Takes another secret of high level security, for the next association. False where the mechanism has none. */
  changeHlsSecret(octets: Uint8Array): boolean {
    const { mechanism } = this.#authentication;
    const hashed = mechanism === "hls-md5" || mechanism === "hls-sha1" || mechanism === "hls-sha256";
    return this.#changeSecret(hashed && { mechanism, secret: octets.slice() });
  }

  get conformance(): Conformance {
    const byShortName = this.client.referencing === "short-name";
    return this.client.conformance ?? (byShortName ? mockShortNameConformance : mockConformance);
  }

  /** The profile of the next association. */
  profile(maxPduSize: number, shortNames: ShortNames, policy?: SecurityPolicy): ServerProfile {
    const { security, ...rest } = this.client;
    return {
      maxPduSize,
      maxSendPduSize: maxPduSize,
      ...(rest.referencing === "short-name" && { shortNames }),
      ...rest,
      users: this.users,
      authentication: this.#authentication,
      conformance: this.conformance,
      ...(security !== undefined && { security: this.#protection(security, policy) }),
    };
  }

  #protection(
    {
      policy: given,
      masterKey: _,
      signaturePrivateKey: __,
      clientSignaturePublicKey: ___,
      ...security
    }: MockClientSecurity,
    policy: SecurityPolicy | undefined,
  ): NonNullable<ServerProfile["security"]> {
    const { sent, received } = this.keys?.counters() ?? new KeyCounters(0, -1);
    const keys = {
      ...this.keys?.changesSince(new Map()),
      counter: sent,
      lastReceivedCounter: received,
      lastBroadcastCounter: this.keys?.counters("global-broadcast-encryption").received ?? -1,
    };
    const { cipheringContext = given !== undefined || security.protection !== "none" } = security;
    // The policy says all where one is given: it may be activated, and is then stronger.
    const least = given === undefined ? security.protection : "none";
    const ofAll = given === undefined && policy ? { ...policy, responseAsRequest: true } : policy;
    return { ...security, ...keys, protection: least, cipheringContext, ...(ofAll && { policy: ofAll }) };
  }

  #changeSecret(changed: Authentication | false): boolean {
    if (changed === false) return false;
    this.#authentication = changed;
    this.#secretChanges++;
    return true;
  }
}
