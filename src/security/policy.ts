import { dlmsError } from "../base/index.js";
import { noProtection, type ProtectionBits, type ProtectionLike, protectionBits } from "./protection-bits.js";

/** What every message of an association must be protected by (Security setup, security_policy). */
export interface SecurityPolicy {
  readonly request: ProtectionBits;
  readonly response: ProtectionBits;
  /** A response has at least what its request had: so in version 0, and unless a policy says otherwise. */
  readonly responseAsRequest: boolean;
}

/** A policy as someone writes it down. */
export interface PolicyRule {
  readonly request: ProtectionLike;
  /** Default: as the request. */
  readonly response?: ProtectionLike;
}

const policiesV0 = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;
const reservedBits = 0b11;
const highest = 0xff;

/**
 * The policy that security_policy of Security setup (class 64) stands for: 0 to 3 in version 0; in version 1 bits, 2
 * to 4 of the request (authenticated, encrypted, signed), 5 to 7 of the response. Only 0 means something in both:
 * `version` then tells which; version 0 is taken when it is left out, whose responses are as their requests.
 * @throws DecodeError `malformed` for a number that is in neither version.
 */
export function policyOfCode(code: number, version?: 0 | 1): SecurityPolicy {
  const ofV0 = version ?? ((code & reservedBits) !== 0 || code === 0 ? 0 : 1);
  if (ofV0 === 0) {
    const name = policiesV0[code];
    if (name !== undefined) return { ...sameBothWays(protectionBits(name)), responseAsRequest: true };
  } else if (Number.isInteger(code) && code >= 0 && code <= highest && (code & reservedBits) === 0) {
    return { request: bitsAt(code, 2), response: bitsAt(code, 5), responseAsRequest: false };
  }
  throw dlmsError("malformed", `${code} is no security policy of version ${ofV0}`, { layer: "security" });
}

/** A policy that someone wrote down. */
export function policyOf({ request, response }: PolicyRule): SecurityPolicy {
  const ofRequest = protectionBits(request);
  if (response === undefined) return { ...sameBothWays(ofRequest), responseAsRequest: true };
  return { request: ofRequest, response: protectionBits(response), responseAsRequest: false };
}

/** Nothing is demanded, and a response is as its request. */
export const openPolicy: SecurityPolicy = /* @__PURE__ */ Object.freeze({
  ...sameBothWays(noProtection),
  responseAsRequest: true,
});

function sameBothWays(bits: ProtectionBits): { request: ProtectionBits; response: ProtectionBits } {
  return { request: bits, response: bits };
}

function bitsAt(code: number, shift: 2 | 5): ProtectionBits {
  return {
    authenticated: ((code >> shift) & 1) !== 0,
    encrypted: ((code >> shift) & 2) !== 0,
    signed: ((code >> shift) & 4) !== 0,
  };
}
