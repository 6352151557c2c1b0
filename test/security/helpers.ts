import { expect } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { portableProvider, withEllipticCurves } from "../../src/crypto/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { MemoryCounter, SecurityContext, type SecurityContextOptions } from "../../src/security/index.js";

export const providers = [defaultProvider, withEllipticCurves(portableProvider)] as const;
export const crypto = defaultProvider;

/** Keys and titles of the Green Book's examples. */
export const encryptionKey = fromHex("000102030405060708090A0B0C0D0E0F");
export const authenticationKey = fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
export const clientTitle = fromHex("4D4D4D0000BC614E");
export const serverTitle = fromHex("4D4D4D0000000001");
export const getRequest = fromHex("C0010000080000010000FF0200");
export const getResponse = fromHex("C4010000120007");

export const code = (name: string) => expect.objectContaining({ code: name });

/** Changes to options; undefined leaves the option out. */
export type Changes = { readonly [K in keyof SecurityContextOptions]?: SecurityContextOptions[K] | undefined };

/** Both ends of one association with the Green Book's keys; changes apply to both. */
export function bothEnds(both: Changes = {}, client: Changes = {}, server: Changes = {}) {
  const end = (systemTitle: Uint8Array, peerSystemTitle: Uint8Array, own: Changes): SecurityContext => {
    const options: Changes = {
      crypto,
      suite: 0,
      protection: "authenticated-encrypted",
      encryptionKey,
      authenticationKey,
      systemTitle,
      peerSystemTitle,
      counter: new MemoryCounter(1),
      ...both,
      ...own,
    };
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return new SecurityContext(Object.fromEntries(given) as unknown as SecurityContextOptions);
  };
  return { client: end(clientTitle, serverTitle, client), server: end(serverTitle, clientTitle, server) };
}

/** The octets with one bit changed. */
export function flipped(octets: Uint8Array, at: number, mask = 1): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[at < 0 ? copy.length + at : at]! ^= mask;
  return copy;
}
