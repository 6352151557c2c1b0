import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
  randomBytes,
} from "node:crypto";
import { concatBytes } from "../base/index.js";
import {
  type AesKey,
  type CryptoProvider,
  type Curve,
  checkAesKey,
  checkIv,
  checkPrivateKey,
  checkTag,
  checkWrapInput,
  coordinateLength,
  type EllipticCurves,
  invalidPrivateKey,
  invalidPublicKey,
  isWrappedLength,
  rawPublicKey,
  type Sealed,
  tagLength,
} from "../crypto/contract.js";
import { plainOctets } from "./plain-octets.js";

const gcmOptions = { authTagLength: tagLength };
const gcmNames = { 128: "aes-128-gcm", 192: "aes-192-gcm", 256: "aes-256-gcm" } as const;
const wrapIv = new Uint8Array(8).fill(0xa6);
const none = new Uint8Array(0);

/** node:crypto. The key is held by OpenSSL and not copied again for each message. */
class NodeAesKey implements AesKey {
  readonly bits: 128 | 192 | 256;
  readonly #algorithm: CipherGCMTypes;
  readonly #key: KeyObject;

  constructor(octets: Uint8Array) {
    this.bits = checkAesKey(octets);
    this.#algorithm = gcmNames[this.bits];
    this.#key = createSecretKey(octets);
  }

  encrypt(iv: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Sealed {
    checkIv(iv);
    const cipher = createCipheriv(this.#algorithm, this.#key, iv, gcmOptions);
    cipher.setAAD(additionalData);
    const ciphertext = plainOctets(cipher.update(plaintext));
    cipher.final();
    return { ciphertext, tag: plainOctets(cipher.getAuthTag()) };
  }

  decrypt(iv: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
    checkIv(iv);
    checkTag(tag);
    const decipher = createDecipheriv(this.#algorithm, this.#key, iv, gcmOptions);
    decipher.setAAD(additionalData);
    decipher.setAuthTag(tag);
    const plaintext = decipher.update(ciphertext);
    try {
      decipher.final();
    } catch {
      plaintext.fill(0);
      return undefined;
    }
    return plainOctets(plaintext);
  }

  cryptUnverified(iv: Uint8Array, octets: Uint8Array): Uint8Array {
    checkIv(iv);
    // Never asked for its tag: the octets are what counts, and GCM is its own inverse.
    return plainOctets(createCipheriv(this.#algorithm, this.#key, iv, gcmOptions).update(octets));
  }

  mac(iv: Uint8Array, additionalData: Uint8Array): Uint8Array {
    return this.encrypt(iv, additionalData, none).tag;
  }

  wrap(key: Uint8Array): Uint8Array {
    checkWrapInput(key);
    return plainOctets(createCipheriv(`id-aes${this.bits}-wrap`, this.#key, wrapIv).update(key));
  }

  unwrap(wrapped: Uint8Array): Uint8Array | undefined {
    if (!isWrappedLength(wrapped)) return undefined;
    try {
      return plainOctets(createDecipheriv(`id-aes${this.bits}-wrap`, this.#key, wrapIv).update(wrapped));
    } catch {
      return undefined;
    }
  }
}

const curveNames = { "P-256": "prime256v1", "P-384": "secp384r1" } as const;
const curveDigests = { "P-256": "sha256", "P-384": "sha384" } as const;

const ellipticCurves: EllipticCurves = {
  generateKeyPair(curve) {
    const jwk = generateKeyPairSync("ec", { namedCurve: curveNames[curve] }).privateKey.export({ format: "jwk" });
    return { privateKey: fromBase64(jwk.d), publicKey: concatBytes(fromBase64(jwk.x), fromBase64(jwk.y)) };
  },
  publicKey: (curve, privateKey) => publicKeyOf(curve, privateKey),
  sign(curve, privateKey, message) {
    return plainOctets(
      nodeSign(curveDigests[curve], message, {
        key: privateKeyObject(curve, privateKey),
        dsaEncoding: "ieee-p1363",
      }),
    );
  },
  verify(curve, publicKey, message, signature) {
    const key = publicKeyObject(curve, publicKey);
    if (signature.length !== 2 * coordinateLength[curve]) return false;
    return nodeVerify(curveDigests[curve], message, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
  agree(curve, privateKey, peerPublicKey) {
    const publicKey = publicKeyObject(curve, peerPublicKey);
    return plainOctets(diffieHellman({ privateKey: privateKeyObject(curve, privateKey), publicKey }));
  },
};

/** What `#crypto` gives on Node: node:crypto for everything, suites 0, 1 and 2. */
export const defaultProvider: CryptoProvider = {
  name: "node",
  randomBytes: (length) => plainOctets(randomBytes(length)),
  aesKey: (octets) => new NodeAesKey(octets),
  digest: (algorithm, octets) => plainOctets(createHash(algorithm).update(octets).digest()),
  ellipticCurves,
};

function publicKeyOf(curve: Curve, privateKey: Uint8Array): Uint8Array {
  checkPrivateKey(curve, privateKey);
  const ecdh = createECDH(curveNames[curve]);
  try {
    ecdh.setPrivateKey(privateKey);
  } catch {
    throw invalidPrivateKey(curve);
  }
  return plainOctets(ecdh.getPublicKey()).slice(1);
}

function privateKeyObject(curve: Curve, privateKey: Uint8Array): KeyObject {
  const [x, y] = halves(publicKeyOf(curve, privateKey));
  return createPrivateKey({ key: { kty: "EC", crv: curve, d: toBase64(privateKey), x, y }, format: "jwk" });
}

function publicKeyObject(curve: Curve, publicKey: Uint8Array): KeyObject {
  const [x, y] = halves(rawPublicKey(curve, publicKey));
  try {
    return createPublicKey({ key: { kty: "EC", crv: curve, x, y }, format: "jwk" });
  } catch {
    throw invalidPublicKey(curve);
  }
}

function halves(point: Uint8Array): [string, string] {
  return [toBase64(point.subarray(0, point.length / 2)), toBase64(point.subarray(point.length / 2))];
}

function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("base64url");
}

function fromBase64(text: string | undefined): Uint8Array {
  return plainOctets(Buffer.from(text ?? "", "base64url"));
}
