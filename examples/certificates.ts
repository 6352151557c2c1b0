// Both ends prove who they are by signatures (HLS-ECDSA), and know each other's keys by certificates alone.
//
//   node certificates.ts                against a mock meter that this program starts itself
//
// The authority of this example lives in memory. With a real meter you are given its root certificate, have one issued
// for your own key, and keep that key where nobody else can read it.
import { connect, toHex } from "dlms-cosem";
import * as x509 from "dlms-cosem/certificates";
import { MockMeter, mockCredentials } from "dlms-cosem/mock";
import { nodeCryptoProvider as crypto } from "dlms-cosem/node";

const curve = "P-256"; // suite 1; suite 2 has P-384
const curves = crypto.ellipticCurves;
if (curves === undefined) throw new Error("no elliptic curves");
const [rootPair, own, meterPair] = [1, 2, 3].map(() => curves.generateKeyPair(curve));
if (!rootPair || !own || !meterPair) throw new Error("no key pairs");
const validity = { notBefore: Date.now() - 86_400_000, notAfter: Date.now() + 30 * 86_400_000 };
const { systemTitle, encryptionKey, authenticationKey } = mockCredentials;

// An authority that signs its own certificate, and what it issues: the names are system titles.
const name = x509.DistinguishedName.of("Example Root");
const key = { curve, octets: rootPair.publicKey } as const;
const authority = { name, key, sign: x509.signerOf(crypto, curve, rootPair.privateKey) };
const root = x509.issueCertificate({ subject: name, key, use: "authority", ...validity }, authority, crypto);
const issue = ({ subject, key }: Pick<x509.CertificateSigningRequest, "subject" | "key">) =>
  x509.issueCertificate({ subject, key, use: "digital-signature", ...validity }, authority, crypto);
const issueFor = (title: string, octets: Uint8Array) =>
  issue({ subject: x509.DistinguishedName.of(title), key: { curve, octets } });

// The meter and we have a key pair and a certificate each.
let meterCertificate = issueFor(toHex(systemTitle), meterPair.publicKey);
const certificates = [meterCertificate, issueFor("4D594C4142303031", own.publicKey)];
const keyPairs = { "digital-signature": meterPair };
const held = { roots: [root], certificates, keyPairs, now: Date.now };
const device = new x509.DeviceCertificates({ crypto, curve, systemTitle, ...held });
const keys = { suite: 1, protection: "authenticated-encrypted", encryptionKey, authenticationKey } as const;
const security = { ...keys, systemTitle, certificates: device };
const everyone = { clientSap: 16, authentication: { mechanism: "none" } } as const;
const mock = new MockMeter({ clients: [everyone, { clientSap: 1, authentication: device.authentication, security }] });

// What is to be trusted: the root. The meter's certificate is checked whenever its key is asked for.
const trustStore = new x509.TrustStore({ crypto, roots: [root] });
const party = x509.partyKeysFrom({ certificates: () => [meterCertificate], trustStore, now: Date.now });
const meter = await connect(await mock.endpoint(), {
  client: 1,
  authentication: { mechanism: "hls-ecdsa", privateKey: own.privateKey, party },
  security: { ...keys, systemTitle: "4D594C4142303031" },
});
try {
  const inMeter = x509.meterCertificates(meter, { crypto, trustStore, systemTitle });
  for (const { entity, use, subjectText } of await inMeter.list()) console.log(`${entity}, ${use}: ${subjectText}`);

  // A new key pair: made in the meter, which never shows the private key; its certificate goes back into the meter.
  meterCertificate = await inMeter.renew("digital-signature", issue);
  console.log(`renewed: ${meterCertificate}`);
} finally {
  await meter.close();
  await mock.close();
}
