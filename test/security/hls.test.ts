import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import type { CryptoProvider } from "../../src/crypto/index.js";
import {
  createChallenge,
  GcmLayer,
  type HlsCredentials,
  type HlsExchange,
  type HlsMechanism,
  MemoryCounter,
  proveHls,
  SecretKey,
  verifyHls,
} from "../../src/security/index.js";
import {
  authenticationKey,
  clientTitle,
  code,
  crypto,
  encryptionKey,
  flipped,
  providers,
  serverTitle,
} from "./helpers.js";

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const secret = text("Gurux");
const ctos = fromHex("101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F");
const stoc = fromHex("505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F");
const client: HlsExchange = {
  ownSystemTitle: clientTitle,
  peerSystemTitle: serverTitle,
  ownChallenge: ctos,
  peerChallenge: stoc,
};
const server: HlsExchange = {
  ownSystemTitle: serverTitle,
  peerSystemTitle: clientTitle,
  ownChallenge: stoc,
  peerChallenge: ctos,
};

/** Credentials of both ends for a mechanism. */
function ends(mechanism: HlsMechanism, provider: CryptoProvider): { client: HlsCredentials; server: HlsCredentials } {
  switch (mechanism) {
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256": {
      const shared = { mechanism, crypto: provider, secret: new SecretKey(secret) };
      return { client: shared, server: shared };
    }
    case "hls-gmac": {
      const layer = () => new GcmLayer(provider, 0, encryptionKey, authenticationKey);
      return {
        client: { mechanism, layer: layer(), counter: new MemoryCounter(7) },
        server: { mechanism, layer: layer(), counter: new MemoryCounter(9) },
      };
    }
    case "hls-ecdsa": {
      const curves = provider.ellipticCurves!;
      const [a, b] = [curves.generateKeyPair("P-256"), curves.generateKeyPair("P-256")];
      const end = (own: typeof a, peer: typeof a) =>
        ({
          mechanism,
          crypto: provider,
          curve: "P-256",
          privateKey: own.privateKey,
          peerPublicKey: peer.publicKey,
        }) as const;
      return { client: end(a, b), server: end(b, a) };
    }
    case "hls-manufacturer": {
      const sum = (bytes: Uint8Array) => Uint8Array.of(bytes.reduce((total, octet) => (total + octet) & 0xff, 0));
      const own: HlsCredentials = {
        mechanism,
        prove: (exchange) => sum(exchange.peerChallenge),
        verify: (exchange, proof) => proof[0] === sum(exchange.ownChallenge)[0],
      };
      return { client: own, server: own };
    }
  }
}

const mechanisms = ["hls-md5", "hls-sha1", "hls-gmac", "hls-sha256", "hls-ecdsa", "hls-manufacturer"] as const;

describe.each(providers)("high level security with $name", (provider) => {
  it.each(mechanisms)("%s: each end proves itself to the other, and no altered proof holds", (mechanism) => {
    const both = ends(mechanism, provider);
    const third = proveHls(client, both.client);
    verifyHls(server, third, both.server);
    const fourth = proveHls(server, both.server);
    verifyHls(client, fourth, both.client);
    const refused = (task: () => void) => expect(task).toThrow(code("hls-authentication-failed"));
    for (let at = 0; at < third.length; at++) refused(() => verifyHls(server, flipped(third, at), both.server));
    refused(() => verifyHls(server, third.subarray(1), both.server));
    refused(() => verifyHls(server, new Uint8Array(0), both.server));
    if (mechanism !== "hls-manufacturer") {
      // Our own proof sent back proves nothing.
      refused(() => verifyHls(client, third, both.client));
      refused(() => verifyHls({ ...server, ownChallenge: flipped(stoc, 3) }, third, both.server));
    }
  });

  it("takes the octets in the order each mechanism prescribes", () => {
    const own = (mechanism: HlsMechanism) => proveHls(client, ends(mechanism, provider).client);
    expect(toHex(own("hls-md5"))).toBe(toHex(provider.digest("md5", concatBytes(stoc, secret))));
    expect(toHex(own("hls-sha1"))).toBe(toHex(provider.digest("sha1", concatBytes(stoc, secret))));
    expect(toHex(own("hls-sha256"))).toBe(
      toHex(provider.digest("sha256", concatBytes(secret, clientTitle, serverTitle, stoc, ctos))),
    );
    const fourth = proveHls(server, ends("hls-sha256", provider).server);
    expect(toHex(fourth)).toBe(
      toHex(provider.digest("sha256", concatBytes(secret, serverTitle, clientTitle, ctos, stoc))),
    );
    const pair = ends("hls-ecdsa", provider);
    const signature = proveHls(client, pair.client);
    const { peerPublicKey } = pair.server as Extract<HlsCredentials, { mechanism: "hls-ecdsa" }>;
    const signed = concatBytes(clientTitle, serverTitle, stoc, ctos);
    expect(provider.ellipticCurves!.verify("P-256", peerPublicKey, signed, signature)).toBe(true);
    expect([...own("hls-gmac").subarray(0, 5)]).toEqual([0x10, 0, 0, 0, 7]);
  });
});

