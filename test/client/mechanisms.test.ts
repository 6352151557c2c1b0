import { describe, expect, it } from "vitest";
import { type AuthenticationOptions, type ConnectOptions, connect } from "../../src/client/index.js";
import { type MockClient, MockMeter } from "../../src/mock/index.js";
import { clientTitle, meterTitle, parties } from "../association/parties.js";

const secret = new TextEncoder().encode("a secret of both");
const keys = parties(1);
const { clientSigns, meterSigns } = keys.pairs;
const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(() => resolve(value)));

const reversed = (octets: Uint8Array) => octets.toReversed();
const same = (a: Uint8Array, b: Uint8Array) => a.join() === b.join();
const manufacturer = {
  mechanism: "hls-manufacturer",
  prove: ({ peerChallenge }: { peerChallenge: Uint8Array }) => reversed(peerChallenge),
  verify: ({ ownChallenge }: { ownChallenge: Uint8Array }, proof: Uint8Array) => same(proof, reversed(ownChallenge)),
} as const;
/** The same asked of a service elsewhere. */
const slowManufacturer: AuthenticationOptions = {
  mechanism: "hls-manufacturer",
  prove: (exchange) => later(manufacturer.prove(exchange)),
  verify: (exchange, proof) => later(manufacturer.verify(exchange, proof)),
};

const security = { ...keys.shared, systemTitle: clientTitle };
const meterSecurity = { ...keys.shared, systemTitle: meterTitle };
type Case = readonly [string, ConnectOptions, Omit<MockClient, "clientSap">];
const shared = (["hls-md5", "hls-sha1", "hls-sha256"] as const).map((mechanism): Case => {
  const authentication = { mechanism, secret };
  return [mechanism, { authentication, systemTitle: clientTitle }, { authentication, systemTitle: meterTitle }];
});
const cases: readonly Case[] = [
  ...shared,
  [
    "hls-gmac",
    { authentication: { mechanism: "hls-gmac" }, security },
    { authentication: { mechanism: "hls-gmac" }, security: meterSecurity },
  ],
  [
    "hls-ecdsa",
    {
      systemTitle: clientTitle,
      authentication: {
        mechanism: "hls-ecdsa",
        privateKey: clientSigns.privateKey,
        peerPublicKey: meterSigns.publicKey,
      },
    },
    {
      systemTitle: meterTitle,
      authentication: {
        mechanism: "hls-ecdsa",
        privateKey: meterSigns.privateKey,
        peerPublicKey: clientSigns.publicKey,
      },
    },
  ],
  ["hls-manufacturer", { authentication: slowManufacturer }, { authentication: manufacturer }],
];

async function read(options: ConnectOptions, client: Omit<MockClient, "clientSap">): Promise<string> {
  await using mock = new MockMeter({
    household: { days: 1 },
    ...(options.referencing && { referencing: options.referencing }),
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      { clientSap: 1, ...client },
    ],
  });
  await using meter = await connect(await mock.endpoint({ link: "wrapper" }), { client: 1, ...options });
  return (await meter.register("1-0:1.8.0").value.get()).unit.toString();
}

describe("high level security through connect and the mock meter", () => {
  for (const referencing of ["logical-name", "short-name"] as const)
    it.each(cases)(`%s over ${referencing}s`, async (_, options, client) => {
      expect(await read({ ...options, referencing }, client)).toBe("Wh");
    });

  it("a manufacturer's meter that proves nothing, and one that does not believe us", async () => {
    const proves = { ...manufacturer, prove: () => new Uint8Array(16) };
    const believes = { ...manufacturer, verify: () => false };
    await expect(read({ authentication: slowManufacturer }, { authentication: proves })).rejects.toMatchObject({
      code: "hls-authentication-failed",
    });
    await expect(read({ authentication: slowManufacturer }, { authentication: believes })).rejects.toMatchObject({
      code: "authentication-refused",
    });
  });

  it("hooks of a manufacturer that fail, or answer nonsense", async () => {
    const failing: AuthenticationOptions = { ...slowManufacturer, prove: () => Promise.reject(new Error("no server")) };
    await expect(read({ authentication: failing }, { authentication: manufacturer })).rejects.toMatchObject({
      code: "private-key-failed",
      cause: { message: "no server" },
    });
    const doubtful = { ...slowManufacturer, verify: () => later(undefined as unknown as boolean) };
    await expect(read({ authentication: doubtful }, { authentication: manufacturer })).rejects.toMatchObject({
      code: "hls-authentication-failed",
    });
  });
});
