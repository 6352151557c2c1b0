import type { Authentication, Conformance, ServerProfile, ShortNames } from "../association/index.js";
import { fromHex } from "../base/index.js";
import { MemoryCounter } from "../security/index.js";

/** A client that the meter knows, by its address. */
export interface MockClient extends Omit<ServerProfile, "conformance" | "security"> {
  readonly conformance?: Conformance;
  readonly security?: Omit<NonNullable<ServerProfile["security"]>, "counter" | "lastReceivedCounter">;
}

/** What the mock meter grants to everybody unless told otherwise. */
export const mockConformance: Conformance = new Set([
  "general-protection",
  "general-block-transfer",
  "priority-mgmt-supported",
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
  /** System title of the meter: DLM, then its number. */
  systemTitle: fromHex("444C4D0000000001"),
} as const;

/** Addresses of the clients of the mock meter. */
export const mockClientSaps = { public: 16, reader: 2, management: 1 } as const;

/** The public client, one with a password, and one with HLS-GMAC and ciphering. */
export function defaultClients(systemTitle: Uint8Array): readonly MockClient[] {
  const { password, encryptionKey, authenticationKey } = mockCredentials;
  return [
    { clientSap: mockClientSaps.public, authentication: { mechanism: "none" } },
    { clientSap: mockClientSaps.reader, authentication: { mechanism: "low", password } },
    {
      clientSap: mockClientSaps.management,
      authentication: { mechanism: "hls-gmac" },
      security: { suite: 0, protection: "authenticated-encrypted", encryptionKey, authenticationKey, systemTitle },
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

/** A client with what the meter remembers of it between associations: counters, and its system title. */
export class ClientRecord {
  readonly client: MockClient;
  /** Counter of what the meter sends; it goes on through all associations. */
  readonly #sent = new MemoryCounter(1);
  /** Highest counter received: the next must be above it. */
  #received: number;
  systemTitle: Uint8Array = new Uint8Array(8);

  /** A new meter's counters do not begin at 0: clients have to ask. */
  constructor(client: MockClient, received = 100) {
    this.client = client;
    this.#received = received;
  }

  get receivedCounter(): number {
    return this.#received;
  }

  get mechanismId(): number {
    return mechanismIds[this.client.authentication.mechanism];
  }

  heard(counter: number | undefined): void {
    if (counter !== undefined && counter > this.#received) this.#received = counter;
  }

  get conformance(): Conformance {
    const byShortName = this.client.referencing === "short-name";
    return this.client.conformance ?? (byShortName ? mockShortNameConformance : mockConformance);
  }

  /** The profile of the next association. */
  profile(maxPduSize: number, shortNames: ShortNames): ServerProfile {
    const { security, ...rest } = this.client;
    return {
      maxPduSize,
      maxSendPduSize: maxPduSize,
      ...(rest.referencing === "short-name" && { shortNames }),
      ...rest,
      conformance: this.conformance,
      ...(security === undefined
        ? {}
        : { security: { ...security, counter: this.#sent, lastReceivedCounter: this.#received } }),
    };
  }
}
