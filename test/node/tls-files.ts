import { createPrivateKey } from "node:crypto";
import type { Certificate, CertificateContents } from "../../src/certificates/index.js";
import type { KeyPair } from "../../src/crypto/index.js";
import { Authority, day } from "../certificates/authority.js";

/** OpenSSL looks at the clock of the machine. */
const validity = () => ({ notBefore: Date.now() - day, notAfter: Date.now() + day });

/** An authority whose certificates are valid now. */
export const liveAuthority = (name: string, parent?: Authority) => new Authority(name, parent, validity());

/** Certificate and private key of TLS, as files have them. */
export function tlsIdentity(authority: Authority, title: string, contents: Partial<CertificateContents> = {}) {
  const { certificate, pair } = authority.issue(title, { use: "tls", ...validity(), ...contents });
  return { certificate: certificate.toPem(), key: keyPem(certificate, pair) };
}

function keyPem({ publicKey, curve }: Certificate, { privateKey }: KeyPair): string {
  const text = (octets: Uint8Array) => Buffer.from(octets).toString("base64url");
  const half = publicKey.length / 2;
  const [x, y] = [text(publicKey.subarray(0, half)), text(publicKey.subarray(half))];
  const key = createPrivateKey({ key: { kty: "EC", crv: curve, d: text(privateKey), x, y }, format: "jwk" });
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
