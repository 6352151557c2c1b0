import { dlmsError, equalBytes, toHex } from "../base/index.js";
import {
  type CallOptions,
  type InterfaceClass,
  type ObisLike,
  type ObjectHandle,
  SecuritySetup,
} from "../cosem/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import { Certificate, type CertificateUse } from "./certificate.js";
import { type CertificateName, type DeviceCertificate, isNamed } from "./device-certificates.js";
import { DistinguishedName } from "./names.js";
import { CertificateSigningRequest } from "./signing-request.js";
import type { TrustStore } from "./trust-store.js";

/** What hands out the objects of a meter: a `Meter` of `connect`. */
export interface ObjectSource {
  object<C extends InterfaceClass>(table: C, obis: ObisLike): ObjectHandle<C>;
}

export interface MeterCertificatesOptions {
  /** With elliptic curves. */
  readonly crypto: CryptoProvider;
  /** Logical name of the Security setup. Default 0-0:43.0.0*255. */
  readonly obis?: ObisLike;
  /** The meter's system title: what it gives out as its own is held against it. */
  readonly systemTitle?: Uint8Array;
  /** Certificates are verified against it before they are imported, and after they are exported. */
  readonly trustStore?: TrustStore;
  /** Milliseconds UTC; the clock of this machine when left out. */
  readonly now?: () => number;
}

/** A row of what the meter says it holds. */
export interface ListedCertificate {
  readonly entity: DeviceCertificate["entity"] | number;
  readonly use: DeviceCertificate["use"] | number;
  readonly serialNumber: Uint8Array;
  /** As the meter has it: DER of the name, or text. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly subjectAltName: Uint8Array;
  /** The names for people. */
  readonly issuerText: string;
  readonly subjectText: string;
}

/** The certificates of a meter, by the methods of its Security setup, version 1 (IEC 62056-6-2, class 64). */
export function meterCertificates(meter: ObjectSource, options: MeterCertificatesOptions): MeterCertificates {
  return new MeterCertificates(meter.object(SecuritySetup, options.obis ?? "0-0:43.0.0*255"), options);
}

/** Made by `meterCertificates`. Whatever the meter gives is checked before it is handed on. */
export class MeterCertificates {
  readonly #setup: ObjectHandle<typeof SecuritySetup>;
  readonly #options: MeterCertificatesOptions;

  constructor(setup: ObjectHandle<typeof SecuritySetup>, options: MeterCertificatesOptions) {
    this.#setup = setup;
    this.#options = options;
  }

  /** What the meter holds. Its word alone: export a certificate to see it. */
  async list(options: CallOptions = {}): Promise<ListedCertificate[]> {
    const rows = await this.#setup.certificates.get(options);
    return rows.map(({ certificateEntity: entity, certificateType: use, ...row }) => ({
      entity,
      use,
      ...row,
      issuerText: nameText(row.issuer),
      subjectText: nameText(row.subject),
    }));
  }

  /**
   * A certificate by whose it is, or by serial number and issuer as a row of `list` has them.
   * @throws SecurityError `certificate-wrong-title` when the meter gives another one than asked for, and, with a trust
   * store, those of `TrustStore.verify`. RefusedError when it has none.
   */
  async export(name: CertificateName, options: CallOptions = {}): Promise<Certificate> {
    const certificate = Certificate.parse(await this.#setup.exportCertificate(identification(name), options));
    const asked = "serialNumber" in name ? ({ entity: "other", use: "other" } as const) : name;
    if (!isNamed({ entity: asked.entity, use: asked.use, certificate }, name))
      throw dlmsError("certificate-wrong-title", `the meter gave the certificate of ${certificate.subject} instead`, {
        layer: "certificates",
      });
    this.#verify(certificate);
    return certificate;
  }

  /**
   * Gives the meter a certificate: its own, one of a client, or one of an authority.
   * @throws SecurityError of `TrustStore.verify`, with a trust store: then nothing was sent. RefusedError.
   */
  async import(certificate: Certificate, options: CallOptions = {}): Promise<void> {
    this.#verify(certificate);
    await this.#setup.importCertificate(certificate.der, options);
  }

  /** Takes a certificate from the meter. @throws RefusedError when it has none, or needs it. */
  async remove(name: CertificateName, options: CallOptions = {}): Promise<void> {
    await this.#setup.removeCertificate(identification(name), options);
  }

  /**
   * Has the meter make a key pair, and gives the request for its certificate. The pair in use stays in use until the
   * certificate is imported.
   * @throws SecurityError `certificate-signature-invalid`, `certificate-wrong-title` when the request is not the meter's.
   */
  async requestSigning(use: CertificateUse, options: CallOptions = {}): Promise<CertificateSigningRequest> {
    await this.#setup.generateKeyPair(use, options);
    return await this.signingRequest(use, options);
  }

  /** The request for a pair that was made before; throws as `requestSigning`. */
  async signingRequest(use: CertificateUse, options: CallOptions = {}): Promise<CertificateSigningRequest> {
    const request = CertificateSigningRequest.parse(await this.#setup.generateCertificateRequest(use, options));
    request.verify(this.#options.crypto);
    this.#checkOwn(request);
    return request;
  }

  /**
   * A new key pair from beginning to end: pair, request, certificate from whoever issues it, import.
   * @throws SecurityError `certificate-wrong-key`, `certificate-wrong-usage` when what was issued is not what was asked
   * for; and those of `requestSigning` and `import`.
   */
  async renew(
    use: CertificateUse,
    issue: (request: CertificateSigningRequest) => Certificate | Promise<Certificate>,
    options: CallOptions = {},
  ): Promise<Certificate> {
    const request = await this.requestSigning(use, options);
    const certificate = await issue(request);
    if (!equalBytes(certificate.publicKey, request.publicKey))
      throw dlmsError("certificate-wrong-key", "the certificate that was issued is for another key", {
        layer: "certificates",
      });
    if (!certificate.allows(use))
      throw dlmsError("certificate-wrong-usage", `the certificate that was issued is not for ${use}`, {
        layer: "certificates",
      });
    this.#checkOwn(certificate);
    await this.import(certificate, options);
    return certificate;
  }

  #checkOwn({ subject, systemTitle: title }: Certificate | CertificateSigningRequest): void {
    const { systemTitle } = this.#options;
    if (systemTitle === undefined || (title !== undefined && equalBytes(title, systemTitle))) return;
    throw dlmsError("certificate-wrong-title", `${subject} is not the meter ${toHex(systemTitle)}`, {
      layer: "certificates",
    });
  }

  #verify(certificate: Certificate): void {
    const { trustStore, now = Date.now } = this.#options;
    if (trustStore === undefined || trustStore.roots.some((root) => root.equals(certificate))) return;
    const [use] = certificate.uses;
    if (use === undefined) trustStore.verifyAuthority(certificate, now());
    else trustStore.verify(certificate, { use, now: now() });
  }
}

function identification(name: CertificateName) {
  if ("serialNumber" in name) {
    const { serialNumber, issuer } = name;
    return { certificateIdentificationType: 1, certificateIdentificationOptions: { serialNumber, issuer } };
  }
  const { entity: certificateEntity, use: certificateType, systemTitle } = name;
  return {
    certificateIdentificationType: 0,
    certificateIdentificationOptions: { certificateEntity, certificateType, systemTitle },
  };
}

/** Meters give names in DER, or as text. */
function nameText(octets: Uint8Array): string {
  try {
    return new DistinguishedName(octets).toString();
  } catch {
    const printable = octets.every((octet) => octet >= 0x20 && octet < 0x7f);
    return printable ? String.fromCharCode(...octets) : toHex(octets);
  }
}
