import { dlmsError, equalBytes, toHex } from "../base/index.js";
import type { CertificateEntity } from "../cosem/index.js";
import type { CryptoProvider, Curve, KeyPair } from "../crypto/contract.js";
import { type PartyKeys, SecretKey } from "../security/index.js";
import { Certificate, type CertificateUse } from "./certificate.js";
import { createSigningRequest, signerOf } from "./issue.js";
import { curvesOf } from "./keys.js";
import { DistinguishedName } from "./names.js";
import { partyKeysFrom } from "./party-keys.js";
import type { CertificateSigningRequest } from "./signing-request.js";
import { TrustStore } from "./trust-store.js";

/** A certificate that a device holds: whose it is, and what its key is for. */
export interface DeviceCertificate {
  readonly entity: keyof typeof CertificateEntity;
  /** `other` for authorities. */
  readonly use: CertificateUse | "other";
  readonly certificate: Certificate;
}

/** How Security setup names a certificate: by whose it is, or by serial number and issuer. */
export type CertificateName =
  | {
      readonly entity: DeviceCertificate["entity"];
      readonly use: DeviceCertificate["use"];
      /** Eight octets; of an authority without a system title, its name in DER or nothing. */
      readonly systemTitle: Uint8Array;
    }
  | {
      /** Contents octets of the serial number. */
      readonly serialNumber: Uint8Array;
      /** The issuer's name in DER. */
      readonly issuer: Uint8Array;
    };

export interface DeviceCertificatesOptions {
  readonly crypto: CryptoProvider;
  /** P-384 in suite 2, else P-256. */
  readonly curve: Curve;
  /** The device's own, eight octets. */
  readonly systemTitle: Uint8Array;
  /** Authorities it was made with: exported, never imported or removed. */
  readonly roots: readonly Certificate[];
  /** Milliseconds UTC. */
  readonly now: () => number;
  /** Certificates it holds from the beginning, taken as they are. */
  readonly certificates?: readonly Certificate[];
  /** Key pairs it holds from the beginning. */
  readonly keyPairs?: Readonly<Partial<Record<CertificateUse, KeyPair>>>;
  /** Most certificates, roots included. Default 32. */
  readonly capacity?: number;
  /** Send the own certificate for signatures along when associating by HLS-ECDSA. Default false. */
  readonly presents?: boolean;
}

/**
 * Key pairs and certificates of a device, as Security setup manages them (IEC 62056-6-2, class 64, version 1). A pair
 * that was made is used from the moment on that its certificate is imported; until then the one before stays in use.
 */
export class DeviceCertificates {
  readonly #options: DeviceCertificatesOptions;
  readonly #pairs = new Map<CertificateUse, KeyPair>();
  readonly #made = new Map<CertificateUse, KeyPair>();
  #imported: readonly Certificate[];
  #trust: TrustStore | undefined;

  constructor(options: DeviceCertificatesOptions) {
    this.#options = options;
    this.#imported = options.certificates ?? [];
    for (const [use, pair] of Object.entries(options.keyPairs ?? {})) this.#pairs.set(use as CertificateUse, pair);
  }

