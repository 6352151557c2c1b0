import { dlmsError } from "../base/index.js";

/** What is done to an APDU (IEC 62056-5-3, security policy). */
export type Protection = "none" | "authenticated" | "encrypted" | "authenticated-encrypted";

/** Number of a security suite. */
export type SuiteId = 0 | 1 | 2;

/** The security control octet (IEC 62056-5-3, security header). */
export interface SecurityControl {
  readonly suite: SuiteId;
  readonly protection: Protection;
  /** The global broadcast key was used instead of the unicast one; no meaning with dedicated and agreed keys. */
  readonly broadcast: boolean;
  readonly compressed: boolean;
}

const authenticatedBit = 0x10;
const encryptedBit = 0x20;
const broadcastBit = 0x40;
const compressedBit = 0x80;
const protections = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;

/** The octet that stands for `control`. */
export function encodeSecurityControl(control: SecurityControl): number {
  return (
    control.suite |
    (protections.indexOf(control.protection) << 4) |
    (control.broadcast ? broadcastBit : 0) |
    (control.compressed ? compressedBit : 0)
  );
}

/**
 * Reads the octet.
 * @throws SecurityError `wrong-security-suite` for a suite that does not exist.
 */
export function decodeSecurityControl(octet: number): SecurityControl {
  const control = controls[octet & 0xff];
  if (control === undefined)
    throw dlmsError("wrong-security-suite", `security suite ${octet & 0x0f} does not exist`, { layer: "security" });
  return control;
}

/** The protection that a security control octet states. */
export function protectionOf(octet: number): Protection {
  return protections[(octet & (authenticatedBit | encryptedBit)) >> 4] as Protection;
}

/** True when a security control octet states a tag. */
export function isAuthenticated(octet: number): boolean {
  return (octet & authenticatedBit) !== 0;
}

/** What each octet states; undefined where it names a suite that does not exist. */
const controls = Array.from({ length: 256 }, (_, octet): SecurityControl | undefined =>
  (octet & 0x0f) > 2
    ? undefined
    : Object.freeze({
        suite: (octet & 0x0f) as SuiteId,
        protection: protectionOf(octet),
        broadcast: (octet & broadcastBit) !== 0,
        compressed: (octet & compressedBit) !== 0,
      }),
);
const strengths: Record<Protection, number> = { none: 0, authenticated: 1, encrypted: 2, "authenticated-encrypted": 3 };

/** True when `given` does at least what `required` does. */
export function covers(given: Protection, required: Protection): boolean {
  const need = strengths[required];
  return (strengths[given] & need) === need;
}
