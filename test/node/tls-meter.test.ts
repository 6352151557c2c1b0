import { describe, expect, it } from "vitest";
import { type DlmsError, fromHex } from "../../src/base/index.js";
import { Certificate, checkTlsIdentity } from "../../src/certificates/index.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { type TlsListenerOptions, type TlsOptions, tls, tlsListener } from "../../src/node/index.js";
import { day } from "../certificates/authority.js";
import { openssl } from "../certificates/openssl.js";
import { liveAuthority, tlsIdentity } from "./tls-files.js";

const title = "4D4D4D0000000001";
const root = liveAuthority("Meter Root");
const device = liveAuthority("Device CA", root);
const foreign = liveAuthority("Foreign Root");
const ca = root.certificate.toPem();
const withChain = (identity: ReturnType<typeof tlsIdentity>) => ({
  ...identity,
  certificate: identity.certificate + device.certificate.toPem(),
});
const meter = withChain(tlsIdentity(device, title));
const headEnd = tlsIdentity(root, "4142430000000001");
const past = { notBefore: Date.now() - 9 * day, notAfter: Date.now() - day };

/** Ciphered with GMAC inside of TLS: one does not take the place of the other. */
const ciphered: ConnectOptions = {
  client: 1,
  authentication: { mechanism: "hls-gmac" },
  security: {
    encryptionKey: mockCredentials.encryptionKey,
    authenticationKey: mockCredentials.authenticationKey,
    systemTitle: "4142430000000001",
  },
};

/** Connects to a mock meter behind TLS and reads; gives what came of it at both ends. */
async function read(call: Partial<TlsOptions>, listen: Partial<TlsListenerOptions> = {}) {
  const refused: DlmsError[] = [];
  const listener = tlsListener({ port: 0, ca, ...meter, refused: (error) => refused.push(error), ...listen });
  await using mock = new MockMeter();
  await mock.listen(listener, { link: "wrapper" });
  const { port } = listener;
  const endpoint = tls({ host: "127.0.0.1", port, ca, systemTitle: title, ...headEnd, ...call });
  try {
    await using session = await connect(endpoint, { ...ciphered, timeouts: { connectMs: 5_000 } });
    const unit = (await session.register("1-0:1.8.0").value.get()).unit.toString();
    return { unit, protection: mock.receivedCounter(1), refused, error: undefined };
  } catch (error) {
    return { unit: undefined, refused, error: error as DlmsError };
  }
}

const versions = ["1.2", "1.3"] as const;