  list(): readonly DeviceCertificate[] {
    return [...this.#options.roots, ...this.#imported].map((certificate) => this.#described(certificate));
  }

  /** The pair in use. */
  keyPair(use: CertificateUse): KeyPair | undefined {
    return this.#pairs.get(use);
  }

  /**
   * What HLS-ECDSA of the device needs, as it is when it is asked for: own key, and the keys of clients whose
   * certificates were imported and are good.
   */
  get authentication(): {
    readonly mechanism: "hls-ecdsa";
    readonly privateKey: SecretKey;
    readonly party: (systemTitle: Uint8Array, certificate?: Uint8Array) => PartyKeys | undefined;
    readonly certificate: Uint8Array | undefined;
  } {
    const privateKey = () => new SecretKey(this.#pairOf("digital-signature").privateKey);
    const certificate = () => (this.#options.presents === true ? this.#ownCertificate() : undefined);
    return {
      mechanism: "hls-ecdsa",
      get privateKey() {
        return privateKey();
      },
      party: this.party,
      get certificate() {
        return certificate();
      },
    };
  }

  #ownCertificate(): Uint8Array | undefined {
    const own = this.list().find(({ entity, use }) => entity === "server" && use === "digital-signature");
    return own?.certificate.der;
  }

  /** Public keys of another party, out of its certificates; throws as `partyKeysFrom`. */
  readonly party = (systemTitle: Uint8Array, certificate?: Uint8Array): PartyKeys | undefined => {
    const directory = { certificates: this.#imported, trustStore: this.#trustStore(), now: this.#options.now };
    return partyKeysFrom(directory)(systemTitle, certificate);
  };

  /** generate_key_pair. */
  generateKeyPair(use: CertificateUse): void {
    this.#made.set(use, curvesOf(this.#options.crypto).generateKeyPair(this.#options.curve));
  }

  /** generate_certificate_request. @throws SecurityError `certificate-unknown` without a key pair. */
  signingRequest(use: CertificateUse): CertificateSigningRequest {
    const { crypto, curve, systemTitle } = this.#options;
    const { publicKey, privateKey } = this.#made.get(use) ?? this.#pairOf(use);
    const subject = DistinguishedName.of(toHex(systemTitle));
    return createSigningRequest(subject, { curve, octets: publicKey }, signerOf(crypto, curve, privateKey));
  }

  /**
   * import_certificate. A certificate of the same party for the same use is replaced.
   * @throws DecodeError, and SecurityError `certificate-…` for one that is not good, is not for a key of this device,
   * or finds no room.
   */
  import(der: Uint8Array): DeviceCertificate {
    const certificate = Certificate.parse(der);
    const described = this.#described(certificate);
    this.#verify(described);
    const kept = this.#imported.filter((other) => !this.#isReplacedBy(other, described));
    const capacity = this.#options.capacity ?? 32;
    if (this.#options.roots.length + kept.length >= capacity)
      throw dlmsError("certificate-store-full", `there is room for ${capacity} certificates`, {
        layer: "certificates",
      });
    if (described.entity === "server") this.#takeUp(described);
    this.#hold([...kept, certificate]);
    return described;
  }

  /** export_certificate. @throws SecurityError `certificate-unknown`. */
  export(name: CertificateName): Certificate {
    return this.#find(name, this.list()).certificate;
  }

  /** remove_certificate. @throws SecurityError `certificate-unknown`, for the roots too. */
  remove(name: CertificateName): void {
    const imported = this.#imported.map((certificate) => this.#described(certificate));
    const { certificate } = this.#find(name, imported);
    this.#hold(this.#imported.filter((other) => other !== certificate));
  }

  #hold(certificates: readonly Certificate[]): void {
    this.#imported = certificates;
    this.#trust = undefined;
  }

  #described(certificate: Certificate): DeviceCertificate {
    if (certificate.isAuthority) return { entity: "certification-authority", use: "other", certificate };
    const title = certificate.systemTitle;
    const own = title !== undefined && equalBytes(title, this.#options.systemTitle);
    const entity = own ? "server" : title === undefined ? "other" : "client";
    return { entity, use: certificate.uses[0] ?? "other", certificate };
  }

  #verify({ entity, use, certificate }: DeviceCertificate): void {
    const now = this.#options.now();
    if (entity === "certification-authority") {
      if (this.#options.roots.some((root) => root.equals(certificate)))
        throw dlmsError("certificate-untrusted", "a root comes with the device, not by import", {
          layer: "certificates",
        });
      this.#trustStore().verifyAuthority(certificate, now);
      return;
    }
    if (use === "other" || certificate.curve !== this.#options.curve)
      throw dlmsError("certificate-wrong-usage", `${certificate.subject} is for nothing that this device does`, {
        layer: "certificates",
      });
    this.#trustStore().verify(certificate, { now, use });
  }

  /** A certificate of our own puts the key pair that it is for in use. */
  #takeUp({ use, certificate }: DeviceCertificate): void {
    const fits = (pair: KeyPair | undefined) => pair !== undefined && equalBytes(pair.publicKey, certificate.publicKey);
    if (use === "other") return;
    const made = this.#made.get(use);
    if (made !== undefined && fits(made)) {
      this.#pairs.set(use, made);
      this.#made.delete(use);
    } else if (!fits(this.#pairs.get(use)))
      throw dlmsError("certificate-wrong-key", `${certificate.subject} is not for a key of this device`, {
        layer: "certificates",
      });
  }

  #isReplacedBy(old: Certificate, { entity, use, certificate }: DeviceCertificate): boolean {
    if (old.equals(certificate)) return true;
    const described = this.#described(old);
    // Two authorities may have one name while the key of one is changed.
    if (entity === "certification-authority") return false;
    const sameTitle = equalBytes(old.systemTitle ?? noTitle, certificate.systemTitle ?? noTitle);
    const sameName = certificate.systemTitle !== undefined || equalBytes(old.subject.der, certificate.subject.der);
    return described.entity === entity && described.use === use && sameTitle && sameName;
  }

  #find(name: CertificateName, among: readonly DeviceCertificate[]): DeviceCertificate {
    const found = among.find((held) => isNamed(held, name));
    if (found !== undefined) return found;
    throw dlmsError("certificate-unknown", "the device holds no such certificate", { layer: "certificates" });
  }

  #pairOf(use: CertificateUse): KeyPair {
    const pair = this.#pairs.get(use);
    if (pair !== undefined) return pair;
    throw dlmsError("certificate-unknown", `the device has no key pair for ${use}`, { layer: "certificates" });
  }

  #trustStore(): TrustStore {
    const { crypto, roots } = this.#options;
    const intermediates = this.#imported.filter(({ isAuthority }) => isAuthority);
    this.#trust ??= new TrustStore({ crypto, roots, intermediates });
    return this.#trust;
  }
}

const noTitle = new Uint8Array();

/** Whether the name means this certificate. */
export function isNamed({ entity, use, certificate }: DeviceCertificate, name: CertificateName): boolean {
  if ("serialNumber" in name)
    return (
      equalBytes(digits(certificate.serialNumber), digits(name.serialNumber)) &&
      equalBytes(certificate.issuer.der, name.issuer)
    );
  const title = certificate.systemTitle ?? noTitle;
  const named =
    equalBytes(title, name.systemTitle) ||
    (certificate.systemTitle === undefined && equalBytes(certificate.subject.der, name.systemTitle));
  return entity === name.entity && use === name.use && named;
}

/** A serial number without the zeros in front, which some write and others leave out. */
function digits(serialNumber: Uint8Array): Uint8Array {
  const start = serialNumber.findIndex((octet) => octet !== 0);
  return start === -1 ? noTitle : serialNumber.subarray(start);
}
