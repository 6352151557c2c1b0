import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runClock } from "../../src/cli/clock.js";
import { loadKeys } from "../../src/cli/keys.js";
import { hostPort, resolveLink } from "../../src/cli/link-options.js";
import { runObjects } from "../../src/cli/objects.js";
import { runProfile } from "../../src/cli/profile.js";
import { parseTarget, runRead } from "../../src/cli/read.js";
import { MockMeter } from "../../src/mock/index.js";
import { tcpListener } from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-cli-"));
const meter = new MockMeter({ household: { days: 3 } });
let low: { tcp: string; client: string; auth: string; keys: string };

beforeAll(async () => {
  const listener = tcpListener({ port: 0 });
  await meter.listen(listener, { link: "wrapper" });
  const keys = join(folder, "keys.json");
  writeFileSync(
    keys,
    JSON.stringify({
      password: "12345678",
      encryptionKey: "000102030405060708090A0B0C0D0E0F",
      authenticationKey: "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF",
    }),
    { mode: 0o600 },
  );
  low = { tcp: `127.0.0.1:${listener.port}`, client: "2", auth: "low", keys };
});
afterAll(() => meter.close());

/** What a command prints on standard output, and its exit code. */
async function printed(run: () => Promise<void>): Promise<{ out: string; code: number }> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run();
    return { out, code: Number(process.exitCode) };
  } finally {
    spy.mockRestore();
    process.exitCode = before;
  }
}

describe("read", () => {
  it("prints values with their units", async () => {
    const { out, code } = await printed(() => runRead(["1-0:1.8.0", "0-0:42.0.0", "1-0:99.1.0/capturePeriod"], low));
    expect(code).toBe(0);
    expect(out).toMatch(/1-0:1\.8\.0 +\d+ Wh\n/);
    expect(out).toMatch(/"DLM0000\d*1"/);
    expect(out).toMatch(/capturePeriod +900\n/);
  });
  it("gives each target its own result, and says by its exit code that one is missing", async () => {
    const { out, code } = await printed(() =>
      runRead(["1-0:1.8.0", "9-9:9.9.9", "8/0-0:1.0.0/nothing"], { ...low, json: true }),
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual([
      { target: "1-0:1.8.0", value: { value: expect.stringMatching(/^\d+$/), unit: "Wh" } },
      { target: "9-9:9.9.9", error: { code: "invalid-argument", message: expect.stringContaining("9-9:9.9.9") } },
      {
        target: "8/0-0:1.0.0/nothing",
        error: { code: "invalid-argument", message: expect.stringContaining("nothing") },
      },
    ]);
  });
  it("ciphers with the keys of the file, and keeps its counter", async () => {
    const counters = join(folder, "counters");
    const flags = { ...low, client: "1", auth: "hls-gmac", counters };
    const { out } = await printed(() => runRead(["3/1-0:1.8.0/2"], flags));
    expect(out).toMatch(/Wh/);
    expect((await printed(() => runRead(["3/1-0:1.8.0/2"], flags))).out).toMatch(/Wh/);
  });
});

it.each([
  ["1-0:1.8.0", { attribute: 2 }],
  ["3/1-0:1.8.0*255/3", { classId: 3, attribute: 3 }],
  ["1-0:99.1.0/capturePeriod", { attribute: "capturePeriod" }],
  ["8/0.0.1.0.0.255", { classId: 8, attribute: 2 }],
])("reads the target %s", (text, expected) => {
  expect(parseTarget(text)).toMatchObject(expected);
});

it("objects shows what the client may do", async () => {
  const { out } = await printed(() => runObjects(low));
  expect(out).toMatch(/^8 clock v0 +0-0:1\.0\.0\*255 +.*2rw/m);
  const { out: json } = await printed(() => runObjects({ ...low, json: true, class: "7" }));
  expect(JSON.parse(json)).toEqual(
    expect.arrayContaining([expect.objectContaining({ obis: "1-0:99.1.0*255", className: "profileGeneric" })]),
  );
});

it("clock shows how far the meter is off, and sets it", async () => {
  const flags = { ...low, obis: "0-0:1.0.0*255", json: true };
  await printed(() => runClock({ ...flags, set: "2026-01-01T00:00:00Z" }));
  expect(meter.clock.now()).toBeLessThan(Date.UTC(2026, 0, 1, 0, 1));
  const { out } = await printed(() => runClock({ ...flags, set: "now" }));
  expect(Math.abs(JSON.parse(out).offBySeconds)).toBeLessThanOrEqual(1);
});

describe("profile", () => {
  it("prints rows as CSV with units, and draws the picture", async () => {
    const svg = join(folder, "profile.svg");
    const { out } = await printed(() => runProfile("1-0:99.1.0*255", { ...low, last: "96", svg, format: "csv" }));
    const lines = out.trim().split("\r\n");
    expect(lines[0]).toBe("time,0-0:96.10.1,1-0:1.8.0 (Wh),1-0:2.8.0 (Wh)");
    expect(lines).toHaveLength(97);
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\+0[12]:00,\d+,\d+,\d+$/);
    expect(readFileSync(svg, "utf8")).toContain("mean power (W)");
  });
  it("prints JSON and lines of JSON, of chosen columns", async () => {
    const flags = { ...low, entries: "1:3", columns: "1-0:1.8.0" };
    const json = JSON.parse((await printed(() => runProfile("1-0:99.1.0*255", { ...flags, json: true }))).out);
    expect(json).toHaveLength(3);
    expect(json[0].values["1-0:1.8.0"]).toEqual({ value: expect.any(String), unit: "Wh" });
    expect(json[0].values).not.toHaveProperty("1-0:2.8.0");
    const { out } = await printed(() => runProfile("1-0:99.1.0*255", { ...flags, format: "ndjson" }));
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(json);
  });
  it.each([
    [{ from: "yesterday" }, /yesterday/],
    [{ format: "xml" }, /xml/],
    [{ last: "0" }, /--last/],
  ])("refuses %j", async (flags, message) => {
    await expect(runProfile("1-0:99.1.0*255", { ...low, ...flags })).rejects.toThrow(message);
  });
});

