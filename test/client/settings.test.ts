import { describe, expect, it } from "vitest";
import { fromHex, UsageError } from "../../src/base/index.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import type { Endpoint } from "../../src/transport/index.js";
import { bench, clients } from "./mock.js";

const keys = { encryptionKey: "00".repeat(16), authenticationKey: "11".repeat(16), systemTitle: "4142430000000001" };
const nowhere: Endpoint = {
  link: "hdlc",
  signOn: { mode: "none" },
  createTransport: () => expect.unreachable("no line is opened for options that do not go together"),
};

describe("options that do not go together are told before a line is opened", () => {
  const wrong: Record<string, [ConnectOptions, RegExp]> = {
    "GMAC without keys": [{ authentication: { mechanism: "hls-gmac" } }, /hls-gmac needs `security`/],
    "a client address out of range": [{ client: -1 }, /client is -1/],
    "a server address out of range": [{ server: 70_000 }, /server\.logical is 70000/],
    "a physical address out of range": [{ server: { physical: 20_000 } }, /server\.physical is 20000/],
    "a time-out of nothing": [{ timeouts: { responseMs: 0 } }, /timeouts\.responseMs is 0/],
    "a key that is no hexadecimal text": [{ security: { ...keys, encryptionKey: "secretsecret" } }, /encryptionKey/],
    "a short system title": [{ security: { ...keys, systemTitle: "4142" } }, /systemTitle has 2 octets/],
    "a password with umlauts": [{ authentication: { mechanism: "low", password: "pässword" } }, /outside ASCII/],
    "a keep-alive of nothing": [{ keepAlive: 0 }, /keepAlive is 0/],
  };
  for (const [name, [options, message]] of Object.entries(wrong))
    it(name, async () => {
      const error = await connect(nowhere, options).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).message).toMatch(message);
      expect((error as UsageError).advice.length).toBeGreaterThan(10);
      expect(JSON.stringify(error)).not.toMatch(/secretsecret|pässword/);
    });
});

it("keys and titles may be octets or hexadecimal text", async () => {
  const { encryptionKey, authenticationKey } = clients.management.security;
  for (const as of [(octets: Uint8Array) => octets, (octets: Uint8Array) => Buffer.from(octets).toString("hex")]) {
    const { clock, connect: open } = await bench({ link: "wrapper" });
    const security = {
      encryptionKey: as(encryptionKey),
      authenticationKey: as(authenticationKey),
      systemTitle: as(fromHex("4142430000000042")),
    };
    const meter = await clock.run(open({ ...clients.management, security }));
    expect(meter.negotiated.mechanism).toBe("hls-gmac");
    await clock.run(meter.close());
  }
});
