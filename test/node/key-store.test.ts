import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { fileKeyStore } from "../../src/node/index.js";
import { type MeterSecrets, SecretKey } from "../../src/security/index.js";

const code = (name: string) => expect.objectContaining({ code: name });
const key = (octet: number) => new SecretKey(new Uint8Array(16).fill(octet));
const hexOf = (secret: SecretKey | undefined) => secret?.use(toHex);
let folder = "";
let path = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keys-"));
  path = join(folder, "store");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const entry: MeterSecrets = {
  encryptionKey: key(1),
  authenticationKey: key(2),
  broadcastKey: key(3),
  masterKey: key(4),
  password: new SecretKey(new TextEncoder().encode("pass")),
  secret: key(5),
  systemTitle: fromHex("4D4D4D0000BC614E"),
  ownSystemTitle: fromHex("4142430000000001"),
  signaturePrivateKey: key(6),
  meterSignaturePublicKey: new Uint8Array(64).fill(7),
  pending: {
    secrets: { encryptionKey: key(8) },
    agreed: ["masterKey"],
    since: "2026-01-15T12:00:00.000Z",
    refused: true,
  },
};

describe("key store in files", () => {
  it("gives back everything, to another instance too, by name and by system title", async () => {
    const saved = await fileKeyStore(path).save("house-17", entry);
    const loaded = (await fileKeyStore(path).load("house-17")) as MeterSecrets;
    expect(inspect(loaded, { sorted: true })).toBe(inspect(saved, { sorted: true }));
    for (const name of [
      "encryptionKey",
      "authenticationKey",
      "broadcastKey",
      "masterKey",
      "password",
      "secret",
    ] as const)
      expect(hexOf(loaded[name])).toBe(hexOf(entry[name]));
    expect(hexOf(loaded.pending?.secrets.encryptionKey)).toBe(hexOf(key(8)));
    expect(hexOf((await fileKeyStore(path).load("4d4d4d0000bc614e"))?.secret)).toBe(hexOf(key(5)));
    expect(await fileKeyStore(path).load("house-18")).toBeUndefined();
    expect(await fileKeyStore(path).names()).toEqual(["house-17"]);
  });

  it("is its owner's alone, and keeps one earlier state at most", async () => {
    const store = fileKeyStore(path);
    const first = await store.save("a", entry);
    const second = await store.save("a", { ...first, encryptionKey: key(9) });
    await store.save("a", { ...second, encryptionKey: key(10) });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, "a"))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(path, "a"))).toEqual(["2", "3"]);
    expect((await stat(join(path, "a", "3"))).mode & 0o777).toBe(0o600);
  });

  it("that others may read is refused with the command that mends it", async () => {
    const store = fileKeyStore(path);
    const saved = await store.save("a", entry);
    for (const [what, mode, mend] of [
      [path, 0o750, "700"],
      [join(path, "a"), 0o705, "700"],
      [join(path, "a", "1"), 0o640, "600"],
    ] as const) {
      await chmod(what, mode);
      const refused = { code: "key-store-failed", advice: `Run: chmod ${mend} ${what}` };
      await expect(store.load("a")).rejects.toMatchObject(refused);
      await expect(store.save("a", { ...saved, encryptionKey: key(9) })).rejects.toMatchObject(refused);
      await chmod(what, mend === "700" ? 0o700 : 0o600);
    }
    expect(hexOf((await store.load("a"))?.encryptionKey)).toBe(hexOf(key(1)));
  });

  it("lets one of many who change the same entry through, and tells the others", async () => {
    const saved = await fileKeyStore(path).save("a", entry);
    const changes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => fileKeyStore(path).save("a", { ...saved, encryptionKey: key(20 + i) })),
    );
    const done = changes.flatMap((change, i) => (change.status === "fulfilled" ? [i] : []));
    expect(done).toHaveLength(1);
    for (const change of changes)
      if (change.status === "rejected") expect(change.reason).toEqual(code("key-store-changed"));
    expect(hexOf((await fileKeyStore(path).load("a"))?.encryptionKey)).toBe(hexOf(key(20 + (done[0] as number))));
    await expect(fileKeyStore(path).save("a", entry)).rejects.toEqual(code("key-store-changed"));
  });

  it("says nothing of what is in a file that cannot be read", async () => {
    const store = fileKeyStore(path);
    const saved = await store.save("a", entry);
    const file = join(path, "a", "1");
    const text = await readFile(file, "utf8");
    for (const wrong of [text.slice(0, -9), "[]", text.replace('"0101', '"xx01'), text.replace('"since"', '"sins"')]) {
      await writeFile(file, wrong);
      const error = await store.load("a").catch((cause: unknown) => cause);
      expect(error).toEqual(code("key-store-failed"));
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("0101");
      await expect(store.save("a", saved)).rejects.toEqual(code("key-store-failed"));
    }
  });

  it("refuses names that are paths, and says in one code what the file system refuses", async () => {
    for (const name of ["../a", "a/b", "", ".hidden", "a".repeat(65)])
      await expect(fileKeyStore(path).load(name)).rejects.toEqual(code("invalid-argument"));
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(fileKeyStore(file).load("a")).rejects.toEqual(code("key-store-failed"));
  });
});
