import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DlmsError, toHex } from "../../src/base/index.js";
import {
  GeneralProtection,
  MemoryCounter,
  type Protection,
  PushOpener,
  RisingGuard,
  readEnvelope,
  SecurityContext,
  WindowGuard,
} from "../../src/security/index.js";
import { bothEnds, providers } from "./helpers.js";

const protections: Protection[] = ["authenticated", "encrypted", "authenticated-encrypted"];
const plainTags = [0x01, 0x08, 0x0e, 0x0f, 0xc0, 0xc1, 0xc3, 0xc4, 0xc7, 0xd9, 0xda];

describe("properties of protection", () => {
  it.each(providers)("what $name protects, both open", (crypto) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...plainTags),
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...protections),
        fc.constantFrom("service" as const, "general" as const),
        fc.boolean(),
        fc.nat({ max: 0xfffffffe }),
        (tag, rest, protection, form, dedicated, counter) => {
          const { client } = bothEnds({ crypto, protection, counter: new MemoryCounter(counter) });
          const { server } = bothEnds({ protection });
          if (dedicated)
            for (const end of [client, server])
              end.useDedicatedKey(new Uint8Array(16).fill(9), new MemoryCounter(counter));
          const plain = Uint8Array.of(tag, ...rest);
          const opened = server.unprotect(client.protect(plain, { form }));
          expect(toHex(opened.apdu)).toBe(toHex(plain));
          expect(opened).toMatchObject({ protection, invocationCounter: counter });
        },
      ),
      { numRuns: 80 },
    );
  });

  it("works in suite 2 with keys of 32 octets", () => {
    const { client, server } = bothEnds({
      suite: 2,
      encryptionKey: new Uint8Array(32).fill(1),
      authenticationKey: new Uint8Array(32).fill(2),
    });
    const message = client.protect(Uint8Array.of(0xc0, 1, 2));
    expect(message[2]).toBe(0x32);
    expect([...server.unprotect(message).apdu]).toEqual([0xc0, 1, 2]);
  });

  it("arbitrary octets end in an error of the family and never in content", () => {
    const { server } = bothEnds();
    fc.assert(
      fc.property(
        fc.constantFrom(0xdb, 0xdc, 0xc8, 0xd4, 0x21, 0xdd, 0xdf, 0x60),
        fc.uint8Array({ maxLength: 80 }),
        (tag, rest) => {
          const octets = Uint8Array.of(tag, ...rest);
          expect(() => server.unprotect(octets)).toThrow(expect.toSatisfy(DlmsError.is));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("arbitrary and mutated pushes and general messages end in an error of the family or in a checked message", () => {
    const key = new Uint8Array(16).fill(1);
    const general = (profile: "green-book" | "gbcs") =>
      new GeneralProtection({
        crypto: providers[0],
        suite: 1,
        profile,
        encryptionKey: key,
        authenticationKey: key,
        masterKey: key,
        agreementPrivateKey: pair.privateKey,
        signaturePrivateKey: pair.privateKey,
        party: () => ({ signaturePublicKey: pair.publicKey, agreementPublicKey: pair.publicKey }),
        counter: new MemoryCounter(5),
        replayProtection: false,
      });
    const pair = providers[0].ellipticCurves!.generateKeyPair("P-256");
    const opener = new PushOpener({ crypto: providers[0], keys: [{ encryptionKey: key, authenticationKey: key }] });
    const [green, gbcs] = [general("green-book"), general("gbcs")];
    const title = new Uint8Array(8).fill(2);
    const header = {
      transactionId: Uint8Array.of(1, 2),
      originatorSystemTitle: title,
      recipientSystemTitle: title,
      dateTime: new Uint8Array(0),
      otherInformation: new Uint8Array(0),
    };
    const plain = Uint8Array.of(0xc0, 1, 2, 3);
    const signed = green.sign(plain, header);
    const seeds = [
      signed,
      gbcs.cipherGbcs(signed),
      ...(["unicast", "wrapped", "one-pass", "static"] as const).map((kind) =>
        green.cipher(signed, { header, key: { kind }, protection: "authenticated-encrypted" }),
      ),
      bothEnds({ encryptionKey: key, authenticationKey: key }).client.protect(plain, { form: "general" }),
    ];
    const attempt = (task: () => readonly { readonly apdu: Uint8Array }[]) => {
      try {
        const layers = task().map(({ apdu }) => toHex(apdu));
        if (layers.length > 0) expect(layers).toContain(toHex(plain));
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
      }
    };
    const mutation = fc.record({
      seed: fc.nat(seeds.length - 1),
      at: fc.nat(400),
      octet: fc.nat(255),
      cut: fc.nat(400),
      glued: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(mutation, ({ seed, at, octet, cut, glued }) => {
        const whole = seeds[seed]!;
        const octets = Uint8Array.of(...whole.subarray(0, cut % 3 === 0 ? cut : whole.length), ...glued);
        if (octets.length > 0) octets[at % octets.length] = octet;
        attempt(() => green.openAll(octets));
        attempt(() => gbcs.openAll(octets));
        attempt(() => [opener.open(octets)]);
      }),
      { numRuns: 600 },
    );
  });

  it("a length from the wire costs no memory", () => {
    expect(() => readEnvelope(Uint8Array.of(0xc8, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0, 0, 0, 1))).toThrow(
      expect.objectContaining({ code: "truncated" }),
    );
  });

  it("does not change what it is given, nor what it gave before", () => {
    const { client, server } = bothEnds();
    const plain = Uint8Array.of(0xc0, 1, 2, 3);
    const message = client.protect(plain);
    const before = toHex(message);
    const first = server.unprotect(message);
    server.unprotect(client.protect(Uint8Array.of(0xc0, 9, 9, 9)));
    expect(toHex(message)).toBe(before);
    expect([...first.apdu]).toEqual([0xc0, 1, 2, 3]);
    expect(client).toBeInstanceOf(SecurityContext);
  });
});

describe("replay guards against a set of what was taken", () => {
  const counters = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 0xffffff00, max: 0xfffffffe })), {
    maxLength: 200,
  });
  const taken = (guard: { check(n: number): void; accept(n: number): void }, counter: number) => {
    try {
      guard.check(counter);
    } catch (error) {
      expect(DlmsError.is(error) && /^counter-(repeated|lowered)$/.test(error.code)).toBe(true);
      return false;
    }
    guard.accept(counter);
    return true;
  };

  it("rising: exactly the ones above all before", () => {
    fc.assert(
      fc.property(counters, (list) => {
        const guard = new RisingGuard();
        let highest = -1;
        for (const counter of list) {
          expect(taken(guard, counter)).toBe(counter > highest);
          highest = Math.max(highest, counter);
        }
        expect(guard.last).toBe(highest);
      }),
    );
  });
  it("window: exactly the new ones within 64 of the highest", () => {
    fc.assert(
      fc.property(counters, (list) => {
        const guard = new WindowGuard(64);
        const seen = new Set<number>();
        let highest = -1;
        for (const counter of list) {
          expect(taken(guard, counter)).toBe(!seen.has(counter) && counter > highest - 64);
          seen.add(counter);
          highest = Math.max(highest, counter);
        }
      }),
    );
  });
});
