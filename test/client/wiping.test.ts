import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import { sessionOf } from "../../src/client/meter.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { SecretKey } from "../../src/security/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";

/** Secrets that a session holds, while it runs and after it was closed. */
async function secretsOf(options: ConnectOptions) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const mock = new MockMeter({ clock, household: { days: 1 } });
  const meter = await clock.run(connect(await mock.endpoint({ link: "wrapper" }), options));
  const { ownSecrets } = sessionOf(meter).settings;
  const shown = () => ownSecrets.map((secret) => secret.use(toHex));
  const before = shown();
  await clock.run(meter.close());
  return { before, after: shown(), meter };
}

describe("what a session copied of secrets is overwritten when it is over", () => {
  it("keys", async () => {
    const { before, after } = await secretsOf(clients.management);
    expect(before).toEqual([toHex(mockCredentials.encryptionKey), toHex(mockCredentials.authenticationKey)]);
    expect(after).toEqual(before.map((hex) => "0".repeat(hex.length)));
  });
  it("a password", async () => {
    const { before, after } = await secretsOf(clients.reader);
    expect(before).toEqual([toHex(mockCredentials.password)]);
    expect(after).toEqual(["0".repeat(16)]);
  });
  it("not what the caller keeps: its own octets and keys serve the next session", async () => {
    const encryptionKey = new SecretKey(mockCredentials.encryptionKey);
    const authenticationKey = mockCredentials.authenticationKey.slice();
    const options = {
      ...clients.management,
      security: { ...clients.management.security, encryptionKey, authenticationKey },
    };
    for (let session = 0; session < 2; session++) {
      const { before, after, meter } = await secretsOf(options);
      expect(before).toEqual([toHex(mockCredentials.authenticationKey)]);
      expect(after).toEqual(["0".repeat(32)]);
      expect(meter.state).toBe("closed");
    }
    expect(encryptionKey.use(toHex)).toBe(toHex(mockCredentials.encryptionKey));
    expect(authenticationKey).toEqual(mockCredentials.authenticationKey);
  });
});
