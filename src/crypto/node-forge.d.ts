/** The single modules of node-forge that are used: the package's types know only its root, which loads everything. */
interface ForgeBuffer {
  getBytes(): string;
  bytes(): string;
  length(): number;
  clear(): ForgeBuffer;
}

interface ForgeCipher {
  readonly output: ForgeBuffer;
  readonly mode: { readonly tag: ForgeBuffer };
  start(options: { iv?: ForgeBuffer; additionalData?: ForgeBuffer; tagLength?: number; tag?: ForgeBuffer }): void;
  update(input: ForgeBuffer): void;
  finish(): boolean;
}

interface ForgeDigest {
  create(): { update(octets: string): { digest(): ForgeBuffer } };
}

declare module "node-forge/lib/aes.js" {
  const aes: object;
  export = aes;
}
declare module "node-forge/lib/cipher.js" {
  const cipher: {
    createCipher(algorithm: "AES-GCM" | "AES-CTR" | "AES-ECB", key: ForgeBuffer): ForgeCipher;
    createDecipher(algorithm: "AES-ECB", key: ForgeBuffer): ForgeCipher;
  };
  export = cipher;
}
declare module "node-forge/lib/util.js" {
  const util: { createBuffer(octets: Uint8Array | string): ForgeBuffer };
  export = util;
}
declare module "node-forge/lib/md5.js" {
  const digest: ForgeDigest;
  export = digest;
}
declare module "node-forge/lib/sha1.js" {
  const digest: ForgeDigest;
  export = digest;
}
declare module "node-forge/lib/sha256.js" {
  const digest: ForgeDigest;
  export = digest;
}
declare module "node-forge/lib/sha512.js" {
  const sha512: { readonly sha384: ForgeDigest };
  export = sha512;
}
