import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { errorText, exitCodeOf } from "../../src/cli/exit-codes.js";
import type { LinkFlags } from "../../src/cli/link-flags.js";
import { type MockFlags, runMock } from "../../src/cli/mock.js";
import { runRead } from "../../src/cli/read.js";
import { day } from "../certificates/authority.js";
import { liveAuthority, tlsIdentity } from "../node/tls-files.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-cli-tls-"));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const root = liveAuthority("Root");
const pair = (name: string, identity: ReturnType<typeof tlsIdentity>) => ({
  tlsCert: file(`${name}.pem`, identity.certificate),
  tlsKey: file(`${name}.key`, identity.key),
});
const tlsCa = file("root.pem", root.certificate.toPem());
const meter = pair("meter", tlsIdentity(root, "4D4D4D0000000001"));
const own = pair("own", tlsIdentity(root, "4142430000000001"));
const past = { notBefore: Date.now() - 9 * day, notAfter: Date.now() - day };
const expired = pair("expired", tlsIdentity(root, "4142430000000001", past));
const keys = file("keys.json", JSON.stringify({ password: "12345678" }));
const mockFlags: MockFlags = { host: "127.0.0.1", days: "1", interval: "60", seed: "1", maxPduSize: "1024" };

let target: LinkFlags;
let errors = "";
let stop: () => Promise<void>;

beforeAll(async () => {
  const spied = [
    vi.spyOn(process.stdout, "write").mockImplementation(() => true),
    vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      errors += String(chunk);
      return true;
    }),
  ] as const;
  const running = runMock({ ...mockFlags, tcp: "0", tls: true, tlsCa, ...meter });
  await vi.waitFor(() => expect(spied[0]).toHaveBeenCalled());
  const [line = ""] = spied[0].mock.calls[0] as [string];
  spied[0].mockRestore();
  const port = /^tls 127\.0\.0\.1:(\d+)\n$/.exec(line)?.[1];
  target = { tcp: `127.0.0.1:${port}`, client: "2", auth: "low", keys, tls: true, tlsCa, tlsTitle: "4D4D4D0000000001" };
  stop = async () => {
    spied[1].mockRestore();
    process.emit("SIGTERM");
    await running;
  };
});
afterAll(() => stop());

/** What `dlms read` prints, or the exit code and text of its error. */
async function read(flags: Partial<LinkFlags>): Promise<{ out: string; code: number; text: string }> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  try {
    await runRead(["1-0:1.8.0"], { ...target, ...flags });
    return { out, code: 0, text: "" };
  } catch (error) {
    return { out, code: exitCodeOf(error), text: errorText(error) };
  } finally {
    spy.mockRestore();
  }
}

describe("dlms read and dlms mock over TLS", () => {
  it("reads with certificates at both ends", async () => {
    const { out, code, text } = await read(own);
    expect([code, text]).toEqual([0, ""]);
    expect(out).toMatch(/1-0:1\.8\.0 +\d+ Wh\n/);
  });

  it("exits with 4 when another meter answers than was asked for", async () => {
    const { code, text } = await read({ ...own, tlsTitle: "4D4D4D0000000002" });
    expect(code).toBe(4);
    expect(text).toMatch(/belongs to 4D4D4D0000000001, not to 4D4D4D0000000002[\s\S]*\[certificate-wrong-title\]/);
  });

  it("exits with 4 when the meter wants a certificate, and says at the meter who was refused", async () => {
    errors = "";
    const { code, text } = await read({});
    expect(code).toBe(4);
    expect(text).toContain("[own-certificate-refused]");
    await vi.waitFor(() => expect(errors).toContain("[peer-not-trusted]"));
  });

  it("exits with 4 when the own certificate has expired", async () => {
    errors = "";
    const { code, text } = await read(expired);
    expect(code).toBe(4);
    expect(text).toContain("[own-certificate-refused]");
    await vi.waitFor(() => expect(errors).toContain("[certificate-expired]"));
  });

  it("exits with 4 when the host is not the one of the certificate and no title is given", async () => {
    const { tlsTitle: _, ...hostName } = target;
    target = hostName;
    const { code, text } = await read(own);
    target = { ...hostName, tlsTitle: "4D4D4D0000000001" };
    expect(code).toBe(4);
    expect(text).toContain("[peer-not-trusted]");
  });
});

describe("bad flags of TLS exit with 2", () => {
  it.each<[string, Partial<LinkFlags>, RegExp]>([
    ["a file that is not there", { ...own, tlsCa: join(folder, "none.pem") }, /--tls-ca .*: there is no such file/],
    ["a folder", { ...own, tlsCert: folder }, /--tls-cert .*: cannot be read/],
    ["a key that is not there", { ...own, tlsKey: join(folder, "none.key") }, /key file .* cannot be read/],
    ["a file that is no certificate", { ...own, tlsCa: keys }, /is no certificate in PEM/],
    ["a certificate without its key", { tlsCert: own.tlsCert }, /needs its key/],
    ["the key of another certificate", { ...own, tlsKey: meter.tlsKey }, /not the one of the certificate/],
    ["a certificate without --tls", { tls: false, ...own }, /--tls-ca without --tls/],
    ["a fingerprint that is none", { ...own, tlsFingerprint: "00:11" }, /64 hexadecimal digits/],
    ["a title that is none", { ...own, tlsTitle: "meter" }, /hexadecimal/],
  ])("%s", async (_, flags, message) => {
    const { code, text } = await read(flags);
    expect(code).toBe(2);
    expect(text).toMatch(message);
  });

  it("a key that others may read, with the command that mends it", async () => {
    const open = file("open.key", "secret");
    chmodSync(open, 0o644);
    const { code, text } = await read({ tlsCert: own.tlsCert, tlsKey: open });
    expect(code).toBe(2);
    expect(text).toContain(`chmod 600 ${open}`);
  });

  it("a mock meter without certificate, or without a way to know its clients", async () => {
    const bad = (flags: Partial<MockFlags>) => runMock({ ...mockFlags, tcp: "0", tls: true, ...flags });
    await expect(bad({ tlsCa })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(bad(meter)).rejects.toThrow(/ca or fingerprints/);
    await expect(runMock({ ...mockFlags, udp: "0", tls: true, ...meter })).rejects.toThrow(/--tls without --tcp/);
    await expect(runMock({ ...mockFlags, tcp: "0", keys: join(folder, "none") })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
