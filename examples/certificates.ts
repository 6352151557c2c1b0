// Both ends prove who they are by signatures (HLS-ECDSA), and know each other's keys by certificates alone.
//
//   node certificates.ts                against a mock meter that this program starts itself
//
// The authority of this example lives in memory. With a real meter you are given its root certificate, have a
// certificate issued for your own key, and keep that key where nobody else can read it.
import { connect, DlmsError, fromHex, toHex } from "dlms-cosem";
import {
  type Certificate,
  type CertificateSigningRequest,
  type CertifiedKey,
  DeviceCertificates,
  DistinguishedName,
  issueCertificate,
  meterCertificates,
  partyKeysFrom,
  signerOf,
  TrustStore,
} from "dlms-cosem/certificates";
import { MockMeter, mockCredentials } from "dlms-cosem/mock";
import { nodeCryptoProvider as crypto } from "dlms-cosem/node";

const day = 86_400_000;
const curve = "P-256"; // suite 1; suite 2 has P-384
const curves = crypto.ellipticCurves;
if (curves === undefined) throw new Error("no elliptic curves");
const now = Date.now();
const ownTitle = "4D594C4142303031";
const { systemTitle, encryptionKey, authenticationKey } = mockCredentials;

// An authority that signs its own certificate, and what it issues.
const rootPair = curves.generateKeyPair(curve);
const authority = {
  name: DistinguishedName.of("Example Root"),
  key: { curve, octets: rootPair.publicKey } as CertifiedKey,
  sign: signerOf(crypto, curve, rootPair.privateKey),
};
const validity = { notBefore: now - day, notAfter: now + 30 * day };
const root = issueCertificate(
  { subject: authority.name, key: authority.key, use: "authority", ...validity },
  authority,
  crypto,
);
const issue = ({ subject, key }: Pick<CertificateSigningRequest, "subject" | "key">): Certificate =>
  issueCertificate({ subject, key, use: "digital-signature", ...validity }, authority, crypto);
const issueFor = (title: string, octets: Uint8Array) =>
  issue({ subject: DistinguishedName.of(title), key: { curve, octets } });

// The meter and we have a key pair each, and certificates whose names are our system titles.
const [ownPair, meterPair] = [curves.generateKeyPair(curve), curves.generateKeyPair(curve)];
const ownCertificate = issueFor(ownTitle, ownPair.publicKey);
let meterCertificate = issueFor(toHex(systemTitle), meterPair.publicKey);

const device = new DeviceCertificates({
  crypto,
  curve,
  systemTitle,
  roots: [root],
  now: Date.now,
  certificates: [meterCertificate, ownCertificate],
  keyPairs: { "digital-signature": meterPair },
});
const keys = { suite: 1, encryptionKey, authenticationKey } as const;
const mock = new MockMeter({
  clients: [
    { clientSap: 16, authentication: { mechanism: "none" } },
    {
      clientSap: 1,
      authentication: device.authentication,
      security: { ...keys, protection: "authenticated-encrypted", systemTitle, certificates: device },
    },
  ],
});

// What is to be trusted: the root. The meter's certificate is checked whenever its key is asked for.
const trustStore = new TrustStore({ crypto, roots: [root] });
const associate = async (at: () => number) =>
  await connect(await mock.endpoint(), {
    client: 1,
    authentication: {
      mechanism: "hls-ecdsa",
      privateKey: ownPair.privateKey,
      party: partyKeysFrom({ certificates: () => [meterCertificate], trustStore, now: at }),
    },
    security: { ...keys, systemTitle: ownTitle },
  });

try {
  const meter = await associate(Date.now);
  const certificates = meterCertificates(meter, { crypto, trustStore, systemTitle });
  for (const { entity, use, subjectText } of await certificates.list())
    console.log(`${entity}, ${use}: ${subjectText}`);

  // A new key pair: made in the meter, which never shows the private key; its certificate goes back into the meter.
  meterCertificate = await certificates.renew("digital-signature", issue);
  console.log(`renewed: ${meterCertificate}`);
  await meter.close();

  const again = await associate(Date.now);
  console.log(`associated with ${toHex(again.negotiated.peerSystemTitle ?? fromHex(""))} under its new key`);
  await again.close();

  // In a year's time the same certificate is no good any more.
  await associate(() => now + 365 * day);
} catch (error) {
  if (!DlmsError.is(error)) throw error;
  console.log(`refused: ${error.code}: ${error.message}\n  ${error.advice}`);
} finally {
  await mock.close();
}
