import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import { CertificateSigningRequest, DeviceCertificates, issueCertificate } from "../../src/certificates/index.js";
import { type CertificatesFlags, runCertificates } from "../../src/cli/certificates-command.js";
import { runRead } from "../../src/cli/read.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { tcpListener } from "../../src/node/index.js";
import { crypto, day } from "../certificates/authority.js";
import { liveAuthority } from "../node/tls-files.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-cli-certificates-"));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const root = liveAuthority("Root");
const foreign = liveAuthority("Foreign");
const ca = file("root.pem", root.certificate.toPem());
const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const title = toHex(systemTitle);
const validity = { notBefore: Date.now() - day, notAfter: Date.now() + day };
const meterIdentity = root.issue(title, validity);
const own = root.issue("444C4D0000000000", validity);
const held = new DeviceCertificates({
  crypto,
  curve: "P-256",
  systemTitle,
  roots: [root.certificate],
  now: Date.now,
  certificates: [meterIdentity.certificate, own.certificate],
  keyPairs: { "digital-signature": meterIdentity.pair },
});
const security = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey,
  authenticationKey,
  systemTitle,
} as const;
const mock = new MockMeter({
  securitySetupVersion: 1,
  clients: [
    { clientSap: 16, authentication: { mechanism: "none" } },
    { clientSap: 1, authentication: { mechanism: "hls-gmac" }, security: { ...security, certificates: held } },
    { clientSap: 3, authentication: held.authentication, systemTitle },
  ],
});
let flags: CertificatesFlags;
let ecdsa: Omit<CertificatesFlags, "obis">;

beforeAll(async () => {
  const listener = tcpListener({ port: 0 });
  await mock.listen(listener, { link: "wrapper" });
  const keys = { encryptionKey: toHex(encryptionKey), authenticationKey: toHex(authenticationKey) };
  const tcp = `127.0.0.1:${listener.port}`;
  const counters = join(folder, "counters");
  flags = {
    tcp,
    client: "1",
    auth: "hls-gmac",
    keys: file("keys.json", JSON.stringify(keys)),
    counters,
    ca,
    obis: "0-0:43.0.0*255",
  };
  const signing = file("signing.json", JSON.stringify({ signaturePrivateKey: toHex(own.pair.privateKey) }));
  ecdsa = { tcp, client: "3", auth: "hls-ecdsa", keys: signing, ca };
});
afterAll(() => mock.close());

/** What a command prints. */
async function printed(run: () => Promise<void>): Promise<string> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  try {
    await run();
    return out;
  } finally {
    spy.mockRestore();
  }
}

const certificates = (what: string, which?: string, more: Partial<CertificatesFlags> = {}) =>
  printed(() => runCertificates(what, which, { ...flags, ...more }));

describe("dlms certificates", () => {
  it("lists, as a table and as JSON", async () => {
    const text = await certificates("list");
    expect(text).toMatch(/number +entity +use +subject/);
    expect(text).toMatch(new RegExp(`2 +server +digital-signature +CN=${title} +CN=Root`));
    expect(JSON.parse(await certificates("list", undefined, { json: true }))).toHaveLength(3);
  });

  it("exports by row and by serial number, to standard output and to a file", async () => {
    const pem = meterIdentity.certificate.toPem();
    expect(await certificates("export", "2")).toBe(pem);
    const output = join(folder, "meter.pem");
    expect(await certificates("export", toHex(meterIdentity.certificate.serialNumber), { output })).toBe("");
    expect(readFileSync(output, "utf8")).toBe(pem);
  });

  it("requests a certificate for a new key pair, imports it, and removes one", async () => {
    const request = CertificateSigningRequest.parse(await certificates("request", "key-agreement"));
    const issued = issueCertificate({ ...request, use: "key-agreement", ...validity }, root.issuer, crypto);
    expect(await certificates("import", file("issued.pem", issued.toPem()))).toContain(`imported CN=${title}`);
    expect(held.keyPair("key-agreement")?.publicKey).toEqual(issued.publicKey);
    expect(await certificates("remove", toHex(issued.serialNumber))).toContain(`removed CN=${title}`);
    expect(held.list()).toHaveLength(3);
  });

  it.each<[string, string, string | undefined, RegExp]>([
    ["what it does not know", "steal", undefined, /certificates steal/],
    ["a missing row", "export", undefined, /certificates export/],
    ["a row that is not there", "export", "99", /no certificate 99/],
    ["a use that is none", "request", "anything", /request anything/],
    ["a file that is not there", "import", join(folder, "none.pem"), /no such file/],
  ])("invalid-argument: %s", async (_, what, which, message) => {
    const error = await certificates(what, which).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringMatching(message) });
  });

  it("file-failed: nothing is made in the meter when the file cannot be written", async () => {
    const output = join(folder, "none", "request.csr");
    await expect(certificates("request", "tls", { output })).rejects.toMatchObject({ code: "file-failed" });
    expect(() => held.signingRequest("tls")).toThrow(expect.objectContaining({ code: "certificate-unknown" }));
  });

  it("certificate-untrusted: a foreign certificate is not sent", async () => {
    const other = file("foreign.pem", foreign.issue("4142430000000009", validity).certificate.toPem());
    await expect(certificates("import", other)).rejects.toMatchObject({ code: "certificate-untrusted" });
    const none = file("leaf.pem", own.certificate.toPem());
    await expect(certificates("list", undefined, { ca: none })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("--auth hls-ecdsa by certificates", () => {
  const meters = file("meters.pem", meterIdentity.certificate.toPem());

  it("reads a meter whose certificate leads to a root", async () => {
    expect(await printed(() => runRead(["1-0:1.8.0"], { ...ecdsa, certificates: meters }))).toMatch(/ Wh\n/);
  });

  it("refuses another authority by name, and certificates without one", async () => {
    const stranger = file("stranger.pem", foreign.certificate.toPem());
    const read = (more: object) => printed(() => runRead(["1-0:1.8.0"], { ...ecdsa, certificates: meters, ...more }));
    await expect(read({ ca: stranger })).rejects.toMatchObject({ code: "certificate-untrusted" });
    await expect(read({ ca: undefined })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
