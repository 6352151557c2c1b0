import { dlmsError } from "../base/index.js";

/** The part of the Web Crypto API that every current runtime has. */
interface RandomSource {
  readonly crypto?: { getRandomValues(octets: Uint8Array): Uint8Array };
}

/** `getRandomValues` gives no more at once. */
const quota = 65_536;

/**
 * Random octets from the platform.
 * @throws UsageError `invalid-argument` when the platform has no source of cryptographic quality.
 */
export function randomBytes(length: number): Uint8Array {
  const { crypto } = globalThis as unknown as RandomSource;
  if (crypto === undefined)
    throw dlmsError("invalid-argument", "this platform has no crypto.getRandomValues: give another crypto provider", {
      layer: "security",
    });
  const octets = new Uint8Array(length);
  for (let at = 0; at < length; at += quota) crypto.getRandomValues(octets.subarray(at, at + quota));
  return octets;
}
