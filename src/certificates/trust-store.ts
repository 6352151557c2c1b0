import { dlmsError, type ErrorCode, equalBytes, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import type { Certificate, CertificateUse } from "./certificate.js";
import { checkPoint } from "./keys.js";
import type { SystemTitleSource } from "./title.js";

export interface TrustStoreOptions {
  readonly crypto: CryptoProvider;
  /** Authorities that are trusted as they are: they came by another way than the certificates they vouch for. */
  readonly roots: readonly Certificate[];
  /** Authorities that stand between; each is checked like any certificate. */
  readonly intermediates?: readonly Certificate[];
  /** Most certificates from the one asked about to the root, both counted. Default 5. */
  readonly maxChain?: number;
}

/** What a certificate is held against. */
export interface VerifyCertificate {
  /** Milliseconds UTC. */
  readonly now: number;
  /** What the key is wanted for. */
  readonly use: CertificateUse;
  /** Whose it has to be. */
  readonly systemTitle?: Uint8Array;
  /** Where the profile in use puts the system title; any place, all in agreement, when left out. */
  readonly titleFrom?: SystemTitleSource;
  /** Further authorities that the peer sent; never trusted by themselves. */
  readonly intermediates?: readonly Certificate[];
}

/** Signature checks that one question may cost, however the authorities are arranged. */
const mostSignatures = 32;
type ChainTerms = Pick<VerifyCertificate, "now" | "intermediates">;
type Refusal = Extract<ErrorCode, `certificate-${string}`>;

/** Authorities, and the question whether a certificate leads to one of them (RFC 5280, clause 6; no revocation). */
export class TrustStore {
  readonly #options: TrustStoreOptions;
  readonly #maxChain: number;
  /** Chains whose signatures held once; validity is looked at each time. */
  readonly #known = new WeakMap<Certificate, readonly Certificate[]>();

  /** @throws UsageError `invalid-argument` for a root that is no authority. */
  constructor(options: TrustStoreOptions) {
    for (const root of options.roots)
      if (!root.isAuthority)
        throw dlmsError("invalid-argument", `${root.subject} is no authority and cannot be a root`, {
          layer: "certificates",
        });
    this.#options = { ...options, roots: [...options.roots], intermediates: [...(options.intermediates ?? [])] };
    this.#maxChain = options.maxChain ?? 5;
  }

  get roots(): readonly Certificate[] {
    return this.#options.roots;
  }

  /**
   * Gives the chain from the certificate to a root.
   * @throws SecurityError with the first reason that applies: `certificate-wrong-usage`, `certificate-wrong-title`,
   * `certificate-not-yet-valid`, `certificate-expired`, `certificate-algorithm-unsupported`, `invalid-public-key`,
   * `certificate-unknown-extension`, `certificate-untrusted`, `certificate-signature-invalid`,
   * `certificate-not-authority`, `certificate-chain-too-long`.
   */
  verify(certificate: Certificate, wanted: VerifyCertificate): readonly Certificate[] {
    if (!certificate.allows(wanted.use))
      throw refusal("certificate-wrong-usage", certificate, `is not for ${wanted.use}`);
    checkTitle(certificate, wanted);
    const known = this.#known.get(certificate);
    if (known?.every(({ notBefore, notAfter }) => isWithin(wanted.now, notBefore, notAfter))) return known;
    checkItself(certificate, wanted.now);
    checkPoint(this.#options.crypto, certificate.key);
    const chain = this.#chain([certificate], wanted, { left: mostSignatures });
    if (wanted.intermediates === undefined) this.#known.set(certificate, chain);
    return chain;
  }

  /** The same for an authority that is to stand between. Throws as `verify`. */
  verifyAuthority(authority: Certificate, now: number): readonly Certificate[] {
    checkMayIssue(authority);
    checkItself(authority, now);
    checkPoint(this.#options.crypto, authority.key);
    return this.#chain([authority], { now }, { left: mostSignatures });
  }

  /** Tries each authority that has the issuer's name; where none fits, the reason of the first is told. */
  #chain(chain: readonly Certificate[], wanted: ChainTerms, work: { left: number }): readonly Certificate[] {
    const subject = chain.at(-1) as Certificate;
    if (this.#options.roots.some((root) => root.equals(subject))) return chain;
    const candidates = this.#issuersOf(subject, wanted);
    if (candidates.length === 0)
      throw refusal("certificate-untrusted", subject, `was issued by ${subject.issuer}, which is not trusted here`);
    if (chain.length >= this.#maxChain)
      throw refusal("certificate-chain-too-long", subject, `is the ${this.#maxChain}th of its chain, and no root`);
    let reason: unknown;
    for (const issuer of candidates) {
      if (chain.some((member) => member.equals(issuer))) continue;
      if (work.left-- <= 0)
        throw refusal("certificate-chain-too-long", subject, "has too many possible issuers to try them all");
      try {
        this.#checkIssuer(issuer, chain, wanted.now);
        return this.#chain([...chain, issuer], wanted, work);
      } catch (error) {
        reason ??= error;
      }
    }
    throw reason ?? refusal("certificate-untrusted", subject, "has no issuer but itself");
  }

  #issuersOf(subject: Certificate, { intermediates = [] }: ChainTerms): Certificate[] {
    const { roots, intermediates: own = [] } = this.#options;
    const wanted = subject.extensions.authorityKeyIdentifier;
    const named = [...roots, ...own, ...intermediates].filter((issuer) => {
      const identifier = issuer.extensions.subjectKeyIdentifier;
      const other = wanted !== undefined && identifier !== undefined && !equalBytes(wanted, identifier);
      return equalBytes(issuer.subject.der, subject.issuer.der) && !other;
    });
    return named.filter((one, at) => named.findIndex((other) => other.equals(one)) === at);
  }

  /** An authority that signed the last of the chain. */
  #checkIssuer(issuer: Certificate, chain: readonly Certificate[], now: number): void {
    const subject = chain.at(-1) as Certificate;
    const { extensions } = issuer;
    checkMayIssue(issuer);
    // Self-issued ones do not count (RFC 5280, 4.2.1.9), nor does the certificate at the end.
    const between = chain.slice(1).filter((member) => !member.isSelfIssued).length;
    if (extensions.pathLength !== undefined && between > extensions.pathLength)
      throw refusal("certificate-not-authority", issuer, `allows ${extensions.pathLength} authorities below it`);
    checkItself(issuer, now);
    if (subject.curve === "P-384" && issuer.curve === "P-256")
      throw refusal("certificate-algorithm-unsupported", subject, "has a stronger key than the one that signed it");
    if (!subject.isSignedBy(issuer.key, this.#options.crypto))
      throw refusal("certificate-signature-invalid", subject, `was not signed by the key of ${issuer.subject}`);
  }
}

/** @throws SecurityError `certificate-wrong-title` unless the certificate is this party's. */
export function checkTitle(
  certificate: Certificate,
  { systemTitle, titleFrom }: Pick<VerifyCertificate, "systemTitle" | "titleFrom">,
): void {
  if (systemTitle === undefined) return;
  const { systemTitles } = certificate;
  const named = titleFrom === undefined ? [...systemTitles.values()] : [systemTitles.get(titleFrom)];
  const titles = named.filter((title) => title !== undefined);
  if (titles.length > 0 && titles.every((title) => equalBytes(title, systemTitle))) return;
  const found = titles.map(toHex).join(" and ") || "nobody that can be told by a system title";
  throw refusal("certificate-wrong-title", certificate, `belongs to ${found}, not to ${toHex(systemTitle)}`);
}

/** The last second of the validity is the whole of that second. */
function isWithin(now: number, notBefore: number, notAfter: number): boolean {
  return now >= notBefore && now < notAfter + 1000;
}

function checkMayIssue(issuer: Certificate): void {
  const { isAuthority, version, keyUsage } = issuer;
  if (!isAuthority || version !== 3 || keyUsage?.has("key-cert-sign") === false)
    throw refusal("certificate-not-authority", issuer, "may not issue certificates");
}

/** What any certificate of a chain must hold to. */
function checkItself(certificate: Certificate, now: number): void {
  if (now < certificate.notBefore)
    throw refusal("certificate-not-yet-valid", certificate, `is valid from ${iso(certificate.notBefore)} on`);
  if (!isWithin(now, certificate.notBefore, certificate.notAfter))
    throw refusal("certificate-expired", certificate, `was valid until ${iso(certificate.notAfter)}`);
  const [unknown] = certificate.extensions.unknownCritical;
  if (unknown !== undefined)
    throw refusal("certificate-unknown-extension", certificate, `has the critical extension ${unknown}`);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function refusal(code: Refusal, certificate: Certificate, reason: string) {
  return dlmsError(code, `the certificate of ${certificate.subject} ${reason}`, { layer: "certificates" });
}