describe.each(versions)("a meter behind TLS %s", (version) => {
  const only = { versions: [version] };

  it("is read, both ends known by certificates, ciphered by GMAC inside", async () => {
    const { unit, protection, error, refused } = await read(only);
    expect([unit, error, refused]).toEqual(["Wh", undefined, []]);
    // The counter went up: what crossed TLS was ciphered.
    expect(protection).toBeGreaterThan(100);
  });

  it("certificate-wrong-title: another meter answers", async () => {
    const { error } = await read({ ...only, systemTitle: "4D4D4D0000000002" });
    expect(error).toMatchObject({ name: "SecurityError", code: "certificate-wrong-title" });
    expect(error?.message).toMatch(/4D4D4D0000000001, not to 4D4D4D0000000002/);
  });

  it("certificate-expired: the meter's certificate", async () => {
    const { error } = await read(only, withChain(tlsIdentity(device, title, past)));
    expect(error).toMatchObject({ name: "SecurityError", code: "certificate-expired" });
  });

  it("certificate-untrusted: the meter's authority is a foreign one", async () => {
    const { error } = await read(only, tlsIdentity(foreign, title));
    expect(error).toMatchObject({ name: "SecurityError", code: "certificate-untrusted" });
  });

  it("certificate-wrong-usage: the meter shows its certificate for key agreement", async () => {
    const { error } = await read(only, withChain(tlsIdentity(device, title, { use: "key-agreement" })));
    // With 1.2 there is no cipher for such a key; with 1.3 TLS does not look at what it is for.
    expect(error).toMatchObject({
      name: "SecurityError",
      ...(version === "1.3" && { code: "certificate-wrong-usage" }),
    });
  });

  it("own-certificate-refused: the client shows none", async () => {
    const { certificate: _, key: __, ...bare } = headEnd as Partial<typeof headEnd>;
    const listener: Partial<TlsOptions> = { ...only, ...bare };
    const { error, refused } = await readBare(listener);
    expect(error).toMatchObject({ name: "SecurityError", code: "own-certificate-refused" });
    expect(refused.map(({ code }) => code)).toContain("peer-not-trusted");
  });

  it.each([
    ["certificate-expired", tlsIdentity(root, "4142430000000001", past)],
    ["certificate-untrusted", tlsIdentity(foreign, "4142430000000001")],
  ])("own-certificate-refused: the meter finds %s", async (code, own) => {
    const { error, refused } = await read({ ...only, ...own });
    expect(error).toMatchObject({ name: "SecurityError", code: "own-certificate-refused" });
    expect(refused.map((refusal) => refusal.code)).toContain(code);
  });

  it("peer-not-trusted: the meter tells its clients by more than the chain", async () => {
    const identify = ({ commonName }: { commonName?: string }) =>
      commonName === "5448490000000001" ? undefined : `${commonName} may not read this meter`;
    const { error, refused } = await read(only, { identify });
    expect(error?.code).toBe("own-certificate-refused");
    expect(refused).toEqual([expect.objectContaining({ code: "peer-not-trusted" })]);
    expect(refused[0]?.message).toMatch(/4142430000000001 may not read this meter/);
  });

  /** Without a certificate of our own. */
  async function readBare(call: Partial<TlsOptions>) {
    const refused: DlmsError[] = [];
    const listener = tlsListener({ port: 0, ca, ...meter, refused: (error) => refused.push(error) });
    await using mock = new MockMeter();
    await mock.listen(listener, { link: "wrapper" });
    const endpoint = tls({ host: "127.0.0.1", port: listener.port, ca, systemTitle: title, ...call });
    const error = await connect(endpoint, ciphered).then(
      async (session) => void (await session.close()),
      (caught: unknown) => caught as DlmsError,
    );
    return { error, refused };
  }
});

describe("the identity of a meter", () => {
  it("is a hardware module name where the profile has it so", () => {
    const { der } = Certificate.parse(openssl.gb);
    const systemTitle = fromHex("90B3D51F30000002");
    expect(() => checkTlsIdentity(der, { systemTitle, titleFrom: "hardware-module-name" })).not.toThrow();
    expect(() => checkTlsIdentity(der, { systemTitle })).not.toThrow();
    expect(() => checkTlsIdentity(der, { systemTitle, titleFrom: "common-name" })).toThrow(/nobody/);
    expect(() => checkTlsIdentity(der, { systemTitle: fromHex(title) })).toThrow(/90B3D51F30000002, not/);
  });

  it("is asked for beside a pinned fingerprint, not instead of it", async () => {
    const fingerprints = ["00".repeat(32)];
    expect((await read({ fingerprints })).error).toMatchObject({ code: "peer-not-trusted" });
  });

  it("tls-failed: no version in common, no TLS at all", async () => {
    const { error } = await read({ versions: ["1.2"] }, { versions: ["1.3"] });
    expect(error).toMatchObject({ name: "SecurityError", code: "tls-failed" });
  });

  it("invalid-argument: material that is not good, without a word of it", () => {
    const call = (more: Partial<TlsOptions>) => () => tls({ host: "meter", port: 4060, ...more });
    const message = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return `${(error as DlmsError).code} ${(error as DlmsError).message}`;
      }
      return "";
    };
    expect(message(call({ ...headEnd, key: meter.key }))).toBe(
      "invalid-argument the private key is not the one of the certificate",
    );
    expect(message(call({ certificate: headEnd.certificate }))).toMatch(/needs its key/);
    expect(message(call({ certificate: "hello", key: "secret words" }))).toMatch(
      /^invalid-argument the certificate, the key/,
    );
    expect(message(call({ ca: "hello" }))).toMatch(/^invalid-argument the authority/);
    expect(message(call({ systemTitle: "4D4D" }))).toMatch(/^invalid-argument a system title/);
    expect(() => tlsListener({ port: 0, ca, ...meter, key: headEnd.key })).toThrow(/not the one/);
  });
});
