import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { type Certificate, partyKeysFrom, TrustStore } from "../../src/certificates/index.js";
import { Authority, crypto, day, now } from "./authority.js";

const root = new Authority("Root");
const trustStore = new TrustStore({ crypto, roots: [root.certificate] });
const title = "4D4D4D0000000001";
const refused = (code: string) => expect.objectContaining({ name: "SecurityError", code });
const partyOf = (certificates: readonly Certificate[], at = now) =>
  partyKeysFrom({ certificates, trustStore, now: () => at })(fromHex(title));

describe("keys of a party", () => {
  const signature = root.issue(title);
  const agreement = root.issue(title, { use: "key-agreement" });
  const other = root.issue("4D4D4D0000000002");

  it("gives the keys for signatures and for agreement", () => {
    expect(partyOf([other.certificate, signature.certificate, agreement.certificate])).toEqual({
      signaturePublicKey: signature.pair.publicKey,
      agreementPublicKey: agreement.pair.publicKey,
    });
    expect(partyOf([signature.certificate])).toEqual({ signaturePublicKey: signature.pair.publicKey });
  });

  it("takes the newest of two that are good, and the older one when the newer is not", () => {
    const newer = root.issue(title, { notBefore: now - day / 2 });
    expect(partyOf([signature.certificate, newer.certificate])?.signaturePublicKey).toEqual(newer.pair.publicKey);
    const early = root.issue(title, { notBefore: now + day, notAfter: now + 2 * day });
    expect(partyOf([early.certificate, signature.certificate])?.signaturePublicKey).toEqual(signature.pair.publicKey);
  });

  it("asks a directory that changes anew", () => {
    let certificates: readonly Certificate[] = [];
    const party = partyKeysFrom({ certificates: () => certificates, trustStore, now: () => now });
    expect(party(fromHex(title))).toBeUndefined();
    certificates = [signature.certificate];
    expect(party(fromHex(title))).toBeDefined();
  });

  it("knows nothing of a party without a certificate", () => {
    expect(partyOf([other.certificate])).toBeUndefined();
  });

  it("certificate-expired, certificate-untrusted, certificate-wrong-usage", () => {
    const late = partyOf(
      [signature.certificate, root.issue(title, { use: "key-agreement", notAfter: now + 99 * day }).certificate],
      now + 9 * day,
    );
    expect(late?.agreementPublicKey).toHaveLength(64);
    expect(() => late?.signaturePublicKey).toThrow(refused("certificate-expired"));
    const foreign = partyOf([new Authority("Foreign").issue(title).certificate]);
    expect(() => foreign?.signaturePublicKey).toThrow(refused("certificate-untrusted"));
    expect(() => partyOf([root.issue(title, { use: "tls" }).certificate])).toThrow(refused("certificate-wrong-usage"));
  });

  it("checks the signatures of a chain once, and its validity each time", () => {
    let verified = 0;
    const counting = {
      ...crypto,
      ellipticCurves: {
        ...crypto.ellipticCurves!,
        verify: (...input: Parameters<NonNullable<typeof crypto.ellipticCurves>["verify"]>) => {
          verified++;
          return crypto.ellipticCurves!.verify(...input);
        },
      },
    };
    const store = new TrustStore({ crypto: counting, roots: [root.certificate] });
    let time = now;
    const party = partyKeysFrom({ certificates: [signature.certificate], trustStore: store, now: () => time });
    for (let i = 0; i < 5; i++) expect(party(fromHex(title))?.signaturePublicKey).toHaveLength(64);
    expect(verified).toBe(2);
    time = now + 9 * day;
    expect(() => party(fromHex(title))?.signaturePublicKey).toThrow(refused("certificate-expired"));
  });
});
