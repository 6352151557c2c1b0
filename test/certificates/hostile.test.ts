import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import { Certificate, CertificateSigningRequest, TrustStore } from "../../src/certificates/index.js";
import { crypto, now } from "./authority.js";
import { openssl } from "./openssl.js";

const refused = (code: string) => expect.objectContaining({ code });
const good = Certificate.parse(openssl.sig).der;
const request = CertificateSigningRequest.parse(openssl.request).der;
const trust = new TrustStore({ crypto, roots: [Certificate.parse(openssl.root)] });

/** Everything that can be asked of a certificate; whatever happens is an error of ours. */
function ask(octets: Uint8Array): void {
  try {
    const certificate = Certificate.parse(octets);
    certificate.toString();
    trust.verify(certificate, { now, use: "digital-signature" });
  } catch (error) {
    expect(DlmsError.is(error), String(error)).toBe(true);
  }
  try {
    CertificateSigningRequest.parse(octets).verify(crypto);
  } catch (error) {
    expect(DlmsError.is(error), String(error)).toBe(true);
  }
}

/** A SEQUENCE in a SEQUENCE and so on. */
function nested(depth: number, tag = 0x30): Uint8Array {
  let octets: number[] = [0x05, 0x00];
  for (let i = 0; i < depth; i++) {
    const { length } = octets;
    const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    octets = [tag, ...header, ...octets];
  }
  return Uint8Array.from(octets);
}

describe("malformed and oversized ASN.1", () => {
  it("limit-exceeded: more than 16 KiB, too deep, too many elements", () => {
    const long = new Uint8Array(20_000);
    long.set([0x30, 0x82, 0x4e, 0x1c]);
    expect(() => Certificate.parse(long)).toThrow(refused("limit-exceeded"));
    expect(() => Certificate.parse(nested(2_000))).toThrow(refused("limit-exceeded"));
    const many = new Uint8Array(4 + 2 * 4_000).fill(0);
    many.set([0x30, 0x82, 0x1f, 0x40]);
    for (let at = 4; at < many.length; at += 2) many[at] = 5;
    expect(() => Certificate.parse(many)).toThrow(refused("limit-exceeded"));
    expect(() => CertificateSigningRequest.parse(nested(2_000))).toThrow(refused("limit-exceeded"));
  });

  it("takes no time over octet strings in octet strings", () => {
    const tall = nested(3_000, 0x04);
    const wrapped = Uint8Array.from([0x30, 0x82, tall.length >> 8, tall.length & 0xff, ...tall]);
    const begun = performance.now();
    expect(() => Certificate.parse(wrapped)).toThrow(refused("malformed"));
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it("trailing-bytes, truncated, malformed lengths", () => {
    expect(() => Certificate.parse(Uint8Array.of(...good, 0))).toThrow(refused("trailing-bytes"));
    expect(() => Certificate.parse(good.subarray(0, -1))).toThrow(refused("truncated"));
    for (const header of [
      [0x30, 0x80],
      [0x30, 0x81, 0x05],
      [0x30, 0x84, 0, 0, 0, 1],
      [0x30, 0x82, 0, 0x90],
    ])
      expect(() => Certificate.parse(Uint8Array.of(...header, ...new Uint8Array(200)))).toThrow(refused("malformed"));
    expect(() => Certificate.parse(Uint8Array.of(0x30, 0))).toThrow(refused("malformed"));
  });

  it("invalid-argument: text that is no PEM; malformed: PEM that breaks off or is no Base64", () => {
    expect(() => Certificate.parse("hello")).toThrow(refused("invalid-argument"));
    expect(() => Certificate.parse(openssl.request)).toThrow(refused("invalid-argument"));
    expect(() => Certificate.parse(openssl.sig.slice(0, -20))).toThrow(refused("malformed"));
    expect(() => Certificate.parse(openssl.sig.replace("MII", "M?I"))).toThrow(refused("malformed"));
    const long = `-----BEGIN CERTIFICATE-----\n${"A".repeat(30_000)}\n-----END CERTIFICATE-----`;
    expect(() => Certificate.parse(long)).toThrow(refused("limit-exceeded"));
  });

  it("each truncation and each flipped octet gives an answer of ours", () => {
    for (const seed of [good, request])
      for (let at = 0; at < seed.length; at++) {
        if (at % 7 === 0) ask(seed.subarray(0, at));
        const flipped = Uint8Array.from(seed);
        flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
        ask(flipped);
      }
  });

  it("so does anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => ask(Uint8Array.of(0x30, ...octets))),
      { numRuns: 300 },
    );
  });
});
