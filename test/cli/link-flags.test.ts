import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { resolveLink } from "../../src/cli/link-options.js";
import { runRead } from "../../src/cli/read.js";
import { MockMeter } from "../../src/mock/index.js";
import { tcpListener } from "../../src/node/index.js";

const keys = join(mkdtempSync(join(tmpdir(), "dlms-flags-")), "keys.json");
const meters: MockMeter[] = [];
let bySn: string;
let gateway: string;

beforeAll(async () => {
  writeFileSync(keys, JSON.stringify({ password: "12345678" }), { mode: 0o600 });
  const household = { days: 1 };
  const behind = new MockMeter({ household: { days: 1, seed: 5 } });
  const served = [
    new MockMeter({ household, referencing: "short-name" }),
    new MockMeter({ household, gateway: [{ networkId: 3, physicalDeviceAddress: fromHex("C0FFEE"), meter: behind }] }),
  ];
  const targets: string[] = [];
  for (const meter of served) {
    const listener = tcpListener({ port: 0 });
    await meter.listen(listener, { link: "wrapper" });
    targets.push(`127.0.0.1:${listener.port}`);
    meters.push(meter);
  }
  [bySn = "", gateway = ""] = targets;
});
afterAll(() => Promise.all(meters.map((meter) => meter.close())));

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

const low = () => ({ client: "2", auth: "low", keys });

describe("--sn", () => {
  it("reads a meter that knows short names alone", async () => {
    const out = await printed(() => runRead(["1-0:1.8.0"], { tcp: bySn, sn: true, ...low() }));
    expect(out).toMatch(/1-0:1\.8\.0 +\d+ Wh\n/);
  });

  it("left out, that meter refuses the application context, and the error names the flag's meaning", async () => {
    const refused = printed(() => runRead(["1-0:1.8.0"], { tcp: bySn, ...low() }));
    await expect(refused).rejects.toMatchObject({
      code: "association-rejected",
      details: { reason: "application-context-name-not-supported" },
    });
  });
});

describe("--gateway", () => {
  it("reads the meter behind the gateway", async () => {
    const read = (more: object) => printed(() => runRead(["0-0:42.0.0"], { tcp: gateway, ...low(), ...more }));
    expect(await read({ gateway: "3:C0FFEE" })).toContain("10000005");
    expect(await read({})).not.toContain("10000005");
  });

  it.each(["xyz", "3:4:C0", "300:C0", "C0F", ""])("refuses %j", async (text) => {
    await expect(resolveLink({ tcp: gateway, gateway: text })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("--user", () => {
  it("is the user id of the client, 0 to 255", async () => {
    expect((await resolveLink({ tcp: gateway, user: "7" })).options.userId).toBe(7);
    await expect(resolveLink({ tcp: gateway, user: "256" })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
