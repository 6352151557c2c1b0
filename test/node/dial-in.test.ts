import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { text } from "../../src/data/index.js";
import { memoryKeyStore, SecretKey, type StoredConnectOptions } from "../../src/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import {
  type DialInEvent,
  dialIn,
  fileKeyStore,
  loadRegistry,
  type MeterEntry,
  tcp,
  tcpListener,
  tls,
  tlsListener,
} from "../../src/node/index.js";
import { house } from "../client/dial-in-helpers.js";
import { ownTitle } from "../client/mock.js";
import { makeCertificate } from "./certificates.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-registry-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const yaml = `
defaults:
  client: 1
  own-system-title: "${ownTitle}"
meters:
  house:
    system-title: "444C4D0000000001"
    logical-device-name: DLM0000010000001
    authentication: hls-gmac
    encryption-key: "000102030405060708090A0B0C0D0E0F"
    authentication-key: "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
`;

describe("dial-in over sockets", () => {
  it("TCP, with a registry file: pushes, reads on demand, and a second visit", async () => {
    const listener = tcpListener({ port: 0 });
    await using server = dialIn(listener, { registry: loadRegistry(file("registry.yaml", yaml)) });
    await server.ready();
    const waiting = server.meter("house", { withinMs: 20_000 });
    await using mock = new MockMeter();
    await mock.dial(tcp({ host: "127.0.0.1", port: listener.port }));
    mock.push({ body: text("here I am"), client: 1 });
    expect((await server.pushes.next()).value).toMatchObject({ type: "push", origin: { meter: "house" } });
    const meter = await waiting;
    expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
    await meter.close();
    const again = await server.meter("house", { withinMs: 20_000 });
    expect(String(await again.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
    await again.close();
  });

  it("TLS: the certificate tells and proves who the meter is", async () => {
    const authority = makeCertificate("Meter CA");
    const head = makeCertificate("head end", "Meter CA", [{ type: 7, ip: "127.0.0.1" }]);
    const own = makeCertificate("444C4D0000000001", "Meter CA");
    const registry: MeterEntry[] = [
      { ...house, connect: { client: 2, authentication: { mechanism: "low", password: "12345678" } } },
    ];
    const trust = { ca: authority.certificate };
    const listener = tlsListener({ port: 0, ...trust, certificate: head.certificate, key: head.key });
    await using server = dialIn(listener, { registry, ask: false });
    await server.ready();
    const { certificate, key } = own;
    await using mock = new MockMeter();
    await mock.dial(tls({ host: "127.0.0.1", port: listener.port, ...trust, certificate, key }));
    // A password may go to a meter that has proven who it is.
    const meter = await server.meter("house", { withinMs: 20_000 });
    expect(server.meters).toMatchObject([{ by: "certificate", proven: true }]);
    await meter.close();
  });

  it("TLS: a meter with a pinned fingerprint is not known by another certificate of its name", async () => {
    const authority = makeCertificate("Meter CA");
    const head = makeCertificate("head end", "Meter CA", [{ type: 7, ip: "127.0.0.1" }]);
    const [own, other] = ["444C4D0000000001", "444C4D0000000001"].map((name) => makeCertificate(name, "Meter CA"));
    const trust = { ca: authority.certificate };
    const listener = tlsListener({ port: 0, ...trust, certificate: head.certificate, key: head.key });
    const registry = [{ ...house, fingerprint: own!.fingerprint }];
    await using server = dialIn(listener, { registry, ask: false, identifyMs: 100 });
    await server.ready();
    await using mock = new MockMeter();
    const { certificate, key } = other!;
    await mock.dial(tls({ host: "127.0.0.1", port: listener.port, ...trust, certificate, key }));
    const events: DialInEvent[] = [];
    for await (const event of server.events) {
      events.push(event);
      break;
    }
    expect(events).toMatchObject([{ type: "unknown" }]);
  });

  it("TLS: a caller that does not shake hands is cut off", async () => {
    const { certificate, key } = makeCertificate("head end");
    const listener = tlsListener({ port: 0, certificate, key, ca: certificate, handshakeTimeoutMs: 50 });
    await using server = dialIn(listener, { registry: [house] });
    await server.ready();
    await new Promise<void>((resolve) => {
      const socket = connectSocket(listener.port, "127.0.0.1");
      socket.on("error", () => {}).on("close", () => resolve());
      socket.resume();
    });
    expect(server.statistics.accepted).toBe(0);
  });

  it("TCP: callers of one address have so many places and no more", async () => {
    const listener = tcpListener({ port: 0 });
    await using server = dialIn(listener, { registry: [house], maxUnidentifiedPerAddress: 3, identifyMs: 5_000 });
    await server.ready();
    const sockets = Array.from({ length: 5 }, () => connectSocket(listener.port, "127.0.0.1").on("error", () => {}));
    while (server.statistics.accepted < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(server.statistics).toMatchObject({ unidentified: 3, refused: 2 });
    for (const socket of sockets) socket.destroy();
  });

  it("keys out of a key store, for pushes and for reads", async () => {
    const store = memoryKeyStore({
      house: {
        encryptionKey: SecretKey.from(mockCredentials.encryptionKey),
        authenticationKey: SecretKey.from(mockCredentials.authenticationKey),
        systemTitle: mockCredentials.systemTitle,
        ownSystemTitle: new TextEncoder().encode("ABC00001"),
      },
    });
    const connect = { client: 1, keys: { store, meter: "house" }, authentication: { mechanism: "hls-gmac" } } as const;
    const listener = tcpListener({ port: 0 });
    await using server = dialIn(listener, { registry: [{ ...house, connect }], ask: false });
    await server.ready();
    await using mock = new MockMeter();
    await mock.dial(tcp({ host: "127.0.0.1", port: listener.port }));
    mock.push({ body: text("here I am"), client: 1 });
    expect((await server.pushes.next()).value).toMatchObject({ type: "push", authenticated: true });
    for (let visit = 0; visit < 2; visit++) {
      const meter = await server.meter("house", { withinMs: 20_000 });
      expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
      await meter.close();
    }
  });
});

describe("a registry file", () => {
  it("gives keys, addresses and deviations", () => {
    const path = file(
      "full.json",
      JSON.stringify({
        meters: {
          a: {
            logicalDeviceName: "A",
            client: 1,
            server: "1:17",
            authentication: "low",
            password: "x",
            allowClaim: true,
          },
          b: {
            logicalDeviceName: "B",
            tolerances: { releaseUnanswered: false },
            referencing: "short-name",
            dialect: "hexing-hxe130",
          },
        },
      }),
    );
    expect(loadRegistry(path)).toEqual([
      {
        name: "a",
        logicalDeviceName: "A",
        allowClaim: true,
        connect: {
          client: 1,
          server: { logical: 1, physical: 17 },
          authentication: { mechanism: "low", password: "x" },
        },
      },
      {
        name: "b",
        logicalDeviceName: "B",
        connect: {
          authentication: { mechanism: "none" },
          tolerances: { releaseUnanswered: false },
          referencing: "short-name",
          dialect: "hexing-hxe130",
        },
      },
    ]);
  });
  it("takes keys from a file of their own", () => {
    file("house.yaml", 'encryptionKey: "00"\nauthenticationKey: "01"\n');
    const text = `meters: { house: { system-title: "444C4D0000000001", keys: house.yaml, own-system-title: "${ownTitle}" } }`;
    const [entry] = loadRegistry(file("keyless.yaml", text, 0o644));
    expect(entry?.connect).toMatchObject({ security: { encryptionKey: "00", authenticationKey: "01" } });
  });

  it("points to a key store", async () => {
    const store = fileKeyStore(join(folder, "store"));
    await store.save("house", { encryptionKey: SecretKey.from(mockCredentials.encryptionKey) });
    const text = "meters: { house: { logical-device-name: A, key-store: store, authentication: hls-gmac, client: 1 } }";
    const [entry] = loadRegistry(file("stored.yaml", text, 0o644));
    expect(entry?.connect).toMatchObject({
      client: 1,
      keys: { meter: "house" },
      authentication: { mechanism: "hls-gmac" },
    });
    const stored = entry?.connect as StoredConnectOptions | undefined;
    expect((await stored?.keys.store.load("house"))?.encryptionKey).toBeDefined();
  });

  const secret = "00112233445566778899AABBCCDDEEFF";
  const bad: Record<string, () => string> = {
    "that others may read": () => file("open.yaml", yaml, 0o644),
    "whose key file others may read": () => {
      file("open-keys.yaml", `encryptionKey: "${secret}"`, 0o640);
      return file("r1.yaml", "meters: { house: { logical-device-name: A, keys: open-keys.yaml } }");
    },
    "with a name that means nothing": () =>
      file("r2.yaml", `meters: { house: { logical-device-name: A, encription-key: "${secret}" } }`),
    "without meters": () => file("r3.yaml", "houses: {}"),
    "that is no YAML": () => file("r4.yaml", `meters: { house: { encryption-key: "${secret}" `),
    "with a key that YAML takes for a number": () =>
      file(
        "r5.yaml",
        `meters: { house: { logical-device-name: A, encryption-key: 112233, own-system-title: "${ownTitle}" } }`,
      ),
    "with a mechanism that there is not": () =>
      file("r6.yaml", `meters: { house: { logical-device-name: A, authentication: gmac, secret: "${secret}" } }`),
    "with a password missing": () =>
      file("r7.yaml", "meters: { house: { logical-device-name: A, authentication: low } }"),
    "that is not there": () => join(folder, "none.yaml"),
  };
  for (const [name, make] of Object.entries(bad))
    it(`${name} is refused, and shows no key`, () => {
      const path = make();
      let refused: unknown;
      try {
        loadRegistry(path);
      } catch (error) {
        refused = error;
      }
      expect(refused).toMatchObject({ code: "invalid-argument" });
      expect(`${(refused as Error).stack} ${JSON.stringify(refused)} ${(refused as Error).cause}`).not.toContain(
        secret,
      );
    });
});
