import { expect, it } from "vitest";
import { type AuthenticationOptions, type ConnectOptions, connect, DlmsError } from "../../src/index.js";
import { type MockClient, MockMeter, mockClientSaps, mockCredentials } from "../../src/mock/index.js";
import { nodeCryptoProvider } from "../../src/node/index.js";

const secret = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const systemTitle = "4142430000000001";

/** Reads a register of a meter that knows one client, in the given way. */
async function read(client: Omit<MockClient, "clientSap">, options: ConnectOptions): Promise<string> {
  const clientSap = mockClientSaps.management;
  await using mock = new MockMeter({
    clients: [
      { clientSap: mockClientSaps.public, authentication: { mechanism: "none" } },
      { clientSap, ...client },
    ],
  });
  await using meter = await connect(await mock.endpoint(), { client: clientSap, ...options });
  return (await meter.register("1-0:1.8.0").value.get()).unit.toString();
}

it.each(["hls-md5", "hls-sha1", "hls-sha256"] as const)("%s needs no ciphering", async (mechanism) => {
  const authentication = { mechanism, secret };
  const meter = { authentication, systemTitle: mockCredentials.systemTitle };
  expect(await read(meter, { authentication, systemTitle })).toBe("Wh");
});

it("hls-ecdsa needs no ciphering", async () => {
  const curves = nodeCryptoProvider.ellipticCurves;
  const [own, peer] = [curves?.generateKeyPair("P-256"), curves?.generateKeyPair("P-256")];
  if (!own || !peer) throw new Error("no elliptic curves");
  const authentication: AuthenticationOptions = {
    mechanism: "hls-ecdsa",
    privateKey: own.privateKey,
    peerPublicKey: peer.publicKey,
  };
  const meter = {
    authentication: { mechanism: "hls-ecdsa", privateKey: peer.privateKey, peerPublicKey: own.publicKey },
    systemTitle: mockCredentials.systemTitle,
  } as const;
  expect(await read(meter, { authentication, systemTitle })).toBe("Wh");
});

it("a wrong secret is refused", async () => {
  const wrong = read(
    { authentication: { mechanism: "hls-sha256", secret }, systemTitle: mockCredentials.systemTitle },
    { authentication: { mechanism: "hls-sha256", secret: secret.toReversed() }, systemTitle },
  );
  const error = await wrong.catch((caught: unknown) => caught);
  expect(DlmsError.is(error) && error.code).toBe("authentication-refused");
});

it.each([
  [0, 16],
  [1, 16],
  [2, 32],
] as const)("suite %i ciphers, with a dedicated key and in general form too", async (suite, length) => {
  const encryptionKey = new Uint8Array(length).fill(1);
  const authenticationKey = new Uint8Array(length).fill(2);
  const keys = { suite, encryptionKey, authenticationKey };
  const authentication = { mechanism: "hls-gmac" } as const;
  const security = {
    ...keys,
    protection: "authenticated-encrypted",
    systemTitle: mockCredentials.systemTitle,
  } as const;
  for (const extra of [{}, { dedicatedKey: true }, { ciphering: "general" }] as const) {
    const options = { authentication, security: { ...keys, systemTitle, ...extra } };
    expect(await read({ authentication, security }, options)).toBe("Wh");
  }
});
