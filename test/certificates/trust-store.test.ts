import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import {
  Certificate,
  type CertificateContents,
  issueCertificate,
  TrustStore,
  type VerifyCertificate,
} from "../../src/certificates/index.js";
import { Authority, crypto, day, now } from "./authority.js";
import { openssl, opensslTime } from "./openssl.js";

const title = "4D4D4D0000000001";
const root = new Authority("Root");
const device = new Authority("Device CA", root);
const store = new TrustStore({ crypto, roots: [root.certificate], intermediates: [device.certificate] });
const wanted: VerifyCertificate = { now, use: "digital-signature", systemTitle: fromHex(title) };
const refused = (code: string) => expect.objectContaining({ name: "SecurityError", code });
const verify = (certificate: Certificate, more: Partial<VerifyCertificate> = {}, trust = store) =>
  trust.verify(certificate, { ...wanted, ...more });

describe("chains", () => {
  it("leads from a meter over a device authority to the root", () => {
    const { certificate } = device.issue(title);
    expect(verify(certificate).map(({ subject }) => subject.commonName)).toEqual([title, "Device CA", "Root"]);
  });

  it("takes what OpenSSL made, on P-256, P-384, and P-256 under P-384", () => {
    const [sub, ...roots] = [openssl.sub, openssl.root, openssl.root384].map((pem) => Certificate.parse(pem));
    const trust = new TrustStore({ crypto, roots, intermediates: [sub as Certificate] });
    const chain = (pem: string, systemTitle: string, use: VerifyCertificate["use"] = "digital-signature") =>
      trust.verify(Certificate.parse(pem), { now: opensslTime, use, systemTitle: fromHex(systemTitle) }).length;
    expect(chain(openssl.sig, "4D4D4D0000BC614E")).toBe(3);
    expect(chain(openssl.ka, "4D4D4D0000BC614E", "key-agreement")).toBe(3);
    expect(chain(openssl.tls, "4D4D4D0000BC614E", "tls")).toBe(3);
    expect(chain(openssl.gb, "90B3D51F30000002")).toBe(3);
    expect(chain(openssl.sig384, "4D4D4D0000BC614F")).toBe(2);
    expect(chain(openssl.mixed, "4D4D4D0000BC6150")).toBe(2);
  });

  it("takes authorities that the peer sent, and trusts them no more for it", () => {
    const { certificate } = device.issue(title);
    const bare = new TrustStore({ crypto, roots: [root.certificate] });
    expect(() => verify(certificate, {}, bare)).toThrow(refused("certificate-untrusted"));
    expect(verify(certificate, { intermediates: [device.certificate] }, bare)).toHaveLength(3);
    const stranger = new Authority("Stranger");
    const foreign = stranger.issue(title).certificate;
    expect(() => verify(foreign, { intermediates: [stranger.certificate] }, bare)).toThrow(
      refused("certificate-untrusted"),
    );
  });

  it("tries another authority of the same name, as after a change of its key", () => {
    const renewed = new Authority("Device CA", root);
    const trust = new TrustStore({
      crypto,
      roots: [root.certificate],
      intermediates: [renewed.certificate, device.certificate],
    });
    for (const authority of [renewed, device])
      expect(verify(authority.issue(title).certificate, {}, trust)).toHaveLength(3);
  });

  it("holds the last second of the validity", () => {
    const { certificate } = device.issue(title);
    expect(verify(certificate, { now: certificate.notAfter + 999 })).toHaveLength(3);
    expect(verify(certificate, { now: certificate.notBefore })).toHaveLength(3);
  });
});

