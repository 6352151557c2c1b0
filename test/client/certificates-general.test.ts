import { describe, expect, it } from "vitest";
import type { DlmsError } from "../../src/base/index.js";
import { type CertificateContents, partyKeysFrom, TrustStore } from "../../src/certificates/index.js";
import { connect } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { type GeneralKey, generalProtection } from "../../src/security/index.js";
import { Authority, crypto, day, now } from "../certificates/authority.js";

const root = new Authority("Root");
const stranger = new Authority("Stranger");
const trustStore = new TrustStore({ crypto, roots: [root.certificate] });
const [clientTitle, meterTitle] = ["4142430000000001", "4D4D4D0000000001"];

interface Spoilt {
  readonly by?: Authority;
  readonly contents?: Partial<CertificateContents>;
}

/** Certificates for signatures and for agreement of one end. */
function identity(title: string, { by = root, contents = {} }: Spoilt = {}) {
  const signature = by.issue(title, contents);
  const agreement = by.issue(title, { ...contents, use: "key-agreement" });
  return {
    certificates: [signature.certificate, agreement.certificate],
    keys: { signaturePrivateKey: signature.pair.privateKey, agreementPrivateKey: agreement.pair.privateKey },
  };
}

/** A session in general-ciphering, both ends known by certificates alone: reads a register, or gives the error. */
async function read(key: GeneralKey, spoilt: { readonly client?: Spoilt; readonly meter?: Spoilt } = {}) {
  const [client, meter] = [identity(clientTitle, spoilt.client), identity(meterTitle, spoilt.meter)];
  const certificates = [...client.certificates, ...meter.certificates];
  const party = partyKeysFrom({ certificates, trustStore, now: () => now });
  const octets = new Uint8Array(16).fill(7);
  const shared = { suite: 1, encryptionKey: octets, authenticationKey: octets } as const;
  const systemTitle = Uint8Array.from(Buffer.from(meterTitle, "hex"));
  const heard: string[] = [];
  await using mock = new MockMeter({
    systemTitle,
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      {
        clientSap: 1,
        authentication: { mechanism: "hls-gmac" },
        security: {
          ...shared,
          protection: "authenticated-encrypted",
          systemTitle,
          general: generalProtection({ ...meter.keys, party }),
        },
      },
    ],
    observe: (_, event) => event.type === "rejected" && heard.push(event.error.code),
  });
  const general = generalProtection({ ...client.keys, party, key });
  try {
    await using session = await connect(await mock.endpoint({ link: "wrapper" }), {
      client: 1,
      authentication: { mechanism: "hls-gmac" },
      security: {
        ...shared,
        systemTitle: clientTitle,
        meterSystemTitle: meterTitle,
        ciphering: "general-ciphering",
        general,
        signing: true,
      },
      timeouts: { responseMs: 300 },
      retries: 0,
    });
    const value = await session.register("1-0:1.8.0").value.get();
    return { unit: value.unit.toString(), heard };
  } catch (error) {
    return { error: error as DlmsError, heard };
  }
}

const expired = { contents: { notBefore: now - 9 * day, notAfter: now - day } };
const foreign = { by: stranger };

describe.each(["one-pass", "static"] as const)("general-ciphering under a %s key, signed, by certificates", (key) => {
  it("reads where both chains lead to the root", async () => {
    expect(await read(key)).toMatchObject({ unit: "Wh" });
  });

  it("certificate-expired, certificate-untrusted: the client uses no key of the meter's", async () => {
    expect((await read(key, { meter: expired })).error?.code).toBe("certificate-expired");
    expect((await read(key, { meter: foreign })).error?.code).toBe("certificate-untrusted");
  });

  it("the meter rejects a client whose certificate is expired or foreign, and does not tell why", async () => {
    const late = await read(key, { client: expired });
    expect(late.error?.message).toMatch(/deciphering-error/);
    expect(late.heard).toContain("certificate-expired");
    const strange = await read(key, { client: foreign });
    expect(strange.error?.message).toMatch(/deciphering-error/);
    expect(strange.heard).toContain("certificate-untrusted");
  });
});
