import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-codes.js";
import type { LinkFlags } from "../../src/cli/link-flags.js";
import { runRead } from "../../src/cli/read.js";
import { toHex } from "../../src/index.js";
import { type MockClient, MockMeter, mockCredentials } from "../../src/mock/index.js";
import { nodeCryptoProvider, tcpListener } from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-auth-"));
const { systemTitle, encryptionKey, authenticationKey } = mockCredentials;
const curves = nodeCryptoProvider.ellipticCurves;
if (curves === undefined) throw new Error("the provider has elliptic curves");
const [own, meterPair] = [curves.generateKeyPair("P-384"), curves.generateKeyPair("P-384")];
const secret = new TextEncoder().encode("sixteen letters!");
const gmac = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey,
  authenticationKey,
  systemTitle,
} as const;

const clients: readonly MockClient[] = [
  { clientSap: 16, authentication: { mechanism: "none" } },
  { clientSap: 2, authentication: { mechanism: "low", password: mockCredentials.password } },
  { clientSap: 3, systemTitle, authentication: { mechanism: "hls-sha256", secret } },
  {
    clientSap: 4,
    systemTitle,
    authentication: { mechanism: "hls-ecdsa", privateKey: meterPair.privateKey, peerPublicKey: own.publicKey },
  },
  { clientSap: 1, authentication: { mechanism: "hls-gmac" }, security: gmac },
];
const meter = new MockMeter({ household: { days: 1 }, clients });
let tcp = "";
beforeAll(async () => {
  const listener = tcpListener({ port: 0 });
  await meter.listen(listener, { link: "wrapper" });
  tcp = `127.0.0.1:${listener.port}`;
});
afterAll(() => meter.close());

const right = {
  password: "12345678",
  secret: "sixteen letters!",
  encryptionKey: toHex(encryptionKey),
  authenticationKey: toHex(authenticationKey),
  signaturePrivateKey: toHex(own.privateKey),
  meterSignaturePublicKey: toHex(meterPair.publicKey),
};

/** Exit code of `dlms read` with these keys. */
async function codeOf(flags: LinkFlags, keys: Partial<Record<keyof typeof right, string>>): Promise<number> {
  const file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify({ ...right, ...keys }), { mode: 0o600 });
  const quiet = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  try {
    await runRead(["0-0:42.0.0"], { tcp, keys: file, counters: join(folder, "counters"), ...flags });
    return 0;
  } catch (error) {
    return exitCodeOf(error);
  } finally {
    quiet.mockRestore();
  }
}

const swapped = (hex: string) => hex.slice(2) + hex.slice(0, 2);

describe("authentication on the command line", () => {
  it.each([
    [{ client: "2", auth: "low" }, { password: "12345679" }],
    [{ client: "3", auth: "hls-sha256" }, { secret: "another secret 1" }],
    [{ client: "4", auth: "hls-ecdsa" }, { signaturePrivateKey: toHex(meterPair.privateKey) }],
    [{ client: "4", auth: "hls-ecdsa" }, { meterSignaturePublicKey: toHex(own.publicKey) }],
    [{ client: "1", auth: "hls-gmac" }, { authenticationKey: swapped(right.authenticationKey) }],
    [{ client: "1", auth: "hls-gmac" }, { encryptionKey: swapped(right.encryptionKey) }],
  ] as const)("%o reads, and exits with 4 where a key is wrong", async (flags, wrong) => {
    expect(await codeOf(flags, {})).toBe(0);
    expect(await codeOf(flags, wrong)).toBe(4);
  });

  it("a mechanism that the meter does not want exits with 4, a suite or mechanism that does not exist with 2", async () => {
    expect(await codeOf({ client: "2", auth: "none" }, {})).toBe(4);
    expect(await codeOf({ client: "2", auth: "hls-md5" }, {})).toBe(4);
    expect(await codeOf({ client: "4", auth: "hls-sha512" }, {})).toBe(2);
    expect(await codeOf({ client: "1", auth: "hls-gmac", suite: "3" }, {})).toBe(2);
    expect(await codeOf({ client: "4", auth: "hls-ecdsa" }, { meterSignaturePublicKey: "00" })).toBe(4);
  });
});
