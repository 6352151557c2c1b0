import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import type { CryptoProvider, Curve } from "../../src/crypto/index.js";

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const octets = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
const iv = octets(12, 12);
const aesKey = fc.oneof(octets(16, 16), octets(32, 32));
const empty = new Uint8Array(0);
const code = (name: string) => expect.objectContaining({ code: name });

/** Every crypto provider keeps this; values are from the standards named. */
export function cryptoContract(provider: CryptoProvider, other: CryptoProvider): void {
  describe(`crypto provider ${provider.name}`, () => {
    describe("AES-GCM", () => {
      it("gives the GCM specification's test case 4, tag cut to 12 octets", () => {
        const key = provider.aesKey(fromHex("FEFFE9928665731C6D6A8F9467308308"));
        const nonce = fromHex("CAFEBABEFACEDBADDECAF888");
        const aad = fromHex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        const plain = fromHex(
          "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B39",
        );
        const sealed = key.encrypt(nonce, aad, plain);
        expect(toHex(sealed.ciphertext)).toBe(
          "42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25466931C7D8F6A5AAC84AA051BA30B396A0AAC973D58E091",
        );
        expect(toHex(sealed.tag)).toBe("5BC94FBC3221A5DB94FAE95A");
        expect(key.decrypt(nonce, aad, sealed.ciphertext, sealed.tag)).toEqual(plain);
      });
      it("gives test case 16 with a key of 256 bits", () => {
        const key = provider.aesKey(fromHex("FEFFE9928665731C6D6A8F9467308308FEFFE9928665731C6D6A8F9467308308"));
        const aad = fromHex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        const plain = fromHex(
          "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B39",
        );
        const sealed = key.encrypt(fromHex("CAFEBABEFACEDBADDECAF888"), aad, plain);
        expect(toHex(sealed.ciphertext.subarray(0, 16))).toBe("522DC1F099567D07F47F37A32A84427D");
        expect(toHex(sealed.tag)).toBe("76FC6ECE0F4E1768CDDF8853");
      });
      it("gives test case 1 as a MAC over nothing", () => {
        expect(toHex(provider.aesKey(new Uint8Array(16)).mac(new Uint8Array(12), empty))).toBe(
          "58E2FCCEFA7E3061367F1D57",
        );
      });
      it("opens what the other provider sealed, and the same octets", () => {
        fc.assert(
          fc.property(aesKey, iv, octets(0, 40), octets(0, 100), (key, nonce, aad, plain) => {
            const mine = provider.aesKey(key);
            const sealed = other.aesKey(key).encrypt(nonce, aad, plain);
            expect(toHex(mine.decrypt(nonce, aad, sealed.ciphertext, sealed.tag) as Uint8Array)).toBe(toHex(plain));
            expect(toHex(mine.cryptUnverified(nonce, sealed.ciphertext))).toBe(toHex(plain));
            const own = mine.encrypt(nonce, aad, plain);
            expect(toHex(own.ciphertext) + toHex(own.tag)).toBe(toHex(sealed.ciphertext) + toHex(sealed.tag));
            expect(toHex(mine.mac(nonce, aad))).toBe(toHex(other.aesKey(key).mac(nonce, aad)));
          }),
          { numRuns: 60 },
        );
      });
      it("gives nothing when one bit of key, iv, data, text or tag is another", () => {
        fc.assert(
          fc.property(
            octets(16, 16),
            iv,
            octets(1, 20),
            octets(1, 50),
            fc.nat(),
            fc.nat(4),
            (key, nonce, aad, plain, bit, which) => {
              const sealed = provider.aesKey(key).encrypt(nonce, aad, plain);
              const parts = [key, nonce, aad, sealed.ciphertext, sealed.tag].map((part) => Uint8Array.from(part));
              const hit = parts[which]!;
              const at = bit % (8 * hit.length);
              hit[at >> 3]! ^= 1 << (at & 7);
              const [k, n, a, c, t] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
              expect(provider.aesKey(k).decrypt(n, a, c, t)).toBeUndefined();
            },
          ),
          { numRuns: 60 },
        );
      });
      it("refuses other lengths of key, iv and tag", () => {
        const key = provider.aesKey(new Uint8Array(16));
        expect(() => provider.aesKey(new Uint8Array(15))).toThrow(code("invalid-key"));
        expect(() => key.encrypt(new Uint8Array(8), empty, empty)).toThrow(code("invalid-argument"));
        for (const length of [0, 4, 8, 11, 13, 16])
          expect(() => key.decrypt(new Uint8Array(12), empty, empty, new Uint8Array(length))).toThrow(
            code("truncated-tag"),
          );
      });
      it("keeps a copy of the key", () => {
        const source = new Uint8Array(16);
        const key = provider.aesKey(source);
        const before = toHex(key.mac(new Uint8Array(12), empty));
        source.fill(1);
        expect(toHex(key.mac(new Uint8Array(12), empty))).toBe(before);
      });
      it("opens 100,000 octets", () => {
        const key = provider.aesKey(new Uint8Array(16).fill(7));
        const plain = new Uint8Array(100_000).fill(3);
        const sealed = key.encrypt(new Uint8Array(12), empty, plain);
        expect(Buffer.compare(key.decrypt(new Uint8Array(12), empty, sealed.ciphertext, sealed.tag)!, plain)).toBe(0);
      });
    });

    describe("key wrap", () => {
      it.each([
        [
          "000102030405060708090A0B0C0D0E0F",
          "00112233445566778899AABBCCDDEEFF",
          "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
        ],
        [
          "000102030405060708090A0B0C0D0E0F1011121314151617",
          "00112233445566778899AABBCCDDEEFF",
          "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D",
        ],
        [
          "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
          "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
          "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
        ],
      ])("RFC 3394 section 4 with key %s", (kek, key, wrapped) => {
        expect(toHex(provider.aesKey(fromHex(kek)).wrap(fromHex(key)))).toBe(wrapped);
        expect(toHex(provider.aesKey(fromHex(kek)).unwrap(fromHex(wrapped))!)).toBe(key);
      });
      it("does not unwrap altered, foreign or odd octets", () => {
        const key = provider.aesKey(new Uint8Array(16));
        const wrapped = key.wrap(new Uint8Array(16).fill(9));
        expect(provider.aesKey(new Uint8Array(16).fill(1)).unwrap(wrapped)).toBeUndefined();
        for (let at = 0; at < wrapped.length; at++) {
          const altered = Uint8Array.from(wrapped);
          altered[at]! ^= 0x80;
          expect(key.unwrap(altered)).toBeUndefined();
        }
        for (const length of [0, 8, 16, 23]) expect(key.unwrap(wrapped.subarray(0, length))).toBeUndefined();
        expect(() => key.wrap(new Uint8Array(12))).toThrow(code("invalid-argument"));
      });
    });

    it.each([
      ["md5", "900150983CD24FB0D6963F7D28E17F72"],
      ["sha1", "A9993E364706816ABA3E25717850C26C9CD0D89D"],
      ["sha256", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"],
      ["sha384", "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA1E7CC2358BAECA134C825A7"],
    ] as const)("%s of abc (RFC 1321, FIPS 180-4)", (algorithm, digest) => {
      expect(toHex(provider.digest(algorithm, text("abc")))).toBe(digest);
    });
    it("hashes octets above 7F like the other provider", () => {
      fc.assert(
        fc.property(octets(0, 200), fc.constantFrom("md5", "sha1", "sha256", "sha384"), (data, algorithm) => {
          expect(toHex(provider.digest(algorithm, data))).toBe(toHex(other.digest(algorithm, data)));
        }),
        { numRuns: 60 },
      );
    });

    it("gives random octets of the length asked for, each time others", () => {
      expect(provider.randomBytes(0)).toHaveLength(0);
      expect(provider.randomBytes(70_000)).toHaveLength(70_000);
      expect(toHex(provider.randomBytes(16))).not.toBe(toHex(provider.randomBytes(16)));
    });
    it("shows no key in text, JSON or inspection", async () => {
      const { inspect } = await import("node:util");
      const key = provider.aesKey(fromHex("DEADBEEFDEADBEEFDEADBEEFDEADBEEF"));
      key.mac(new Uint8Array(12), empty);
      for (const shown of [String(key), JSON.stringify(key), inspect(key, { showHidden: true, depth: 9 })])
        expect(shown).not.toMatch(/de.?ad.?be|222, ?173|Þ/i);
    });

    ellipticContract(provider, other);
  });
}

function ellipticContract(provider: CryptoProvider, other: CryptoProvider): void {
  const ec = provider.ellipticCurves!;
  const theirs = other.ellipticCurves!;
  const sample = {
    privateKey: fromHex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
    publicKey: fromHex(
      "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
    ),
  };

  describe("elliptic curves", () => {
    it("verifies the signature of RFC 6979 A.2.5 and of A.2.6", () => {
      const signature = fromHex(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
      );
      expect(ec.verify("P-256", sample.publicKey, text("sample"), signature)).toBe(true);
      expect(ec.verify("P-256", sample.publicKey, text("sampla"), signature)).toBe(false);
      expect(toHex(ec.publicKey("P-256", sample.privateKey))).toBe(toHex(sample.publicKey));
      const p384 = fromHex(
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
      );
      const s384 = fromHex(
        "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE4699EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
      );
      expect(ec.verify("P-384", ec.publicKey("P-384", p384), text("sample"), s384)).toBe(true);
    });
    it("agrees on the secret of RFC 5903 8.1", () => {
      const z = ec.agree(
        "P-256",
        fromHex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"),
        fromHex(
          "04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF6356FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
        ),
      );
      expect(toHex(z)).toBe("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
    });
    it.each(["P-256", "P-384"] as Curve[])("%s: each verifies and agrees with the other provider", (curve) => {
      for (let round = 0; round < 4; round++) {
        const mine = ec.generateKeyPair(curve);
        const peer = theirs.generateKeyPair(curve);
        expect(toHex(theirs.publicKey(curve, mine.privateKey))).toBe(toHex(mine.publicKey));
        expect(toHex(ec.agree(curve, mine.privateKey, peer.publicKey))).toBe(
          toHex(theirs.agree(curve, peer.privateKey, mine.publicKey)),
        );
        const message = provider.randomBytes(round * 40);
        const signature = ec.sign(curve, mine.privateKey, message);
        expect(theirs.verify(curve, mine.publicKey, message, signature)).toBe(true);
        expect(ec.verify(curve, peer.publicKey, message, theirs.sign(curve, peer.privateKey, message))).toBe(true);
        expect(ec.verify(curve, peer.publicKey, message, signature)).toBe(false);
        signature[round]! ^= 1;
        expect(ec.verify(curve, mine.publicKey, message, signature)).toBe(false);
        expect(ec.verify(curve, mine.publicKey, message, signature.subarray(1))).toBe(false);
      }
    });
    it("refuses points off the curve, at infinity and of the wrong length", () => {
      const off = Uint8Array.from(sample.publicKey);
      off[63]! ^= 1;
      for (const point of [
        off,
        new Uint8Array(64),
        new Uint8Array(64).fill(0xff),
        off.subarray(1),
        empty,
        Uint8Array.of(0),
      ]) {
        expect(() => ec.agree("P-256", sample.privateKey, point)).toThrow(code("invalid-public-key"));
        expect(() => ec.verify("P-256", point, empty, new Uint8Array(64))).toThrow(code("invalid-public-key"));
      }
    });
    it("refuses private keys of zero, of the order and of the wrong length, and shows none", () => {
      const order = fromHex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
      for (const key of [new Uint8Array(32), order, new Uint8Array(31).fill(1), empty]) {
        expect(() => ec.sign("P-256", key, empty)).toThrow(code("invalid-key"));
        expect(() => ec.agree("P-256", key, sample.publicKey)).toThrow(code("invalid-key"));
        expect(() => ec.publicKey("P-256", key)).toThrow(code("invalid-key"));
      }
    });
    it("says no to a signature of zeros", () => {
      expect(ec.verify("P-256", sample.publicKey, empty, new Uint8Array(64))).toBe(false);
    });
  });
}