describe("refusals by name", () => {
  const expired = (from: number, to: number): Partial<CertificateContents> => ({
    notBefore: now + from * day,
    notAfter: now + to * day,
  });

  it("certificate-expired: the certificate, an authority between, the root", () => {
    const { certificate } = device.issue(title);
    expect(() => verify(certificate, { now: now + 2 * day })).toThrow(refused("certificate-expired"));
    const old = new Authority("Old CA", root, expired(-9, -1));
    expect(() => verify(old.issue(title).certificate, { intermediates: [old.certificate] })).toThrow(
      refused("certificate-expired"),
    );
    const oldRoot = new Authority("Old root", undefined, expired(-9, -1));
    const trust = new TrustStore({ crypto, roots: [oldRoot.certificate] });
    expect(() => verify(oldRoot.issue(title).certificate, {}, trust)).toThrow(refused("certificate-expired"));
  });

  it("certificate-not-yet-valid", () => {
    expect(() => verify(device.issue(title, expired(1, 2)).certificate)).toThrow(refused("certificate-not-yet-valid"));
  });

  it("certificate-untrusted: a foreign authority, and a certificate that signed itself", () => {
    expect(() => verify(new Authority("Other CA").issue(title).certificate)).toThrow(refused("certificate-untrusted"));
    const own = new Authority(title, undefined, { use: "digital-signature" });
    expect(() => verify(own.certificate)).toThrow(refused("certificate-untrusted"));
  });

  it("certificate-signature-invalid: an authority of the same name, an altered certificate", () => {
    const impostor = new Authority("Device CA");
    const { certificate } = impostor.issue(title);
    // The key identifier tells them apart; without it only the signature does.
    expect(() => verify(certificate)).toThrow(refused("certificate-untrusted"));
    const { der } = device.issue(title).certificate;
    const altered = Uint8Array.from(der);
    const at = Buffer.from(der).indexOf(Buffer.from(title, "latin1"));
    altered[at + 15] = 0x32;
    expect(() => verify(Certificate.parse(altered), { systemTitle: fromHex("4D4D4D0000000002") })).toThrow(
      refused("certificate-signature-invalid"),
    );
  });

  it("certificate-wrong-usage: a key for agreement, for TLS, of an authority, for nothing at all", () => {
    for (const use of ["key-agreement", "tls", "authority"] as const)
      expect(() => verify(device.issue(title, { use }).certificate)).toThrow(refused("certificate-wrong-usage"));
    expect(() => verify(device.issue(title).certificate, { use: "key-agreement" })).toThrow(
      refused("certificate-wrong-usage"),
    );
    expect(() => verify(Certificate.parse(openssl.root))).toThrow(refused("certificate-wrong-usage"));
  });

  it("certificate-wrong-title: another meter, no title, a title elsewhere than the profile has it", () => {
    expect(() => verify(device.issue("4D4D4D0000000002").certificate)).toThrow(refused("certificate-wrong-title"));
    expect(() => verify(device.issue(title).certificate, { titleFrom: "hardware-module-name" })).toThrow(
      refused("certificate-wrong-title"),
    );
    const nameless = new Authority("Head end", root, { use: "digital-signature" });
    expect(() => verify(nameless.certificate)).toThrow(refused("certificate-wrong-title"));
  });

  it("certificate-not-authority: a meter that issues, an authority too deep", () => {
    const leaf = new Authority("Clever meter", device, { use: "digital-signature" });
    expect(() => verify(leaf.issue(title).certificate, { intermediates: [leaf.certificate] })).toThrow(
      refused("certificate-not-authority"),
    );
    const shallow = new Authority("Shallow CA", root, { pathLength: 0 });
    const below = new Authority("Below", shallow);
    const intermediates = [shallow.certificate, below.certificate];
    expect(verify(shallow.issue(title).certificate, { intermediates })).toHaveLength(3);
    expect(() => verify(below.issue(title).certificate, { intermediates })).toThrow(
      refused("certificate-not-authority"),
    );
  });

  it("certificate-chain-too-long: more authorities than are followed, and rings of them", () => {
    let last = root;
    const intermediates: Certificate[] = [];
    for (let i = 0; i < 5; i++) {
      last = new Authority(`CA ${i}`, last);
      intermediates.push(last.certificate);
    }
    const { certificate } = last.issue(title);
    expect(() => verify(certificate, { intermediates })).toThrow(refused("certificate-chain-too-long"));
    const patient = new TrustStore({ crypto, roots: [root.certificate], maxChain: 7 });
    expect(verify(certificate, { intermediates }, patient)).toHaveLength(7);
  });

  it("certificate-untrusted: authorities that vouch for each other in a ring", () => {
    const [a, b] = [new Authority("A"), new Authority("B")];
    const crossed = ([one, other]: readonly [Authority, Authority]) => {
      const { notBefore, notAfter } = one.certificate;
      const contents = {
        subject: one.issuer.name,
        key: one.issuer.key,
        use: "authority",
        notBefore,
        notAfter,
      } as const;
      return issueCertificate(contents, other.issuer, crypto);
    };
    const intermediates = [crossed([a, b]), crossed([b, a])];
    const ringed = () => verify(a.issue(title).certificate, { intermediates });
    expect(ringed).toThrow(refused("certificate-untrusted"));
  });

  it("certificate-algorithm-unsupported: RSA, secp256k1, P-384 with SHA-256, P-384 under P-256", () => {
    const roots = [openssl.root, openssl.root384, openssl.rsa].map((pem) => Certificate.parse(pem));
    const trust = new TrustStore({ crypto, roots });
    for (const pem of [openssl.k1, openssl.weakhash])
      expect(() => trust.verify(Certificate.parse(pem), { now: opensslTime, use: "digital-signature" })).toThrow(
        refused("certificate-algorithm-unsupported"),
      );
    expect(() => Certificate.parse(openssl.rsa).publicKey).toThrow(refused("certificate-algorithm-unsupported"));
    expect(() => verify(device.issue(title, {}, "P-384").certificate)).toThrow(
      refused("certificate-algorithm-unsupported"),
    );
  });

  it("certificate-unknown-extension: a limit that is not understood", () => {
    const { der } = Certificate.parse(openssl.gb);
    // Its subjectAltName is critical: under the identifier of name constraints it is a limit.
    const renamed = Uint8Array.from(der);
    renamed[Buffer.from(der).indexOf(Buffer.from("0603551d11", "hex")) + 4] = 30;
    const limited = Certificate.parse(renamed);
    expect(limited.extensions.unknownCritical).toEqual(["2.5.29.30"]);
    const trust = new TrustStore({ crypto, roots: [Certificate.parse(openssl.sub)] });
    expect(() => trust.verify(limited, { now: opensslTime, use: "digital-signature" })).toThrow(
      refused("certificate-unknown-extension"),
    );
  });

  it("invalid-public-key: a point that is not on the curve", () => {
    const { certificate } = device.issue(title);
    const moved = Uint8Array.from(certificate.der);
    const at = Buffer.from(certificate.der).indexOf(Buffer.from(certificate.publicKey));
    moved[at + 63] = (moved[at + 63] as number) ^ 1;
    expect(() => verify(Certificate.parse(moved))).toThrow(refused("invalid-public-key"));
  });

  it("invalid-argument: a root that is no authority", () => {
    expect(() => new TrustStore({ crypto, roots: [device.issue(title).certificate] })).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  });
});
