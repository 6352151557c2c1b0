import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { runListen } from "../../src/cli/listen.js";
import { runMock } from "../../src/cli/mock.js";
import { loadObjectNames } from "../../src/cli/object-list.js";
import { runRead } from "../../src/cli/read.js";
import { structure, u32 } from "../../src/data/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { tcp, tcpListener } from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-listen-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const keys = `
encryptionKey: 000102030405060708090A0B0C0D0E0F
authenticationKey: D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF
`;
const registry = `
defaults: { client: 1, authentication: hls-gmac }
meters:
  house:
    system-title: "444C4D0000000001"
    logical-device-name: DLM0000010000001
    encryption-key: "000102030405060708090A0B0C0D0E0F"
    authentication-key: "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
`;
const counters = join(folder, "counters");
const common = { host: "127.0.0.1", baud: "9600", parity: "none", counters, json: true } as const;
const mockFlags = { host: "127.0.0.1", days: "2", interval: "15", seed: "1", maxPduSize: "1024" } as const;

/** What is printed, on either stream. */
function printing() {
  const out: string[] = [];
  const take = (chunk: unknown, callback?: unknown) => {
    out.push(String(chunk));
    if (typeof callback === "function") callback();
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(take as typeof process.stdout.write);
  vi.spyOn(process.stderr, "write").mockImplementation(take as typeof process.stderr.write);
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(out.join(""));
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const lines = () => out.flatMap((text) => (text.startsWith("{") ? [JSON.parse(text)] : []));
  return { until, lines };
}

/** Ends every command that runs until it is stopped. */
const stop = () => process.emit("SIGINT");

describe("dlms listen", () => {
  it("names pushed values by a list in a file", async () => {
    const objects = file(
      "objects.yaml",
      '- { obis: "1-0:1.8.0", classId: 3, attributeId: 2, scaler: -1, unit: Wh }\n- 1-0:2.8.0\n',
    );
    const { until, lines } = printing();
    const listening = runListen({ ...common, tcp: "0", objects });
    const [, port] = await until(/listening on tcp 127\.0\.0\.1:(\d+)/);
    await using meter = new MockMeter();
    const pusher = meter.pusher(tcp({ host: "127.0.0.1", port: Number(port) }));
    await pusher.push({ kind: "data-notification", body: structure(u32(1234), u32(5)) });
    await until(/"objects"/);
    stop();
    await listening;
    expect(lines()[0]).toMatchObject({
      type: "push",
      objects: [
        { obis: "1-0:1.8.0*255", classId: 3, value: { value: "123.4", unit: "Wh" } },
        { obis: "1-0:2.8.0*255" },
      ],
    });
  });

  it("verify required, if-key and off tell what is taken", async () => {
    const outcomes: Record<string, unknown> = {};
    for (const verify of ["required", "if-key", "off"]) {
      const { until, lines } = printing();
      const listening = runListen({ ...common, tcp: "0", keys: file("keys.yaml", keys), verify });
      const [, port] = await until(/listening on tcp 127\.0\.0\.1:(\d+)/);
      await using meter = new MockMeter();
      for (const client of [16, 1]) {
        const pusher = meter.pusher(tcp({ host: "127.0.0.1", port: Number(port) }), { client });
        await pusher.push({ kind: "data-notification", body: u32(client) });
        await until(client === 16 ? /^\{/m : /\}\n\{|\}\{/);
      }
      stop();
      await listening;
      outcomes[verify] = lines().map(({ code, authenticated }) => code ?? authenticated);
      vi.restoreAllMocks();
    }
    expect(outcomes).toEqual({
      required: ["weaker-than-policy", true],
      "if-key": [null, true],
      off: [null, false],
    });
  });

  it("confirms what dlms mock pushes, ciphered", async () => {
    const { until, lines } = printing();
    const listening = runListen({ ...common, tcp: "0", keys: file("keys.yaml", keys), confirm: "4142430000000001" });
    const [, port] = await until(/listening on tcp 127\.0\.0\.1:(\d+)/);
    const mocking = runMock({ ...mockFlags, pushTo: `tcp:127.0.0.1:${port}`, confirmed: true });
    await until(/push: confirmed, 1 attempt/);
    stop();
    await Promise.all([listening, mocking]);
    const [push] = lines();
    expect(push).toMatchObject({ type: "push", authenticated: true, confirmed: true });
    expect(push.objects.map(({ obis }: { obis: string }) => obis)).toContain("1-0:1.8.0*255");
  });

  it("--dial-in serves the meters of a registry, and reports others", async () => {
    const { until, lines } = printing();
    const listening = runListen({ ...common, tcp: "0", dialIn: true, registry: file("registry.yaml", registry) });
    const [, port] = await until(/listening on tcp 127\.0\.0\.1:(\d+)/);
    const mocking = runMock({ ...mockFlags, dial: `127.0.0.1:${port}`, pushEvery: "60" });
    await until(/"kind":"data-notification"/);
    const stranger = runMock({ ...mockFlags, seed: "2", auth: "none", dial: `127.0.0.1:${port}` });
    await until(/"type":"unknown"/);
    stop();
    await Promise.all([listening, mocking, stranger]);
    expect(lines()).toMatchObject([
      { type: "connected", meter: "house", by: "push", proven: true },
      { type: "push", meter: "house", authenticated: true },
      { type: "unknown", code: "meter-unknown", logicalDeviceName: "DLM0000010000002" },
      ...Array(lines().length - 3).fill({}),
    ]);
  });

  it("refuses what does not go together", async () => {
    const refused = [
      runListen({ ...common, tcp: "0", dialIn: true }),
      runListen({ ...common, dialIn: true, registry: "r.yaml" }),
      runListen({ ...common, tcp: "0", dialIn: true, registry: "r.yaml", keys: "k.yaml" }),
      runListen({ ...common, tcp: "0", tls: true }),
      runListen({ ...common, tcp: "0", confirm: "00" }),
      runListen({ ...common, tcp: "0", verify: "perhaps" }),
      runMock({ ...mockFlags, dial: "127.0.0.1:1", tcp: "0" }),
    ];
    for (const one of refused) await expect(one).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("dlms read --dial-in", () => {
  it("reads the meter once it has dialled in", async () => {
    const { until } = printing();
    const probe = tcpListener({ port: 0 });
    await probe.listen(() => {});
    const port = `${probe.port}`;
    await probe.close();
    const reading = runRead(["1-0:1.8.0"], {
      dialIn: port,
      host: "127.0.0.1",
      registry: file("registry.yaml", registry),
      meter: "house",
      counters,
      within: "20",
    });
    await until(/waiting for house on/);
    await using meter = new MockMeter();
    await meter.dial(tcp({ host: "127.0.0.1", port: probe.port }));
    await until(/1-0:1\.8\.0 +\d+ Wh/);
    await reading;
  });
  it("needs a registry and a name", async () => {
    await expect(runRead(["1-0:1.8.0"], { dialIn: "0" })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(runRead(["1-0:1.8.0"], { dialIn: "0", meter: "house" })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});

describe("a file of object names", () => {
  const bad: Record<string, string> = {
    "that is no list": "obis: 1-0:1.8.0",
    "with an element that names nothing": "- 5",
    "without obis": "- { classId: 3 }",
    "with a field that means nothing": "- { obis: 1-0:1.8.0, colour: red }",
    "with a unit that there is not": "- { obis: 1-0:1.8.0, unit: furlong }",
    "with a class that is no number": "- { obis: 1-0:1.8.0, classId: three }",
    "that is no YAML": "- { obis",
  };
  for (const [name, content] of Object.entries(bad))
    it(`${name} is refused`, () => {
      expect(() => loadObjectNames(file("bad.yaml", content))).toThrow(
        expect.objectContaining({ code: "invalid-argument" }),
      );
    });
});
