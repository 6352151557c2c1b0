import { describe, expect, it } from "vitest";
import { covers, decodeSecurityControl, encodeSecurityControl, SecretKey } from "../../src/security/index.js";

describe("security control", () => {
  it("reads 30 as authenticated and encrypted with suite 0", () => {
    expect(decodeSecurityControl(0x30)).toEqual({
      suite: 0,
      protection: "authenticated-encrypted",
      broadcast: false,
      compressed: false,
    });
  });
  it("writes back each octet it reads", () => {
    for (let octet = 0; octet < 256; octet++) {
      if ((octet & 0x0f) > 2) expect(() => decodeSecurityControl(octet)).toThrow(/suite/);
      else expect(encodeSecurityControl(decodeSecurityControl(octet))).toBe(octet);
    }
  });
  it("knows what covers what", () => {
    expect(covers("authenticated-encrypted", "encrypted")).toBe(true);
    expect(covers("authenticated", "encrypted")).toBe(false);
    expect(covers("encrypted", "authenticated")).toBe(false);
    expect(covers("none", "none")).toBe(true);
    expect(covers("none", "authenticated")).toBe(false);
  });
});

describe("SecretKey", () => {
  it("shows nothing of itself", async () => {
    const key = new SecretKey(Uint8Array.of(0xde, 0xad, 0xbe, 0xef));
    const { inspect } = await import("node:util");
    for (const text of [String(key), JSON.stringify({ key }), inspect({ key }, { showHidden: true, depth: 9 })])
      expect(text).not.toMatch(/de.?ad|222|173|190|239/i);
    expect(key.use((octets) => octets[0])).toBe(0xde);
    key.destroy();
    expect(key.use((octets) => [...octets])).toEqual([0, 0, 0, 0]);
  });
});
