import { dlmsError } from "../base/index.js";
import {
  coversBits,
  noProtection,
  openPolicy,
  type ProtectionBits,
  protectionBits,
  protectionText,
  type SecurityPolicy,
  stronger,
  type UnprotectedApdu,
} from "../security/index.js";
import type { AssociationSecurity } from "./options.js";

/** Protection of one request, and of its answers, beyond what the association does anyway. */
export interface ExchangeProtection {
  readonly request: ProtectionBits;
  readonly response: ProtectionBits;
}

/** Nothing beyond what the association does. */
export const usualProtection: ExchangeProtection = { request: noProtection, response: noProtection };

/** True when the application context is one with ciphering, be every APDU ciphered or only those that need it. */
export function isCipheringContext(security: AssociationSecurity | undefined): boolean {
  if (security === undefined) return false;
  const { protection, policy, signing = false } = security;
  return security.cipheringContext ?? (protection !== "none" || signing || policy !== undefined);
}

/** What one end does to all that it sends, and the least that it takes. */
export class ProtectionRules {
  readonly #role: "client" | "server";
  readonly #security: AssociationSecurity | undefined;
  #sends: ProtectionBits = noProtection;
  #requires: ProtectionBits = noProtection;
  #responseAsRequest = true;

  constructor(role: "client" | "server", security: AssociationSecurity | undefined) {
    this.#role = role;
    this.#security = security;
    this.use(security?.policy ?? openPolicy);
  }

  /** The least protection of what this end sends. */
  get sends(): ProtectionBits {
    return this.#sends;
  }

  /** The least protection of what the peer sends. */
  get requires(): ProtectionBits {
    return this.#requires;
  }

  /** The least protection of the answer to a request that came so protected. */
  responseTo(request: ProtectionBits): ProtectionBits {
    return this.#responseAsRequest ? request : noProtection;
  }

  /** Another policy is in force from now. */
  use({ request, response, responseAsRequest }: SecurityPolicy): void {
    const { protection = "none", requires, policy, signing = false } = this.#security ?? {};
    const [own, peers] = this.#role === "client" ? [request, response] : [response, request];
    const least = protectionBits(requires ?? (policy === undefined ? protection : "none"));
    const demandsSigned = signing && (policy === undefined || this.#role === "server");
    this.#sends = stronger(own, { ...protectionBits(protection), signed: signing });
    this.#requires = stronger(peers, { ...least, signed: demandsSigned });
    this.#responseAsRequest = responseAsRequest;
  }
}

/** The bits of a message that came. */
export function bitsOf({ protection, signed }: Pick<UnprotectedApdu, "protection"> & { readonly signed: boolean }) {
  return signed ? { ...protectionBits(protection), signed } : protectionBits(protection);
}

/** @throws SecurityError `weaker-than-policy`. */
export function checkStrength(given: ProtectionBits, required: ProtectionBits, what: string): void {
  if (coversBits(given, required)) return;
  throw dlmsError(
    "weaker-than-policy",
    `${what} is protected by ${protectionText(given)}, required is ${protectionText(required)}`,
    { layer: "association" },
  );
}
