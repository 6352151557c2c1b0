/// <reference path="./node-forge.d.ts" />
import "node-forge/lib/aes.js";
import cipher from "node-forge/lib/cipher.js";
import md5 from "node-forge/lib/md5.js";
import sha1 from "node-forge/lib/sha1.js";
import sha256 from "node-forge/lib/sha256.js";
import util from "node-forge/lib/util.js";
import { constantTimeEqual, dlmsError } from "../base/index.js";
import { checkAesKey, checkIv, checkTag } from "./argument-checks.js";
import { unwrapWith, wrapWith } from "./key-wrap.js";
import { type AesKey, type CryptoProvider, type DigestAlgorithm, type Sealed, tagLength } from "./provider.js";
import { randomBytes } from "./random.js";

/**
 * Runs anywhere: AES and digests by node-forge, random octets by the platform's `crypto.getRandomValues`. It has no
 * elliptic curves and no SHA-384, so that suite 0 stays small: `withEllipticCurves(portableProvider)` adds them.
 */
export const portableProvider: CryptoProvider = {
  name: "portable",
  randomBytes,
  aesKey: (octets) => new PortableAesKey(octets),
  digest,
};

const digests = { md5, sha1, sha256 };

function digest(algorithm: DigestAlgorithm, octets: Uint8Array): Uint8Array {
  if (algorithm === "sha384")
    throw dlmsError("elliptic-curves-missing", "SHA-384 comes with the elliptic curves", { layer: "security" });
  return digestWith(digests[algorithm], octets);
}

/** Octets of the digest by one of node-forge's modules. */
export function digestWith(algorithm: ForgeDigest, octets: Uint8Array): Uint8Array {
  return fromBinary(algorithm.create().update(util.createBuffer(octets).getBytes()).digest().getBytes());
}

class PortableAesKey implements AesKey {
  readonly bits: 128 | 192 | 256;
  readonly #octets: Uint8Array;
  #gcm: ForgeCipher | undefined;
  #ctr: ForgeCipher | undefined;

  constructor(octets: Uint8Array) {
    this.bits = checkAesKey(octets);
    this.#octets = octets.slice();
  }

  encrypt(iv: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Sealed {
    const gcm = this.#start(iv, additionalData);
    gcm.update(util.createBuffer(plaintext));
    gcm.finish();
    return { ciphertext: fromBinary(gcm.output.getBytes()), tag: fromBinary(gcm.mode.tag.getBytes()) };
  }

  decrypt(iv: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
    checkTag(tag);
    // Encrypting what was decrypted gives the tag; node-forge's own comparison does not take constant time.
    const plaintext = this.cryptUnverified(iv, ciphertext);
    const valid = constantTimeEqual(this.encrypt(iv, additionalData, plaintext).tag, tag);
    if (!valid) plaintext.fill(0);
    return valid ? plaintext : undefined;
  }

  cryptUnverified(iv: Uint8Array, octets: Uint8Array): Uint8Array {
    checkIv(iv);
    // GCM counts blocks from 2: 1 masks the tag (NIST SP 800-38D, 7.1).
    const start = new Uint8Array(16);
    start.set(iv);
    start[15] = 2;
    this.#ctr ??= cipher.createCipher("AES-CTR", util.createBuffer(this.#octets));
    this.#ctr.start({ iv: util.createBuffer(start) });
    this.#ctr.update(util.createBuffer(octets));
    this.#ctr.finish();
    return fromBinary(this.#ctr.output.getBytes());
  }

  mac(iv: Uint8Array, additionalData: Uint8Array): Uint8Array {
    return this.encrypt(iv, additionalData, new Uint8Array(0)).tag;
  }

  wrap(key: Uint8Array): Uint8Array {
    const ecb = cipher.createCipher("AES-ECB", util.createBuffer(this.#octets));
    return wrapWith((block) => oneBlock(ecb, block), key);
  }

  unwrap(wrapped: Uint8Array): Uint8Array | undefined {
    const ecb = cipher.createDecipher("AES-ECB", util.createBuffer(this.#octets));
    return unwrapWith((block) => oneBlock(ecb, block), wrapped);
  }

  #start(iv: Uint8Array, additionalData: Uint8Array): ForgeCipher {
    checkIv(iv);
    this.#gcm ??= cipher.createCipher("AES-GCM", util.createBuffer(this.#octets));
    this.#gcm.start({
      iv: util.createBuffer(iv),
      additionalData: util.createBuffer(additionalData),
      tagLength: 8 * tagLength,
    });
    return this.#gcm;
  }
}

function oneBlock(ecb: ForgeCipher, block: Uint8Array): Uint8Array {
  ecb.start({});
  // Without finish(): padding is added and removed only there.
  ecb.update(util.createBuffer(block));
  return fromBinary(ecb.output.getBytes());
}

function fromBinary(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < octets.length; i++) octets[i] = text.charCodeAt(i);
  return octets;
}
