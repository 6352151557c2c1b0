import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import { errorText, exitCodeOf } from "../../src/cli/exit-codes.js";
import { type KeysFlags, runKeys } from "../../src/cli/keys-command.js";
import { runRead } from "../../src/cli/read.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { fileKeyStore, tcpListener } from "../../src/node/index.js";
import type { SecretKey } from "../../src/security/index.js";

let folder = "";
let meter: MockMeter;
let flags: KeysFlags;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dlms-keys-"));
  meter = new MockMeter({ household: { days: 1 } });
  const listener = tcpListener({ port: 0 });
  await meter.listen(listener, { link: "wrapper" });
  flags = {
    tcp: `127.0.0.1:${listener.port}`,
    client: "1",
    auth: "hls-gmac",
    keyStore: join(folder, "store"),
    counters: join(folder, "counters"),
    entry: "house-17",
    yes: true,
  };
});
afterEach(async () => {
  await meter.close();
  rmSync(folder, { recursive: true });
});

/** Writes a key file for its owner alone. */
function keyFile(name: string, keys: object, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(keys), { mode });
  return path;
}

const meterKeys = () => {
  const { encryptionKey, authenticationKey, masterKey } = mockCredentials;
  return keyFile("meter.json", {
    encryptionKey: toHex(encryptionKey),
    authenticationKey: toHex(authenticationKey),
    masterKey: toHex(masterKey),
    password: "12345678",
  });
};

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

const fault = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );
const hexOf = (secret: SecretKey | undefined) => secret?.use(toHex);
const inMeter = (name: "global-unicast-encryption" | "master") => hexOf(meter.securitySetup(1)?.keys.get(name));

describe("dlms keys", () => {
  it("imports a key file, changes keys of a file and drawn ones, and the next command uses them", async () => {
    const imported = await printed(() => runKeys("import", { ...flags, keys: meterKeys() }));
    expect(imported).toBe("house-17: encryptionKey, authenticationKey, masterKey, password\n");
    const newKeys = keyFile("new.json", { encryptionKey: "0B".repeat(16) });
    const changed = await printed(() =>
      runKeys("change", { ...flags, newKeys, generate: "authenticationKey,masterKey" }),
    );
    expect(changed).toBe("house-17: encryptionKey, authenticationKey, masterKey, password\n");
    const entry = await fileKeyStore(flags.keyStore as string).load("house-17");
    expect([inMeter("global-unicast-encryption"), inMeter("master")]).toEqual([
      "0B".repeat(16),
      hexOf(entry?.masterKey),
    ]);
    expect(hexOf(entry?.masterKey)).not.toBe(toHex(mockCredentials.masterKey));
    expect(await printed(() => runRead(["1-0:1.8.0"], flags))).toContain("Wh");
    const list = JSON.parse(await printed(() => runKeys("list", { ...flags, json: true })));
    expect(list).toEqual([
      expect.objectContaining({
        entry: "house-17",
        secrets: ["encryptionKey", "authenticationKey", "masterKey", "password"],
      }),
    ]);
  });

  it("changes a password", async () => {
    await printed(() => runKeys("import", { ...flags, keys: meterKeys() }));
    const newKeys = keyFile("new.json", { password: "new-password" });
    const low = { ...flags, client: "2", auth: "low" };
    await printed(() => runKeys("change", { ...low, newKeys }));
    expect(await printed(() => runRead(["1-0:1.8.0"], low))).toContain("Wh");
  });

  it("settles a change whose outcome was not known", async () => {
    await printed(() => runKeys("import", { ...flags, keys: meterKeys() }));
    const store = fileKeyStore(flags.keyStore as string);
    const entry = (await store.load("house-17")) ?? {};
    const { broadcastKey: _, masterKey } = entry;
    if (masterKey === undefined) throw new Error("no master key");
    const since = "2026-01-15T12:00:00.000Z";
    await store.save("house-17", { ...entry, pending: { secrets: { broadcastKey: masterKey }, since } });
    const listed = await printed(() => runKeys("list", flags));
    expect(listed).toContain(`not known whether the meter took broadcastKey (${since})`);
    const refused = await fault(runKeys("import", { ...flags, keys: meterKeys() }));
    expect(errorText(refused)).toContain("dlms keys settle");
    expect(await printed(() => runKeys("settle", flags))).toBe(
      "house-17: encryptionKey, authenticationKey, broadcastKey, masterKey, password\n",
    );
  });

  it("refuses key files and stores that others may read, keys in two ways, and names that do not exist", async () => {
    await printed(() => runKeys("import", { ...flags, keys: meterKeys() }));
    const open = keyFile("open.json", { encryptionKey: "0B".repeat(16) }, 0o644);
    const closed = keyFile("closed.json", { encryptionKey: "0B".repeat(16) });
    for (const [what, change] of [
      ["change", { newKeys: open }],
      ["change", { newKeys: closed, generate: "encryptionKey" }],
      ["change", { generate: "password" }],
      ["change", {}],
      ["change", { generate: "masterKey", entry: "../x" }],
      ["change", { generate: "masterKey", entry: undefined }],
      ["import", {}],
      ["destroy", {}],
    ] as const) {
      const error = await fault(runKeys(what, { ...flags, ...change } as KeysFlags));
      expect(exitCodeOf(error), JSON.stringify(change)).toBe(2);
      expect(errorText(error)).not.toContain("0B0B");
    }
    expect(meter.securitySetup(1)?.keys.version).toBe(0);
  });

  it("shows no key in anything it prints", async () => {
    const spy = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    let shown = await printed(() => runKeys("import", { ...flags, keys: meterKeys() }));
    shown += await printed(() => runKeys("change", { ...flags, generate: "encryptionKey,masterKey", trace: true }));
    shown += await printed(() => runKeys("list", { ...flags, json: true }));
    shown += spy.mock.calls.map(([chunk]) => String(chunk)).join("");
    spy.mockRestore();
    const stored = readdirSync(join(folder, "store", "house-17")).map((file) =>
      readFileSync(join(folder, "store", "house-17", file), "utf8"),
    );
    const secrets = stored.flatMap((text) => [...text.matchAll(/"([0-9A-F]{32})"/g)].map(([, hex]) => hex as string));
    expect(secrets.length).toBeGreaterThan(4);
    expect(shown.length).toBeGreaterThan(1000);
    for (const secret of secrets) expect(shown.toUpperCase().replaceAll(" ", "")).not.toContain(secret);
  });
});
