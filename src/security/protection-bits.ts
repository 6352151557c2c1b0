import type { Protection } from "./control.js";

/** What is done to a message: authentication and encryption by ciphering, and a signature beside them. */
export interface ProtectionBits {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly signed: boolean;
}

/** A protection by its name, or bit by bit: what is left out is not asked for. */
export type ProtectionLike = Protection | Partial<ProtectionBits>;

/** Nothing is done. */
export const noProtection: ProtectionBits = /* @__PURE__ */ Object.freeze({
  authenticated: false,
  encrypted: false,
  signed: false,
});

/** Authenticated and encrypted. */
export const fullCiphering: ProtectionBits = /* @__PURE__ */ Object.freeze({
  authenticated: true,
  encrypted: true,
  signed: false,
});

const byName: Readonly<Record<Protection, ProtectionBits>> = {
  none: noProtection,
  authenticated: /* @__PURE__ */ Object.freeze({ authenticated: true, encrypted: false, signed: false }),
  encrypted: /* @__PURE__ */ Object.freeze({ authenticated: false, encrypted: true, signed: false }),
  "authenticated-encrypted": fullCiphering,
};

/** The bits that a protection stands for. */
export function protectionBits(protection: ProtectionLike): ProtectionBits {
  if (typeof protection === "string") return byName[protection];
  const { authenticated = false, encrypted = false, signed = false } = protection;
  return { authenticated, encrypted, signed };
}

/** What ciphering has to do for these bits. */
export function cipheringOf({ authenticated, encrypted }: ProtectionBits): Protection {
  if (authenticated) return encrypted ? "authenticated-encrypted" : "authenticated";
  return encrypted ? "encrypted" : "none";
}

/** Whatever one of both asks for. */
export function stronger(one: ProtectionBits, other: ProtectionBits): ProtectionBits {
  if (coversBits(one, other)) return one;
  return {
    authenticated: one.authenticated || other.authenticated,
    encrypted: one.encrypted || other.encrypted,
    signed: one.signed || other.signed,
  };
}

/** What both have. */
export function weaker(one: ProtectionBits, other: ProtectionBits): ProtectionBits {
  if (coversBits(other, one)) return one;
  return {
    authenticated: one.authenticated && other.authenticated,
    encrypted: one.encrypted && other.encrypted,
    signed: one.signed && other.signed,
  };
}

/** True when `given` does at least what `required` asks for. */
export function coversBits(given: ProtectionBits, required: ProtectionBits): boolean {
  return (
    (given.authenticated || !required.authenticated) &&
    (given.encrypted || !required.encrypted) &&
    (given.signed || !required.signed)
  );
}

/** For people: `authenticated-encrypted, signed`. */
export function protectionText(bits: ProtectionBits): string {
  const ciphering = cipheringOf(bits);
  if (!bits.signed) return ciphering;
  return ciphering === "none" ? "signed" : `${ciphering}, signed`;
}
