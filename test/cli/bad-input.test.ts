import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadKeys } from "../../src/cli/keys.js";
import { resolveLink } from "../../src/cli/link-options.js";
import { runObjects } from "../../src/cli/objects.js";
import { runProfile } from "../../src/cli/profile.js";
import { RowWriter } from "../../src/cli/profile-output.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-cli-bad-"));
const nowhere = { tcp: "127.0.0.1:1" };

describe("bad input of the command line", () => {
  it("a key file that does not parse is a usage error that quotes none of it", () => {
    const file = join(folder, "keys.json");
    writeFileSync(file, "{encryptionKey: 00112233", { mode: 0o600 });
    let caught: unknown;
    try {
      loadKeys(file, {});
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: "invalid-argument", message: `${file} is neither JSON nor YAML` });
    expect((caught as Error).cause).toBeUndefined();
  });

  it("a server of three parts is refused", async () => {
    await expect(resolveLink({ ...nowhere, server: "1:2:3" })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("an empty number is refused", async () => {
    await expect(resolveLink({ ...nowhere, server: "1:" })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("a policy that is none is refused, and one that is goes to the connection", async () => {
    const keys = join(folder, "policy.json");
    const hex = "00".repeat(16);
    writeFileSync(keys, JSON.stringify({ encryptionKey: hex, authenticationKey: hex }), { mode: 0o600 });
    const flags = { ...nowhere, auth: "hls-gmac", keys, counters: folder };
    for (const policy of ["none", "256", "-1", "1.5"])
      await expect(resolveLink({ ...flags, policy })).rejects.toMatchObject({ code: "invalid-argument" });
    const given = await resolveLink({ ...flags, policy: "1", resetMeterCounter: true });
    expect(given.options.security).toMatchObject({ policy: 1, protection: "none", receivedCounters: "reset" });
    const read = await resolveLink({ ...flags, policy: "read" });
    expect(read.options.security).toMatchObject({ policy: "read", protection: "authenticated-encrypted" });
  });

  it("a class that is no number is refused", async () => {
    await expect(runObjects({ ...nowhere, class: "abc" })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("two spans of a profile are refused", async () => {
    const flags = { ...nowhere, last: "3", entries: "1:2" };
    await expect(runProfile("1-0:99.1.0", flags)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("rows into a folder that does not exist fail with file-failed", () => {
    expect(() => new RowWriter("csv", join(folder, "none", "rows.csv"))).toThrow(
      expect.objectContaining({ code: "file-failed" }),
    );
  });
});
