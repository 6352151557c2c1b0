import { dlmsError, toHex } from "../../base/index.js";
import type { PeerCertificate } from "../../transport/index.js";
import type { ListenKeys } from "../listen/index.js";
import { octetsOf } from "../listen/opening.js";
import type { ConnectOptions, StoredConnectOptions } from "../options.js";

/** What `connect` takes: with the secrets in it, or with a key store that has them. */
export type VisitSettings = ConnectOptions | StoredConnectOptions;

/** A meter that may dial in: by what it is known, and how it is talked to. */
export interface MeterEntry {
  /** Any name, unique in the registry. */
  readonly name: string;
  /** Title in the association: a meter that shows another is refused. Identifies pushes and certificates too. */
  readonly systemTitle?: Uint8Array | string;
  /** Title in pushes, where it is another than in the association. */
  readonly pushSystemTitle?: Uint8Array | string;
  /** Logical device name (0-0:42.0.0), as text. */
  readonly logicalDeviceName?: string;
  /** What the heartbeats of the meter say, as `heartbeat` of the options reads it. */
  readonly heartbeat?: string;
  /** SHA-256 of the meter's TLS certificate, hexadecimal. */
  readonly fingerprint?: string;
  /** Client, server address, authentication, keys and deviations; looked up when they are needed, if it is a function. */
  readonly connect?: VisitSettings | (() => VisitSettings | Promise<VisitSettings>);
  /** Keys of its pushes. Default: those of `connect`, from its key store too. */
  readonly pushKeys?: ListenKeys;
  /**
   * Sends its password although the meter has only claimed who it is. Default false: a password goes only to a meter
   * that its certificate or an earlier HLS has proven over the same connection. A push does not: it may be an old one.
   */
  readonly allowClaim?: boolean;
}

/** What is known of a meter before it is identified. */
export interface Claim {
  readonly systemTitle?: Uint8Array;
  readonly logicalDeviceName?: string;
  readonly heartbeat?: string;
  readonly certificate?: PeerCertificate;
}

/** How a meter was told. */
export type IdentifiedBy = "push" | "certificate" | "heartbeat" | "logical-device-name" | "system-title";

/** The meters that may dial in, by everything that they are known by. */
export class Registry {
  readonly #byName = new Map<string, MeterEntry>();
  readonly #byTitle = new Map<string, MeterEntry>();
  readonly #byDevice = new Map<string, MeterEntry>();
  readonly #byHeartbeat = new Map<string, MeterEntry>();
  readonly #byFingerprint = new Map<string, MeterEntry>();

  /** @throws UsageError `invalid-argument` for two meters under one name or one mark, or a meter without any. */
  constructor(entries: readonly MeterEntry[]) {
    for (const entry of entries) this.#add(entry);
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  named(name: string): MeterEntry | undefined {
    return this.#byName.get(name);
  }

  /** The meter of a system title, in pushes or in the association. */
  titled(title: Uint8Array): MeterEntry | undefined {
    return this.#byTitle.get(toHex(title));
  }

  /** The meter that a claim points to, and by what. */
  find(claim: Claim): { readonly entry: MeterEntry; readonly by: IdentifiedBy } | undefined {
    const { certificate, systemTitle, logicalDeviceName, heartbeat } = claim;
    const found = (entry: MeterEntry | undefined, by: IdentifiedBy) => entry && { entry, by };
    return (
      found(certificate && this.#certified(certificate), "certificate") ??
      found(systemTitle && this.titled(systemTitle), "system-title") ??
      found(heartbeat === undefined ? undefined : this.#byHeartbeat.get(heartbeat), "heartbeat") ??
      found(logicalDeviceName === undefined ? undefined : this.#byDevice.get(logicalDeviceName), "logical-device-name")
    );
  }

  /** By its fingerprint, or by the system title as common name; a meter with a fingerprint has to show that one. */
  #certified({ fingerprint, commonName }: PeerCertificate): MeterEntry | undefined {
    const pinned = this.#byFingerprint.get(fingerprint);
    if (pinned !== undefined) return pinned;
    const named = commonName === undefined ? undefined : this.#byTitle.get(clean(commonName));
    return named?.fingerprint === undefined ? named : undefined;
  }

  #add(entry: MeterEntry): void {
    const { name, systemTitle, pushSystemTitle, logicalDeviceName, heartbeat, fingerprint } = entry;
    if (name === "") throw invalid("a meter of the registry has no name");
    this.#put(this.#byName, name, entry, "the name");
    for (const title of new Set([titleHex(name, systemTitle), titleHex(name, pushSystemTitle)]))
      if (title !== undefined) this.#put(this.#byTitle, title, entry, "the system title");
    if (logicalDeviceName !== undefined) this.#put(this.#byDevice, logicalDeviceName, entry, "the logical device name");
    if (heartbeat !== undefined) this.#put(this.#byHeartbeat, heartbeat, entry, "the heartbeat");
    if (fingerprint !== undefined) {
      if (!/^[0-9A-F]{64}$/.test(clean(fingerprint)))
        throw invalid(`the fingerprint of ${name} is not the 64 hexadecimal digits of a SHA-256`);
      this.#put(this.#byFingerprint, clean(fingerprint), entry, "the fingerprint");
    }
    if ((systemTitle ?? pushSystemTitle ?? logicalDeviceName ?? heartbeat ?? fingerprint) === undefined)
      throw invalid(`${name} has neither system title nor logical device name nor another mark to know it by`);
  }

  #put(map: Map<string, MeterEntry>, key: string, entry: MeterEntry, what: string): void {
    const other = map.get(key);
    if (other !== undefined) throw invalid(`${what} of ${entry.name} is that of ${other.name} too`);
    map.set(key, entry);
  }
}

/** Keys of the meter's pushes; undefined where it pushes in clear. @throws what its key store throws. */
export async function pushKeysOf({ pushKeys, connect }: MeterEntry): Promise<ListenKeys | undefined> {
  if (pushKeys !== undefined) return pushKeys;
  const settings = typeof connect === "function" ? await connect() : connect;
  if (settings === undefined) return undefined;
  const secrets = "keys" in settings ? await settings.keys.store.load(settings.keys.meter) : settings.security;
  const { encryptionKey, authenticationKey } = secrets ?? {};
  if (encryptionKey === undefined) return undefined;
  return { encryptionKey, ...(authenticationKey !== undefined && { authenticationKey }) };
}

function titleHex(name: string, title: Uint8Array | string | undefined): string | undefined {
  if (title === undefined) return undefined;
  const octets = typeof title === "string" ? octetsOf(title, `the system title of ${name}`) : title;
  if (octets.length !== 8) throw invalid(`the system title of ${name} has ${octets.length} octets, not 8`);
  return toHex(octets);
}

function clean(text: string): string {
  return text.replace(/[\s:-]/g, "").toUpperCase();
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "client" });
}
