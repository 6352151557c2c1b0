import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { agreeKeys, type ConnectOptions, changeKeys, connect, type Meter } from "../../src/index.js";
import { mockCredentials } from "../../src/mock/index.js";
import { tcp } from "../../src/node/index.js";
import { expectReport } from "./support/expected-report.js";
import { signing } from "./support/keys.js";
import { options, security, suiteSecurity } from "./support/our-client.js";
import { type PeerMeter, peerMeter } from "./support/peer-meter.js";
import { type Link, links, type ReferenceMeter, referenceMeter } from "./support/reference-meter.js";
import { type clients, meters, runClient } from "./support/report.js";

const masterKey = toHex(mockCredentials.masterKey);
const newKey = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
const management = 1;
/** Master keys of the meters. */
const masterKeys = { jdlms: "00112233445566778899AABBCCDDEEFF", "gurux-java": masterKey } as const;
/** Lengths of the texts that each client writes and reads back. */
const written = {
  "gurux-python": { hdlc: [40, 3000], wrapper: [40, 3000] },
  jdlms: { hdlc: [40], wrapper: [40, 900] },
} as const;

let mock: ReferenceMeter | undefined;
afterEach(async () => {
  await mock?.close();
  mock = undefined;
});

describe.each(["gurux-python", "jdlms"] as const satisfies (keyof typeof clients)[])("%s on our mock meter", (name) => {
  it.each(links)("transfers a key and goes on under it over %s", async (link) => {
    mock = await referenceMeter(link, { maxPduSize: 65_535 });
    const { port, nextCounter: counter } = mock;
    const told = { port, link, authentication: "gmac", masterKey, newKey } as const;
    expectReport(await runClient(name, { ...told, counter }), mock, {
      sap: management,
      written: written[name][link],
    });
    // The next association uses the new key, and the old one is refused.
    const next = { port, link, authentication: "gmac", counter: mock.nextCounter } as const;
    expect((await runClient(name, { ...next, key: newKey })).energy).toEqual([4_294_967_295, [-1, 30]]);
    await expect(runClient(name, { ...next, counter: 9_000 })).rejects.toThrow(name);
  });

  it("is refused with another master key", async () => {
    mock = await referenceMeter("wrapper", { maxPduSize: 65_535 });
    const { port, nextCounter: counter } = mock;
    const told = { port, link: "wrapper", authentication: "gmac", masterKey: newKey, newKey, counter } as const;
    await expect(runClient(name, told)).rejects.toThrow(name);
  });
});

describe.each(Object.keys(meters) as (keyof typeof meters)[])("our client on a meter of %s", (name) => {
  let peer: PeerMeter | undefined;
  beforeAll(async () => {
    peer = await peerMeter(name);
  });
  afterAll(() => peer?.close());

  const open = (link: Link, more: Partial<ConnectOptions["security"]> = {}): Promise<Meter> =>
    connect(tcp({ host: "127.0.0.1", port: peer?.port("ln", link) ?? 0, link }), {
      server: { logical: 1, physical: 17 },
      timeouts: { connectMs: 8_000, responseMs: 4_000 },
      ...options.gmac,
      security: { ...security, ...more },
    });

  it.each(links)("transfers a key and goes on under it over %s", async (link) => {
    const meter = await open(link);
    try {
      await expect(changeKeys(meter, { encryptionKey: newKey }, { masterKey: newKey })).rejects.toMatchObject({});
    } finally {
      await meter.close();
    }
    const again = await open(link);
    await changeKeys(again, { encryptionKey: newKey }, { masterKey: masterKeys[name] });
    expect(String(await again.register("1-0:15.8.0").value.get())).toBe("429496729.5 Wh");
    await again.close();
    const next = await open(link, { encryptionKey: newKey });
    expect(String(await next.register("1-0:15.8.0").value.get())).toBe("429496729.5 Wh");
    // Back, for the other link: some meters have one set of keys for all.
    await changeKeys(next, { encryptionKey: security.encryptionKey }, { masterKey: masterKeys[name] });
    await next.close();
  });
});

describe("our client on a meter of gurux-java", () => {
  let peer: PeerMeter | undefined;
  beforeAll(async () => {
    peer = await peerMeter("gurux-java");
  });
  afterAll(() => peer?.close());

  // The library agrees on one unicast key of suite 1 at a time.
  it.each(links)("agrees on a key of suite 1 and goes on under it over %s", async (link) => {
    const meter = await connect(tcp({ host: "127.0.0.1", port: peer?.port("suite1", link) ?? 0, link }), {
      server: { logical: 1, physical: 17 },
      timeouts: { connectMs: 8_000, responseMs: 4_000 },
      ...options.gmac,
      security: suiteSecurity(1),
    });
    const keys = {
      signaturePrivateKey: signing.client.privateKey,
      meterSignaturePublicKey: fromHex(signing.meter.publicKey),
    };
    await agreeKeys(meter, ["encryptionKey"], keys);
    expect(String(await meter.register("1-0:15.8.0").value.get())).toBe("429496729.5 Wh");
    const foreign = { ...keys, signaturePrivateKey: signing.meter.privateKey };
    await expect(agreeKeys(meter, ["encryptionKey"], foreign)).rejects.toMatchObject({ code: "access-refused" });
    await meter.close();
  });
});
