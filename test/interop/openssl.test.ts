import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { Certificate, DeviceCertificates } from "../../src/certificates/index.js";
import { type TlsOptions, tls } from "../../src/node/index.js";
import type { TransportHandlers } from "../../src/transport/index.js";
import { crypto, day } from "../certificates/authority.js";
import { liveAuthority, tlsIdentity } from "../node/tls-files.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-openssl-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const openssl = (...args: string[]) =>
  execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const title = "4D4D4D0000000001";
const root = liveAuthority("Root");
const ca = put("root.pem", root.certificate.toPem());

describe("certificates and OpenSSL", () => {
  it("verifies chains that we issue", () => {
    const device = liveAuthority("Device CA", root);
    const leaf = put("leaf.pem", tlsIdentity(device, title).certificate);
    const between = put("device.pem", device.certificate.toPem());
    expect(openssl("verify", "-x509_strict", "-CAfile", ca, "-untrusted", between, leaf)).toBe(`${leaf}: OK\n`);
    const past = { notBefore: Date.now() - 9 * day, notAfter: Date.now() - day };
    const expired = put("expired.pem", tlsIdentity(root, title, past).certificate);
    expect(() => openssl("verify", "-CAfile", ca, expired)).toThrow(/certificate has expired/);
  });

  it.each(["P-256", "P-384"] as const)(
    "issues a certificate for a device's request on %s, which the device takes",
    (curve) => {
      const name = curve === "P-256" ? "prime256v1" : "secp384r1";
      const digest = curve === "P-256" ? "-sha256" : "-sha384";
      const [key, issuer] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
      openssl("ecparam", "-name", name, "-genkey", "-noout", "-out", key);
      const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"].flatMap((text) => [
        "-addext",
        text,
      ]);
      openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        key,
        digest,
        "-days",
        "2",
        "-subj",
        "/CN=OpenSSL Root",
        "-out",
        issuer,
        ...extensions,
      );
      const device = new DeviceCertificates({
        crypto,
        curve,
        systemTitle: fromHex(title),
        roots: [Certificate.parse(readFileSync(issuer))],
        now: () => Date.now() + 60_000,
      });
      device.generateKeyPair("digital-signature");
      const request = put(`${name}.csr`, device.signingRequest("digital-signature").toPem());
      openssl("req", "-verify", "-noout", "-in", request);
      const usage = put(`${name}.ext`, "keyUsage=critical,digitalSignature\n");
      const options = ["-CA", issuer, "-CAkey", key, "-set_serial", "4711", digest, "-days", "1", "-extfile", usage];
      const issued = openssl("x509", "-req", "-in", request, ...options);
      const { entity, use } = device.import(Certificate.parse(issued).der);
      expect([entity, use]).toEqual(["server", "digital-signature"]);
      expect(device.keyPair("digital-signature")?.publicKey).toEqual(Certificate.parse(issued).publicKey);
    },
  );
});

/** `openssl s_server` as a meter that wants a certificate of its client. */
async function server(version: "tls1_2" | "tls1_3"): Promise<{ port: number; process: ChildProcess }> {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
  const own = tlsIdentity(root, title);
  const files = ["-cert", put("server.pem", own.certificate), "-key", put("server.key", own.key), "-CAfile", ca];
  const options = [
    "-accept",
    `127.0.0.1:${port}`,
    `-${version}`,
    "-Verify",
    "2",
    "-verify_return_error",
    "-rev",
    "-naccept",
    "1",
  ];
  const process = spawn("openssl", ["s_server", ...files, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  await new Promise<void>((resolve) => process.stdout?.on("data", (text) => /ACCEPT/.test(String(text)) && resolve()));
  return { port, process };
}

describe.each(["tls1_2", "tls1_3"] as const)("TLS and s_server, %s", (version) => {
  const past = { notBefore: Date.now() - 9 * day, notAfter: Date.now() - day };
  const client = tlsIdentity(root, "4142430000000001");

  /** Sends a line, gives what comes back, or the error. */
  async function exchange(own: Partial<TlsOptions>): Promise<string> {
    const { port, process } = await server(version);
    const transport = tls({
      host: "127.0.0.1",
      port,
      ca: root.certificate.toPem(),
      systemTitle: title,
      ...own,
    }).createTransport();
    let heard = "";
    const handlers: TransportHandlers = {
      data: (bytes) => {
        heard += new TextDecoder().decode(bytes);
      },
      closed: (error) => {
        heard += error?.code ?? "closed";
      },
    };
    try {
      await transport.open(handlers);
      await transport.write(new TextEncoder().encode("DLMS\n")).catch(() => undefined);
      await vi.waitFor(() => expect(heard).not.toBe(""), 5_000);
    } catch (error) {
      heard = String((error as { code?: unknown }).code);
    } finally {
      await transport.close();
      process.kill();
    }
    return heard;
  }

  it("exchanges octets, both ends known by certificates", async () => {
    expect(await exchange(client)).toBe("SMLD\n");
  });

  it("own-certificate-refused: none, expired, foreign", async () => {
    expect(await exchange({})).toBe("own-certificate-refused");
    expect(await exchange(tlsIdentity(root, "4142430000000001", past))).toBe("own-certificate-refused");
    expect(await exchange(tlsIdentity(liveAuthority("Stranger"), "4142430000000001"))).toBe("own-certificate-refused");
  });

  it("certificate-wrong-title: another meter answers", async () => {
    expect(await exchange({ ...client, systemTitle: "4D4D4D0000000002" })).toBe("certificate-wrong-title");
  });
});