describe("keys", () => {
  it("are refused from a file that others may read", () => {
    const file = join(folder, "open.json");
    writeFileSync(file, "{}");
    chmodSync(file, 0o644);
    expect(() => loadKeys(file)).toThrow(expect.objectContaining({ advice: `Run: chmod 600 ${file}` }));
  });
  it("come from the environment where the file has none", () => {
    expect(loadKeys(undefined, { DLMS_PASSWORD: "abc" })).toEqual({ password: "abc" });
  });
  it("are asked for by name where there is nobody to type them", async () => {
    await expect(resolveLink({ tcp: "localhost", auth: "low" })).rejects.toThrow(/password is needed/);
  });
});

describe("link flags", () => {
  it.each([
    ["meter", { host: "meter", port: 4059 }],
    ["10.0.0.1:4060", { host: "10.0.0.1", port: 4060 }],
    ["[::1]:4060", { host: "::1", port: 4060 }],
  ])("%s", (text, expected) => {
    expect(hostPort(text)).toEqual(expected);
  });
  it.each([
    [{}, /where is the meter/],
    [{ tcp: "a", udp: "b" }, /where is the meter/],
    [{ tcp: "a", auth: "magic" }, /magic/],
    [{ tcp: "a", server: "1:99999" }, /99999/],
    [{ serial: "/dev/null", start: "mode-x" }, /mode-x/],
    [{ meter: "house" }, /--config/],
  ])("%j is refused", async (flags, message) => {
    await expect(resolveLink(flags)).rejects.toThrow(message);
  });
  it("a named meter of the config file, flags first", async () => {
    const config = join(folder, "meters.yaml");
    writeFileSync(
      config,
      `meters:\n  house:\n    tcp: 127.0.0.1:1\n    client: 2\n    auth: low\n    keys: ${low.keys}\n`,
    );
    const { options, flags } = await resolveLink({ config, meter: "house", client: "3" });
    expect(options).toMatchObject({ client: 3, authentication: { mechanism: "low" } });
    expect(flags.tcp).toBe("127.0.0.1:1");
    await expect(resolveLink({ config, meter: "garage" })).rejects.toThrow(/garage/);
    writeFileSync(config, "meters: { house: { tcp: 'a:1', pasword: x } }");
    await expect(resolveLink({ config, meter: "house" })).rejects.toThrow(/pasword, which is no flag/);
    await expect(resolveLink({ config: join(folder, "none.yaml"), meter: "house" })).rejects.toThrow(/ENOENT/);
    expect(readFileSync(config, "utf8")).toContain("house");
  });
});