describe("challenges", () => {
  it("ours have 16 octets, 32 for ECDSA, and differ each time", () => {
    for (const mechanism of mechanisms) {
      const challenge = createChallenge(mechanism, crypto.randomBytes);
      expect(challenge).toHaveLength(mechanism === "hls-ecdsa" ? 32 : 16);
      expect(toHex(challenge)).not.toBe(toHex(createChallenge(mechanism, crypto.randomBytes)));
    }
  });
  it("our own challenge reflected is refused on both passes", () => {
    for (const mechanism of mechanisms) {
      const both = ends(mechanism, crypto);
      const reflected = { ...client, peerChallenge: ctos };
      expect(() => proveHls(reflected, both.client)).toThrow(code("hls-challenge-invalid"));
      expect(() => verifyHls(reflected, new Uint8Array(17), both.client)).toThrow(code("hls-challenge-invalid"));
    }
  });
  it("8 to 64 octets are taken, 32 to 64 by ECDSA", () => {
    const both = ends("hls-md5", crypto);
    const signed = ends("hls-ecdsa", crypto);
    const outcome = (length: number, credentials: HlsCredentials) => {
      try {
        proveHls({ ...client, peerChallenge: new Uint8Array(length).fill(5) }, credentials);
        return "taken";
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    for (const length of [8, 9, 16, 63, 64]) expect(outcome(length, both.client)).toBe("taken");
    for (const length of [0, 1, 7, 65, 200]) expect(outcome(length, both.client)).toBe("hls-challenge-invalid");
    expect(outcome(31, signed.client)).toBe("hls-challenge-invalid");
    expect(outcome(32, signed.client)).toBe("taken");
  });
  it("GMAC with another control octet, a foreign title or another key does not hold", () => {
    const both = ends("hls-gmac", crypto);
    const proof = proveHls(client, both.client);
    expect(() => verifyHls(server, flipped(proof, 0, 0x20), both.server)).toThrow(code("hls-authentication-failed"));
    expect(() => verifyHls({ ...server, peerSystemTitle: serverTitle }, proof, both.server)).toThrow(
      code("hls-authentication-failed"),
    );
    const layer = new GcmLayer(crypto, 0, new Uint8Array(16), authenticationKey);
    expect(() => verifyHls(server, proof, { mechanism: "hls-gmac", layer, counter: new MemoryCounter() })).toThrow(
      code("hls-authentication-failed"),
    );
  });
  it("GMAC takes a new counter for each proof", () => {
    const { client: credentials } = ends("hls-gmac", crypto);
    expect(toHex(proveHls(client, credentials).subarray(1, 5))).toBe("00000007");
    expect(toHex(proveHls(client, credentials).subarray(1, 5))).toBe("00000008");
  });
  it("ECDSA without elliptic curves says what is missing", () => {
    const { ellipticCurves: _, ...small } = crypto;
    const both = ends("hls-ecdsa", crypto);
    const lacking = { ...both.client, crypto: small } as HlsCredentials;
    expect(() => proveHls(client, lacking)).toThrow(code("elliptic-curves-missing"));
  });
});
