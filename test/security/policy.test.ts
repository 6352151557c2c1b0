import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cipheringOf,
  coversBits,
  openPolicy,
  type ProtectionBits,
  policyOf,
  policyOfCode,
  protectionBits,
  protectionText,
  stronger,
  weaker,
} from "../../src/security/index.js";
import { code } from "./helpers.js";

const none = { authenticated: false, encrypted: false, signed: false };
const bits = fc.record({ authenticated: fc.boolean(), encrypted: fc.boolean(), signed: fc.boolean() });

describe("protection bit by bit", () => {
  it("the stronger of two covers both, the weaker is covered by both", () => {
    fc.assert(
      fc.property(bits, bits, (one, other) => {
        const more = stronger(one, other);
        const less = weaker(one, other);
        for (const each of [one, other]) {
          expect(coversBits(more, each)).toBe(true);
          expect(coversBits(each, less)).toBe(true);
        }
        // Nothing that neither asked for, and all that both have.
        for (const bit of ["authenticated", "encrypted", "signed"] as const) {
          expect(more[bit]).toBe(one[bit] || other[bit]);
          expect(less[bit]).toBe(one[bit] && other[bit]);
        }
      }),
    );
  });
  it("names of ciphering stand for two of the three bits", () => {
    const names = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;
    for (const name of names) {
      expect(cipheringOf(protectionBits(name))).toBe(name);
      expect(protectionBits(name).signed).toBe(false);
      expect(cipheringOf({ ...protectionBits(name), signed: true })).toBe(name);
    }
    expect(protectionBits({ signed: true })).toEqual({ ...none, signed: true });
    expect(protectionText({ ...none, signed: true })).toBe("signed");
    expect(protectionText({ authenticated: true, encrypted: true, signed: true })).toBe(
      "authenticated-encrypted, signed",
    );
  });
});

describe("security_policy of Security setup", () => {
  it("version 0: a number for both ways, the response as the request", () => {
    const expected: ProtectionBits[] = [
      none,
      { ...none, authenticated: true },
      { ...none, encrypted: true },
      { authenticated: true, encrypted: true, signed: false },
    ];
    for (const [number, both] of expected.entries())
      expect(policyOfCode(number)).toEqual({ request: both, response: both, responseAsRequest: true });
  });
  it("version 1: bits 2 to 4 are about the request, 5 to 7 about the response", () => {
    const alone = (number: number) => policyOfCode(number);
    expect(alone(0x04).request).toEqual({ ...none, authenticated: true });
    expect(alone(0x08).request).toEqual({ ...none, encrypted: true });
    expect(alone(0x10).request).toEqual({ ...none, signed: true });
    expect(alone(0x20).response).toEqual({ ...none, authenticated: true });
    expect(alone(0x40).response).toEqual({ ...none, encrypted: true });
    expect(alone(0x80).response).toEqual({ ...none, signed: true });
    expect(alone(0x80)).toMatchObject({ request: none, responseAsRequest: false });
    expect(policyOfCode(0, 1)).toEqual({ request: none, response: none, responseAsRequest: false });
  });
  it("a number of neither version is refused", () => {
    for (const number of [4 + 1, 0x0c + 2, 256, -1, 1.5, Number.NaN])
      expect(() => policyOfCode(number)).toThrow(code("malformed"));
    expect(() => policyOfCode(3, 1)).toThrow(code("malformed"));
    expect(() => policyOfCode(4, 0)).toThrow(code("malformed"));
  });
  it("written down by name", () => {
    expect(policyOf({ request: "authenticated" })).toEqual({
      request: { ...none, authenticated: true },
      response: { ...none, authenticated: true },
      responseAsRequest: true,
    });
    expect(policyOf({ request: "none", response: { signed: true } })).toEqual({
      request: none,
      response: { ...none, signed: true },
      responseAsRequest: false,
    });
    expect(openPolicy).toEqual(policyOfCode(0));
  });
});
